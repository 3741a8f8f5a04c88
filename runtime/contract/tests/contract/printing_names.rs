//! Names in a printed WIT: those that are claimed, those that are keywords, and those of other interfaces.

use crate::component::built;
use crate::printing::{annotated, packed, printed};

/// The author's names of world and package are claims, and not everything can be claimed.
#[test]
fn names_that_cannot_be_believed() {
    let body = "interface i { type t = u8; } interface k { use i.{t}; f: func(x: t); } world w { export k; }";
    let named = |package: &str, world: &str| {
        let documented =
            format!("package {package}; /// Claims.\nworld {world} {{ export f: func(); }}");
        let text = printed(&annotated(body, &documented, &|docs| docs.to_owned()));
        let mut lines = text.lines().filter(|line| !line.trim().starts_with("///"));
        let package = lines.next().unwrap().to_owned();
        let world = lines.find(|line| line.starts_with("world ")).unwrap();
        format!("{package} {world}")
    };
    let root = "package root:component; world root {";
    assert_eq!(named("a:b@2.0.0", "c"), "package a:b@2.0.0; world c {");
    assert_eq!(
        named("test:test@1.0.0", "c"),
        "package test:test@1.0.0; world c {"
    );
    assert_eq!(named("test:test@1.0.0", "k"), root);
    assert_eq!(named("wasi:cli@0.2.6", "command"), root);
    assert_eq!(named("bailiwick:fs@0.1.0", "c"), root);
    assert_eq!(named("bailiwick:tool@9.0.0", "c"), root);

    // Another package needs the one that is claimed, which would then need itself.
    let body = "package a:b { interface i { type t = u8; } }
                package c:d { interface k { use a:b/i.{t}; f: func(x: t); } }
                world w { export c:d/k; }";
    let documented = "package a:b; world w { export f: func(); }";
    let text = printed(&annotated(body, documented, &|docs| docs.to_owned()));
    assert!(text.starts_with("package root:component;"), "{text}");
}

#[test]
fn keywords_are_names() {
    let words = [
        "use",
        "type",
        "func",
        "u8",
        "s64",
        "f32",
        "char",
        "resource",
        "record",
        "flags",
        "variant",
        "enum",
        "bool",
        "string",
        "option",
        "result",
        "future",
        "stream",
        "list",
        "own",
        "borrow",
        "as",
        "from",
        "static",
        "interface",
        "tuple",
        "world",
        "import",
        "export",
        "package",
        "with",
        "include",
        "constructor",
        "error-context",
        "async",
        "map",
    ];
    for word in words {
        let body = format!(
            "interface %{word} {{ record %{word} {{ %{word}: u8 }} f: func(%{word}: %{word}); }}
             interface i {{ use %{word}.{{%{word} as x}}; %{word}: func(x: x); }}
             world w {{ import %{word}; export i; export %{word}: func(); }}"
        );
        let text = printed(&built(&body));
        assert!(text.contains(&format!("%{word}: func(x: x);")), "{text}");
        printed(&packed(&body));
    }
}

/// A function of the world names what interfaces have, and the text says from where.
#[test]
fn a_world_says_which_types_it_uses() {
    let text = printed(&wat::parse_str(TWO_OF_ONE_NAME).unwrap());
    for line in [
        "use a:a/one.{%resource};",
        "use a:a/two.{%resource as resource2};",
        "import use-it: func(first: borrow<%resource>, second: tuple<borrow<resource2>, u8>);",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
}

const TWO_OF_ONE_NAME: &str = r#"(component
  (import "a:a/one" (instance $one (export "resource" (type (sub resource)))))
  (alias export $one "resource" (type $one-r))
  (import "a:a/two" (instance $two (export "resource" (type (sub resource)))))
  (alias export $two "resource" (type $two-r))
  (type $first (borrow $one-r))
  (type $second (tuple (borrow $two-r) u8))
  (import "use-it" (func (param "first" $first) (param "second" $second))))"#;
