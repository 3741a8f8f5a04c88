//! Components from WIT, with code that does nothing.

use bailiwick_contract::Contract;
use bailiwick_contract::pack::Source;
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve, SourceMap};

/// The project's own contracts, all of them in one group.
pub(crate) fn contracts() -> Vec<Source> {
    let files = [
        (
            "contracts.wit",
            include_str!("../../../../wit/contracts.wit"),
        ),
        ("fs.wit", include_str!("../../../../wit/fs.wit")),
        ("tool.wit", include_str!("../../../../wit/tool.wit")),
        ("files.wit", include_str!("../../../../wit/files.wit")),
    ];
    files
        .into_iter()
        .map(|(name, text)| source(name, text))
        .collect()
}

/// The documentation that stands above a line of the project's contracts, as its author wrote it.
pub(crate) fn said(line_start: &str) -> String {
    let sources = contracts();
    let lines: Vec<&str> = sources
        .iter()
        .flat_map(|source| source.text.lines())
        .collect();
    let at = lines
        .iter()
        .position(|line| line.trim().starts_with(line_start))
        .unwrap();
    let above = lines[..at]
        .iter()
        .rev()
        .map_while(|line| line.trim().strip_prefix("///"));
    let mut said: Vec<&str> = above.map(str::trim).collect();
    said.reverse();
    assert!(!said.is_empty(), "nothing is said above {line_start}");
    said.join("\n")
}

pub(crate) fn source(name: &str, text: &str) -> Source {
    Source {
        group: 0,
        name: name.into(),
        text: text.into(),
    }
}

/// A component for a world of these sources. It exports what the world says, and imports what that needs.
pub(crate) fn component(sources: &[Source], world: &str) -> Vec<u8> {
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
    let abi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
    let mut module = dummy_module(&resolve, world, abi);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .unwrap()
        .encode()
        .unwrap()
}

/// A package `test:test` with a world `w`, from what is in the package.
pub(crate) fn package(body: &str) -> Vec<Source> {
    vec![source(
        "test.wit",
        &format!("package test:test@1.0.0;\n{body}"),
    )]
}

/// A component of the world `w` of such a package.
pub(crate) fn built(body: &str) -> Vec<u8> {
    component(&package(body), "w")
}

/// The contract of a component whose world exports what `body` says, without documentation.
pub(crate) fn contract(body: &str) -> Contract {
    Contract::read(&built(body)).unwrap()
}

/// The same, packed with its documentation.
pub(crate) fn documented(body: &str) -> Contract {
    let packed = bailiwick_contract::pack::pack(&built(body), &package(body), "w").unwrap();
    let contract = Contract::read(&packed.bytes).unwrap();
    assert_eq!(contract.findings, []);
    contract
}

/// The shipped tool `files`, packed.
pub(crate) fn files() -> Vec<u8> {
    let sources = contracts();
    let component = component(&sources, "bailiwick:files/tool");
    bailiwick_contract::pack::pack(&component, &sources, "bailiwick:files/tool")
        .unwrap()
        .bytes
}
