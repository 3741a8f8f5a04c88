//! What wasmtime generates from `wit/`, fenced in.

#![allow(missing_docs, unreachable_pub, clippy::all)]

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "bailiwick:tool/edits",
    imports: { default: trappable },
    with: {
        "bailiwick:fs/read.read-dir": crate::fs::Dir,
        "bailiwick:fs/read.read-file": crate::fs::File,
        "bailiwick:fs/read.walker": crate::fs::Walk,
        "bailiwick:fs/write.write-dir": crate::fs::WriteDir,
        "bailiwick:fs/write.write-file": crate::fs::WriteFile,
    },
    require_store_data_send: true,
});

pub use bailiwick::fs::read as fs_read;
pub use bailiwick::fs::write as fs_write;
pub use bailiwick::tool::progress;
