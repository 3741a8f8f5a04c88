//! What is put into a component, and what keeps it from being packed.

use bailiwick_contract::pack::{PackError, Source, pack};
use bailiwick_contract::{Contract, Type};

use crate::component::{built, component, contracts, files, package, source};

fn pack_error(body: &str, component: &[u8]) -> String {
    pack(component, &package(body), "w")
        .unwrap_err()
        .to_string()
}

/// Why a component that is just what `body` says is not packed.
fn own_error(body: &str) -> String {
    pack_error(body, &built(body))
}

fn custom_names(bytes: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(bytes) {
        if let wasmparser::Payload::CustomSection(section) = payload.unwrap() {
            names.push(section.name().to_owned());
        }
    }
    names
}

#[test]
fn counts_what_it_checked() {
    let sources = contracts();
    let bytes = component(&sources, "bailiwick:files/tool");
    let packed = pack(&bytes, &sources, "bailiwick:files/tool").unwrap();
    assert_eq!((packed.functions, packed.examples), (4, 8));
    wasmparser::Validator::new()
        .validate_all(&packed.bytes)
        .unwrap();
}

#[test]
fn packing_again_changes_nothing() {
    let packed = files();
    for world in ["tool", "bailiwick:files/tool", "bailiwick:files/tool@0.1.0"] {
        assert_eq!(pack(&packed, &contracts(), world).unwrap().bytes, packed);
    }
    let mut reversed = contracts();
    reversed.reverse();
    assert_eq!(pack(&packed, &reversed, "tool").unwrap().bytes, packed);
}

/// One section for the tool's own package. What every reader has is not carried along.
#[test]
fn leaves_out_what_is_not_needed() {
    let sources = contracts();
    let mut bytes = component(&sources, "bailiwick:files/tool");
    let before = custom_names(&bytes);
    assert!(before.iter().any(|name| name == "producers"));
    // What debuggers and toolchains leave behind, at the end of the component.
    for name in [
        "name",
        ".debug_info",
        "target_features",
        "component-type:tool",
        "kept",
    ] {
        let mut section = vec![name.len() as u8];
        section.extend(name.bytes());
        bytes.push(0);
        bytes.push(section.len() as u8);
        bytes.extend(section);
    }
    let packed = pack(&bytes, &sources, "tool").unwrap().bytes;
    let after = custom_names(&packed);
    assert_eq!(
        after.iter().filter(|name| *name == "bailiwick:wit").count(),
        1
    );
    for name in ["producers", "kept"] {
        assert!(
            after.iter().any(|after| after == name),
            "{name} in {after:?}"
        );
    }
    for name in [
        "name",
        ".debug_info",
        "target_features",
        "component-type:tool",
        "component-name",
    ] {
        assert!(
            !after.iter().any(|after| after == name),
            "{name} in {after:?}"
        );
    }
}

/// Types of other packages come with their documentation, from other folders too.
#[test]
fn carries_the_packages_that_it_uses() {
    let library = "package acme:shapes@2.0.0;
        /// About shapes.
        interface shapes {
          /// A shape.
          record shape {
            /// How many corners.
            corners: u32,
          }
        }
        /// Another world, which is nobody's business.
        world other { export shapes; }";
    let tool = "package acme:tool;
        /// Draws.
        world w {
          use acme:shapes/shapes@2.0.0.{shape};
          /// Draw it.
          /// @example {\"it\": {\"corners\": 3}}
          export draw: func(it: shape);
        }";
    let sources = [
        Source {
            group: 0,
            ..source("tool.wit", tool)
        },
        Source {
            group: 7,
            ..source("shapes.wit", library)
        },
    ];
    let nested = format!("{tool}\n{}", library.replacen(';', " {", 1) + "}");
    let bytes = component(&[source("all.wit", &nested)], "w");
    let packed = pack(&bytes, &sources, "acme:tool/w").unwrap();
    let contract = Contract::read(&packed.bytes).unwrap();
    assert_eq!(contract.docs, "Draws.");
    assert_eq!(contract.findings, []);
    let Type::Record(shape) = &contract.functions[0].params[0].ty else {
        panic!("a record")
    };
    assert_eq!(
        (&*shape.docs, &*shape.items[0].docs),
        ("A shape.", "How many corners.")
    );
    assert_eq!(
        custom_names(&packed.bytes)
            .iter()
            .filter(|name| *name == "bailiwick:wit")
            .count(),
        2
    );
}

