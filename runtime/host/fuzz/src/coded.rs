//! Components with random code behind a random world: wasm-smith's modules, with the imports and exports that the world wants.

use std::panic::{self, AssertUnwindSafe};

use arbitrary::Unstructured;
use bailiwick_contract::pack::Source;
use wasm_smith::{Config, Module};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve, SourceMap};

use crate::component::{contracts, source};
use crate::random::Random;
use crate::wit;

/// A world whose functions are handed handles, call the host, and return what it gave them.
const HANDLES: &str = "package fuzz:fuzz@0.1.0 {
world w {
  import bailiwick:tool/progress@0.1.0;
  use bailiwick:fs/read@0.1.0.{read-dir, read-file, chunk};
  use bailiwick:fs/write@0.1.0.{write-dir, write-file};
  export look: func(dir: borrow<read-dir>, path: string) -> result<string, string>;
  export read: func(file: borrow<read-file>, offset: u64) -> chunk;
  export hand: func(dir: borrow<write-dir>, bytes: list<u8>) -> result<read-file, u8>;
  export change: func(file: option<borrow<write-file>>, all: list<tuple<string, u64>>) -> list<string>;
  export keep: func(dir: borrow<read-dir>) -> result<read-dir, tuple<char, f32>>;
}
}";

/// What a random world has that no host can serve, and what stands in its place.
const SERVED: [(&str, &str); 3] = [
    (
        "resource res { constructor(a: u8); read-it: func() -> string; make: static func() -> res; }",
        "record res { a: u8 }",
    ),
    ("import log: func(line: string);", ""),
    ("import inner: interface { f: func(a: u8); }", ""),
];

/// A component, or none when there were too few random bytes or they fit nothing.
pub(crate) fn component(random: &mut Random) -> Option<Vec<u8>> {
    let mut sources = contracts();
    sources.push(match random.below(3) {
        0 => source("fuzz.wit", HANDLES),
        _ => served(wit::sources(random).pop()?),
    });
    let length = 64 << random.below(8);
    let bytes = random.bytes(length);
    let made = || behind(&sources, &bytes, random.one_in(2));
    // A generator's own panic is not what is looked for.
    panic::catch_unwind(AssertUnwindSafe(made)).ok().flatten()
}

fn served(mut source: Source) -> Source {
    for (not, instead) in SERVED {
        source.text = source.text.replace(not, instead);
    }
    source
}

fn behind(sources: &[Source], bytes: &[u8], imports: bool) -> Option<Vec<u8>> {
    let mut map = SourceMap::default();
    for source in sources {
        map.push_str(&source.name, source.text.as_str());
    }
    let mut resolve = Resolve::default();
    let group = map.parse().ok()?;
    let package = resolve.push_group(group).ok()?;
    let world = resolve.select_world(&[package], Some("fuzz:fuzz/w")).ok()?;
    let shape = dummy_module(&resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    let config = Config {
        // Those that it calls, or none.
        available_imports: Some(shape.clone()).filter(|_| imports),
        max_imports: if imports { 24 } else { 0 },
        exports: Some(shape),
        allow_start_export: true,
        exceptions_enabled: false,
        gc_enabled: false,
        reference_types_enabled: false,
        memory64_enabled: false,
        relaxed_simd_enabled: false,
        threads_enabled: false,
        custom_page_sizes_enabled: false,
        wide_arithmetic_enabled: false,
        max_memory32_bytes: 16 << 20,
        max_memories: 1,
        max_table_elements: 10_000,
        max_instructions: 60,
        max_funcs: 24,
        ..Config::default()
    };
    let module = Module::new(config, &mut Unstructured::new(bytes)).ok()?;
    let mut module = module.to_bytes();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).ok()?;
    let mut encoder = ComponentEncoder::default().module(&module).ok()?;
    encoder.encode().ok()
}
