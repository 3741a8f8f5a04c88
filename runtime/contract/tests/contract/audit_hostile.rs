//! Components that mean harm to whoever audits them.

use bailiwick_contract::Contract;
use bailiwick_contract::audit::Audit;
use proptest::prelude::*;

use crate::audit_findings::messages;
use crate::audit_made::{read, test_component};
use crate::component::files;

/// However much is wrong, what is told of it has an end.
#[test]
fn findings_have_an_end() {
    use std::fmt::Write as _;
    let mut body = String::new();
    for at in 0..200 {
        write!(body, "import i{at}: func(); export e{at}: func();").unwrap();
    }
    let audit = read(&test_component(&format!("world w {{ {body} }}")));
    for code in ["unknown-import", "undocumented"] {
        let messages = messages(&audit, code);
        assert_eq!(messages.len(), 33, "{code}");
        assert_eq!(messages[32], "and 168 more of these");
    }
    let mut body = String::from("use bailiwick:fs/read@0.1.0.{read-dir}; ");
    for at in 0..200 {
        write!(
            body,
            "type a{at} = borrow<read-dir>; go{at}: func(x: a{at});"
        )
        .unwrap();
    }
    let bytes = test_component(&format!(
        "interface api {{ {body} }} world w {{ export api; }}"
    ));
    let messages = messages(&read(&bytes), "renamed-handle");
    assert_eq!(messages.len(), 17);
    assert_eq!(messages[16], "and 184 more of these");
}

/// Aliases of aliases are as long a chain as there are types.
#[test]
fn a_chain_of_aliases_costs_what_it_is_long() {
    use std::fmt::Write as _;
    let (aliases, functions) = (60_000, 60);
    let mut wat = String::from(
        "(component (import \"bailiwick:fs/read@0.1.0\" (instance $i (export \"read-dir\" (type $t (sub resource)))
           (export \"a0\" (type $a0 (eq $t)))",
    );
    for at in 1..aliases {
        let before = at - 1;
        write!(wat, "(export \"a{at}\" (type $a{at} (eq $a{before})))").unwrap();
    }
    wat.push_str("))");
    let last = aliases - 1;
    writeln!(wat, "(alias export $i \"a{last}\" (type $a))").unwrap();
    wat.push_str("(core module $m (memory (export \"m\") 1)");
    let params = 16;
    for at in 0..functions {
        writeln!(
            wat,
            "(func (export \"f{at}\") (param {}))",
            "i32 ".repeat(params)
        )
        .unwrap();
    }
    wat.push_str(") (core instance $c (instantiate $m))");
    for at in 0..functions {
        let params: String = (0..params)
            .map(|param| format!("(param \"p{param}\" (borrow $a))"))
            .collect();
        writeln!(
            wat,
            "(func (export \"f{at}\") {params} (canon lift (core func $c \"f{at}\")))"
        )
        .unwrap();
    }
    wat.push(')');
    let bytes = wat::parse_str(&wat).unwrap();
    let started = std::time::Instant::now();
    let audit = read(&bytes);
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    assert_eq!(audit.functions.len(), functions);
    let signature = &audit.functions[0].signature;
    assert!(
        signature.starts_with("f0: func(p0: borrow<read-dir>"),
        "{signature}"
    );
    assert_eq!(messages(&audit, "renamed-handle").len(), 17);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Any change of a byte is an audit or an error.
    #[test]
    fn changed_bytes_are_audited_or_refused(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut bytes = packed_once().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let audit = Audit::read("x", &bytes);
        prop_assert_eq!(audit.is_ok(), Contract::read(&bytes).is_ok());
    }
}

fn packed_once() -> &'static [u8] {
    static BYTES: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    BYTES.get_or_init(files)
}
