//! Types and functions in one line of WIT.

use bailiwick_contract::{Contract, spelled};

use crate::component::{contract, contracts, files};

#[test]
fn functions_read_as_they_were_written() {
    let lines = [
        "a: func()",
        "b: func(x: bool, y: char, z: string)",
        "c: func(x: s8, y: u8, z: s16, p: u16, q: s32, r: u32, s: s64, t: u64, u: f32, v: f64) -> u8",
        "d: func(x: list<u8>, y: list<list<string>>) -> option<tuple<u8, rec>>",
        "e: func(x: rec, y: var, z: en, p: fl) -> result<rec, en>",
        "g: func() -> result",
        "h: func() -> result<u8>",
        "i: func() -> result<_, string>",
        "j: func(x: result<option<option<u8>>, list<var>>)",
        "k: func(x: borrow<dir>, y: option<borrow<dir>>) -> tuple<u8>",
    ];
    let functions: String = lines.iter().map(|line| format!("{line};\n")).collect();
    let contract = contract(&format!(
        "interface types {{ resource dir; }}
         interface i {{
           use types.{{dir}};
           record rec {{ a: u8 }} variant var {{ a, b(u8) }} enum en {{ a }} flags fl {{ a }}
           {functions}
         }}
         world w {{ export i; }}"
    ));
    let spelled: Vec<_> = contract.functions.iter().map(spelled::function).collect();
    assert_eq!(spelled, lines);
    for function in &contract.functions {
        for param in &function.params {
            let line = spelled::function(function);
            let named = format!("{}: {}", param.name, spelled::ty(&param.ty));
            assert!(line.contains(&named), "{named} in {line}");
        }
    }
}

/// By the name that defines it: what a tool calls it makes no difference.
#[test]
fn handles_and_types_by_their_defining_names() {
    let contract = contract(
        "package bailiwick:fs@0.1.0 {
           interface read { resource read-dir; }
           interface write { resource write-dir; }
           interface paths { record readable { path: string } record writable { path: string } }
         }
         interface i {
           use bailiwick:fs/write@0.1.0.{write-dir as read-dir};
           use bailiwick:fs/paths@0.1.0.{readable, writable as harmless};
           type text = string;
           type dirs = list<own<read-dir>>;
           f: func(dir: borrow<read-dir>, dirs: dirs, source: readable, to: harmless, note: text) -> read-dir;
         }
         world w { export i; }",
    );
    assert_eq!(
        spelled::function(&contract.functions[0]),
        "f: func(dir: borrow<write-dir>, dirs: list<own<write-dir>>, source: readable, to: writable, note: string) \
         -> own<write-dir>"
    );
}

/// The shipped tool's signatures, each on one line in its source but for `grep`.
#[test]
fn the_shipped_tool() {
    let sources = contracts();
    let source = sources
        .iter()
        .find(|source| source.name == "files.wit")
        .unwrap();
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let source = words(&source.text);
    for function in Contract::read(&files()).unwrap().functions {
        let line = words(&spelled::function(&function));
        assert!(source.contains(&format!("{line};")), "{line}");
    }
}
