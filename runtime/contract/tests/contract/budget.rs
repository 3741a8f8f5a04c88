//! What is short in a component stays short in what is shown of it, to a model or in a message.

use bailiwick_contract::{Contract, Error, Function};
use wit_parser::{Resolve, SourceMap};

use crate::component::{built, contract};

const MIB: usize = 1 << 20;

/// All that is shown of a function besides its own documentation.
fn shown(function: &Function) -> usize {
    function.input_schema().to_string().len()
        + function.output_schema().to_string().len()
        + function.signature().len()
}

/// A component with documentation that no author could pack.
fn annotated(body: &str) -> Vec<u8> {
    let mut map = SourceMap::default();
    map.push_str("test.wit", format!("package test:test@1.0.0;\n{body}"));
    let mut resolve = Resolve::default();
    let group = map
        .parse()
        .map_err(|(map, error)| error.render(&map))
        .unwrap();
    let package = resolve.push_group(group).unwrap();
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

fn codes(contract: &Contract) -> Vec<(&str, &str)> {
    let findings = contract.findings.iter();
    findings
        .map(|finding| (finding.code, &*finding.message))
        .collect()
}

/// A function `f` in an interface, with one name in it that is `NAME`.
const NAMED: [(&str, &str); 5] = [
    ("function", "interface i { NAME: func(); }"),
    ("parameter", "interface i { f: func(NAME: u8); }"),
    (
        "field",
        "interface i { record t { NAME: u8 } f: func(x: list<t>); }",
    ),
    (
        "case",
        "interface i { variant t { a, NAME(u8) } f: func(x: t); }",
    ),
    ("type", "interface i { enum NAME { a } f: func() -> NAME; }"),
];

#[test]
fn names_are_short() {
    for (what, body) in NAMED {
        let read = |length: usize| {
            let body = body.replace("NAME", &"n".repeat(length));
            Contract::read(&built(&format!("{body} world w {{ export i; }}")))
        };
        assert!(read(128).is_ok(), "{what}");
        let function = match what {
            "function" => "n".repeat(129),
            _ => "f".into(),
        };
        assert_eq!(
            read(129).unwrap_err().to_string(),
            format!(
                "the {what} `{}…` of function `test:test/i@1.0.0#{function}` has 129 bytes: its name may have at most 128",
                "n".repeat(40)
            )
        );
    }
}

#[test]
fn names_of_interfaces_are_short() {
    let read = |length: usize| {
        let name = "n".repeat(length);
        Contract::read(&built(&format!(
            "interface {name} {{ f: func(); }} world w {{ export {name}; }}"
        )))
    };
    assert!(read(240).is_ok());
    let error = read(50_000).unwrap_err();
    let Error::LongName { what, length, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!((*what, *length), ("interface", 50_016));
    assert!(error.to_string().len() < 500, "{error}");
}

/// A name that is long, or a long list of names, shown once for each place that names it.
#[test]
fn references_to_long_words() {
    let tuple = |case: &str, count: usize| {
        format!(
            "interface i {{ enum e {{ {case} }} f: func(x: tuple<{}>); }} world w {{ export i; }}",
            vec!["e"; count].join(", ")
        )
    };
    let error = Contract::read(&built(&tuple(&"c".repeat(60_000), 3_000))).unwrap_err();
    assert!(
        matches!(
            &error,
            Error::LongName {
                what: "case",
                length: 60_000,
                ..
            }
        ),
        "{error}"
    );
    let cases: Vec<_> = (0..1_000).map(|at| format!("case-{at}")).collect();
    let error = Contract::read(&built(&tuple(&cases.join(", "), 3_000))).unwrap_err();
    assert!(matches!(error, Error::TooComplex { .. }), "{error}");
}

/// Whatever a tuple is made of: it is refused, or what is shown of it is bounded.
#[test]
fn schemas_of_every_kind_are_bounded() {
    let kinds = [
        "u64",
        "f32",
        "bool",
        "option<bool>",
        "option<option<u8>>",
        "result",
        "result<u64, u64>",
        "borrow<d>",
        "r",
        "v",
        "e",
        "g",
    ];
    for kind in kinds {
        let mut largest = 0;
        let mut is_refused = false;
        for count in [1_000, 3_000, 4_500, 6_500, 9_500] {
            let tuple = vec![kind; count].join(", ");
            let body = format!(
                "interface types {{
                   resource d;
                   record r {{ first: u64, s: f64 }}
                   variant v {{ one, two(s64), three }}
                   enum e {{ one, two, three }}
                   flags g {{ one, two, three }}
                 }}
                 interface i {{ use types.{{d, r, v, e, g}}; f: func(x: tuple<{tuple}>); }}
                 world w {{ export i; }}"
            );
            match Contract::read(&built(&body)) {
                Ok(contract) => largest = largest.max(shown(&contract.functions[0])),
                Err(error) => {
                    assert!(matches!(error, Error::TooComplex { .. }), "{error}");
                    is_refused = true;
                }
            }
        }
        assert!((1..=MIB).contains(&largest), "{kind}: {largest}");
        assert!(is_refused || kind == "bool", "{kind}");
    }
}