/// What a toolchain adds is told by the author's world, whatever it is called.
#[test]
fn only_what_the_author_wrote_is_a_tool() {
    let built = built("world w { export f: func(); export strange-setup: func(x: u64); }");
    let packed = pack(&built, &package("world w { export f: func(); }"), "w").unwrap();
    assert_eq!(packed.functions, 1);
    let contract = Contract::read(&packed.bytes).unwrap();
    assert_eq!(contract.extra[0].name, "strange-setup");
    assert_eq!(
        contract.extra[0].reason,
        "the author's world does not export it"
    );
}

/// An interface that the world writes down itself has its documentation there, too.
#[test]
fn interfaces_within_a_world_are_documented() {
    let contract = crate::component::documented(
        "world w {
           export paint: interface {
             /// Which one.
             enum colour {
               /// Like blood.
               red,
             }
             /// Mix.
             /// - `BASE-colour`: to begin with.
             mix: func(BASE-colour: colour);
           }
         }",
    );
    let mix = contract.function("mix").unwrap();
    assert_eq!(mix.docs.text, "Mix.");
    let param = &mix.params[0];
    assert_eq!((&*param.name, &*param.key), ("BASE-colour", "base_colour"));
    assert_eq!(param.docs, "to begin with.");
    let Type::Enum(colour) = &param.ty else {
        panic!("an enum")
    };
    assert_eq!(
        (&*colour.docs, &*colour.items[0].docs),
        ("Which one.", "Like blood.")
    );
    assert_eq!(&*colour.name.interface, "paint");
}

#[test]
fn worlds_that_are_not_there() {
    let sources = contracts();
    let bytes = component(&sources, "bailiwick:files/tool");
    let error = |world: &str| pack(&bytes, &sources, world).unwrap_err().to_string();
    assert_eq!(
        error("bailiwick:files/tol"),
        "there is no world `bailiwick:files/tol`; there is `bailiwick:files/tool@0.1.0`"
    );
    assert!(
        error("zzz").contains("`bailiwick:tool/pure@0.1.0`"),
        "{}",
        error("zzz")
    );
    let two = [source(
        "a.wit",
        "package a:a; package b:b { world w {} } package c:c { world w {} }",
    )];
    assert_eq!(
        pack(&bytes, &two, "w").unwrap_err(),
        PackError::AmbiguousWorld {
            world: "w".into(),
            known: vec!["b:b/w".into(), "c:c/w".into()]
        }
    );
    assert_eq!(
        pack(&bytes, &[], "w").unwrap_err().to_string(),
        "there is no world `w`; there is none"
    );
}

#[test]
fn wit_that_does_not_parse() {
    let bytes = built("world w { export f: func(); }");
    let message = pack_error("world w { export f: fnc(); }", &bytes);
    assert!(message.contains("test.wit:2:24"), "{message}");
    let message = pack_error("world w { import nothing; }", &bytes);
    assert!(
        message.contains("nothing") && message.contains("test.wit:2:18"),
        "{message}"
    );
}

#[test]
fn components_that_are_not_what_their_wit_says() {
    let bytes = built("world w { export f: func(); }");
    assert_eq!(
        pack_error(
            "world w {\n export f: func();\n export g: func(); }",
            &bytes
        ),
        "test.wit:4:9: the world exports `g`, but the component does not"
    );
    assert_eq!(
        pack_error("world w { export f: func(x: u8); }", &bytes),
        "test.wit:2:18: function `f` is not what the component exports: `func()`"
    );
    // The function is the same by names, the type that it names is not.
    let world = |fields: &str| {
        format!("interface i {{ record r {{ {fields} }} f: func(x: r); }} world w {{ export i; }}")
    };
    assert_eq!(
        pack_error(&world("a: u8"), &built(&world("a: u16"))),
        "type `r` is not what its documentation describes: it is `record { a: u16 }`, not `record { a: u8 }`"
    );
    let module = wat::parse_str("(module)").unwrap();
    assert_eq!(
        pack(&module, &contracts(), "tool").unwrap_err(),
        PackError::Component(bailiwick_contract::Error::CoreModule)
    );
}

#[test]
fn documentation_that_does_not_fit() {
    let with = |docs: &str| format!("world w {{\n{docs}\nexport f: func(max-size: u8); }}");
    let failed = |docs: &str| own_error(&with(docs));
    assert_eq!(
        failed("/// - `max-sise`: how many."),
        "test.wit:4:8: function `f`: a list item describes `max-sise`, which is not a parameter; did you mean `max-size`?"
    );
    assert_eq!(
        failed("/// @example {\"max_size\": 300}"),
        "test.wit:4:8: function `f`: @example {\"max_size\":300}: $.max_size: expected a whole number from 0 to 255, got 300"
    );
    assert_eq!(
        failed("/// @example {}"),
        "test.wit:4:8: function `f`: @example {}: missing argument `max_size`, expected a whole number from 0 to 255"
    );
    assert_eq!(
        failed("/// @example max_size=3"),
        "test.wit:4:8: function `f`: @example max_size=3: not JSON: expected value at line 1 column 1"
    );
    assert_eq!(
        failed("/// @text please"),
        "test.wit:4:8: function `f`: `@text please`: nothing may follow this tag in its line"
    );
}

