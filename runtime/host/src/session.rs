//! The front door: what an agent host holds.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use bailiwick_capfs::Grant;
use bailiwick_contract::names::nearest;
use serde_json::Value;

use crate::call::Call;
use crate::error::{GrantError, LoadError};
use crate::limits::Limits;
use crate::namespace::Namespace;
use crate::outcome::{Code, Failure, Outcome};
use crate::run::{Request, run};
use crate::tool::Tool;

/// How many names an error lists.
const LISTED: usize = 5;

/// Tools, and the handles they may be given. Cheap to clone; clones are the same session. Sessions share nothing but compiled code.
#[derive(Debug, Clone, Default)]
pub struct Session(Arc<RwLock<Inner>>);

#[derive(Debug, Clone, Default)]
struct Inner {
    tools: Vec<Tool>,
    namespace: Namespace,
    limits: Limits,
}

impl Session {
    /// A session without tools and without grants, under the default limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A session whose calls have at most these limits.
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        let limits = limits.lowered(limits);
        Self(Arc::new(RwLock::new(Inner {
            limits,
            ..Inner::default()
        })))
    }

    /// Adds a tool.
    ///
    /// # Errors
    ///
    /// [`LoadError::Duplicate`] when there is a tool of that name, or a function that a model could not tell from one of
    /// its own.
    pub fn add(&self, tool: Tool) -> Result<(), LoadError> {
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if inner.tools.iter().any(|known| known.name() == tool.name()) {
            let tool = tool.name().to_owned();
            return Err(LoadError::Duplicate { tool });
        }
        let taken: HashSet<String> = inner.tools.iter().flat_map(Tool::model_names).collect();
        if let Some(name) = tool.model_names().find(|name| taken.contains(name)) {
            return Err(LoadError::Duplicate { tool: name });
        }
        inner.tools.push(tool);
        Ok(())
    }

    /// Gives the session a name for a directory: `/name`. The first is the default, which relative paths are in.
    ///
    /// # Errors
    ///
    /// [`GrantError`] when the name cannot be used or is taken.
    pub fn grant(&self, name: &str, grant: Grant) -> Result<(), GrantError> {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .namespace
            .grant(name, grant)
    }

    /// The tools, in the order in which they were added.
    #[must_use]
    pub fn tools(&self) -> Vec<Tool> {
        self.read(|inner| inner.tools.clone())
    }

    /// The names that a model can say, with their rights: `/workspace (rw, default), /docs (ro)`.
    #[must_use]
    pub fn namespace(&self) -> String {
        self.read(|inner| inner.namespace.describe())
    }

    /// Calls a function by its name for models, with an object of arguments: `files_grep`. Whatever is wrong is in the
    /// [`Outcome`].
    pub fn call(&self, name: &str, arguments: Value) -> Call {
        self.call_within(name, arguments, Limits::max())
    }

    /// Calls a function under limits of its own, which can only lower the session's.
    pub fn call_within(&self, name: &str, arguments: Value, limits: Limits) -> Call {
        let request = self.read(|inner| inner.request(name, arguments, limits));
        Call::new(move |reporter| async move {
            match request {
                Ok(request) => run(*request, reporter).await,
                Err(outcome) => {
                    reporter.finished(outcome.code);
                    *outcome
                }
            }
        })
    }

    fn read<T>(&self, read: impl FnOnce(&Inner) -> T) -> T {
        read(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Inner {
    fn request(
        &self,
        name: &str,
        arguments: Value,
        limits: Limits,
    ) -> Result<Box<Request>, Box<Outcome>> {
        let found = self.tools.iter().find_map(|tool| {
            let function = name.strip_prefix(tool.name())?.strip_prefix('_')?;
            let functions = &tool.contract().functions;
            Some((
                tool,
                functions.iter().position(|known| known.name == function)?,
            ))
        });
        let Some((tool, function)) = found else {
            return Err(Box::new(self.unknown(name)));
        };
        Ok(Box::new(Request {
            name: name.to_owned(),
            tool: tool.clone(),
            function,
            arguments,
            namespace: self.namespace.clone(),
            limits: self.limits.lowered(limits),
        }))
    }

    fn unknown(&self, name: &str) -> Outcome {
        let all: Vec<String> = self
            .tools
            .iter()
            .flat_map(|tool| {
                tool.contract()
                    .functions
                    .iter()
                    .map(|function| tool.model_name(function))
            })
            .collect();
        let near = nearest(name, all.iter().map(String::as_str), LISTED);
        let hint = match (near.as_slice(), all.as_slice()) {
            ([], []) => "there are no tools in this session".to_owned(),
            ([], all) => format!("there is: {}", all[..all.len().min(LISTED)].join(", ")),
            (near, _) => format!("did you mean {}?", near.join(", ")),
        };
        let failure = Failure::new(format!("there is no tool `{name}`")).hint(hint);
        Outcome::failed(name, Code::UnknownTool, failure)
    }
}
