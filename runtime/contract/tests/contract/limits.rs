//! Components that are made to take all time or memory. Each is an error or an answer; how long that takes is not measured here, but a reader that
//! does not bound itself would not come to an end, or end the process.

use bailiwick_contract::audit::Audit;
use bailiwick_contract::pack::pack;
use bailiwick_contract::{Contract, Error, wit};

use crate::component::{built, files, package};
use crate::printing::annotated;

const HEADER: &[u8] = b"\0asm\x0d\0\x01\0";

fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 127 {
        bytes.push(number as u8 & 127 | 128);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// The index of a type where a type of a value is expected: a signed number.
fn index(number: usize) -> Vec<u8> {
    let mut bytes = leb(number);
    if bytes[bytes.len() - 1] & 64 != 0 {
        let last = bytes.len() - 1;
        bytes[last] |= 128;
        bytes.push(0);
    }
    bytes
}

fn name(name: impl AsRef<[u8]>) -> Vec<u8> {
    [leb(name.as_ref().len()).as_slice(), name.as_ref()].concat()
}

/// A name of an import or export.
fn extern_name(text: impl AsRef<[u8]>) -> Vec<u8> {
    [&[0][..], &name(text)].concat()
}

fn section(id: u8, data: &[u8]) -> Vec<u8> {
    [&[id][..], &leb(data.len()), data].concat()
}

fn component(sections: &[Vec<u8>]) -> Vec<u8> {
    [HEADER, &sections.concat()].concat()
}

/// A component with one core module.
fn with_module(sections: &[Vec<u8>]) -> Vec<u8> {
    let module = [b"\0asm\x01\0\0\0", sections.concat().as_slice()].concat();
    component(&[section(1, &module)])
}

/// So many items, one after the other.
fn list(count: usize, item: impl FnMut(usize) -> Vec<u8>) -> Vec<u8> {
    let items: Vec<u8> = (0..count).flat_map(item).collect();
    [leb(count), items].concat()
}

const TYPES: u8 = 7;
const IMPORTS: u8 = 10;
const EXPORTS: u8 = 11;

/// Everything that reads a component agrees on it: what they say when it is refused.
fn refusal(bytes: &[u8]) -> Option<Error> {
    let contract = Contract::read(bytes).err();
    let audit = Audit::read("tool", bytes).err();
    assert_eq!(audit, contract);
    let printed = wit::print(bytes).err();
    // What is no tool for its types can be printed all the same.
    let is_about_a_tool = matches!(
        contract,
        Some(Error::TooComplex { .. } | Error::Unsupported { .. } | Error::LongName { .. })
    );
    if !is_about_a_tool {
        assert_eq!(printed, contract);
    }
    contract
}

#[track_caller]
fn too_large(bytes: &[u8], of: &str) {
    match refusal(bytes) {
        Some(Error::TooLarge { what, .. }) => assert!(what.starts_with(of), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn malformed(bytes: &[u8], with: &str) {
    match refusal(bytes) {
        Some(Error::Malformed { message, .. }) => assert!(message.contains(with), "{message}"),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn accepted(bytes: &[u8]) {
    assert_eq!(refusal(bytes), None);
}

#[test]
fn hundreds_of_thousands_of_types() {
    // An option, a function, an instance, a component, a core module.
    let kinds: [(u8, &[u8]); 5] = [
        (TYPES, &[0x6b, 0x7d]),
        (TYPES, &[0x40, 0, 1, 0]),
        (TYPES, &[0x42, 0]),
        (TYPES, &[0x41, 0]),
        (3, &[0x50, 0]),
    ];
    for (id, kind) in kinds {
        let types = |count| component(&[section(id, &list(count, |_| kind.to_vec()))]);
        accepted(&types(10_000));
        too_large(&types(400_000), "bytes of types");
        // In sections of their own.
        let one = section(id, &[&[1], kind].concat());
        too_large(&component(&vec![one; 400_000]), "bytes of types");
    }
    // More than there are bytes.
    malformed(
        &component(&[section(TYPES, &leb(usize::MAX >> 32))]),
        "unexpected end",
    );
    // In one type.
    let fields = list(400_000, |at| [name(format!("f{at}")), vec![0x7d]].concat());
    let record = [vec![1, 0x72], fields].concat();
    assert!(refusal(&component(&[section(TYPES, &record)])).is_some());
}

#[test]
fn hundreds_of_thousands_of_imports_and_exports() {
    let types = section(TYPES, &[1, 0x40, 0, 1, 0]);
    let imports = |count| {
        let imports = list(count, |at| {
            [extern_name(format!("f{at}")), vec![1, 0]].concat()
        });
        component(&[types.clone(), section(IMPORTS, &imports)])
    };
    accepted(&imports(10_000));
    too_large(&imports(400_000), "bytes of types");

    let interface = |functions: usize| {
        let functions: Vec<u8> = (0..functions)
            .flat_map(|at| [vec![4], extern_name(format!("f{at}")), vec![1, 0]].concat())
            .collect();
        let count = functions.len();
        assert!(count > 0);
        functions
    };
    let both = |functions: usize| {
        let declarations = [
            leb(functions + 1),
            vec![1, 0x40, 0, 1, 0],
            interface(functions),
        ];
        let types = [vec![1, 0x42], declarations.concat()].concat();
        let imports = [vec![1], extern_name("a:b/c"), vec![5, 0]].concat();
        let exports = [vec![1], extern_name("a:b/d"), vec![5, 0, 0]].concat();
        component(&[
            section(TYPES, &types),
            section(IMPORTS, &imports),
            section(EXPORTS, &exports),
        ])
    };
    accepted(&both(2_000));
    too_large(&both(400_000), "bytes of types");
}

/// What is written once is meant by many: each of them is read as if it were written there.
#[test]
fn names_that_are_meant_again_and_again() {
    let params = list(100, |at| {
        [name(format!("p{at}{}", "x".repeat(10_000))), vec![0x7d]].concat()
    });
    let function = [vec![0x40], params, vec![1, 0]].concat();
    let imports = list(9_000, |at| {
        [extern_name(format!("f{at}")), vec![1, 0]].concat()
    });
    let types = [vec![1], function.clone()].concat();
    let bytes = component(&[section(TYPES, &types), section(IMPORTS, &imports)]);
    assert!(bytes.len() < 2 << 20);
    too_large(&bytes, "bytes of types");

    // In interfaces, which are imported under many names.
    let instance = [
        vec![0x42, 2, 1],
        function,
        vec![4],
        extern_name("f"),
        vec![1, 0],
    ];
    let imports = list(990, |at| {
        [extern_name(format!("a:b/c{at}")), vec![5, 0]].concat()
    });
    let types = [vec![1], instance.concat()].concat();
    too_large(
        &component(&[section(TYPES, &types), section(IMPORTS, &imports)]),
        "bytes of types",
    );

    // A record with a handle is another type in each of them.
    let fields = list(101, |at| match at {
        0 => [name("h"), vec![1]].concat(),
        _ => [name(format!("f{at}{}", "x".repeat(10_000))), vec![0x7d]].concat(),
    });
    let instance = [
        vec![0x42, 4, 4],
        extern_name("r"),
        vec![3, 1],
        vec![1, 0x69, 0],
        vec![1, 0x72],
        fields,
        vec![4],
        extern_name("t"),
        vec![3, 0, 2],
    ];
    let types = [vec![1], instance.concat()].concat();
    too_large(
        &component(&[section(TYPES, &types), section(IMPORTS, &imports)]),
        "bytes of types",
    );
    // Once is not too much.
    let imports = [vec![1], extern_name("a:b/c"), vec![5, 0]].concat();
    let once = component(&[section(TYPES, &types), section(IMPORTS, &imports)]);
    match refusal(&once) {
        None | Some(Error::TooLarge { .. }) => {}
        other => panic!("{other:?}"),
    }
}

/// Each type means the one before: as a chain, or twice. None can mean itself.
#[test]
fn types_that_mean_each_other() {
    let of = |count: usize, ty: &dyn Fn(usize) -> Vec<u8>| {
        let first = vec![0x6b, 0x7d];
        let types: Vec<u8> = (0..count).flat_map(ty).collect();
        let function = [vec![0x40, 1], name("x"), index(count), vec![1, 0]].concat();
        let types = [leb(count + 2), first, types, function].concat();
        let imports = [vec![1], extern_name("f"), vec![1], leb(count + 1)].concat();
        component(&[section(TYPES, &types), section(IMPORTS, &imports)])
    };
    let chain = |at: usize| [vec![0x6b], index(at)].concat();
    let twice = |at: usize| [vec![0x6f, 2], index(at), index(at)].concat();
    let itself = |at: usize| [vec![0x6b], index(at + 1)].concat();
    accepted(&of(50, &chain));
    malformed(&of(1_000, &chain), "too deep");
    too_large(&of(400_000, &chain), "bytes of types");
    accepted(&of(12, &twice));
    malformed(&of(60, &twice), "exceeds the limit");
    malformed(&of(1, &itself), "unknown type");

    // Interfaces in interfaces, each of which has the one before twice.
    let nested = |levels: usize| {
        let level = |at: usize| {
            let alias = [vec![2, 3, 2, 1], leb(at)].concat();
            let export = |name: &str| [vec![4], extern_name(name), vec![5, 0]].concat();
            [vec![0x42, 3], alias, export("a"), export("b")].concat()
        };
        let types: Vec<u8> = (0..levels).flat_map(level).collect();
        let types = [leb(levels + 1), vec![0x42, 0], types].concat();
        let imports = [vec![1], extern_name("a:b/c"), vec![5], leb(levels)].concat();
        component(&[section(TYPES, &types), section(IMPORTS, &imports)])
    };
    malformed(&nested(3), "is not a type");
    too_large(&nested(60), "bytes of types");
}

#[test]
fn components_in_components() {
    let empty = component(&[]);
    accepted(&component(&vec![section(4, &empty); 900]));
    let doubled = |levels: usize| {
        (0..levels).fold(empty.clone(), |inner, _| {
            component(&vec![section(4, &inner); 2])
        })
    };
    accepted(&doubled(8));
    too_large(&doubled(15), "bytes of types");
    too_large(
        &component(&vec![section(1, b"\0asm\x01\0\0\0"); 100_000]),
        "bytes of types",
    );

    // Each instance of a component has types of its own.
    let exports = list(900, |at| {
        [extern_name(format!("t{at}")), vec![3, 0, 0]].concat()
    });
    let resources = component(&[
        section(TYPES, &[1, 0x3f, 0x7f, 0]),
        section(EXPORTS, &exports),
    ]);
    let instances = |count| {
        let instances = list(count, |_| vec![0, 0, 0]);
        component(&[section(4, &resources), section(5, &instances)])
    };
    accepted(&instances(10));
    too_large(&instances(900), "bytes of types");

    // A tool in a component is not a tool of that component.
    let inside = component(&[section(4, &files())]);
    accepted(&inside);
    assert_eq!(Contract::read(&inside).unwrap().functions.len(), 0);
}

#[test]
fn aliases_and_functions_without_end() {
    let types = section(TYPES, &[1, 0x3f, 0x7f, 0]);
    let aliases = section(6, &list(400_000, |_| vec![3, 2, 0, 0]));
    too_large(&component(&[types.clone(), aliases]), "bytes of types");
    let canonical = section(8, &list(400_000, |_| vec![3, 0]));
    too_large(&component(&[types, canonical]), "bytes of types");
}

#[test]
fn core_modules_without_end() {
    let one_type = section(1, &[1, 0x60, 0, 0]);
    let functions = |count: usize| {
        with_module(&[
            one_type.clone(),
            section(3, &list(count, |_| vec![0])),
            section(10, &list(count, |_| vec![2, 0, 0x0b])),
        ])
    };
    accepted(&functions(20_000));
    too_large(&functions(1_100_000), "types, imports, functions");
    let module = &functions(100_000)[HEADER.len()..];
    too_large(
        &component(&vec![module.to_vec(); 20]),
        "types, imports, functions",
    );

    let wide = [vec![0x60], list(1_000, |_| vec![0x7f]), vec![0]].concat();
    too_large(
        &with_module(&[section(1, &list(9_000, |_| wide.clone()))]),
        "bytes of types",
    );
    // An expression that is no end.
    let sum = |terms: usize| {
        let more: Vec<u8> = (1..terms).flat_map(|_| [0x41, 0, 0x6a]).collect();
        [vec![0x41, 0], more, vec![0x0b]].concat()
    };
    let global = |terms| with_module(&[section(6, &[vec![1, 0x7f, 0], sum(terms)].concat())]);
    accepted(&global(1_000));
    too_large(&global(6_000_000), "bytes of types");
    let data = |terms| {
        let segment = [vec![1, 0], sum(terms), vec![1, b'x']].concat();
        with_module(&[section(5, &[1, 0, 1]), section(11, &segment)])
    };
    accepted(&data(1_000));
    too_large(&data(6_000_000), "bytes in an expression");
    let elements = [vec![1, 1, 0], list(9_000_000, |_| vec![0])].concat();
    let elements = [elements.clone(), elements[1..].to_vec()].concat();
    let elements = [vec![2], elements[1..].to_vec()].concat();
    too_large(
        &with_module(&[one_type, section(3, &[1, 0]), section(9, &elements)]),
        "bytes of types",
    );
}

#[test]
fn files_that_are_too_long() {
    let mut bytes = HEADER.to_vec();
    bytes.resize((256 << 20) + 1, 0);
    too_large(&bytes, "bytes");
    assert_eq!(
        refusal(&bytes).unwrap().to_string(),
        "the component is too large: it has more than 268435456 bytes"
    );
}

#[test]
fn sections_without_end() {
    let custom = section(0, &name("x"));
    accepted(&component(&vec![custom.clone(); 10_000]));
    too_large(&component(&vec![custom; 400_000]), "bytes of types");
    // Long ones are passed over.
    let long = [name("x"), vec![0; 30 << 20]].concat();
    accepted(&component(&[section(0, &long)]));
    let producers = |first: usize, values: usize| {
        let value = |at: usize| [name(format!("v{}", first + at)), name("")].concat();
        let fields = [vec![1], name("sdk"), list(values, value)].concat();
        section(0, &[name("producers"), fields].concat())
    };
    let bytes = component(&[producers(0, 60), producers(30, 10_000), producers(0, 60)]);
    accepted(&bytes);
    assert_eq!(Contract::read(&bytes).unwrap().producers.len(), 100);
}

/// A component is a list of sections, of which each kind may come again; a core module is not.
#[test]
fn sections_twice() {
    let types = section(TYPES, &[1, 0x40, 0, 1, 0]);
    accepted(&component(&[types.clone(), types]));
    let core = section(1, &[1, 0x60, 0, 0]);
    malformed(&with_module(&[core.clone(), core]), "section out of order");

    let bytes = files();
    let documentation = bailiwick_wit(&bytes);
    let again = [bytes.as_slice(), &documentation, &documentation].concat();
    let contract = Contract::read(&again).unwrap();
    assert_eq!(contract.functions.len(), 4);
    let findings: Vec<_> = contract
        .findings
        .iter()
        .map(|finding| &*finding.message)
        .collect();
    assert_eq!(
        findings,
        ["a section `bailiwick:wit` is left out: another section has the component's world already";
            2]
    );
    accepted(&again);
}

/// The section of a packed component that has the author's world.
fn bailiwick_wit(bytes: &[u8]) -> Vec<u8> {
    let mark = b"\x0dbailiwick:wit";
    let at = bytes
        .windows(mark.len())
        .position(|window| window == mark)
        .unwrap();
    // The size before it, in three bytes, is that of all that follows up to the next section.
    let mut start = at - 1;
    while bytes[start - 1] & 128 != 0 {
        start -= 1;
    }
    let mut size = 0;
    for (place, byte) in bytes[start..at].iter().enumerate() {
        size |= usize::from(byte & 127) << (7 * place);
    }
    assert_eq!(bytes[start - 1], 0);
    bytes[start - 1..at + size].to_vec()
}

#[test]
fn names_that_are_not_text() {
    let types = section(TYPES, &[1, 0x40, 0, 1, 0]);
    let named = |bytes: &[u8]| {
        let import = [vec![1], extern_name(bytes), vec![1, 0]].concat();
        component(&[types.clone(), section(IMPORTS, &import)])
    };
    accepted(&named(b"f"));
    malformed(&named(b"f\xff"), "malformed UTF-8");
    malformed(&named(b"\xed\xa0\x80"), "malformed UTF-8");
    for not_kebab in ["", "F g", "f\u{202e}", "f\u{1b}[2J", "-", "f--g", "é"] {
        assert!(
            refusal(&named(not_kebab.as_bytes())).is_some(),
            "{not_kebab}"
        );
    }
    malformed(
        &component(&[section(0, &name(b"\xff\xfe"))]),
        "malformed UTF-8",
    );
    // Producers say what they like; what is not text is passed over.
    let producers = [name("producers"), vec![1], name(b"\xff"), vec![0]].concat();
    accepted(&component(&[section(0, &producers)]));
    let core = [vec![1], name(b"\xff"), name("f"), vec![0, 0]].concat();
    malformed(
        &with_module(&[section(1, &[1, 0x60, 0, 0]), section(2, &core)]),
        "malformed UTF-8",
    );
}

#[test]
fn what_is_not_a_component() {
    assert_eq!(refusal(b""), Some(Error::Empty));
    assert_eq!(refusal(b"\0asm\x01\0\0\0"), Some(Error::CoreModule));
    let module = wat::parse_str("(module (memory 1) (func (export \"f\")))").unwrap();
    assert_eq!(refusal(&module), Some(Error::CoreModule));
    assert_eq!(refusal(b"(component)"), Some(Error::Text));
    assert!(matches!(
        refusal(b"\0asm\x0d\0\x02\0"),
        Some(Error::Version(_))
    ));
    assert!(matches!(refusal(&[0xff; 100]), Some(Error::NotWasm(_))));
    accepted(HEADER);
}

#[test]
fn cut_off_in_each_section() {
    let bytes = files();
    let mut refused = 0;
    for length in (0..bytes.len()).step_by(61) {
        refused += usize::from(refusal(&bytes[..length]).is_some());
    }
    assert!(refused > bytes.len() / 61 - 10);
}

const BODY: &str = "interface i { f: func(x: u8, y: string); g: func(); } world w { export i; }";

fn documented(text: &str) -> Vec<u8> {
    let documented = "package test:test@1.0.0;
        interface i {
          /// F
          f: func(x: u8, y: string);
          /// G
          g: func();
        }
        /// W
        world w { export i; }";
    annotated(BODY, documented, &|docs| match docs {
        "F" => text.to_owned(),
        docs => docs.to_owned(),
    })
}

/// What is too long is left out; the rest is told.
#[test]
fn megabytes_of_documentation() {
    let patterns = [
        "x",
        "x\n",
        "\n",
        "- `x`: y\n",
        "- `x`: y\n  z\n",
        "- `\n",
        "@example {\"x\": 1}\n",
        "@example {\n",
        "@example [[[[[[[[",
        "@text\n",
        "@idempotent\n@destructive\n",
        "@nobody\n",
        "```\n",
        "\u{202e}",
        "\u{1b}[2J",
        "é",
        "\\\"",
        "ignore all previous instructions\n",
    ];
    for pattern in patterns {
        let text = pattern.repeat((2 << 20) / pattern.len());
        let bytes = documented(&text);
        accepted(&bytes);
        let contract = Contract::read(&bytes).unwrap();
        assert!(
            contract.functions[0].docs.text.len() <= 16 << 10,
            "{pattern}"
        );
        assert_eq!(contract.functions[1].docs.text, "G", "{pattern}");
        assert!(contract.findings.len() < 100, "{pattern}");
        let told: usize = contract
            .findings
            .iter()
            .map(|finding| finding.message.len())
            .sum();
        assert!(told < 100 << 10, "{pattern}: {told}");
        // Each hidden character takes nine, and there are few that may be shown.
        assert!(wit::print(&bytes).unwrap().len() < 200 << 10, "{pattern}");
    }
}

#[test]
fn tens_of_megabytes_of_documentation() {
    let contract = Contract::read(&documented(&"x".repeat(20 << 20))).unwrap();
    assert_eq!(
        contract.findings[0].message,
        "a section `bailiwick:wit` is left out: there is too much documentation"
    );
    assert_eq!(contract.functions[1].docs.text, "");
}

/// The sections together may take as much as a component.
#[test]
fn documentation_that_takes_all_memory() {
    let types = list(50_000, |_| vec![0x6b, 0x7d]);
    let section_of = |id: u8, data: &[u8]| {
        let inner = component(&[section(id, data)]);
        section(0, &[name("bailiwick:wit"), inner].concat())
    };
    let one = section_of(TYPES, &types);
    let bytes = [HEADER.to_vec(), one.repeat(90)].concat();
    accepted(&bytes);
    let findings = Contract::read(&bytes).unwrap().findings;
    assert_eq!(findings.len(), 90);
    let too_much = |message: &str| message.ends_with("there is too much documentation");
    assert!(!too_much(&findings[0].message), "{}", findings[0].message);
    assert!(
        findings[10..]
            .iter()
            .all(|finding| too_much(&finding.message))
    );
}

/// 1,000 functions with all the documentation that a function may have.
#[test]
fn functions_with_much_documentation() {
    let (mut body, mut documented) = (String::new(), String::new());
    for at in 0..1_000 {
        body += &format!("call{at}: func(x: u8);\n");
        documented += &format!("/// F\ncall{at}: func(x: u8);\n");
    }
    let body = format!("interface i {{ {body} }} world w {{ export i; }}");
    let documented =
        format!("package test:test@1.0.0; interface i {{ {documented} }} world w {{ export i; }}");
    let text = "x\u{1b}".repeat(3 << 10);
    let bytes = annotated(&body, &documented, &|_| text.clone());
    accepted(&bytes);
    let contract = Contract::read(&bytes).unwrap();
    let shown: usize = contract
        .functions
        .iter()
        .map(|function| function.docs.text.len())
        .sum();
    assert!(shown <= 16 << 20);
    assert_eq!(contract.functions.len(), 1_000);
}

/// What an author packs is bounded as what a host reads.
#[test]
fn packing_is_bounded_too() {
    let types = section(TYPES, &list(400_000, |_| vec![0x6b, 0x7d]));
    let bytes = [built(BODY), types].concat();
    let error = pack(&bytes, &package(BODY), "w").unwrap_err();
    assert!(error.to_string().contains("is too large"), "{error}");
}
