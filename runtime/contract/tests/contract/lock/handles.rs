//! A handle that becomes another one, wherever it stands, is seen.

use bailiwick_contract::audit::Audit;
use bailiwick_contract::lock::{Entry, Lock};

use crate::audit_made::{read, test_component};

const TODAY: &str = "2026-11-23";

/// A tool that changes a file anyway, so that no fact of it changes with another handle.
fn made(wrap: &str, f: &str) -> Audit {
    read(&test_component(&format!(
        "interface api {{
           use bailiwick:fs/read@0.1.0.{{read-dir, read-file}};
           use bailiwick:fs/write@0.1.0.{{write-file}};
           use bailiwick:fs/paths@0.1.0.{{readable, writable}};
           record wrap {{ file: {wrap} }}
           keep: func(a: own<write-file>, b: borrow<read-file>, c: readable, d: writable, e: borrow<read-dir>);
           f: func(log: own<write-file>, kept: own<read-file>, {f};
         }}
         world w {{ export api; }}"
    )))
}

fn handles(audit: &Audit) -> Vec<String> {
    Entry::of(audit).functions["f"].handles.clone()
}

/// What is told of `f` when the second is there instead of the first, apart from the digest.
fn told(old: &Audit, new: &Audit) -> Vec<String> {
    let mut lock = Lock::default();
    lock.put("tool", Entry::of(old));
    let lock = Lock::parse(&lock.to_text().unwrap()).unwrap();
    assert_eq!(lock.verify("tool", old, false, TODAY), []);
    let told = lock.verify("tool", new, false, TODAY).into_iter();
    let told = told.filter(|it| it.code != "digest");
    told.map(|it| format!("{}: {}", it.code, it.message))
        .collect()
}

#[test]
fn one_that_may_change_files_for_one_to_look_is_told() {
    let f = "wrap: wrap)";
    let old = made("borrow<read-file>", f);
    let new = made("borrow<write-file>", f);
    assert_eq!(
        handles(&old),
        [
            "kept: own bailiwick:fs/read@0.1.0#read-file",
            "log: own bailiwick:fs/write@0.1.0#write-file",
            "wrap.file: borrow bailiwick:fs/read@0.1.0#read-file",
        ]
    );
    assert_eq!(
        told(&old, &new),
        [
            "handles: `f`: what it is handed and what it hands back: now `wrap.file: borrow \
             bailiwick:fs/write@0.1.0#write-file`, no longer `wrap.file: borrow bailiwick:fs/read@0.1.0#read-file`"
        ]
    );
}

#[test]
fn one_that_is_kept_for_one_that_is_lent_is_told() {
    let f = "wrap: wrap)";
    let told = told(&made("borrow<read-file>", f), &made("own<read-file>", f));
    assert_eq!(
        told,
        [
            "handles: `f`: what it is handed and what it hands back: now `wrap.file: own \
             bailiwick:fs/read@0.1.0#read-file`, no longer `wrap.file: borrow bailiwick:fs/read@0.1.0#read-file`"
        ]
    );
}

#[test]
fn one_that_is_handed_back_is_told() {
    let f = "n: u8) -> result<list<wrap>, string>";
    let told = told(&made("own<read-file>", f), &made("own<write-file>", f));
    assert_eq!(
        told,
        [
            "handles: `f`: what it is handed and what it hands back: now `-> result.ok[].file: own \
             bailiwick:fs/write@0.1.0#write-file`, no longer `-> result.ok[].file: own \
             bailiwick:fs/read@0.1.0#read-file`"
        ]
    );
}

#[test]
fn a_record_that_mounts_another_thing_is_told() {
    let f = "wrap: option<wrap>)";
    let told = told(&made("readable", f), &made("writable", f));
    assert_eq!(
        told,
        [
            "handles: `f`: what it is handed and what it hands back: now `wrap.file: mount \
             bailiwick:fs/paths@0.1.0#writable`, no longer `wrap.file: mount bailiwick:fs/paths@0.1.0#readable`",
            // Each of the two records has documentation of its own.
            "parameter-docs: `f`: what the model is told of `wrap.file` differs",
        ]
    );
}

#[test]
fn what_is_handed_and_handed_back_is_not_taken_for_one_another() {
    let old = made("u8", "%result: own<read-file>) -> own<write-file>");
    let new = made("u8", "%result: own<write-file>) -> own<read-file>");
    let codes = told(&old, &new);
    assert!(
        codes.iter().any(|it| it.starts_with("handles: ")),
        "{codes:?}"
    );
}

#[test]
fn each_place_has_its_own_spelling() {
    let audit = read(&test_component(
        "interface api {
           use bailiwick:fs/read@0.1.0.{read-file};
           variant any { none, a-file(own<read-file>), files(list<own<read-file>>) }
           f: func(any: any, pair: tuple<u8, option<own<read-file>>>, many: list<tuple<own<read-file>>>);
         }
         world w { export api; }",
    ));
    let places: Vec<_> = handles(&audit)
        .iter()
        .map(|line| line.split(": ").next().unwrap().to_owned())
        .collect();
    assert_eq!(
        places,
        [
            "any:a-file.value",
            "any:files.value[]",
            "many[][0]",
            "pair[1]"
        ]
    );
}

/// Types share their parts: a short component has many places. What is not told is in the digest.
#[test]
fn very_many_are_told_in_short_and_still_seen() {
    let made = |last: &str| {
        let types: String = (1..9)
            .map(|n| {
                let of = n - 1;
                format!("record r{n} {{ left: r{of}, right: r{of}, last: option<r{of}> }}\n")
            })
            .collect();
        read(&test_component(&format!(
            "interface api {{
               use bailiwick:fs/read@0.1.0.{{read-file}};
               use bailiwick:fs/write@0.1.0.{{write-file}};
               record r0 {{ x: borrow<read-file> }}
               {types}
               f: func(all: r6, one: {last}, two: borrow<write-file>);
             }}
             world w {{ export api; }}"
        )))
    };
    let (old, new) = (made("borrow<read-file>"), made("borrow<write-file>"));
    let lines = handles(&old);
    let bytes: usize = lines.iter().map(String::len).sum();
    assert!(bytes < 17 << 10, "{bytes}");
    let last = lines.last().unwrap();
    assert!(
        last.starts_with("and ") && last.contains(" more: sha256:"),
        "{last}"
    );
    assert!(
        told(&old, &new)
            .iter()
            .any(|it| it.starts_with("handles: "))
    );
}
