//! What is refused, and in which words.

use bailiwick_contract::{Contract, Error};

use crate::component::built;

fn refused(bytes: &[u8]) -> String {
    Contract::read(bytes).unwrap_err().to_string()
}

fn refused_wat(wat: &str) -> String {
    refused(&wat::parse_str(wat).unwrap())
}

#[test]
fn what_is_not_a_component() {
    let module = wat::parse_str("(module)").unwrap();
    let cases: [(&[u8], &str); 11] = [
        (b"", "the file is empty"),
        (
            &module,
            "this is a core module, not a component: build it for wasm32-wasip2, or wrap it with `wasm-tools component new`",
        ),
        (
            b"(component)",
            "this is WebAssembly text, not a binary component: convert it with `wasm-tools parse`",
        ),
        (
            b" \n;; hello (;\n(; x ;) (module)",
            "this is WebAssembly text, not a binary component: convert it with `wasm-tools parse`",
        ),
        (
            b";; nothing else",
            "this is WebAssembly text, not a binary component: convert it with `wasm-tools parse`",
        ),
        (
            b"\0",
            "the component is invalid at byte 1: it ends in the header",
        ),
        (
            b"\0asm\x0d\0\x01",
            "the component is invalid at byte 7: it ends in the header",
        ),
        (
            b"\0asm\x0a\0\x01\0",
            "this is WebAssembly of an unknown version (0a000100), not a component",
        ),
        (
            b"\x7fELF\x02\x01\x01",
            "this is not WebAssembly: it begins with \"\\u{7f}ELF\\u{2}\\u{1}\\u{1}\", and a component with \"\\0asm\"",
        ),
        (
            b"#!/bin/sh",
            "this is not WebAssembly: it begins with \"#!/bin/sh\", and a component with \"\\0asm\"",
        ),
        (
            "ünï\u{fffd}".as_bytes(),
            "this is not WebAssembly: it begins with \"ünï\u{fffd}\", and a component with \"\\0asm\"",
        ),
    ];
    for (bytes, message) in cases {
        assert_eq!(refused(bytes), message);
    }
}

#[test]
fn a_damaged_component_is_told_with_the_place() {
    let mut bytes = built("world w { export f: func(); }");
    bytes.truncate(bytes.len() - 1);
    let Err(Error::Malformed {
        offset: Some(_),
        message,
    }) = Contract::read(&bytes)
    else {
        panic!("it is malformed");
    };
    assert!(message.contains("unexpected end"), "{message}");
}

#[test]
fn an_encoded_wit_package() {
    let mut resolve = wit_parser::Resolve::default();
    let package = resolve
        .push_source("a.wit", "package a:b; interface i { f: func(); }")
        .unwrap();
    let encoded = wit_component::encode(&resolve, package).unwrap();
    assert_eq!(
        refused(&encoded),
        "this is an encoded WIT package, not a component: there is nothing to call"
    );
}

/// Types that the engine does not run are told by the function that names them.
#[test]
fn types_without_a_place_in_json() {
    let cases = [
        (
            "stream<u8>",
            "`stream`, which has no value that JSON could tell",
        ),
        (
            "future<string>",
            "`future`, which has no value that JSON could tell",
        ),
        (
            "list<option<future>>",
            "`future`, which has no value that JSON could tell",
        ),
        (
            "map<string, u8>",
            "`map`, which is too new: use a list of tuples",
        ),
        (
            "tuple<u8, list<u8, 4>>",
            "`fixed-length list`, which is too new: use a list or a tuple",
        ),
        (
            "error-context",
            "`error-context`, which has no value that JSON could tell",
        ),
    ];
    for (ty, uses) in cases {
        let bytes = built(&format!(
            "interface i {{ f: func(x: {ty}); }} world w {{ export i; }}"
        ));
        assert_eq!(
            refused(&bytes),
            format!("function `test:test/i@1.0.0#f` uses {uses}")
        );
    }
}

#[test]
fn asynchronous_functions() {
    let bytes = built("world w { export f: async func(); }");
    assert_eq!(
        refused(&bytes),
        "function `f` uses async, which tools are not: they are called and return"
    );
    let bytes = built("interface i { f: async func(); } world w { import i; export g: func(); }");
    assert_eq!(
        refused(&bytes),
        "the import `test:test/i@1.0.0#f` is a function that waits (async, stream or future), which no host provides"
    );
}

#[test]
fn resources_of_its_own() {
    let bytes = built(
        "interface i { resource r { constructor(); m: func(); } f: func(); } world w { export i; }",
    );
    let message = refused(&bytes);
    assert!(
        message.ends_with("uses the resource `r` of its own, which cannot be called yet"),
        "{message}"
    );
    assert!(
        message.starts_with("function `test:test/i@1.0.0#[constructor]r`"),
        "{message}"
    );
}

#[test]
fn an_interface_both_ways() {
    let bytes = built("interface i { f: func(); } world w { import i; export i; }");
    assert_eq!(
        refused(&bytes),
        "`test:test/i@1.0.0` is both imported and exported, so its types cannot be told apart"
    );
}

#[test]
fn imports_that_no_wit_can_name() {
    assert_eq!(
        refused_wat("(component (import \"m\" (core module)))"),
        "the import `m` is a core module, which no host provides"
    );
    assert_eq!(
        refused_wat("(component (import \"c\" (component)))"),
        "the import `c` is a component, which no host provides"
    );
}

/// 2^30 numbers, though its WIT is a few lines: each line doubles the one before.
#[test]
fn types_that_grow_without_end() {
    let mut body = String::from("interface i { record t0 { a: u8 }\n");
    for level in 1..=12 {
        let below = level - 1;
        body += &format!("record t{level} {{ a: t{below}, b: t{below} }}\n");
    }
    let world = "f: func(x: t12); } world w { export i; }";
    let message = refused(&built(&(body + world)));
    assert_eq!(
        message,
        "the types of function `test:test/i@1.0.0#f` are too complex: more than 10000 in all, nested deeper than 64, or with their names larger than 1 MiB (16 MiB for all functions)"
    );
}

#[test]
fn types_that_are_nested_too_deeply() {
    let nested = |levels: usize| {
        let ty = format!("{}u8{}", "option<".repeat(levels), ">".repeat(levels));
        Contract::read(&built(&format!("world w {{ export f: func(x: {ty}); }}")))
    };
    assert!(nested(63).is_ok());
    assert_eq!(
        nested(64).unwrap_err(),
        Error::TooComplex {
            function: "f".into()
        }
    );
    // The same when the deep part was met before at a shallower place.
    let mut body = String::from("interface i { type a = u8;\n");
    body += &format!(
        "record deep {{ x: {}u8{} }}\n",
        "option<".repeat(60),
        ">".repeat(60)
    );
    body += "f: func(x: deep, y: option<option<option<option<deep>>>>); } world w { export i; }";
    assert!(matches!(
        Contract::read(&built(&body)),
        Err(Error::TooComplex { .. })
    ));
}

#[test]
fn features_that_the_engine_does_not_have() {
    assert_eq!(
        refused_wat("(component (core module (memory i64 1)))"),
        "the component needs more than this host runs: memory64 must be enabled for 64-bit memories (at byte 21)"
    );
    let message = refused_wat("(component (core func (canon task.cancel)))");
    assert!(
        message.ends_with("build it without asynchronous functions (componentize-qjs: `--sync`)"),
        "{message}"
    );
}
