//! What stays imported, and why.

use bailiwick_seal::{KeptBecause, SealError, seal};

use crate::component::{component, functions, imports, sealed};

fn because(name: &str, reason: &str) -> KeptBecause {
    KeptBecause {
        name: name.into(),
        reason: reason.into(),
    }
}

const PRINTS: &str = "world w {
  import wasi:cli/stdout@0.2.12;
  import wasi:cli/stderr@0.2.12;
  import wasi:cli/environment@0.2.12;
  export f: func();
}";

#[test]
fn nothing() {
    let component = component(PRINTS);
    let before = imports(&component);
    let sealed = sealed(&component, &[]);
    let mut closed = sealed.sealed.clone();
    closed.sort();
    assert_eq!(closed, before);
    assert_eq!(
        (
            sealed.kept.len(),
            sealed.types.len(),
            sealed.kept_because.len()
        ),
        (0, 0, 0)
    );
    assert_eq!(sealed.traps, [""; 0]);
}

#[test]
fn what_a_kept_interface_needs() {
    let sealed = sealed(&component(PRINTS), &["wasi:cli/stdout"]);
    let kept = [
        "wasi:io/error@0.2.12",
        "wasi:io/poll@0.2.12",
        "wasi:io/streams@0.2.12",
        "wasi:cli/stdout@0.2.12",
        "wasi:cli/stderr@0.2.12",
    ];
    assert_eq!(sealed.kept, kept);
    assert_eq!(sealed.sealed, ["wasi:cli/environment@0.2.12"]);
    let reasons = [
        because("wasi:cli/stderr@0.2.12", NO_STREAM),
        because(
            "wasi:io/error@0.2.12",
            "`wasi:io/streams@0.2.12` uses its resource `error`",
        ),
        because(
            "wasi:io/poll@0.2.12",
            "`wasi:io/streams@0.2.12` uses its resource `pollable`",
        ),
        because(
            "wasi:io/streams@0.2.12",
            "`wasi:cli/stdout@0.2.12` uses its resource `output-stream`",
        ),
    ];
    let mut told = sealed.kept_because.clone();
    told.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(told, reasons);
    assert_eq!(sealed.traps, [""; 0]);
}

const NO_STREAM: &str = "`wasi:io/streams@0.2.12` stays, and only the host can make a stream of it: to ask for one would end the call";

/// Files are streams: a tool that keeps them goes on to print, and nothing else of the command line stays.
#[test]
fn standard_streams_stay_with_the_streams_of_files() {
    let body = "world w {
      import wasi:filesystem/types@0.2.12;
      import wasi:filesystem/preopens@0.2.12;
      import wasi:cli/stdin@0.2.12;
      import wasi:cli/stdout@0.2.12;
      import wasi:cli/stderr@0.2.12;
      import wasi:cli/terminal-stdout@0.2.12;
      import wasi:cli/environment@0.2.12;
      export f: func();
    }";
    let component = component(body);
    let files = ["wasi:filesystem/types", "wasi:filesystem/preopens"];
    let with_files = sealed(&component, &files);
    for name in ["stdin", "stdout", "stderr"] {
        let name = format!("wasi:cli/{name}@0.2.12");
        assert!(with_files.kept_because.contains(&because(&name, NO_STREAM)));
    }
    let closed = [
        "wasi:cli/environment@0.2.12",
        "wasi:cli/terminal-stdout@0.2.12",
    ];
    for name in closed {
        assert!(with_files.sealed.contains(&name.into()), "{name}");
    }
    assert_eq!(with_files.traps, [""; 0]);
    // What is closed together agrees with itself, and neither prints nor ends the call.
    let without = sealed(&component, &[]);
    assert_eq!(without.kept, [""; 0]);
    assert_eq!(without.traps, [""; 0]);
    // Others that only wait are no reason.
    let waits = sealed(&component, &["wasi:io/poll"]);
    assert!(waits.sealed.contains(&"wasi:cli/stdout@0.2.12".into()));
}