#[test]
fn functions_that_cannot_be_called() {
    assert_eq!(
        own_error("world w { export f: func(x: stream<u8>); }"),
        "function `f` uses `stream`, which has no value that JSON could tell"
    );
}

/// Code that does not validate is found when it is packed, and not when it first runs.
#[test]
fn code_that_is_not_valid() {
    let bytes = wat::parse_str("(component (core module (func (result i32))))").unwrap();
    let error = pack(&bytes, &package("world w {}"), "w")
        .unwrap_err()
        .to_string();
    assert!(error.contains("type mismatch"), "{error}");
}

/// Documentation that a component carries is checked when it is read, for it may have been packed by something else.
#[test]
fn documentation_of_something_else_is_not_taken() {
    let body = |ty: &str, field: &str| {
        format!(
            "interface i {{
               /// About r.
               record r {{ {field}: u8 }}
               /// About f.
               /// @example {{\"x\": 1}}
               f: func(x: {ty});
               /// About g.
               g: func(r: r);
             }}
             /// About the world.
             world w {{ export i; }}"
        )
    };
    let packed = |body: &str| pack(&built(body), &package(body), "w").unwrap().bytes;
    let other = packed(&body("u8", "a"));
    let section = wasmparser::Parser::new(0)
        .parse_all(&other)
        .find_map(|payload| match payload.unwrap() {
            wasmparser::Payload::CustomSection(section) if section.name() == "bailiwick:wit" => {
                Some(other[section.range().start..section.range().end].to_vec())
            }
            _ => None,
        })
        .unwrap();
    let mut bytes = built(&body("u16", "b"));
    bytes.push(0);
    let mut size = section.len();
    while size > 127 {
        bytes.push(size as u8 & 127 | 128);
        size >>= 7;
    }
    bytes.push(size as u8);
    bytes.extend(section);

    let contract = Contract::read(&bytes).unwrap();
    let findings: Vec<_> = contract
        .findings
        .iter()
        .map(|finding| (finding.code, &*finding.message))
        .collect();
    assert_eq!(
        findings,
        [
            (
                "docs-mismatch",
                "function `f` is not what its documentation describes: it is `func(x: u16)`, not `func(x: u8)`"
            ),
            (
                "docs-mismatch",
                "type `r` is not what its documentation describes: it is `record { b: u8 }`, not `record { a: u8 }`"
            ),
        ]
    );
    let f = contract.function("f").unwrap();
    assert_eq!((&*f.docs.text, f.docs.examples.len()), ("", 0));
    let g = contract.function("g").unwrap();
    assert_eq!(g.docs.text, "About g.");
    let Type::Record(r) = &g.params[0].ty else {
        panic!("a record")
    };
    assert_eq!(r.docs, "");
}

#[test]
fn sections_that_make_no_sense_are_findings() {
    let mut bytes = built("world w { export f: func(); }");
    let module = wat::parse_str("(module)").unwrap();
    let component = wat::parse_str("(component)").unwrap();
    for data in [&b""[..], b"nonsense", &module, &component] {
        let mut section = b"\x0dbailiwick:wit".to_vec();
        section.extend(data);
        bytes.push(0);
        bytes.push(section.len() as u8);
        bytes.extend(section);
    }
    let contract = Contract::read(&bytes).unwrap();
    assert_eq!(contract.functions.len(), 1);
    let findings: Vec<_> = contract
        .findings
        .iter()
        .map(|finding| &*finding.message)
        .collect();
    assert_eq!(
        findings,
        [
            "a section `bailiwick:wit` is left out: the file is empty",
            "a section `bailiwick:wit` is left out: this is not WebAssembly: it begins with \"nonsense\", and a component with \"\\0asm\"",
            "a section `bailiwick:wit` is left out: this is a core module, not a component: build it for wasm32-wasip2, or wrap it with `wasm-tools component new`",
            "a section `bailiwick:wit` is left out: it holds a component and not a WIT package",
        ]
    );
    assert!(
        contract
            .findings
            .iter()
            .all(|finding| finding.code == "docs-unreadable")
    );
}
