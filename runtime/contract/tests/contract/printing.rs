//! A component's WIT, printed for a reviewer.

use bailiwick_contract::pack::pack;
use bailiwick_contract::{Contract, Error, wit};
use wit_parser::{Docs, Resolve, SourceMap, TypeDefKind};

use crate::component::{built, component, contracts, files, package, source};

/// The WIT of a component, which parses.
pub(crate) fn printed(bytes: &[u8]) -> String {
    let text = wit::print(bytes).unwrap();
    parsed(&text);
    text
}

pub(crate) fn parsed(text: &str) -> Resolve {
    let mut resolve = Resolve {
        all_features: true,
        ..Resolve::default()
    };
    if let Err(error) = resolve.push_source("printed.wit", text) {
        panic!("{error:?}\n{text}");
    }
    resolve
}

pub(crate) fn packed(body: &str) -> Vec<u8> {
    pack(&built(body), &package(body), "w").unwrap().bytes
}

/// A component of `body` that carries what is written in `documented`, with `change` made to each text of documentation.
pub(crate) fn annotated(body: &str, documented: &str, change: &dyn Fn(&str) -> String) -> Vec<u8> {
    let mut map = SourceMap::default();
    map.push_str("test.wit", documented);
    let mut resolve = Resolve::default();
    let group = map
        .parse()
        .map_err(|(map, error)| error.render(&map))
        .unwrap();
    let package = resolve.push_group(group).unwrap();
    let change = |docs: &mut Docs| {
        if let Some(text) = &mut docs.contents {
            *text = change(text);
        }
    };
    resolve
        .packages
        .iter_mut()
        .for_each(|(_, it)| change(&mut it.docs));
    resolve
        .worlds
        .iter_mut()
        .for_each(|(_, it)| change(&mut it.docs));
    for (_, interface) in resolve.interfaces.iter_mut() {
        change(&mut interface.docs);
        interface
            .functions
            .values_mut()
            .for_each(|it| change(&mut it.docs));
    }
    for (_, ty) in resolve.types.iter_mut() {
        change(&mut ty.docs);
        if let TypeDefKind::Record(record) = &mut ty.kind {
            record.fields.iter_mut().for_each(|it| change(&mut it.docs));
        }
    }
    let mut section = b"\x0dbailiwick:wit".to_vec();
    section.extend(wit_component::encode(&resolve, package).unwrap());
    let mut bytes = built(body);
    bytes.push(0);
    let mut size = section.len();
    while size > 127 {
        bytes.push(size as u8 & 127 | 128);
        size >>= 7;
    }
    bytes.push(size as u8);
    bytes.extend(section);
    bytes
}

/// All of the shipped tool's WIT, as it is in the source.
#[test]
fn the_shipped_tool_is_printed_as_it_was_written() {
    let text = printed(&files());
    let own = contracts()
        .into_iter()
        .find(|source| source.name == "files.wit");
    let own = own.unwrap().text;
    let lines = own.lines().map(str::trim);
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with("include ")) {
        // The package is the one that the text is about, and not nested in it; functions are on one line each.
        let line = line.strip_suffix('(').unwrap_or(line);
        let line = match line.strip_suffix(" {") {
            Some(package) if package.starts_with("package ") => &format!("{package};"),
            _ => line,
        };
        let is_part_of_a_signature = line.ends_with(',') && line.contains(": option<");
        let is_in = text.lines().any(|printed| printed.contains(line));
        assert!(is_in || is_part_of_a_signature, "{line} in\n{text}");
    }
    assert!(
        text.contains("  import bailiwick:fs/read@0.1.0;\n") && text.contains("  export files;\n")
    );
    // Documentation of what every tool shares.
    assert!(text.contains("  /// What to try next."), "{text}");
    assert!(!text.lines().any(|line| line.trim().starts_with("// ")));
}

/// What is printed is what a reviewer could have written: packed again, it says the same.
#[test]
fn what_is_printed_can_be_packed_again() {
    let text = printed(&files());
    let sources = [source("printed.wit", &text)];
    let again = component(&sources, "bailiwick:files/tool");
    let again = pack(&again, &sources, "tool").unwrap().bytes;
    assert_eq!(printed(&again), text);
    let functions = |bytes: &[u8]| {
        let functions = Contract::read(bytes).unwrap().functions;
        functions
            .iter()
            .map(|function| format!("{} {:?}", function.signature(), function.docs))
            .collect::<Vec<_>>()
    };
    assert_eq!(functions(&again), functions(&files()));
}

#[test]
fn without_documentation_there_are_only_types() {
    let text = printed(&built(
        "interface i { enum e { a, b } f: func(x: e); } world w { export i; }",
    ));
    assert_eq!(
        text,
        "package root:component;\n\nworld root {\n  export test:test/i@1.0.0;\n}\n\
         \npackage test:test@1.0.0 {\n  interface i {\n    enum e {\n      a,\n      b,\n    }\n\n    f: func(x: e);\n  }\n}\n"
    );
}

