//! The names that a session's model can say, and what they stand for.
//!
//! A name is `/GRANT/path`; a relative path means the default grant, which is the first. There is no other way in: a string that is
//! not one of these stands for nothing, whatever the host has under that path.

use std::path::Path;
use std::sync::Arc;

use bailiwick_capfs::{ErrorCode, Grant, GuestPath, ReadDir, ReadFile, Resolved};
use bailiwick_contract::names::nearest;

use crate::error::GrantError;
use crate::outcome::Code;
use crate::visible;

/// How many names an error lists.
const LISTED: usize = 8;

/// The longest name of a grant, in bytes.
const NAME: usize = 64;

/// What a top-level name stands for.
#[derive(Debug, Clone)]
enum Capability {
    Files(Grant),
}

/// A session's top-level names, in the order in which they were granted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Namespace {
    names: Vec<(Arc<str>, Capability)>,
}

/// What kind of thing a parameter's type asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Directory,
    File,
}

/// What a name was resolved to.
#[derive(Debug)]
pub(crate) enum Resource {
    Directory(ReadDir),
    File(ReadFile),
}

/// Why a name stands for nothing that can be handed over.
#[derive(Debug, Clone)]
pub(crate) struct NameError {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Namespace {
    pub(crate) fn grant(&mut self, name: &str, grant: Grant) -> Result<(), GrantError> {
        let fits = (1..=NAME).contains(&name.len())
            && !name.starts_with('.')
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if !fits {
            return Err(GrantError::Name {
                name: name.to_owned(),
            });
        }
        if self.names.iter().any(|(known, _)| **known == *name) {
            return Err(GrantError::Duplicate {
                name: name.to_owned(),
            });
        }
        self.names.push((name.into(), Capability::Files(grant)));
        Ok(())
    }

    /// `/workspace (rw, default), /docs (ro)`
    pub(crate) fn describe(&self) -> String {
        if self.names.is_empty() {
            return "nothing is granted in this session".to_owned();
        }
        let mut text = String::new();
        for (position, (name, Capability::Files(grant))) in self.names.iter().enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            let default = if position == 0 { ", default" } else { "" };
            text.push_str(&format!("{comma}/{name} ({}{default})", grant.rights()));
        }
        text
    }

    /// What `said` stands for, narrowed to it.
    pub(crate) fn resolve(&self, said: &str, wanted: Wanted) -> Result<Resource, NameError> {
        let (name, grant, path) = self.locate(said)?;
        let canonical = canonical(name, &path);
        let resolved = grant
            .resolve_read(name, &path)
            .map_err(|code| self.failed(code, &canonical, name, grant, &path))?;
        match (wanted, resolved) {
            (Wanted::Directory, Resolved::Dir(dir)) => Ok(Resource::Directory(dir)),
            (Wanted::File, Resolved::File(file)) => Ok(Resource::File(file)),
            (Wanted::Directory, Resolved::File(_)) => {
                let parent = canonical.rsplit_once('/').map_or("/", |(parent, _)| parent);
                Err(NameError {
                    code: Code::InvalidArguments,
                    message: format!("`{canonical}` is a file, and a directory is wanted"),
                    hint: Some(format!("give the directory that holds it: `{parent}`")),
                })
            }
            (Wanted::File, Resolved::Dir(_)) => Err(NameError {
                code: Code::InvalidArguments,
                message: format!("`{canonical}` is a directory, and a file is wanted"),
                hint: Some(format!("give a file in it: `{canonical}/NAME`")),
            }),
        }
    }

