//! What wasmtime generates from the WIT of `wasi:filesystem`, fenced in.

#![allow(missing_docs, unreachable_pub, clippy::all)]

wasmtime::component::bindgen!({
    path: "wit",
    world: "bailiwick:host/mounts",
    imports: { default: trappable },
    trappable_error_type: {
        "wasi:filesystem/types.error-code" => crate::wasi::errors::FsError,
    },
    with: {
        "wasi:io/poll": wasmtime_wasi::p2::bindings::io::poll,
        "wasi:io/streams": wasmtime_wasi::p2::bindings::io::streams,
        "wasi:io/error": wasmtime_wasi::p2::bindings::io::error,
        "wasi:clocks/wall-clock": wasmtime_wasi::p2::bindings::clocks::wall_clock,
        "wasi:filesystem/types.descriptor": crate::wasi::descriptor::Descriptor,
        "wasi:filesystem/types.directory-entry-stream": crate::wasi::descriptor::Entries,
    },
    require_store_data_send: true,
});

pub use wasi::filesystem::{preopens, types};
