//! Generated: the bindings of the world `bailiwick:tool/edits`, made here once so that all tools share their types.
#![allow(clippy::all, missing_docs, unreachable_pub)]

wit_bindgen::generate!({
    path: "../../wit",
    world: "bailiwick:tool/edits",
    generate_all,
    generate_unused_types: true,
    additional_derives: [PartialEq, Eq],
});