#[test]
fn everything_that_has_documentation() {
    let body = "/// About i.
        interface i {
          /// About h.
          resource h {
            /// About m.
            m: func();
          }
          /// About size.
          type size = u64;
          /// About r.
          record r { /// About a.
            a: size }
          /// About v.
          variant v { /// About b.
            b(r), c }
          /// About e.
          enum e { /// About d.
            d }
          /// About l.
          flags l { /// About g.
            g }
          /// About f.
          f: func(x: v, y: e, z: l);
        }
        interface j { use i.{v, e, l}; call: func(x: v, y: e, z: l); }
        /// About w.
        world w {
          /// About importing.
          import i;
          /// About outside.
          import outside: func();
          /// About inner.
          import inner: interface {
            /// About in-it.
            in-it: func();
          }
          export j;
          /// About work.
          export work: func();
        }";
    let text = printed(&packed(body));
    for name in [
        "i",
        "h",
        "m",
        "size",
        "r",
        "a",
        "v",
        "b",
        "e",
        "d",
        "l",
        "g",
        "f",
        "w",
        "importing",
        "outside",
        "inner",
        "in-it",
        "work",
    ] {
        let docs = format!("/// About {name}.\n");
        assert_eq!(text.matches(&docs).count(), 1, "{name} in\n{text}");
    }
    assert!(text.starts_with("package test:test@1.0.0;\n"), "{text}");
}

/// The comment has the name by which the type was defined, past every alias.
#[test]
fn other_names_have_a_comment() {
    let text = printed(&built(
        "package bailiwick:fs@0.1.0 { interface write { resource write-dir; record writable { path: string } } }
         interface near { use bailiwick:fs/write@0.1.0.{write-dir as read-dir}; type same = read-dir; }
         interface far {
           use near.{read-dir, same};
           use bailiwick:fs/write@0.1.0.{writable as readable, write-dir};
           type number = u32;
           f: func(a: borrow<read-dir>, b: readable, c: number, d: borrow<write-dir>, e: borrow<same>);
         }
         world w { export far; }",
    ));
    let after = |line: &str| {
        let at = text
            .find(line)
            .unwrap_or_else(|| panic!("{line} in\n{text}"));
        text[at + line.len()..].lines().nth(1).unwrap().trim()
    };
    let handle = "// read-dir is bailiwick:fs/write@0.1.0#write-dir";
    assert_eq!(text.matches(handle).count(), 2, "{text}");
    assert_eq!(
        after(handle),
        "use bailiwick:fs/write@0.1.0.{write-dir as read-dir};"
    );
    assert!(
        text.contains(&format!("    {handle}\n    use near.{{read-dir}};\n")),
        "{text}"
    );
    assert_eq!(
        after("// same is bailiwick:fs/write@0.1.0#write-dir"),
        "type same = read-dir;"
    );
    assert_eq!(
        after("// readable is bailiwick:fs/write@0.1.0#writable"),
        "use bailiwick:fs/write@0.1.0.{writable as readable};"
    );
    assert!(
        !text.contains("// write-dir") && !text.contains("// number"),
        "{text}"
    );
}

