//! Why bytes have no contract.

use crate::budget::{COMPONENT, FUNCTION, WIT};
use crate::tree::{DEEPEST, LARGEST};

/// Why bytes have no contract. Displays as a lower-case fragment of one line that says what was found and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No bytes.
    #[error("the file is empty")]
    Empty,
    /// A core WebAssembly module.
    #[error(
        "this is a core module, not a component: build it for wasm32-wasip2, or wrap it with `wasm-tools component new`"
    )]
    CoreModule,
    /// The text format.
    #[error("this is WebAssembly text, not a binary component: convert it with `wasm-tools parse`")]
    Text,
    /// WebAssembly of another version or layer: its four bytes in hex.
    #[error("this is WebAssembly of an unknown version ({0}), not a component")]
    Version(String),
    /// Something else: how it begins.
    #[error("this is not WebAssembly: it begins with {0:?}, and a component with \"\\0asm\"")]
    NotWasm(String),
    /// A component that makes use of a feature of WebAssembly that the engine does not run.
    #[error("the component needs more than this host runs: {message} (at byte {offset}){hint}")]
    Feature {
        /// What it needs.
        message: String,
        /// The byte of the file at which.
        offset: u64,
        /// How to do without, with a semicolon in front; or empty.
        hint: String,
    },
    /// A component that is truncated or damaged, or that WIT has no words for.
    #[error("the component is invalid{}: {message}", at(offset))]
    Malformed {
        /// What is wrong.
        message: String,
        /// The byte of the file at which, if it is at one.
        offset: Option<u64>,
    },
    /// A component that takes too much to be read.
    #[error("the component is too large: it has more than {most} {what}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there may be.
        most: u64,
    },
    /// Types in WIT without any code.
    #[error("this is an encoded WIT package, not a component: there is nothing to call")]
    WitPackage,
    /// A function whose signature names what has no place in a call with JSON.
    #[error("function `{function}` uses {what}, which {why}")]
    Unsupported {
        /// The function, with its interface.
        function: String,
        /// What it uses: `` `stream` ``.
        what: String,
        /// Why that cannot be.
        why: &'static str,
    },
    /// An import that no host provides.
    #[error("the import `{import}` is a {what}, which no host provides")]
    UnsupportedImport {
        /// Its name.
        import: String,
        /// What it is.
        what: &'static str,
    },
    /// An interface that is both imported and exported: of which of the two a type is cannot be told.
    #[error("`{interface}` is both imported and exported, so its types cannot be told apart")]
    BothWays {
        /// Its name.
        interface: String,
    },
    /// A component whose WIT is too long to be printed.
    #[error("its WIT is longer than {} MiB", WIT >> 20)]
    WitTooLarge,
    /// A function whose types are too large.
    #[error(
        "the types of function `{function}` are too complex: more than {LARGEST} in all, nested deeper than {DEEPEST}, or \
         with their names larger than {} MiB ({} MiB for all functions)",
        FUNCTION >> 20,
        COMPONENT >> 20
    )]
    TooComplex {
        /// The function, with its interface.
        function: String,
    },
    /// A name in a function's signature that is too long.
    #[error(
        "the {what} `{name}` of function `{function}` has {length} bytes: its name may have at most {most}"
    )]
    LongName {
        /// The function, with its interface, both cut when they are too long themselves.
        function: String,
        /// What has the name: `function`, `interface`, `parameter`, `field`, `case` or `type`.
        what: &'static str,
        /// How the name begins.
        name: String,
        /// How many bytes it has.
        length: usize,
        /// How many it may have.
        most: usize,
    },
}

fn at(offset: &Option<u64>) -> String {
    offset
        .map(|offset| format!(" at byte {offset}"))
        .unwrap_or_default()
}
