//! What a contract says about a component.

use bailiwick_contract::{Contract, Digest, Import, Type};

use crate::component::{component, contract, contracts, files, said};

fn names(contract: &Contract) -> Vec<&str> {
    contract
        .functions
        .iter()
        .map(|function| &*function.name)
        .collect()
}

fn extra(contract: &Contract) -> Vec<(&str, &str)> {
    contract
        .extra
        .iter()
        .map(|extra| (&*extra.name, &*extra.reason))
        .collect()
}

#[test]
fn the_shipped_tool_is_read_with_all_its_documentation() {
    let bytes = files();
    let contract = Contract::read(&bytes).unwrap();
    assert_eq!(contract.digest, Digest::of(&bytes));
    assert_eq!(contract.docs, said("interface files {"));
    assert_eq!(names(&contract), ["read", "list", "find", "grep"]);
    assert_eq!(contract.findings, []);
    assert_eq!(contract.extra, []);

    let grep = contract.function("grep").unwrap();
    assert_eq!(
        grep.interface.as_deref(),
        Some("bailiwick:files/files@0.1.0")
    );
    let documentation = said("grep: func(");
    let (text, rest) = documentation.split_once("\n\n").unwrap();
    assert!(text.len() > 40);
    assert_eq!(grep.docs.text, text);
    assert_eq!(
        grep.signature(),
        "grep: func(dir: borrow<read-dir>, pattern: string, glob: option<string>, ignore-case: option<bool>, \
         context: option<u32>, max-matches: option<u32>) -> result<matches, tool-error>"
    );
    for param in &grep.params {
        let item = format!("- `{}`: {}\n", param.name, param.docs);
        assert!(
            !param.docs.is_empty() && rest.contains(&item),
            "{item} in {rest}"
        );
    }
    assert_eq!(grep.docs.examples.len(), rest.matches("@example").count());
    assert_eq!(grep.example(), grep.docs.examples[0]);
}

/// The error type is of `bailiwick:tool`, whose documentation does not travel with a component.
#[test]
fn documentation_of_shared_types_is_known() {
    let contract = Contract::read(&files()).unwrap();
    let Some(Type::Result {
        err: Some(error), ..
    }) = &contract.function("grep").unwrap().result
    else {
        panic!("grep returns a result");
    };
    let Type::Record(error) = &**error else {
        panic!("the error is a record")
    };
    assert_eq!(&*error.name.interface, "bailiwick:tool/types@0.1.0");
    assert_eq!(error.docs, said("record tool-error {"));
    assert_eq!(error.items[2].docs, said("hint: option<string>,"));
}

#[test]
fn a_resource_has_its_defining_name_past_every_alias() {
    let contract = contract(
        "interface a { resource r { m: func(); } record c { n: u8 } }
         interface b { use a.{r as s, c as d}; }
         interface c { use b.{s as t, d as e}; f: func(x: borrow<t>, y: own<t>, z: e); }
         world w { import a; export c; }",
    );
    let function = contract.function("f").unwrap();
    let Type::Handle(borrowed) = &function.params[0].ty else {
        panic!("a handle")
    };
    assert_eq!(
        (&*borrowed.resource.interface, &*borrowed.resource.name),
        ("test:test/a@1.0.0", "r")
    );
    assert!(!borrowed.own);
    assert!(matches!(&function.params[1].ty, Type::Handle(handle) if handle.own));
    let Type::Record(record) = &function.params[2].ty else {
        panic!("a record")
    };
    assert_eq!(
        (&*record.name.interface, &*record.name.name),
        ("test:test/a@1.0.0", "c")
    );
    // A name that is not of the function's own interface is not taken for one of Bailiwick's.
    assert_eq!(
        function.signature(),
        "f: func(x: borrow<test:test/a.r>, y: own<test:test/a.r>, z: test:test/a.c)"
    );
}

#[test]
fn imports_are_told_with_their_functions() {
    let contract = contract(
        "interface types { record r { n: u8 } }
         interface a { use types.{r}; resource h { constructor(); m: func(); s: static func(); } f: func(x: r); }
         world w { import a; import g: func(); import inline: interface { h: func(); } export f: func(); }",
    );
    let expected = [
        ("test:test/types@1.0.0", &[][..]),
        (
            "test:test/a@1.0.0",
            &["[constructor]h", "[method]h.m", "[static]h.s", "f"],
        ),
        ("g", &["g"]),
        ("inline", &["h"]),
    ];
    let imported: Vec<_> = contract
        .imports
        .iter()
        .map(
            |Import {
                 name, functions, ..
             }| {
                let mut functions: Vec<_> = functions.iter().map(String::as_str).collect();
                functions.sort_unstable();
                (&**name, functions)
            },
        )
        .collect();
    for (name, functions) in expected {
        assert!(
            imported.contains(&(name, functions.to_vec())),
            "{name} in {imported:?}"
        );
    }
    assert_eq!(imported.len(), expected.len());
}

