//! What grants and tools can be called.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::error::{Code, PolicyError, Problems};
use crate::nearest;

/// The longest name of a grant, in bytes: the session's rule.
const GRANT: usize = 64;

/// The longest name of a tool, in bytes: with `_` and the shortest name of a function it is 64, which is what models'
/// interfaces take.
const TOOL: usize = 62;

/// Names of a session that nothing else can have.
const RESERVED: &[&str] = &[SCRATCH, "results", "inbox"];

/// The session's own directory to write in, which a tool can be given and which nobody grants.
pub(crate) const SCRATCH: &str = "scratch";

/// Why a name cannot be one, and what to do.
pub(crate) type Wrong = (Code, String, String);

/// Whether a grant can have this name.
pub(crate) fn grant(name: &str) -> Result<(), Wrong> {
    let shown = nearest::quote(name);
    let taken = RESERVED.iter().find(|taken| alike(taken) == alike(name));
    if let Some(taken) = taken {
        let message = format!("`{shown}` cannot be granted: `/{taken}` is the session's own");
        return Err((Code::BadName, message, "give it another name".into()));
    }
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    if (1..=GRANT).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(fits) {
        return Ok(());
    }
    let message = format!("`{shown}` cannot be a grant's name");
    let help =
        format!("a name has 1 to {GRANT} of `a-z A-Z 0-9 . _ -`, and no dot at the beginning");
    Err((Code::BadName, message, help))
}

/// Whether a tool can have this name.
pub(crate) fn tool(name: &str) -> Result<(), Wrong> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if (1..=TOOL).contains(&name.len()) && name.bytes().all(fits) {
        return Ok(());
    }
    let message = format!("`{}` cannot be a tool's name", nearest::quote(name));
    let help = format!("a name has 1 to {TOOL} of `a-z A-Z 0-9 _ -`");
    Err((Code::BadName, message, help))
}

/// Whether a function that a model calls can have this name: what WIT's names become.
pub(crate) fn function(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    name.bytes().next().is_some_and(|b| b.is_ascii_lowercase()) && name.bytes().all(fits)
}

/// What names that are taken for each other have in common.
pub(crate) fn alike(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

/// Checks the names of one table as they come.
pub(crate) struct Names {
    /// `grant`, `tool`
    kind: &'static str,
    check: fn(&str) -> Result<(), Wrong>,
    /// By what they have in common.
    known: BTreeMap<String, String>,
}

impl Names {
    pub(crate) fn new(kind: &'static str, check: fn(&str) -> Result<(), Wrong>) -> Self {
        let known = BTreeMap::new();
        Self { kind, check, known }
    }

    /// Why a name cannot be one beside those that were checked before. What can is remembered.
    pub(crate) fn check(&mut self, name: &str) -> Result<(), Wrong> {
        (self.check)(name)?;
        if let Some(other) = self.known.get(&alike(name)) {
            let message = format!("{} `{name}` looks like `{other}`", self.kind);
            let help = "names that differ only in case, or in `-` and `_`, are taken for each other: rename one";
            return Err((Code::LookAlike, message, help.into()));
        }
        self.known.insert(alike(name), name.to_owned());
        Ok(())
    }

    /// As [`check`](Self::check), as a mistake at `span`.
    pub(crate) fn tell(&mut self, name: &str, span: &Range<usize>, problems: &mut Problems) {
        if let Err((code, message, help)) = self.check(name) {
            problems.push(PolicyError::new(code, span.clone(), message).help(help));
        }
    }
}

/// The help for the name of a grant that is not there.
pub(crate) fn granted(name: &str, grants: &[String]) -> String {
    if RESERVED.contains(&name) {
        return format!("`/{name}` is the session's own, and is not named here");
    }
    match grants {
        [] => "nothing is granted: write a table `[grants.NAME]`".to_owned(),
        grants => nearest::help(name, grants.iter().map(String::as_str)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_grants() {
        for name in ["w", "my-docs", "a.b", "A_1", &"x".repeat(64)] {
            assert!(grant(name).is_ok(), "{name}");
        }
        for name in [
            "",
            ".git",
            "a/b",
            "a b",
            "é",
            "a:ro",
            "..",
            "a\0",
            &"x".repeat(65),
        ] {
            assert!(grant(name).is_err(), "{name}");
        }
        for name in ["scratch", "results", "inbox", "Results"] {
            assert!(
                grant(name).unwrap_err().1.contains("session's own"),
                "{name}"
            );
        }
    }

    #[test]
    fn names_of_tools() {
        for name in ["files", "my_tool", "my-tool", "9", &"x".repeat(62)] {
            assert!(tool(name).is_ok(), "{name}");
        }
        for name in ["", "a.b", "a b", "é", "a/b", &"x".repeat(63)] {
            assert!(tool(name).is_err(), "{name}");
        }
    }

    #[test]
    fn names_that_look_alike() {
        let mut names = Names::new("tool", tool);
        assert!(names.check("my-tool").is_ok());
        for name in ["my-tool", "my_tool", "My-Tool", "MY_TOOL"] {
            assert_eq!(names.check(name).unwrap_err().0, Code::LookAlike, "{name}");
        }
        assert!(names.check("mytool").is_ok());
    }
}
