//! Opens paths of the host with the standard library's own functions: it must find nothing there, and change nothing.
//!
//! Rust's `std::fs::read` brings imports of `wasi:sockets/tcp` and `wasi:sockets/udp`, for C's descriptors may be
//! sockets. The guest must load all the same, and find no socket either.
#![allow(
    clippy::disallowed_methods,
    reason = "ambient authority is what it looks for"
)]

use std::path::Path;
use std::{fs, io};

#[allow(clippy::all, missing_docs, unreachable_pub)]
mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "probe:stdfs/probe" });
}

struct Probe;

impl bindings::Guest for Probe {
    fn look(paths: Vec<String>) -> Vec<String> {
        let mut seen = Vec::new();
        for path in ["/", ".", ".."]
            .into_iter()
            .chain(paths.iter().map(String::as_str))
        {
            let at = Path::new(path);
            seen.push(format!(
                "read {path} {:?}",
                fs::read(at).map(|bytes| lossy(&bytes))
            ));
            seen.push(format!("list {path} {:?}", names(at)));
            seen.push(format!(
                "stat {path} {:?}",
                fs::metadata(at).map(|facts| facts.len())
            ));
            seen.push(format!(
                "write {path} {:?}",
                fs::write(at.join("probe"), "probe")
            ));
        }
        seen
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let name = |entry: io::Result<fs::DirEntry>| Ok(lossy(entry?.file_name().as_encoded_bytes()));
    fs::read_dir(folder)?.map(name).collect()
}

bindings::export!(Probe with_types_in bindings);
