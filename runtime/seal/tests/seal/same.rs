//! A sealed component is what it was, but for its imports.

use bailiwick_contract::Contract;
use bailiwick_contract::pack::pack;
use bailiwick_seal::seal;
use wasmparser::{Parser, Payload};

use crate::component::{component, sealed, sources};

const TOOL: &str = "
/// Looks at things.
///
/// It never looks twice.
interface tools {
  use bailiwick:fs/read@0.1.0.{read-dir, kind};
  use bailiwick:tool/types@0.1.0.{tool-error, content};
  use wasi:clocks/wall-clock@0.2.12.{datetime};
  /// What was seen.
  record seen {
    /// What kind.
    kind: kind,
    /// When.
    at: option<datetime>,
    /// More of it.
    more: list<content>,
  }
  /// Look at a thing.
  ///
  /// - `dir`: where it is.
  /// - `name`: what it is called.
  ///
  /// @example {\"dir\": \".\", \"name\": \"thing\"}
  /// @idempotent
  look: func(dir: borrow<read-dir>, name: string) -> result<seen, tool-error>;
  /// Do nothing.
  rest: func();
}
/// A world of tools.
world w {
  import wasi:cli/stdout@0.2.12;
  import wasi:cli/environment@0.2.12;
  import wasi:filesystem/preopens@0.2.12;
  import bailiwick:tool/progress@0.1.0;
  export tools;
  /// By itself.
  export alone: func(text: string) -> string;
  export wasi:cli/run@0.2.12;
}";

fn packed() -> Vec<u8> {
    pack(&component(TOOL), &sources(TOOL), "w").unwrap().bytes
}

/// Names of custom sections, with how deep they are.
fn customs(bytes: &[u8]) -> Vec<(usize, String)> {
    let (mut depth, mut customs) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.unwrap() {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::CustomSection(section) => customs.push((depth, section.name().to_owned())),
            _ => {}
        }
    }
    customs
}

#[test]
fn functions_documentation_and_producers() {
    let bytes = packed();
    let sealed = sealed(&bytes, &[]);
    let (before, after) = (
        Contract::read(&bytes).unwrap(),
        Contract::read(&sealed.bytes).unwrap(),
    );
    assert_eq!(after.findings, []);
    assert_eq!(before.docs, after.docs);
    assert_eq!(after.docs, "A world of tools.");
    assert_eq!(before.extra, after.extra);
    assert_eq!(after.extra.len(), 1);
    assert_eq!(before.producers, after.producers);
    assert!(!after.producers.is_empty());
    assert_eq!(after.functions.len(), 3);
    for (before, after) in before.functions.iter().zip(&after.functions) {
        assert_eq!(before.signature(), after.signature());
        assert_eq!(before.input_schema(), after.input_schema());
        assert_eq!(before.output_schema(), after.output_schema());
        assert_eq!(format!("{before:?}"), format!("{after:?}"));
    }
    let look = after.function("look").unwrap();
    assert_eq!(look.docs.examples.len(), 1);
    assert!(look.docs.idempotent && look.params[1].docs.contains("called"));
    let kept: Vec<_> = after.imports.iter().map(|import| &*import.name).collect();
    let mut kept = kept.clone();
    kept.sort();
    let left = [
        "bailiwick:fs/read@0.1.0",
        "bailiwick:tool/types@0.1.0",
        "wasi:clocks/wall-clock@0.2.12",
    ];
    assert_eq!(kept, left);
}

#[test]
fn the_same_bytes_every_time() {
    let bytes = packed();
    let first = seal(&bytes, &["wasi:cli/stdout"]).unwrap();
    for _ in 0..5 {
        assert_eq!(seal(&bytes, &["wasi:cli/stdout"]).unwrap(), first);
    }
}

/// What is said of the component is said of the whole; the stand-in says nothing.
#[test]
fn custom_sections_are_lifted() {
    let mut bytes = packed();
    let own = b"\x00\x09\x04kept\x01\x02\x03\x04";
    bytes.extend(own);
    let sealed = sealed(&bytes, &[]);
    let (before, after) = (customs(&bytes), customs(&sealed.bytes));
    let of_depth = |customs: &[(usize, String)], wanted: usize| -> Vec<String> {
        let mut names: Vec<_> = customs
            .iter()
            .filter(|(depth, _)| *depth == wanted)
            .map(|(_, name)| name.clone())
            .collect();
        names.sort();
        names
    };
    let outermost = of_depth(&before, 1);
    assert!(outermost.contains(&"kept".into()) && outermost.contains(&"bailiwick:wit".into()));
    assert_eq!(of_depth(&after, 1), outermost);
    assert_eq!(of_depth(&after, 2), [""; 0]);
    assert_eq!(before.len(), after.len());
    assert!(sealed.bytes.ends_with(own));
}

/// Names of things by their numbers are true only where the numbers are.
#[test]
fn names_stay_where_they_are() {
    let bytes = component(TOOL);
    assert!(customs(&bytes).contains(&(1, "component-name".into())) || customs(&bytes).is_empty());
    let sealed = sealed(&bytes, &[]);
    let names: Vec<_> = customs(&sealed.bytes)
        .into_iter()
        .filter(|(_, name)| name == "component-name")
        .collect();
    assert!(names.iter().all(|(depth, _)| *depth == 2), "{names:?}");
}

/// A toolchain's documentation of WIT packages, at any depth, keeps nobody from decoding.
#[test]
fn documentation_in_the_wrong_section_is_no_hindrance() {
    let mut bytes = component(TOOL);
    bytes.extend(b"\x00\x10\x0cpackage-docs\x00{}");
    assert!(!sealed(&bytes, &[]).sealed.is_empty());
}

/// Sealed components can be sealed and packed in any order.
#[test]
fn packing_what_is_sealed() {
    let sealed_first = seal(&component(TOOL), &[]).unwrap().bytes;
    let packed_last = pack(&sealed_first, &sources(TOOL), "w").unwrap().bytes;
    let packed_first = seal(&packed(), &[]).unwrap().bytes;
    let (one, other) = (
        Contract::read(&packed_last).unwrap(),
        Contract::read(&packed_first).unwrap(),
    );
    assert_eq!(
        format!("{:?}", one.functions),
        format!("{:?}", other.functions)
    );
    assert_eq!((one.docs, one.imports), (other.docs, other.imports));
}
