//! Bytes that are no tool: each a clear error that names what was found, and nothing runs.

use bailiwick_host::{LoadError, Session, Tool};

use crate::guests::{engine, load, shipped, wat};

#[track_caller]
fn refused(name: &str, bytes: &[u8], words: &[&str]) -> LoadError {
    let error = Tool::load(engine(), name, bytes).expect_err("it loaded");
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "{word:?} is not in {text:?}");
    }
    error
}

#[test]
fn no_component_at_all() {
    refused("t", b"", &["`t`", "empty"]);
    refused(
        "t",
        &wat::parse_str("(module)").unwrap(),
        &["`t`", "core module"],
    );
    refused("t", b"(component)", &["text"]);
    refused("t", b"#!/bin/sh\n", &["not WebAssembly"]);
    refused(
        "t",
        &wat::parse_str("(component)").unwrap(),
        &["exports no function"],
    );
}

#[test]
fn a_component_that_is_cut_or_changed() {
    // Without names, of which wat would make a section at the end that nobody would miss.
    let whole = wat::parse_str(
        r#"(component (core module (func (export "run"))) (core instance (instantiate 0))
        (alias core export 0 "run" (core func)) (type (func)) (func (type 0) (canon lift (core func 0)))
        (export "run" (func 0)))"#,
    )
    .unwrap();
    assert!(Tool::load(engine(), "t", &whole).is_ok());
    for length in 1..whole.len() {
        assert!(
            Tool::load(engine(), "t", &whole[..length]).is_err(),
            "cut at {length}"
        );
    }
    let files = shipped("files");
    refused("t", &files[..files.len() / 2], &["`t`", "invalid"]);
}

#[test]
fn an_import_that_nobody_provides_is_named() {
    let error = refused(
        "t",
        &wat("stranger"),
        &["`strange:api/reach@1.2.3`", "wasi"],
    );
    assert!(matches!(error, LoadError::Import { .. }));
    // Of another type than it has.
    let error = refused("t", &wat("preopens"), &["`wasi:filesystem/preopens@0.2.0`"]);
    assert!(matches!(error, LoadError::Import { .. }));
}

#[test]
fn what_the_engine_does_not_run_is_refused() {
    let features = [
        "(memory i64 1)",
        "(memory 1 1 shared)",
        "(tag (param i32))",
        "(type (struct))",
        "(func (param v128) (drop (i8x16.relaxed_swizzle (local.get 0) (local.get 0))))",
    ];
    for feature in features {
        let text = format!(
            r#"(component (core module $m {feature} (func (export "run")))
            (core instance $m (instantiate $m)) (func (export "run") (canon lift (core func $m "run"))))"#
        );
        let bytes = wat::parse_str(&text).unwrap();
        assert!(
            Tool::load(engine(), "t", &bytes).is_err(),
            "{feature} is run"
        );
    }
}

#[test]
fn names_that_models_cannot_use() {
    let bytes = wat("counter");
    for name in ["", "a b", "a/b", "é", &"x".repeat(64)] {
        let error = Tool::load(engine(), name, &bytes).expect_err(name);
        assert!(matches!(error, LoadError::Name { .. }), "{error}");
    }
    let longest = "x".repeat(64 - "_count".len());
    assert!(Tool::load(engine(), &longest, &bytes).is_ok());
}

#[test]
fn two_tools_of_one_name() {
    let session = Session::new();
    session.add(load("t", &wat("counter"))).unwrap();
    let error = session.add(load("t", &wat("residue"))).unwrap_err();
    assert!(matches!(error, LoadError::Duplicate { .. }));
    session.add(load("u", &wat("counter"))).unwrap();
    // `git` with `log-show` and `git_log` with `show` would both be `git_log_show` for a model.
    let exporting = |name: &str| {
        wat::parse_str(format!(
            r#"(component (core module $t (func (export "f"))) (core instance $t (instantiate $t))
            (func (export "{name}") (canon lift (core func $t "f"))))"#
        ))
        .unwrap()
    };
    session.add(load("git", &exporting("log-show"))).unwrap();
    let error = session
        .add(load("git_log", &exporting("show")))
        .unwrap_err();
    assert!(error.to_string().contains("`git_log_show`"), "{error}");
}
