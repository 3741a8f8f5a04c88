//! What a function is handed, by defining types, wherever it stands and whatever it is called.

use bailiwick_contract::audit::{Audit, Tier};

use crate::audit_made::{read, test_component};

fn made(body: &str) -> Audit {
    read(&test_component(body))
}

/// An alias never shows, wherever it is written.
#[test]
fn a_renamed_handle_is_shown_by_its_defining_type() {
    let bodies = [
        "interface api { use bailiwick:fs/write@0.1.0.{write-dir as read-dir}; tidy: func(dir: borrow<read-dir>); }
         world w { export api; }",
        "interface names { use bailiwick:fs/write@0.1.0.{write-dir as w}; use bailiwick:fs/read@0.1.0.{error-code}; }
         interface api { use names.{w as read-dir}; tidy: func(dir: borrow<read-dir>); }
         world w { export api; }",
        "interface api {
           use bailiwick:fs/write@0.1.0.{write-dir};
           type read-dir = borrow<write-dir>;
           tidy: func(dir: read-dir);
         }
         world w { export api; }",
        "world w { use bailiwick:fs/write@0.1.0.{write-dir as read-dir}; export tidy: func(dir: borrow<read-dir>); }",
    ];
    for body in bodies {
        let audit = made(body);
        let tidy = audit.function("tidy").unwrap();
        assert_eq!(
            tidy.signature, "tidy: func(dir: borrow<write-dir>)",
            "{body}"
        );
        let handle = &tidy.params[0].handles[0];
        assert_eq!(handle.resource, "bailiwick:fs/write@0.1.0#write-dir");
        assert!(handle.writes);
        assert_eq!(audit.tier, Tier::Edits);
        assert!(tidy.derived.writes && !tidy.derived.read_only);
        let codes: Vec<_> = audit.findings.iter().map(|finding| finding.code).collect();
        assert!(codes.contains(&"renamed-authority"), "{body}: {codes:?}");
    }
}

#[test]
fn handles_are_found_wherever_they_stand() {
    let audit = made(
        "interface api {
           use bailiwick:fs/read@0.1.0.{read-dir, read-file};
           use bailiwick:fs/write@0.1.0.{write-file};
           record many { one: tuple<u8, borrow<read-dir>>, two: option<own<read-dir>> }
           variant any { none, some(result<many, list<borrow<write-file>>>) }
           f: func(x: any, y: borrow<read-file>, z: borrow<read-file>, n: u8);
         }
         world w { export api; }",
    );
    let params = &audit.function("f").unwrap().params;
    let handles: Vec<Vec<_>> = params
        .iter()
        .map(|param| {
            let handles = param.handles.iter();
            handles
                .map(|handle| (handle.resource.rsplit('#').next().unwrap(), handle.keeps))
                .collect()
        })
        .collect();
    assert_eq!(
        handles,
        [
            vec![
                ("read-dir", false),
                ("read-dir", true),
                ("write-file", false)
            ],
            vec![("read-file", false)],
            vec![("read-file", false)],
            vec![],
        ]
    );
    let derived = audit.function("f").unwrap().derived;
    assert!(derived.stateful && derived.writes && !derived.read_only);
}

#[test]
fn what_nobody_can_hand_over_is_said_the_worst_of() {
    let audit = made(
        "interface api {
           use wasi:filesystem/types@0.2.6.{descriptor};
           use wasi:io/streams@0.2.6.{input-stream};
           take: func(x: borrow<descriptor>);
           make: func() -> input-stream;
         }
         world w { export api; }",
    );
    assert_eq!(audit.tier, Tier::Unbounded);
    let handle = &audit.function("take").unwrap().params[0].handles[0];
    assert_eq!(handle.resource, "wasi:filesystem/types@0.2.6#descriptor");
    assert!(handle.writes && handle.may.contains("nobody"));
    assert!(!audit.function("take").unwrap().derived.read_only);
    let unknown = audit
        .findings
        .iter()
        .filter(|finding| finding.code == "unknown-handle");
    assert_eq!(unknown.count(), 2);
}