#[test]
fn names_that_two_interfaces_share_get_the_interface_in_front() {
    let contract = contract(
        "interface one { get-it: func(); put: func(); }
         interface two-b { get-it: func(); drop: func(); }
         world w { export one; export two-b; export drop: func(); export inline: interface { put: func(); mine: func(); } }",
    );
    let mut names = names(&contract);
    names.sort_unstable();
    let expected = [
        "drop",
        "inline_put",
        "mine",
        "one_get_it",
        "one_put",
        "two_b_drop",
        "two_b_get_it",
    ];
    assert_eq!(names, expected);
    let function = contract.function("two_b_get_it").unwrap();
    assert_eq!(
        (function.interface.as_deref(), &*function.export),
        (Some("test:test/two-b@1.0.0"), "get-it")
    );
    assert_eq!(
        contract
            .function("inline_put")
            .unwrap()
            .interface
            .as_deref(),
        Some("inline")
    );
}

#[test]
fn names_stay_unique_whatever_interfaces_are_called() {
    let nested = "package a:x@1.0.0 { interface i { f: func(); } }
                  package a:x@1.0.1 { interface i { f: func(); } }
                  package b:x { interface i { f: func(); } }
                  interface x-i { f: func(); }
                  world w { export a:x/i@1.0.0; export a:x/i@1.0.1; export b:x/i; export x-i; export i-f: func(); }";
    let contract = contract(nested);
    let mut names = names(&contract);
    names.sort_unstable();
    let unique: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(unique.len(), 5, "{names:?}");
    assert!(
        names.contains(&"i_f") && names.contains(&"a_x_i_1_0_0_f"),
        "{names:?}"
    );
}

#[test]
fn what_toolchains_and_standards_add_is_no_tool() {
    let javascript = contract(
        "world w {
           export init: func(shim: string, script: string, entry-path: option<string>, disable-gc: bool) -> result<_, string>;
           export work: func();
         }",
    );
    let qjs = "componentize-qjs adds it to set the interpreter up";
    assert_eq!(
        (names(&javascript), extra(&javascript)),
        (vec!["work"], vec![("init", qjs)])
    );

    let python = contract(
        "world w {
           export exports: interface {
             record symbols { exports: list<string> }
             init: func(app-name: string, symbols: symbols, stub-wasi: bool) -> result<_, string>;
           }
           export work: func();
         }",
    );
    let py = "componentize-py adds it to set the interpreter up";
    assert_eq!(
        (names(&python), extra(&python)),
        (vec!["work"], vec![("exports#init", py)])
    );

    let command = contract(
        "package wasi:cli@0.2.0 { interface run { run: func() -> result; } }
         world w { export wasi:cli/run@0.2.0; }",
    );
    let wasi = "an entry point that WASI defines";
    assert_eq!(
        (names(&command), extra(&command)),
        (vec![], vec![("wasi:cli/run@0.2.0#run", wasi)])
    );
}

/// Only the shape tells: an author's own `init` is a tool.
#[test]
fn an_init_of_ones_own_is_a_tool() {
    let contract = contract(
        "world w { export init: func(script: string) -> result<_, string>; export exports: interface { init: func(); } }",
    );
    assert_eq!(contract.extra, []);
    assert_eq!(contract.functions.len(), 2);
}

#[test]
fn the_producers_are_told() {
    let contract = contract("world w { export f: func(); }");
    assert!(
        contract.producers.iter().any(|(field, name, version)| {
            field == "processed-by" && name == "wit-component" && !version.is_empty()
        }),
        "{:?}",
        contract.producers
    );
}

/// A component that nobody packed has types but no documentation.
#[test]
fn without_the_section_there_is_no_documentation() {
    let contract = Contract::read(&component(&contracts(), "bailiwick:files/tool")).unwrap();
    assert_eq!(contract.docs, "");
    assert_eq!(contract.findings, []);
    assert_eq!(contract.function("grep").unwrap().docs.text, "");
    assert_eq!(
        contract.function("grep").unwrap().example(),
        serde_json::json!({"dir": ".", "pattern": "text"})
    );
}
