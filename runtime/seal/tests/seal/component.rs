//! Components from WIT.

use bailiwick_contract::Contract;
use bailiwick_contract::pack::Source;
use bailiwick_seal::{Sealed, seal};
use wasmparser::{Validator, WasmFeatures};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve, SourceMap, WorldId};

/// WASI 0.2's command-line interfaces as wasmtime-wasi 48.0.8 ships them, without comments.
pub(crate) const WASI: &str = include_str!("wasi.wit");

pub(crate) const FS: &str = include_str!("../../../../wit/fs.wit");

pub(crate) const TOOL: &str = include_str!("../../../../wit/tool.wit");

/// A package `test:test` from what is in it, and all that it may name.
pub(crate) fn sources(body: &str) -> Vec<Source> {
    let test = format!("package test:test@1.0.0;\n{body}");
    let files = [("wasi", WASI), ("fs", FS), ("tool", TOOL), ("test", &test)];
    let source = |(name, text): (&str, &str)| Source {
        group: 0,
        name: format!("{name}.wit"),
        text: text.into(),
    };
    files.into_iter().map(source).collect()
}

/// That package's world `w`.
fn resolve(body: &str) -> (Resolve, WorldId) {
    let mut map = SourceMap::default();
    for source in sources(body) {
        map.push_str(&source.name, source.text);
    }
    let group = map
        .parse()
        .map_err(|(map, error)| error.render(&map))
        .unwrap();
    let mut resolve = Resolve::default();
    let package = resolve.push_group(group).unwrap();
    let world = resolve.select_world(&[package], Some("w")).unwrap();
    (resolve, world)
}

/// A component for the world `w`, with code that calls all that the world imports, and does nothing.
pub(crate) fn component(body: &str) -> Vec<u8> {
    let (resolve, world) = resolve(body);
    let abi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
    encode(dummy_module(&resolve, world, abi), &resolve, world)
}

/// A component for the world `w`, with code.
pub(crate) fn guest(body: &str, code: &str) -> Vec<u8> {
    let (resolve, world) = resolve(body);
    encode(wat::parse_str(code).unwrap(), &resolve, world)
}

fn encode(mut module: Vec<u8>, resolve: &Resolve, world: WorldId) -> Vec<u8> {
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .unwrap()
        .encode()
        .unwrap()
}

/// Seals, and checks what holds for all that is sealed.
pub(crate) fn sealed(component: &[u8], keep: &[&str]) -> Sealed {
    let sealed = seal(component, keep).unwrap();
    let features = WasmFeatures::WASM2 | WasmFeatures::COMPONENT_MODEL;
    Validator::new_with_features(features)
        .validate_all(&sealed.bytes)
        .unwrap();
    let mut left = [sealed.kept.clone(), sealed.types.clone()].concat();
    left.sort();
    assert_eq!(imports(&sealed.bytes), left);
    let reasons = sealed.kept_because.iter().map(|because| &because.name);
    for name in reasons {
        assert!(left.contains(name), "{name}");
    }
    let again = seal(
        &sealed.bytes,
        &sealed.kept.iter().map(|name| &**name).collect::<Vec<_>>(),
    );
    let again = again.unwrap();
    assert_eq!(again.sealed, [""; 0], "sealing again closes nothing");
    assert_eq!(again.bytes, sealed.bytes);
    sealed
}

/// What a component imports, by name.
pub(crate) fn imports(component: &[u8]) -> Vec<String> {
    let contract = Contract::read(component).unwrap();
    let mut imports: Vec<_> = contract.imports.into_iter().map(|i| i.name).collect();
    imports.sort();
    imports
}

/// The functions of an import.
pub(crate) fn functions(component: &[u8], import: &str) -> Vec<String> {
    let contract = Contract::read(component).unwrap();
    let mut imports = contract.imports.into_iter();
    imports.find(|i| i.name == import).unwrap().functions
}

/// Every interface of [`WASI`], with its version.
pub(crate) fn interfaces() -> Vec<String> {
    let (resolve, _) = resolve("world w {}");
    let mut interfaces = Vec::new();
    for (id, interface) in resolve.interfaces.iter() {
        let name = resolve.id_of(id).unwrap();
        if name.starts_with("wasi:") && interface.name.as_deref() != Some("run") {
            interfaces.push(name);
        }
    }
    assert!(interfaces.len() >= 25, "{interfaces:?}");
    interfaces
}
