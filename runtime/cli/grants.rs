//! `--grant NAME=PATH[:ro|:rw]`.

use std::path::PathBuf;

use bailiwick_host::{
    Governing, Grant, GrantOptions, OpenError, Rights, Session, ambient_authority,
};

use bailiwick_policy::GrantPolicy;

use crate::exit::Refusal;

/// A directory or file of the host's, and the name that it gets in the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GrantArg {
    name: String,
    path: PathBuf,
    rights: Rights,
}

/// Reads one `--grant`. Without `:rw` it is read-only.
pub(crate) fn parse(text: &str) -> Result<GrantArg, String> {
    let shape = "expected NAME=PATH, NAME=PATH:ro or NAME=PATH:rw: `workspace=.:ro`";
    let (name, path) = text.split_once('=').ok_or(shape)?;
    let (path, rights) = match path.rsplit_once(':') {
        Some((path, "ro")) => (path, Rights::READ),
        Some((path, "rw")) => (path, Rights::READ_WRITE),
        _ => (path, Rights::READ),
    };
    if name.is_empty() || path.is_empty() {
        return Err(shape.to_owned());
    }
    Ok(GrantArg {
        name: name.to_owned(),
        path: path.into(),
        rights,
    })
}

impl GrantArg {
    /// The name in the session.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it can be written.
    pub(crate) fn writes(&self) -> bool {
        self.rights.allows(Rights::READ_WRITE)
    }

    /// As a policy would say it.
    pub(crate) fn policy(&self, remote: bool) -> Result<GrantPolicy, Refusal> {
        let path = std::path::absolute(&self.path)
            .map_err(|error| Refusal::usage(format!("--grant: {error}")))?;
        Ok(GrantPolicy {
            path,
            rights: match self.writes() {
                true => bailiwick_policy::Rights::ReadWrite,
                false => bailiwick_policy::Rights::Read,
            },
            remote,
            ..GrantPolicy::default()
        })
    }

    /// Opens what is granted and gives the session its name.
    pub(crate) fn open(
        &self,
        session: &Session,
        governing: &Governing,
        options: &GrantOptions,
        remote: bool,
    ) -> Result<(), Refusal> {
        let said = |error: &dyn std::fmt::Display| Refusal::usage(format!("--grant: {error}"));
        let mut terms = governing.terms(self.rights);
        terms.remote = remote;
        let grant =
            Grant::open_with(&self.path, &terms, ambient_authority()).map_err(
                |error| match error {
                    OpenError::Remote { .. } => said(&error).hint("here: --remote"),
                    error => said(&error),
                },
            )?;
        session
            .grant_with(&self.name, grant, options)
            .map_err(|error| said(&error))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_at_the_end_and_read_only_without_a_word() {
        let grant = |path: &str, rights| GrantArg {
            name: "w".into(),
            path: path.into(),
            rights,
        };
        assert_eq!(parse("w=."), Ok(grant(".", Rights::READ)));
        assert_eq!(parse("w=a:b:rw"), Ok(grant("a:b", Rights::READ_WRITE)));
        assert_eq!(parse("w=a:ro"), Ok(grant("a", Rights::READ)));
        assert_eq!(parse("w=a=b"), Ok(grant("a=b", Rights::READ)));
        for text in ["", "w", "=x", "w=", "w=:ro"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
