//! The least that a tool can be: what a call costs beside this is the host's doing. The reply must be the argument.

#[allow(clippy::all, missing_docs, unreachable_pub)]
mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "probe:echo/probe" });
}

struct Probe;

impl bindings::Guest for Probe {
    fn echo(text: String) -> String {
        text
    }
}

bindings::export!(Probe with_types_in bindings);
