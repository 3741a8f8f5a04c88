//! What can go wrong before a call: making an engine, loading a tool, granting a name.
//!
//! What goes wrong in a call is an [`Outcome`](crate::Outcome).

use bailiwick_capfs::state::{ApplyError, StateError};
use bailiwick_capfs::{CommitError, HandleError};
use bailiwick_contract as contract;

/// The engine cannot be made on this machine.
#[derive(Debug, thiserror::Error)]
#[error("failed to make the engine: {reason}")]
pub struct EngineError {
    reason: String,
}

impl EngineError {
    pub(crate) fn new(error: wasmtime::Error) -> Self {
        Self {
            reason: format!("{error:#}"),
        }
    }
}

/// A component cannot be loaded as a tool.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// Not a component that can be read, or its contract cannot be served.
    #[error("failed to load `{tool}`: {source}")]
    Contract {
        /// The name it was to have.
        tool: String,
        /// What is wrong with it.
        source: contract::Error,
    },
    /// The file is over [`COMPONENT_BYTES`](crate::limits::COMPONENT_BYTES).
    #[error("failed to load `{tool}`: it has {size} bytes, and at most {limit} are read")]
    TooLarge {
        /// The name it was to have.
        tool: String,
        /// Its size in bytes.
        size: usize,
        /// The most that is read, in bytes.
        limit: usize,
    },
    /// Its file cannot be read.
    #[error("failed to load `{tool}`: {reason}")]
    Read {
        /// The name it was to have.
        tool: String,
        /// Why not.
        reason: String,
    },
    /// Its file is another one than a moment ago.
    #[error("failed to load `{tool}`: its file changed meanwhile; try again")]
    Changed {
        /// The name it was to have.
        tool: String,
    },
    /// It imports what nobody here provides.
    #[error(
        "failed to load `{tool}`: it imports `{import}`, which this host does not provide; it provides {provided}"
    )]
    Import {
        /// The name it was to have.
        tool: String,
        /// The import.
        import: String,
        /// What there is instead, in words.
        provided: &'static str,
    },
    /// A function takes or returns a handle that this host has no resource for.
    #[error(
        "failed to load `{tool}`: its function `{function}` {does} `{resource}`, for which this host has no handles"
    )]
    Handle {
        /// The name it was to have.
        tool: String,
        /// The function, as models see it.
        function: String,
        /// `takes` or `returns`.
        does: &'static str,
        /// The resource, by its defining interface.
        resource: String,
    },
    /// There is no code of it: it does not compile, or not within the bounds.
    #[error("failed to load `{tool}`: {source}")]
    Code {
        /// The name it was to have.
        tool: String,
        /// Why.
        source: crate::compile::CompileError,
    },
    /// Its code cannot be linked.
    #[error("failed to load `{tool}`: {reason}")]
    Compile {
        /// The name it was to have.
        tool: String,
        /// What the compiler said.
        reason: String,
    },
    /// It exports no function.
    #[error("failed to load `{tool}`: it exports no function that can be called{extra}")]
    Empty {
        /// The name it was to have.
        tool: String,
        /// What it does export, in words, or nothing.
        extra: String,
    },
    /// The name is not one that models can use.
    #[error(
        "`{tool}` is no name for a tool: at most {limit} of the characters a-z, A-Z, 0-9, `_` and `-`, functions' names included"
    )]
    Name {
        /// The name it was to have.
        tool: String,
        /// How long the name of a tool and a function together can be.
        limit: usize,
    },
    /// What it is to be handed is not in the session.
    #[error("failed to add `{tool}`: {source}")]
    Terms {
        /// The tool.
        tool: String,
        /// Which name, and why not.
        source: GrantError,
    },
    /// A function that is to be exposed is not there.
    #[error("failed to add `{tool}`: it has no function `{function}`{}", .near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    Function {
        /// The tool.
        tool: String,
        /// The name of the function.
        function: String,
        /// The one that is most like it.
        near: Option<String>,
    },
    /// It is not what was approved, or nothing of its name was.
    #[error("`{tool}` is refused: {}", .mismatches.first().map_or("it is not locked", |first| &first.message))]
    Refused {
        /// The tool.
        tool: String,
        /// What differs, at least one.
        mismatches: Vec<contract::lock::Mismatch>,
    },
    /// The session has a tool of that name, or a function of that name for models.
    #[error("there is `{tool}` in this session already")]
    Duplicate {
        /// The tool's name, or the function's for models.
        tool: String,
    },
}

/// A name cannot be granted in a session.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GrantError {
    /// Not a name that can stand first in a path.
    #[error(
        "`{name}` is no name for a grant: 1 to 64 of the characters a-z, A-Z, 0-9, `.`, `_` and `-`, not beginning with a dot"
    )]
    Name {
        /// What was asked for.
        name: String,
    },
    /// The session has it already.
    #[error("`/{name}` is granted in this session already")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// A grant that can be written keeps its changes in a state folder, and the session has none.
    #[error(
        "`/{name}` cannot be granted to be written: the session has no state folder; give it one, or let it write directly"
    )]
    NoState {
        /// The name.
        name: String,
    },
    /// It holds the session's own state folder, or lies in it.
    #[error(
        "`/{name}` cannot be granted: it holds the session's state folder, or lies in it; grant a directory beside it, or hide it"
    )]
    Governed {
        /// The name.
        name: String,
    },
    /// The session has no such name to mount or to derive from.
    #[error("there is no `/{name}` in this session")]
    Unknown {
        /// The name.
        name: String,
    },
    /// The state folder failed.
    #[error("`/{name}` cannot be granted: {source}")]
    State {
        /// The name.
        name: String,
        /// Why.
        source: StateError,
    },
    /// What was to be taken away from a handle does not fit it.
    #[error("`/{name}` cannot be derived: {source}")]
    Handle {
        /// The name.
        name: String,
        /// Why.
        source: HandleError,
    },
}

/// What a session changed cannot be accepted, dropped or taken back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangesError {
    /// Applying failed or was refused. Nothing was changed.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// Undoing failed or was refused. Nothing was changed.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// These files changed since, and are not undone: names of the session.
    #[error("changed since, and not taken back: {}", .0.join(", "))]
    Changed(Vec<String>),
    /// No such call, or it changed nothing that can be undone.
    #[error("there is nothing to undo of `{0}`")]
    NothingToUndo(String),
    /// No such name in the session.
    #[error("there is no `{0}` in this session")]
    Unknown(String),
    /// The state folder failed.
    #[error(transparent)]
    State(#[from] StateError),
}