#[test]
fn all_functions_together_are_bounded() {
    let cases: Vec<_> = (0..500).map(|at| format!("case-{at}")).collect();
    let tuple = vec!["e"; 100].join(", ");
    let read = |count: usize| {
        let functions = (0..count).map(|at| format!("f-n{at}: func(x: tuple<{tuple}>);"));
        let body = format!(
            "interface i {{ enum e {{ {} }} {} }} world w {{ export i; }}",
            cases.join(", "),
            functions.collect::<String>()
        );
        Contract::read(&built(&body))
    };
    let contract = read(20).unwrap();
    let all: usize = contract.functions.iter().map(shown).sum();
    assert!((10 * MIB..=16 * MIB).contains(&all), "{all}");
    assert!(matches!(read(40), Err(Error::TooComplex { .. })));
}

/// Documentation of a type is shown wherever the type is named.
#[test]
fn documentation_that_does_not_fit_is_left_out() {
    let long = "long ".repeat(3_000);
    let tuple = vec!["t"; 100].join(", ");
    let contract = Contract::read(&annotated(&format!(
        "interface i {{
           /// {long}
           record t {{ a: u8 }}
           /// About many.
           /// - `x`: about x.
           many: func(x: tuple<{tuple}>);
           /// About one.
           one: func(x: t);
         }}
         world w {{ export i; }}"
    )))
    .unwrap();
    assert_eq!(
        codes(&contract),
        [(
            "docs-too-large",
            "documentation of the types of function `test:test/i@1.0.0#many` is left out: all that is shown of a function \
             may have at most 1 MiB (16 MiB for all functions)"
        )]
    );
    let (many, one) = (&contract.functions[0], &contract.functions[1]);
    assert_eq!(many.docs.text, "About many.");
    let schema = many.input_schema();
    let x = &schema["properties"]["x"];
    assert_eq!(x["description"], "about x.");
    assert_eq!(x["prefixItems"][99]["description"], serde_json::Value::Null);
    assert!(shown(many) < MIB / 10);
    let described = &one.input_schema()["properties"]["x"]["description"];
    assert_eq!(described, long.trim());
}

#[test]
fn functions_share_the_room_for_documentation() {
    let long = "long ".repeat(3_000);
    let tuple = vec!["t"; 60].join(", ");
    let functions = (0..40).map(|at| format!("f-n{at}: func(x: tuple<{tuple}>);"));
    let contract = Contract::read(&annotated(&format!(
        "interface i {{
           /// {long}
           record t {{ a: u8 }}
           {}
         }}
         world w {{ export i; }}",
        functions.collect::<String>()
    )))
    .unwrap();
    let all: usize = contract.functions.iter().map(shown).sum();
    assert!((8 * MIB..=16 * MIB).contains(&all), "{all}");
    assert!(contract.findings.len() > 10);
    assert!(
        codes(&contract)
            .iter()
            .all(|(code, _)| *code == "docs-too-large")
    );
}

