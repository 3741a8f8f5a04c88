//! What changed from one component to another: pairs in files, random pairs, and pairs that mean harm.

mod golden;
mod hostile;
mod page;
mod random;
mod worlds;

use bailiwick_contract::compare::{Comparison, Impact, Side, compare};
use bailiwick_contract::pack::{Source, pack};
use wasm_encoder::{ComponentSection as _, CustomSection};
use wit_parser::{Resolve, SourceMap, WorldId};

use crate::audit::with_section;
use crate::component::{component, contracts, source};

/// The world of all these components.
const WORLD: &str = "test:test/w";

/// A file that begins with `package test:test@…;`, the project's contracts, and interfaces of others.
fn sources(text: &str) -> Vec<Source> {
    let mut sources = contracts();
    // It makes the folder a package of its own, and a group of files can be but one.
    sources.retain(|source| source.name != "contracts.wit");
    let others = include_str!("../diff/others.wit");
    sources.push(source("others.wit", others));
    sources.push(source("test.wit", text));
    sources
}

fn built(text: &str) -> Vec<u8> {
    component(&sources(text), WORLD)
}

fn packed(text: &str) -> Vec<u8> {
    pack(&built(text), &sources(text), WORLD).unwrap().bytes
}

/// With the documentation that stands in the text, whether it fits or not.
fn documented(text: &str) -> Vec<u8> {
    let (resolve, world) = resolved(&sources(text), WORLD);
    let package = resolve.worlds[world].package.unwrap();
    with_section(
        built(text),
        &wit_component::encode(&resolve, package).unwrap(),
    )
}

/// With a section that says nothing.
fn with_nothing(mut bytes: Vec<u8>) -> Vec<u8> {
    CustomSection {
        name: "nothing".into(),
        data: b"nothing"[..].into(),
    }
    .append_to_component(&mut bytes);
    bytes
}

fn resolved(sources: &[Source], world: &str) -> (Resolve, WorldId) {
    let mut map = SourceMap::default();
    for source in sources {
        map.push_str(&source.name, source.text.as_str());
    }
    let mut resolve = Resolve::default();
    let group = map
        .parse()
        .map_err(|(map, error)| error.render(&map))
        .unwrap();
    let package = resolve.push_group(group).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    (resolve, world)
}

fn side(bytes: &[u8]) -> Side {
    Side::read("tool", bytes).unwrap()
}

fn compared(old: &[u8], new: &[u8]) -> Comparison {
    compare(&side(old), &side(new))
}

fn word(impact: Impact) -> &'static str {
    match impact {
        Impact::Compatible => "compatible",
        Impact::Breaking => "breaking",
        Impact::Widens => "widens",
    }
}

fn codes(comparison: &Comparison) -> Vec<&'static str> {
    let differences = comparison.differences.iter();
    differences.map(|difference| difference.code).collect()
}