    fn locate(&self, said: &str) -> Result<(&str, &Grant, GuestPath), NameError> {
        let Some((default, Capability::Files(default_grant))) = self.names.first() else {
            return Err(NameError {
                code: Code::UnknownHandle,
                message: format!("`{said}` stands for nothing: nothing is granted in this session"),
                hint: None,
            });
        };
        let Some(absolute) = said.strip_prefix('/') else {
            let path = GuestPath::parse(said).map_err(|code| self.malformed(code, said))?;
            return Ok((default, default_grant, path));
        };
        let absolute = absolute.trim_start_matches('/');
        let (first, rest) = absolute.split_once('/').unwrap_or((absolute, ""));
        if let Some((name, Capability::Files(grant))) =
            self.names.iter().find(|(name, _)| **name == *first)
        {
            let rest = rest.trim_start_matches('/');
            let path = GuestPath::parse(rest).map_err(|code| self.malformed(code, said))?;
            return Ok((name, grant, path));
        }
        for (name, Capability::Files(grant)) in &self.names {
            if let Some(inside) = grant.translate(Path::new(said)) {
                let path = GuestPath::parse(&inside).map_err(|code| self.malformed(code, said))?;
                return Ok((name, grant, path));
            }
        }
        Err(self.unknown(said, first))
    }

    /// A path of the host's that no grant covers looks like a misspelt name. What is like a name, or has only one part, is taken for
    /// that; the rest for an attempt to leave.
    fn unknown(&self, said: &str, first: &str) -> NameError {
        let near = nearest(first, self.names.iter().map(|(name, _)| &**name), 1);
        let there_is = format!("there is: {}", self.describe());
        if near.is_empty() && said.trim_matches('/').contains('/') {
            return NameError {
                code: Code::Denied,
                message: format!("`{said}` is outside of everything that is granted"),
                hint: Some(there_is),
            };
        }
        NameError {
            code: Code::UnknownHandle,
            message: format!("there is no `/{first}` in this session"),
            hint: Some(match near.first() {
                Some(name) => format!("did you mean `/{name}`? {there_is}"),
                None => there_is,
            }),
        }
    }

    fn malformed(&self, code: ErrorCode, said: &str) -> NameError {
        match code {
            ErrorCode::NotPermitted => NameError {
                code: Code::Denied,
                message: format!("`{said}` leaves what is granted"),
                hint: Some(format!("there is: {}", self.describe())),
            },
            ErrorCode::NameTooLong => NameError {
                code: Code::InvalidArguments,
                message: "the path is longer than 4,096 bytes, or a name in it than 255".to_owned(),
                hint: None,
            },
            _ => NameError {
                code: Code::InvalidArguments,
                message: format!("`{}` is not a path", said.escape_debug()),
                hint: Some("a path has no NUL characters".to_owned()),
            },
        }
    }

    fn failed(
        &self,
        code: ErrorCode,
        canonical: &str,
        name: &str,
        grant: &Grant,
        path: &GuestPath,
    ) -> NameError {
        let (code, message, hint) = match code {
            ErrorCode::NoEntry | ErrorCode::NotDirectory => {
                // Names on disk are whatever somebody made them.
                let near: Vec<_> = grant
                    .names_near(name, path, LISTED)
                    .iter()
                    .map(|near| visible::name(near))
                    .collect();
                let hint = match near.as_slice() {
                    [] => format!("there is: {}", self.describe()),
                    [one] => format!("did you mean `{one}`?"),
                    some => format!("names like it: `{}`", some.join("`, `")),
                };
                (
                    Code::UnknownHandle,
                    format!("there is no `{canonical}`"),
                    Some(hint),
                )
            }
            ErrorCode::NotPermitted | ErrorCode::CrossDevice => (
                Code::Denied,
                format!("`{canonical}` leads out of what is granted"),
                Some(format!("there is: {}", self.describe())),
            ),
            ErrorCode::Access => (
                Code::Denied,
                format!("`{canonical}` cannot be read by the host"),
                None,
            ),
            ErrorCode::Unsupported => (
                Code::InvalidArguments,
                format!("`{canonical}` is neither a regular file nor a directory"),
                None,
            ),
            ErrorCode::Loop => (
                Code::InvalidArguments,
                format!("`{canonical}` is a loop of links"),
                None,
            ),
            other => (
                Code::HostError,
                format!("`{canonical}` cannot be opened: {other}"),
                None,
            ),
        };
        NameError {
            code,
            message,
            hint,
        }
    }
}

fn canonical(name: &str, path: &GuestPath) -> String {
    let path = path.to_string();
    if path.is_empty() {
        format!("/{name}")
    } else {
        format!("/{name}/{path}")
    }
}
