//! What was read of a component, kept as bytes, is what is read of it again.
#![allow(
    clippy::disallowed_methods,
    reason = "the files of the tests are opened where they are"
)]

use std::path::Path;

use bailiwick_contract::Contract;
use bailiwick_contract::audit::Audit;
use bailiwick_contract::kept::Facts;
use bailiwick_contract::lock::Entry;

use crate::audit_made::packed;
use crate::component::files;

/// Every kind of type, documentation with all tags, and a handle under a name that says less.
fn everything() -> Vec<u8> {
    packed(
        r#"
        interface tools {
            use bailiwick:fs/read@0.1.0.{read-dir, read-file};
            use bailiwick:fs/write@0.1.0.{write-dir as read-only};
            use bailiwick:fs/paths@0.1.0.{readable, writable};
            /// A record.
            record point {
                /// How far.
                x: f32,
                y: f64,
                c: char,
                label: option<option<string>>,
            }
            enum colour { red, green }
            flags marks { bold, thin }
            variant shape { dot, line(tuple<point, point>), text(string), of(list<colour>) }
            record numbers { a: s8, b: u8, c: s16, d: u16, e: s32, f: u32, g: s64, h: u64, i: bool }
            /// Does all of it.
            ///
            /// - `dir`: where.
            /// - `shapes`: what.
            ///
            /// @example {"dir": "/w", "shapes": [{"kind": "dot"}], "m": ["bold"], "data": "x"}
            /// @text
            /// @idempotent
            /// @destructive
            all: func(dir: borrow<read-dir>, shapes: list<shape>, m: marks, n: option<numbers>, data: list<u8>) -> result<list<point>, colour>;
            plain: func(data: list<u8>, %from: readable, to: writable) -> result;
            handed: func(to: borrow<read-only>) -> result<own<read-file>, string>;
        }
        world w { export tools; }"#,
    )
}

fn all() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut all = vec![
        ("files".to_owned(), files()),
        ("everything".to_owned(), everything()),
    ];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "wasm") {
            all.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    all
}

#[test]
fn what_is_kept_is_what_was_read() {
    let mut read = 0;
    for (name, bytes) in all() {
        let contract = Contract::read(&bytes);
        let Ok(facts) = Facts::read(&bytes) else {
            assert!(contract.is_err(), "{name}");
            continue;
        };
        read += 1;
        assert!(name != "everything" || !facts.contract.misleading.is_empty());
        let kept = facts.to_bytes();
        let back = Facts::from_bytes(&kept).unwrap_or_else(|| panic!("{name}"));
        // Debug says every field, and so does the audit.
        assert_eq!(
            format!("{:?}", contract.unwrap()),
            format!("{:?}", back.contract),
            "{name}"
        );
        let (audit, again) = (Audit::read("tool", &bytes).unwrap(), back.audit("tool"));
        assert_eq!(format!("{audit:?}"), format!("{again:?}"), "{name}");
        assert_eq!(Entry::of(&audit), Entry::of(&again), "{name}");
        assert_eq!(back.to_bytes(), kept, "{name}");
    }
    assert!(read > 4, "{read}");
}

#[test]
fn what_was_changed_or_cut_off_is_not_believed() {
    let kept = Facts::read(&everything()).unwrap().to_bytes();
    for at in 0..kept.len() {
        let mut changed = kept.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(Facts::from_bytes(&changed).is_none(), "byte {at}");
    }
    for length in 0..kept.len() {
        assert!(Facts::from_bytes(&kept[..length]).is_none(), "{length}");
    }
    let mut longer = kept.clone();
    longer.push(b' ');
    assert!(Facts::from_bytes(&longer).is_none());
}
