//! Works with the standard library's own file functions over a mount: all must do what they do on an ordinary
//! filesystem. Then attacks with the same functions: nothing outside may be seen or changed, and nothing inside that is hidden or
//! protected.
#![allow(
    clippy::disallowed_methods,
    reason = "files by path are what it is about"
)]

#[allow(clippy::all, missing_docs, unreachable_pub)]
mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "probe:filesystem/probe" });
}

mod attack;
mod check;
mod code;
mod exhaust;

use std::fs;
use std::path::Path;

struct Probe;

impl bindings::Guest for Probe {
    fn check(root: String) -> Result<Vec<String>, String> {
        check::check(Path::new(&root))
    }

    fn attack(root: String, outside: Vec<String>) -> Vec<(String, String)> {
        attack::attack(Path::new(&root), &outside)
    }

    fn exhaust(root: String, most: u32) -> Vec<(String, String)> {
        exhaust::exhaust(Path::new(&root), most)
    }

    fn carry(from: String, to: String) -> Vec<(String, String)> {
        // The link first: a rename that worked would leave nothing to link.
        let link = code::shown(fs::hard_link(&from, &to));
        let rename = code::shown(fs::rename(&from, &to));
        vec![("link".into(), link), ("rename".into(), rename)]
    }

    fn write_then_trap(path: String) {
        let written = fs::write(path, "not to be kept");
        panic!("{written:?}");
    }
}

bindings::export!(Probe with_types_in bindings);
