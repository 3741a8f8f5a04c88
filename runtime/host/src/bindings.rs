//! What wasmtime generates from `wit/`, fenced in.

#![allow(missing_docs, unreachable_pub, clippy::all)]

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "bailiwick:tool/reads",
    imports: { default: trappable },
    with: {
        "bailiwick:fs/read.read-dir": crate::fs::Dir,
        "bailiwick:fs/read.read-file": crate::fs::File,
        "bailiwick:fs/read.walker": crate::fs::Walk,
    },
    require_store_data_send: true,
});

pub use bailiwick::fs::read as fs_read;
pub use bailiwick::tool::progress;
