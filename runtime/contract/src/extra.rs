//! Exports that are not tools: what a toolchain adds for itself, and entry points that some standard defines.
//!
//! A component that carries its author's WIT says by itself what its tools are. Otherwise only what is known by name and by
//! shape is left out, so that nothing an author wrote is lost by accident.

use wit_parser::Function;

use crate::scope::Scope;

/// Why componentize-py's is none.
pub(crate) const PYTHON: &str = "componentize-py adds it to set the interpreter up";

/// Why componentize-qjs's is none.
pub(crate) const QUICKJS: &str = "componentize-qjs adds it to set the interpreter up";

/// More than the shapes that are looked for; one that is cut does not end like them.
const SHAPE: usize = 10_000;

/// Why an exported interface holds no tools, if that is so.
pub(crate) fn interface(
    scope: &Scope,
    name: &str,
    functions: &[&Function],
) -> Option<&'static str> {
    if name.starts_with("wasi:") {
        return Some("an entry point that WASI defines");
    }
    let [init] = functions else { return None };
    if (name, init.name.as_str()) != ("exports", "init") {
        return None;
    }
    let shape = scope.function_shape(init, SHAPE);
    let is_python = shape.starts_with("func(app-name: string, symbols: exports#symbols")
        && shape.ends_with(" -> result<_, string>");
    is_python.then_some(PYTHON)
}

/// Why a function that the world exports by itself is not a tool, if that is so.
pub(crate) fn function(scope: &Scope, function: &Function) -> Option<&'static str> {
    if function.name != "init" {
        return None;
    }
    let shape = scope.function_shape(function, SHAPE);
    let is_quickjs = shape.starts_with("func(shim: string, script: string, ")
        && shape.ends_with(" -> result<_, string>");
    is_quickjs.then_some(QUICKJS)
}
