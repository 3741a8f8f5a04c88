//! Components to audit: over the project's contracts, interfaces of others, and documentation that nobody checked.

use bailiwick_contract::audit::Audit;
use bailiwick_contract::pack::{Source, pack};
use wit_component::encode;
use wit_parser::{Resolve, SourceMap};

use crate::component::{component, contracts, source};

/// Interfaces of others, each with a function, so that there is something to provide.
const OTHERS: &str = "
    package wasi:cli@0.2.6 {
      interface environment { get-environment: func() -> list<tuple<string, string>>; }
      interface stdout { write-it: func(); }
      interface run { run: func() -> result; }
    }
    package wasi:clocks@0.2.6 { interface wall-clock { record datetime { seconds: u64 } now: func() -> datetime; }
      interface timezone { record offset { seconds: s32 } }
    }
    package wasi:random@0.2.6 { interface random { get-random-u64: func() -> u64; } }
    package wasi:io@0.2.6 { interface streams { resource input-stream; } }
    package wasi:filesystem@0.2.6 {
      interface types { resource descriptor { sync: func(); } }
      interface preopens { use types.{descriptor}; get-directories: func() -> list<own<descriptor>>; }
    }
    package wasi:sockets@0.2.6 { interface tcp { resource tcp-socket { start-listen: func(); } } }
    package wasi:http@0.2.6 { interface outgoing-handler { handle: func(); } }
    package evil:box@1.0.0 {
      interface lid { resource lid; }
      interface names { record name { text: string } }
      interface open { open: func(); }
    }";

/// The project's contracts, those of others, and a package `test:test`, which the test writes.
pub(crate) fn sources(body: &str) -> Vec<Source> {
    let mut sources = contracts();
    sources.push(source("others.wit", OTHERS));
    let own = format!("package test:test@1.0.0 {{ {body} }}");
    sources.push(source("test.wit", &own));
    sources
}

/// A component of the world `w` of `test:test`.
pub(crate) fn test_component(body: &str) -> Vec<u8> {
    component(&sources(body), "test:test/w")
}

/// The same with its documentation.
pub(crate) fn packed(body: &str) -> Vec<u8> {
    let bytes = test_component(body);
    pack(&bytes, &sources(body), "test:test/w").unwrap().bytes
}

/// The same with documentation that nobody checked: that of `documented`, in which `change` may put what WIT text cannot hold.
pub(crate) fn with_documentation(
    body: &str,
    documented: &str,
    change: impl Fn(&str) -> String,
) -> Vec<u8> {
    let mut map = SourceMap::default();
    for source in sources(documented) {
        map.push_str(&source.name, source.text.as_str());
    }
    let mut resolve = Resolve::default();
    let group = map.parse().map_err(|(map, error)| error.render(&map));
    resolve.push_group(group.unwrap()).unwrap();
    let found = resolve.packages.iter();
    let mut found = found.filter(|(_, package)| package.name.namespace == "test");
    let package = found.next().unwrap().0;
    let ids: Vec<_> = resolve.packages[package]
        .interfaces
        .values()
        .copied()
        .collect();
    for id in ids {
        let interface = &mut resolve.interfaces[id];
        let functions = interface.functions.values_mut();
        let docs = functions.map(|function| &mut function.docs);
        for docs in docs.chain([&mut interface.docs]) {
            docs.contents = docs.contents.as_deref().map(&change);
        }
    }
    with_section(test_component(body), &encode(&resolve, package).unwrap())
}

/// With a section of documentation.
pub(crate) fn with_section(mut bytes: Vec<u8>, data: &[u8]) -> Vec<u8> {
    use wasm_encoder::{ComponentSection as _, CustomSection};
    CustomSection {
        name: "bailiwick:wit".into(),
        data: data.into(),
    }
    .append_to_component(&mut bytes);
    bytes
}

pub(crate) fn read(bytes: &[u8]) -> Audit {
    Audit::read("tool", bytes).unwrap()
}
