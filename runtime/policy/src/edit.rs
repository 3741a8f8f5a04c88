//! Tools into a policy's text and out of it again, with every comment and blank that a person wrote kept.

mod place;

use std::path::Path;

use toml_edit::{DocumentMut, InlineTable, Value};

use crate::amount;
use crate::error::PolicyError;
use crate::nearest;
use crate::parse::{self, names};
use crate::policy::{LimitsPolicy, Metering, Policy, ToolPolicy};

/// The table that tools stand in.
const TOOLS: &str = "tools";

/// Why a policy's text was not changed. Messages are safe to print.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// The text is no policy, as it is.
    #[error("the policy has mistakes: correct them first")]
    Policy {
        /// The mistakes, in the text that was to be changed.
        errors: Vec<PolicyError>,
    },
    /// What it would be changed to is no policy.
    #[error("the policy would have mistakes")]
    Result {
        /// The mistakes.
        errors: Vec<PolicyError>,
        /// The text that has them.
        text: String,
    },
    /// There is a tool of that name.
    #[error("there is a tool `{tool}` already: remove it first, or give this one another name")]
    Exists {
        /// Its name.
        tool: String,
    },
    /// No tool can have that name, or none beside those that there are.
    #[error("{message}: {help}")]
    Name {
        /// What is wrong.
        message: String,
        /// What to do.
        help: String,
    },
    /// There is no tool of that name.
    #[error("there is no tool `{tool}`: {help}")]
    Missing {
        /// The name.
        tool: String,
        /// What was meant, or what there is.
        help: String,
    },
    /// A path that TOML cannot spell, which is Unicode.
    #[error("the component's path is not UTF-8: `{path}`")]
    Path {
        /// The path, as it can be shown.
        path: String,
    },
}

/// The text with another tool in it, behind the last one. It is a policy.
///
/// # Errors
///
/// [`EditError`]: there is one of that name, the name cannot be one, or the text is no policy, before or after.
pub fn add(text: &str, name: &str, tool: &ToolPolicy) -> Result<String, EditError> {
    let policy = Policy::parse(text).map_err(|errors| EditError::Policy { errors })?;
    if policy.tools.contains_key(name) {
        let tool = nearest::quote(name);
        return Err(EditError::Exists { tool });
    }
    let mut known = names::Names::new("tool", names::tool);
    for name in policy.tools.keys() {
        // They were checked when the text was read.
        let _ = known.check(name);
    }
    known
        .check(name)
        .map_err(|(_, message, help)| EditError::Name { message, help })?;
    let block = block(name, tool)?;
    let changed = edit(text, |document| {
        let new = document_of(&block)?.get(TOOLS)?.get(name)?.clone();
        place::insert(document, name, new)
    })?;
    match Policy::parse(&changed) {
        Ok(policy) if policy.tools.get(name) == Some(tool) => Ok(changed),
        Ok(_) => Err(unwritten(changed)),
        Err(errors) => Err(EditError::Result {
            errors,
            text: changed,
        }),
    }
}

/// The text without a tool, and without the comment that stands right above it. The policy may have other mistakes.
///
/// # Errors
///
/// [`EditError::Missing`] when there is no such tool, [`EditError::Policy`] when the text is no TOML.
pub fn remove(text: &str, name: &str) -> Result<String, EditError> {
    let tables = parse::document(text).map_err(|errors| EditError::Policy { errors })?;
    let tools = tables
        .get(TOOLS)
        .and_then(|tools| tools.get_ref().as_table());
    let known: Vec<&str> = tools
        .iter()
        .flat_map(|tools| tools.keys())
        .map(|name| &**name.get_ref())
        .collect();
    if !known.contains(&name) {
        let help = match known.as_slice() {
            [] => "the policy has no tools".to_owned(),
            known => nearest::help(name, known.iter().copied()),
        };
        let tool = nearest::quote(name);
        return Err(EditError::Missing { tool, help });
    }
    let changed = edit(text, |document| place::take(document, name))?;
    match parse::document(&changed) {
        Ok(_) => Ok(changed),
        Err(errors) => Err(EditError::Result {
            errors,
            text: changed,
        }),
    }
}

/// What the change came to does not say what was meant.
fn unwritten(text: String) -> EditError {
    EditError::Result {
        errors: Vec::new(),
        text,
    }
}

/// Changes a text. Lines end as they did.
fn edit(
    text: &str,
    change: impl FnOnce(&mut DocumentMut) -> Option<()>,
) -> Result<String, EditError> {
    let windows = text.contains("\r\n");
    let plain = text.replace("\r\n", "\n");
    let mut document = document_of(&plain).ok_or_else(|| unwritten(text.to_owned()))?;
    change(&mut document).ok_or_else(|| unwritten(text.to_owned()))?;
    let mut changed = document.to_string();
    if !plain.starts_with('\n') {
        changed = changed.trim_start_matches('\n').to_owned();
    }
    Ok(match windows {
        true => changed.replace('\n', "\r\n"),
        false => changed,
    })
}

fn document_of(text: &str) -> Option<DocumentMut> {
    text.parse().ok()
}

/// A tool as it is written.
fn block(name: &str, tool: &ToolPolicy) -> Result<String, EditError> {
    let mut text = format!("[{TOOLS}.{name}]\n");
    let mut line = |key: &str, value: Value| text.push_str(&format!("{key:<9} = {value}\n"));
    line("component", spelled(&tool.component)?);
    if !tool.grants.is_empty() {
        line(
            "grants",
            tool.grants.iter().map(ToString::to_string).collect(),
        );
    }
    if !tool.mounts.is_empty() {
        line("mounts", tool.mounts.iter().collect());
    }
    if let Some(exposed) = &tool.expose {
        line("expose", exposed.iter().collect());
    }
    if tool.limits != LimitsPolicy::default() {
        line("limits", Value::InlineTable(limits(&tool.limits)));
    }
    if tool.metering != Metering::default() {
        line("metering", tool.metering.as_str().into());
    }
    Ok(text)
}

fn limits(limits: &LimitsPolicy) -> InlineTable {
    let amounts = limits.set().into_iter().map(|(key, said)| {
        // A bare number where no unit says more.
        let number = amount::count(&said)
            .ok()
            .filter(|_| said.bytes().all(|b| b.is_ascii_digit()));
        let number = number.and_then(|number| i64::try_from(number).ok());
        (key, number.map_or_else(|| Value::from(said), Value::from))
    });
    amounts.collect()
}

fn spelled(path: &Path) -> Result<Value, EditError> {
    match path.to_str() {
        Some(path) => Ok(path.into()),
        None => Err(EditError::Path {
            path: nearest::quote(path.display()),
        }),
    }
}

#[cfg(test)]
mod tests;
