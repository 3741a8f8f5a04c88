//! A tool of a session, and what it may do there.

use std::sync::Arc;

use bailiwick_capfs::{Attenuation, Rights};
use bailiwick_contract::names::nearest;

use crate::error::{GrantError, LoadError};
use crate::limits::Limits;
use crate::namespace::Allowed;
use crate::session::Inner;
use crate::tool::Tool;

/// A tool of a session, and what it may do there.
#[derive(Debug, Clone)]
pub(crate) struct Added {
    pub(crate) tool: Tool,
    /// What it may be handed. None: all that the session has.
    pub(crate) allowed: Option<Vec<Allowed>>,
    /// What is mounted for it. None: what is mounted for all.
    pub(crate) mounts: Option<Vec<Arc<str>>>,
    /// Which of the contract's functions can be called. None: all.
    exposed: Option<Vec<usize>>,
    pub(crate) limits: Limits,
}

impl Added {
    /// A tool under its terms, in the session as it is.
    pub(crate) fn new(session: &Inner, tool: Tool, terms: &ToolTerms) -> Result<Self, LoadError> {
        let failed = |source| LoadError::Terms {
            tool: tool.name().to_owned(),
            source,
        };
        let allowed = match &terms.grants {
            Some(grants) => Some(allowed(session, grants).map_err(failed)?),
            None => None,
        };
        let mounts = match &terms.mounts {
            Some(names) => Some(mounts(session, names).map_err(failed)?),
            None => None,
        };
        let exposed = match &terms.expose {
            Some(names) => Some(exposed(&tool, names)?),
            None => None,
        };
        Ok(Self {
            tool,
            allowed,
            mounts,
            exposed,
            limits: terms.limits,
        })
    }

    pub(crate) fn exposes(&self, function: usize) -> bool {
        let exposed = self.exposed.as_ref();
        exposed.is_none_or(|exposed| exposed.contains(&function))
    }

    /// The names of its functions that can be called, for models.
    pub(crate) fn model_names(&self) -> impl Iterator<Item = String> {
        let functions = self.tool.contract().functions.iter().enumerate();
        functions
            .filter(|(index, _)| self.exposes(*index))
            .map(|(_, function)| self.tool.model_name(function))
    }
}

/// What a tool may do in a session. By default all that the session has.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ToolTerms {
    /// Names of the session that it may be handed, each with fewer rights if some are said. None: all. `/results` is for every tool.
    pub grants: Option<Vec<(String, Option<Rights>)>>,
    /// Names that are mounted for it, with the rights that it has there. None: those that are mounted for all.
    pub mounts: Option<Vec<String>>,
    /// The functions that can be called, in snake case. None: all.
    pub expose: Option<Vec<String>>,
    /// The most that its calls may use. They lower the session's limits.
    pub limits: Limits,
}

impl Default for ToolTerms {
    fn default() -> Self {
        Self {
            grants: None,
            mounts: None,
            expose: None,
            limits: Limits::max(),
        }
    }
}

/// The handles that a tool gets: the session's, or with fewer rights.
fn allowed(
    session: &Inner,
    grants: &[(String, Option<Rights>)],
) -> Result<Vec<Allowed>, GrantError> {
    let handles = session.namespace.handles();
    let one = |(name, rights): &(String, Option<Rights>)| {
        let handle = session.known(name)?;
        let handle = match rights {
            None => handle,
            Some(rights) => {
                let terms = Attenuation {
                    rights: Some(*rights),
                    ..Attenuation::default()
                };
                handles
                    .attenuate_as(handle, name, &terms)
                    .map_err(|source| GrantError::Handle {
                        name: name.clone(),
                        source,
                    })?
            }
        };
        Ok((name.as_str().into(), handle))
    };
    grants.iter().map(one).collect()
}

/// The names that are mounted for a tool, if all are granted.
fn mounts(session: &Inner, names: &[String]) -> Result<Vec<Arc<str>>, GrantError> {
    let one = |name: &String| session.known(name).map(|_| name.as_str().into());
    names.iter().map(one).collect()
}

/// Which of a tool's functions are meant by name.
fn exposed(tool: &Tool, names: &[String]) -> Result<Vec<usize>, LoadError> {
    let functions = &tool.contract().functions;
    let index = |name: &String| {
        let index = functions.iter().position(|known| known.name == *name);
        index.ok_or_else(|| {
            let known = functions.iter().map(|known| known.name.as_str());
            LoadError::Function {
                tool: tool.name().to_owned(),
                function: name.clone(),
                near: nearest(name, known, 1).first().map(ToString::to_string),
            }
        })
    };
    names.iter().map(index).collect()
}