/// Nobody but the host can make a handle of what is kept.
#[test]
fn a_closed_function_that_gives_a_kept_handle_ends_the_call() {
    let body = "world w { import wasi:clocks/monotonic-clock@0.2.12; export f: func(); }";
    let sealed = sealed(&component(body), &["wasi:io/poll"]);
    let clock = "wasi:clocks/monotonic-clock@0.2.12";
    assert_eq!(sealed.sealed, [clock]);
    let mut traps = sealed.traps.clone();
    traps.sort();
    let expected = ["subscribe-duration", "subscribe-instant"];
    assert_eq!(traps, expected.map(|name| format!("{clock}#{name}")));
}

#[test]
fn names_with_and_without_version() {
    let component = component(PRINTS);
    let with = seal(&component, &["wasi:cli/environment@0.2.12"]).unwrap();
    let without = seal(&component, &["wasi:cli/environment"]).unwrap();
    assert_eq!(with, without);
    assert_eq!(with.kept, ["wasi:cli/environment@0.2.12"]);
    assert_eq!(with.kept_because, []);
    assert_eq!(
        functions(&with.bytes, "wasi:cli/environment@0.2.12").len(),
        3
    );
}

#[test]
fn a_name_that_is_not_imported() {
    let bytes = component(PRINTS);
    let error = |name: &str| seal(&bytes, &[name]).unwrap_err();
    let text =
        "`wasi:cli/stdot` is not imported, so it cannot be kept: there is `wasi:cli/stdout@0.2.12`";
    let told = error("wasi:cli/stdot").to_string();
    assert!(told.starts_with(text), "{told}");
    for name in [
        "wasi:cli/environment@0.2.1",
        "environment",
        "",
        "wasi:io/streams@",
    ] {
        let error = error(name);
        assert!(
            matches!(error, SealError::NotImported { .. }),
            "{name}: {error}"
        );
    }
    let text = error("zebra").to_string();
    assert!(text.contains("the component imports `wasi:io/"), "{text}");
    let alone = component("world w { export f: func(); }");
    let text = seal(&alone, &["wasi:cli/stdout"]).unwrap_err().to_string();
    assert!(text.ends_with("the component imports nothing"), "{text}");
}

#[test]
fn a_resource_that_an_export_names() {
    let body = "interface tools {
        use bailiwick:fs/read@0.1.0.{read-dir as folder};
        use bailiwick:tool/types@0.1.0.{tool-error};
        look: func(at: borrow<folder>) -> result<u32, tool-error>;
      }
      world w {
        import bailiwick:tool/progress@0.1.0;
        import wasi:cli/stderr@0.2.12;
        export tools;
      }";
    let component = component(body);
    let sealed = sealed(&component, &[]);
    assert_eq!(sealed.kept, ["bailiwick:fs/read@0.1.0"]);
    assert_eq!(sealed.types, ["bailiwick:tool/types@0.1.0"]);
    let export = "the export `test:test/tools@1.0.0` uses its";
    let reasons = [
        because(
            "bailiwick:fs/read@0.1.0",
            &format!("{export} resource `read-dir`"),
        ),
        because(
            "bailiwick:tool/types@0.1.0",
            &format!("{export} type `tool-error`"),
        ),
    ];
    let mut told = sealed.kept_because.clone();
    told.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(told, reasons);
    let read = "bailiwick:fs/read@0.1.0";
    assert_eq!(
        functions(&sealed.bytes, read).len(),
        functions(&component, read).len()
    );
}

/// The name of a record is no reason to let a tool read the clock.
#[test]
fn a_type_that_an_export_names() {
    let body = "interface tools {
        use wasi:clocks/wall-clock@0.2.12.{datetime};
        use wasi:filesystem/types@0.2.12.{descriptor-type};
        when: func() -> tuple<datetime, descriptor-type>;
      }
      world w { import wasi:clocks/wall-clock@0.2.12; import wasi:filesystem/types@0.2.12; export tools; }";
    let component = component(body);
    let (clock, files) = (
        "wasi:clocks/wall-clock@0.2.12",
        "wasi:filesystem/types@0.2.12",
    );
    let sealed = sealed(&component, &[]);
    assert_eq!(sealed.kept, [""; 0]);
    assert_eq!(sealed.types, [clock, files]);
    assert!(sealed.sealed.contains(&clock.into()) && sealed.sealed.contains(&files.into()));
    assert_eq!(functions(&sealed.bytes, clock), [""; 0]);
    assert_eq!(functions(&sealed.bytes, files), [""; 0]);
}