/// A terminal obeys nothing of it, and no comment ends early.
#[test]
fn what_is_hidden_in_documentation_is_written_out() {
    let body = "interface i { record r { a: u8 } f: func(x: r); } world w { export i; }";
    let documented = "/// P
        package test:test@1.0.0;
        /// I
        interface i {
          /// R
          record r { /// A
            a: u8 }
          /// F
          f: func(x: r);
        }
        /// W
        world w { export i; }";
    let hostile = [
        "*/ } world evil {} /*",
        "\u{1b}[2J\u{7}\u{9b}31m",
        "\u{202e}\u{2066}\u{200b}\u{e0041}\u{feff}",
        "\u{149}\u{673}\u{f77}\u{f79}\u{17a3}\u{17a4}\u{17b4}\u{17b5}",
        "a\r\nb\rc\u{85}d\u{2028}e\u{b}f\u{c}g\0",
        "\u{1}0 is nothing",
        "\n\n  \n }\n;\n```\n",
        "///",
        "// read-dir is bailiwick:fs/read@0.1.0#read-dir",
    ];
    for text in hostile {
        let bytes = annotated(body, documented, &|docs| format!("{docs}{text}"));
        assert_eq!(Contract::read(&bytes).unwrap().findings, []);
        let printed = printed(&bytes);
        for c in printed.chars() {
            assert!(c == '\n' || !c.is_control(), "{c:?} in\n{printed}");
        }
        assert_eq!(bailiwick_contract::visible::text(&printed), printed);
        // What is not documentation is as it was.
        let code = |text: &str| {
            let lines = text.lines().filter(|line| !line.trim().starts_with("///"));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let plain = annotated(body, documented, &|docs| docs.to_owned());
        assert_eq!(code(&printed), code(&wit::print(&plain).unwrap()));
        let shown = bailiwick_contract::visible::text(text.trim());
        let first = shown.lines().next().unwrap();
        if !first.contains('\u{149}') {
            let documented = printed
                .lines()
                .filter(|line| line.trim().starts_with("///"));
            assert_eq!(
                documented.filter(|line| line.contains(first)).count(),
                6,
                "{first} in\n{printed}"
            );
        }
    }
}

#[test]
fn documentation_of_something_else_is_not_shown() {
    let body = "interface i { record r { a: u8 } f: func(x: r); g: func(); } world w { export i; }";
    let documented = "package test:test@1.0.0;
        interface i {
          /// Wrong.
          record r { /// Wrong.
            a: u16 }
          /// Wrong.
          f: func(x: r, y: u8);
          /// Right.
          g: func();
          /// Wrong.
          h: func();
        }
        world w { export i; }";
    let text = printed(&annotated(body, documented, &|docs| docs.to_owned()));
    assert!(
        text.contains("/// Right.") && !text.contains("Wrong"),
        "{text}"
    );
    assert!(
        text.contains("a: u8,") && !text.contains("h: func"),
        "{text}"
    );
}

#[test]
fn long_documentation_is_left_out_with_a_comment() {
    let body = "interface i { f: func(); g: func(); } world w { export i; }";
    let documented = "package test:test@1.0.0;
        interface i {
          /// Long.
          f: func();
          /// Short.
          g: func();
        }
        world w { export i; }";
    let change = |docs: &str| match docs {
        "Long." => "x\n".repeat(1 << 20),
        docs => docs.to_owned(),
    };
    let text = printed(&annotated(body, documented, &change));
    assert!(text.len() < 1_000, "{text}");
    assert!(
        text.contains(
            "  // documentation of 2097151 bytes is left out: a text may have at most 16 KiB\n  f: func();\n"
        ),
        "{text}"
    );
    assert!(text.contains("  /// Short.\n  g: func();\n"), "{text}");
}

/// A reviewer may look at more than can be called.
#[test]
fn what_is_no_tool_is_printed() {
    let text = printed(&built(
        "interface i {
           resource r { constructor(x: u8); make: static func() -> r; use-it: func(other: borrow<r>) -> r; }
           f: func() -> stream<u8>;
           g: async func(x: future<string>) -> map<string, list<u8, 4>>;
         }
         world w { import outer: interface { resource s; } export i; }",
    ));
    for line in [
        "constructor(x: u8);",
        "make: static func() -> r;",
        "use-it: func(other: borrow<r>) -> r;",
        "f: func() -> stream<u8>;",
        "g: async func(x: future<string>) -> map<string, list<u8, 4>>;",
        "import outer: interface {",
        "resource s;",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
}

/// A name that is long, written for each of those who mean it.
#[test]
fn what_grows_without_end_is_refused() {
    let body = |functions: usize| {
        let name = "n".repeat(90_000);
        let mut body = format!("interface i {{ enum {name} {{ a }}\n");
        for number in 0..functions {
            body += &format!("call{number}: func(x: {name});\n");
        }
        built(&format!("{body}}} world w {{ import i; }}"))
    };
    assert!(wit::print(&body(300)).is_ok());
    assert_eq!(wit::print(&body(400)).unwrap_err(), Error::WitTooLarge);
    assert_eq!(
        Error::WitTooLarge.to_string(),
        "its WIT is longer than 32 MiB"
    );
}

#[test]
fn what_is_no_component_is_refused() {
    assert_eq!(wit::print(b"").unwrap_err(), Error::Empty);
    assert_eq!(
        wit::print(b"\0asm\x01\0\0\0").unwrap_err(),
        Error::CoreModule
    );
    let encoded = {
        let mut resolve = Resolve::default();
        let package = resolve
            .push_source("a.wit", "package a:b; interface i { f: func(); }")
            .unwrap();
        wit_component::encode(&resolve, package).unwrap()
    };
    assert_eq!(wit::print(&encoded).unwrap_err(), Error::WitPackage);
    let bytes = wat::parse_str("(component (import \"m\" (core module)))").unwrap();
    assert!(matches!(
        wit::print(&bytes).unwrap_err(),
        Error::UnsupportedImport { .. }
    ));
}

/// Cut off anywhere, it is printed and parses, or it is an error.
#[test]
fn cut_off_at_every_length() {
    let bytes = packed(
        "interface i { record r { a: u8 } f: func(x: r); } world w { import i; export g: func(); }",
    );
    let mut printed = 0;
    for length in 0..bytes.len() {
        if let Ok(text) = wit::print(&bytes[..length]) {
            parsed(&text);
            printed += 1;
        }
    }
    assert!(printed > 2);
}
