//! Looks for all that it can see of the host without being handed anything: nothing of the host must be in its reply.
#![allow(
    clippy::disallowed_methods,
    reason = "ambient authority is what it looks for"
)]

use std::{env, fs, io};

#[allow(clippy::all, missing_docs, unreachable_pub)]
mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "probe:environ/probe" });
}

struct Probe;

impl bindings::Guest for Probe {
    fn look(paths: Vec<String>) -> Vec<String> {
        let mut seen = Vec::new();
        seen.extend(env::vars_os().map(|(name, value)| format!("env {name:?} = {value:?}")));
        seen.extend(env::args_os().map(|word| format!("arg {word:?}")));
        seen.push(format!("current folder {:?}", env::current_dir()));
        seen.push(format!("executable {:?}", env::current_exe()));
        seen.push(format!("home {:?}", env::home_dir()));
        seen.push(format!("stdin {:?}", io::read_to_string(io::stdin())));
        for path in ["/", ".", ".."]
            .into_iter()
            .chain(paths.iter().map(String::as_str))
        {
            seen.push(format!(
                "stat {path} {:?}",
                fs::metadata(path).map(|facts| facts.len())
            ));
            seen.push(format!(
                "create {path}/probe {:?}",
                fs::create_dir(format!("{path}/probe"))
            ));
        }
        seen
    }
}

bindings::export!(Probe with_types_in bindings);