#[test]
fn a_type_that_a_kept_interface_names() {
    let body =
        "world w { import wasi:filesystem/types@0.2.12; import wasi:filesystem/preopens@0.2.12;
      import wasi:clocks/wall-clock@0.2.12; export f: func(); }";
    let clock = "wasi:clocks/wall-clock@0.2.12";
    let sealed = sealed(&component(body), &["wasi:filesystem/types"]);
    assert_eq!(sealed.types, [clock]);
    assert!(sealed.sealed.contains(&clock.into()));
    assert_eq!(functions(&sealed.bytes, clock), [""; 0]);
    let reason = because(
        clock,
        "`wasi:filesystem/types@0.2.12` uses its type `datetime`",
    );
    assert!(sealed.kept_because.contains(&reason));
}

/// What stands in for an interface may have to agree with a kept one about types that both take from a closed one.
#[test]
fn closed_and_kept_interfaces_share_a_closed_type() {
    let body = "interface both {
        use wasi:filesystem/types@0.2.12.{descriptor};
        use wasi:clocks/wall-clock@0.2.12.{datetime};
        touch: func(file: borrow<descriptor>, at: datetime) -> datetime;
      }
      world w { import both; import wasi:clocks/wall-clock@0.2.12; export f: func(); }";
    let sealed = sealed(&component(body), &["wasi:filesystem/types"]);
    assert!(sealed.sealed.contains(&"test:test/both@1.0.0".into()));
    assert!(
        sealed
            .sealed
            .contains(&"wasi:clocks/wall-clock@0.2.12".into())
    );
}

#[test]
fn interfaces_of_types_only() {
    let body = "interface tools {
        use bailiwick:tool/types@0.1.0.{tool-error};
        go: func() -> result<u32, tool-error>;
      }
      world w { export tools; }";
    let bytes = component(body);
    let with_types_only = sealed(&bytes, &[]);
    assert_eq!(with_types_only.sealed, [""; 0]);
    assert_eq!(with_types_only.bytes, bytes);
    assert_eq!(with_types_only.types, ["bailiwick:tool/types@0.1.0"]);
    // One that was asked for stays as it is.
    let kept = sealed(&bytes, &["bailiwick:tool/types"]);
    assert_eq!(kept.kept, ["bailiwick:tool/types@0.1.0"]);
    // One that nothing names goes.
    let unused = r#"(component
      (import "test:test/unused" (instance
        (type (record (field "a" u32)))
        (export "r" (type (eq 0)))))
      (import "now" (func (result u64))))"#;
    let unused = sealed(&wat::parse_str(unused).unwrap(), &[]);
    assert_eq!(unused.sealed, ["test:test/unused", "now"]);
    assert_eq!(imports(&unused.bytes), [""; 0]);
}

#[test]
fn functions_and_types_of_the_world() {
    let body = "world w {
        use wasi:io/streams@0.2.12.{output-stream};
        import now: func() -> u64;
        import print: func(to: borrow<output-stream>);
        import inline: interface { f: func(); }
        export f: func();
      }";
    let component = component(body);
    let all = sealed(&component, &[]);
    assert_eq!(all.sealed, ["inline", "now"]);
    let reason = "it uses the type `output-stream`, which is imported by itself";
    assert!(all.kept_because.contains(&because("print", reason)));
    let reason = "the imported type `output-stream` uses its resource `output-stream`";
    assert!(
        all.kept_because
            .contains(&because("wasi:io/streams@0.2.12", reason))
    );
    let one = sealed(&component, &["now", "inline"]);
    assert_eq!(one.sealed, [""; 0]);
}

#[test]
fn an_interface_that_is_exported_too() {
    let body = "world w { import wasi:cli/environment@0.2.12; import wasi:cli/exit@0.2.12;
      export wasi:cli/environment@0.2.12; export f: func(); }";
    let sealed = sealed(&component(body), &[]);
    let environment = "wasi:cli/environment@0.2.12";
    assert_eq!(
        sealed.kept_because,
        [because(environment, "it is exported too")]
    );
    assert_eq!(sealed.sealed, ["wasi:cli/exit@0.2.12"]);
}