/// Written out, a control character is six.
#[test]
fn room_is_counted_as_json() {
    let marks = "######".repeat(2_000);
    let controls = "\\u0001".repeat(2_000);
    let tuple = vec!["t"; 100].join(", ");
    let mut bytes = annotated(&format!(
        "interface i {{
           /// {marks}
           record t {{ a: u8 }}
           one: func(x: t);
           many: func(x: tuple<{tuple}>);
         }}
         world w {{ export i; }}"
    ));
    let mut windows = bytes.windows(marks.len());
    let at = windows
        .position(|window| window == marks.as_bytes())
        .unwrap();
    bytes[at..at + marks.len()].copy_from_slice(controls.as_bytes());
    let contract = Contract::read(&bytes).unwrap();
    let (one, many) = (&contract.functions[0], &contract.functions[1]);
    assert_eq!(
        one.input_schema()["properties"]["x"]["description"],
        "\u{1}".repeat(2_000)
    );
    assert!(shown(many) <= MIB);
    let codes = codes(&contract);
    assert_eq!((codes.len(), codes[0].0), (1, "docs-too-large"));
}

#[test]
fn single_texts_are_bounded() {
    let long = "long ".repeat(4_000);
    let contract = Contract::read(&annotated(&format!(
        "/// {long}
         interface i {{
           /// About t.
           record t {{
             /// {long}
             a: u8,
             /// About b.
             b: u8,
           }}
           /// {long}
           /// - `x`: {long}
           /// - `y`: about y.
           /// @example {{\"x\": {{\"a\": 1, \"b\": 1}}, \"y\": \"{long}\"}}
           /// @example {{\"x\": {{\"a\": 1, \"b\": 1}}, \"y\": \"short\"}}
           /// @idempotent
           f: func(x: t, y: string);
         }}
         world w {{ export i; }}"
    )))
    .unwrap();
    let told =
        |what: &str| format!("documentation of {what} is left out: a text may have at most 16 KiB");
    let messages: Vec<_> = codes(&contract)
        .into_iter()
        .map(|(code, message)| {
            assert_eq!(code, "docs-too-large");
            message.to_owned()
        })
        .collect();
    assert_eq!(
        messages,
        [
            told("type `t` or of a part of it"),
            told("function `test:test/i@1.0.0#f`"),
            told("parameter `x` of function `test:test/i@1.0.0#f`"),
            told("an @example of function `test:test/i@1.0.0#f`"),
            told("the component as a whole"),
        ]
    );
    let f = &contract.functions[0];
    assert_eq!((&*contract.docs, &*f.docs.text), ("", ""));
    assert!(f.docs.idempotent);
    assert_eq!(f.docs.examples.len(), 1);
    let properties = &f.input_schema()["properties"];
    assert_eq!(properties["x"]["description"], "About t.");
    assert_eq!(
        properties["x"]["properties"]["b"]["description"],
        "About b."
    );
    assert_eq!(
        properties["x"]["properties"]["a"]["description"],
        serde_json::Value::Null
    );
    assert_eq!(properties["y"]["description"], "about y.");
}

/// As many problems as an author can use.
#[test]
fn problems_are_told_up_to_a_number() {
    let contract = Contract::read(&annotated(&format!(
        "world w {{
           {}
           export f: func(x: u8);
           {}
           export g: func(x: u8);
         }}",
        "/// - `no`: such parameter\n".repeat(1_000),
        "/// @example {}\n".repeat(1_000),
    )))
    .unwrap();
    let count = |wanted: &str| {
        let codes = codes(&contract);
        codes.iter().filter(|(code, _)| *code == wanted).count()
    };
    assert_eq!((count("docs-problem"), count("example-mismatch")), (16, 16));
    assert_eq!(contract.functions[1].docs.examples.len(), 0);
}

/// An example stands in a message, so it is cut much sooner than a schema.
#[test]
fn examples_are_bounded() {
    let name = "n".repeat(100);
    let body = format!(
        "interface i {{
           record r {{ {name}: u8 }}
           enum {name} {{ {name} }}
           variant v {{ {name}({name}) }}
           f: func(x: tuple<{}>);
           g: func(x: tuple<{}>, y: list<{name}>);
           h: func(x: tuple<{}>);
         }}
         world w {{ export i; }}",
        vec!["r"; 2_000].join(", "),
        vec![&*name; 2_000].join(", "),
        vec!["v"; 1_000].join(", "),
    );
    for function in contract(&body).functions {
        let example = function.example();
        let items = example["x"].as_array().unwrap().len();
        assert!((50..900).contains(&items), "{items}");
        let length = example.to_string().len();
        assert!((8 << 10..17 << 10).contains(&length), "{length}");
    }
}
