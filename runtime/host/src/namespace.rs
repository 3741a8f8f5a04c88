//! The names that a session's model can say, and what they stand for.
//!
//! A name is `/GRANT/path`; a relative path means the default grant, which is the first. There is no other way in: a string that is
//! not one of these stands for nothing, whatever the host has under that path.

use std::path::Path;
use std::sync::Arc;

use bailiwick_capfs::{
    self as capfs, Capability, ErrorCode, Expect, GuestPath, HandleId, Handles, Mount, ReadDir,
    ReadFile, Resolved, Rights, WriteDir, WriteFile,
};
use bailiwick_contract::names::nearest;

use crate::allow::Allow;
use crate::error::GrantError;
use crate::layers::Layers;
use crate::outcome::Code;
use bailiwick_contract::visible;

/// How many names an error lists.
const LISTED: usize = 8;

/// The longest name of a grant, in bytes.
const NAME: usize = 64;

/// What a top-level name stands for. Only files today.
#[derive(Debug, Clone, Copy)]
enum Handle {
    Files(HandleId),
}

/// A session's top-level names, in the order in which they were granted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Namespace {
    names: Vec<(Arc<str>, Handle)>,
    /// `/results`, which is not granted by anybody.
    last: Option<(Arc<str>, Handle)>,
    /// The name that relative paths are in. None: the first.
    default: Option<Arc<str>>,
    /// Names of the session that the tool of a call is not to be handed.
    withheld: Vec<Arc<str>>,
    handles: Handles,
}

/// A name that a tool may be handed, and the handle that it gets.
pub(crate) type Allowed = (Arc<str>, HandleId);

/// What kind of thing a parameter's type asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Directory { writes: bool },
    File { writes: bool },
    Mount { writes: bool },
}

/// What a name was resolved to.
#[derive(Debug)]
pub(crate) enum Resource {
    ReadDir(ReadDir),
    ReadFile(ReadFile),
    WriteDir(WriteDir),
    WriteFile(WriteFile),
    Mount(Mount),
}

/// A place in the namespace, not looked at yet.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) capability: Capability,
    /// Seen from the capability.
    pub(crate) path: GuestPath,
    /// `/workspace/src/main.rs`
    pub(crate) canonical: String,
}

/// Why a name stands for nothing that can be handed over.
#[derive(Debug, Clone)]
pub(crate) struct NameError {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// What would allow it.
    pub(crate) allow: Option<Allow>,
}

impl NameError {
    /// The same, when it was to be written.
    pub(crate) fn for_writing(mut self, writes: bool) -> Self {
        self.allow = self.allow.map(|allow| match writes {
            true => allow.for_writing(),
            false => allow,
        });
        self
    }
}

impl Wanted {
    /// Whether it is to be changed.
    pub(crate) fn writes(self) -> bool {
        match self {
            Self::Directory { writes } | Self::File { writes } | Self::Mount { writes } => writes,
        }
    }
}

impl Namespace {
    /// The session's table of handles.
    pub(crate) fn handles(&self) -> &Handles {
        &self.handles
    }

    /// Whether the name can be given.
    pub(crate) fn check(&self, name: &str) -> Result<(), GrantError> {
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
        if self
            .names
            .iter()
            .chain(&self.last)
            .any(|(known, _)| **known == *name)
        {
            return Err(GrantError::Duplicate {
                name: name.to_owned(),
            });
        }
        Ok(())
    }

    /// Gives a handle a name, which [`check`](Self::check) said can be given.
    pub(crate) fn name(&mut self, name: &str, handle: HandleId) {
        self.names.push((name.into(), Handle::Files(handle)));
    }

    /// As [`name`](Self::name), and it is never the default: the name stays behind all that are granted.
    pub(crate) fn name_last(&mut self, name: &str, handle: HandleId) {
        self.last = Some((name.into(), Handle::Files(handle)));
    }

    /// The handle of a name.
    pub(crate) fn handle(&self, name: &str) -> Option<HandleId> {
        let mut names = self.names.iter().chain(&self.last);
        let (_, Handle::Files(id)) = names.find(|(known, _)| **known == *name)?;
        Some(*id)
    }

    /// The name that relative paths are in, which has been granted.
    pub(crate) fn set_default(&mut self, name: &str) {
        self.default = Some(name.into());
    }

    fn default(&self) -> Option<&str> {
        let first = self.names.first().map(|(name, _)| name);
        self.default.as_ref().or(first).map(|name| &**name)
    }

    /// The names as a tool sees them that may be handed these and no other, and `/results`.
    pub(crate) fn only(&self, allowed: &[Allowed]) -> Namespace {
        let is_allowed = |name: &str| allowed.iter().any(|(known, _)| **known == *name);
        let names = self.names.iter().filter_map(|(name, _)| {
            let (_, id) = allowed.iter().find(|(known, _)| known == name)?;
            Some((name.clone(), Handle::Files(*id)))
        });
        let withheld = self.names.iter().map(|(name, _)| name);
        Self {
            names: names.collect(),
            last: self.last.clone(),
            default: self.default().map(Into::into),
            withheld: withheld.filter(|name| !is_allowed(name)).cloned().collect(),
            handles: self.handles.clone(),
        }
    }

    /// The names whose handles hold, in order, and whether each is the default.
    fn live(&self) -> impl Iterator<Item = (&str, Capability, bool)> {
        let default = self.default();
        let names = self.names.iter().chain(&self.last);
        names.filter_map(move |(name, Handle::Files(id))| {
            let capability = self.handles.get(*id).ok()?;
            let is_granted = || self.names.iter().any(|(known, _)| known == name);
            let is_default = default == Some(&**name) && is_granted();
            Some((&**name, capability, is_default))
        })
    }

    /// `/workspace (rw, default), /docs (ro)`
    pub(crate) fn describe(&self) -> String {
        let mut text = String::new();
        for (name, capability, default) in self.live() {
            let comma = if text.is_empty() { "" } else { ", " };
            let default = if default { ", default" } else { "" };
            text.push_str(&format!(
                "{comma}/{name} ({}{default})",
                capability.rights()
            ));
        }
        if text.is_empty() {
            return "nothing is granted in this session".to_owned();
        }
        text
    }

    /// What `said` stands for, narrowed to it, in the call's layers.
    pub(crate) fn resolve(
        &self,
        layers: &mut Layers,
        said: &str,
        wanted: Wanted,
    ) -> Result<Resource, NameError> {
        let writes = wanted.writes();
        let place = self
            .locate(said)
            .map_err(|error| error.for_writing(writes))?;
        let layer = layers.of(&place.capability).clone();
        let Place {
            capability, path, ..
        } = &place;
        let failed = |code| self.failed(code, &place, &layer);
        if writes && !capability.rights().allows(Rights::READ_WRITE) {
            return Err(self.read_only(&place));
        }
        match wanted {
            Wanted::Mount { writes } => {
                let mount = layer.mount(capability, path, writes).map_err(failed)?;
                Ok(Resource::Mount(mount))
            }
            Wanted::Directory { writes: true } => match layer.write_dir(capability, path) {
                Ok(dir) => Ok(Resource::WriteDir(dir)),
                Err(ErrorCode::NotDirectory) => Err(is_a_file(&place.canonical)),
                Err(code) => Err(failed(code)),
            },
            Wanted::File { writes: true } => {
                match layer.write_file(capability, path, Expect::Either) {
                    Ok(file) => Ok(Resource::WriteFile(file)),
                    Err(ErrorCode::IsDirectory) => Err(is_a_directory(&place.canonical)),
                    Err(code) => Err(failed(code)),
                }
            }
            Wanted::Directory { .. } | Wanted::File { .. } => {
                let resolved = layer.resolve_read(capability, path).map_err(failed)?;
                match (wanted, resolved) {
                    (Wanted::Directory { .. }, Resolved::Dir(dir)) => Ok(Resource::ReadDir(dir)),
                    (Wanted::Directory { .. }, Resolved::File(_)) => {
                        Err(is_a_file(&place.canonical))
                    }
                    (_, Resolved::File(file)) => Ok(Resource::ReadFile(file)),
                    (_, Resolved::Dir(_)) => Err(is_a_directory(&place.canonical)),
                }
            }
        }
    }

    /// Which capability `said` means, and what path in it. Nothing is looked at.
    pub(crate) fn locate(&self, said: &str) -> Result<Place, NameError> {
        let place = |name: &str, capability, path: GuestPath| Place {
            canonical: canonical(name, &path),
            capability,
            path,
        };
        if self.live().next().is_none() && self.withheld.is_empty() {
            return Err(NameError {
                code: Code::UnknownHandle,
                message: format!("`{said}` stands for nothing: nothing is granted in this session"),
                hint: None,
                allow: None,
            });
        }
        let Some(absolute) = said.strip_prefix('/') else {
            let Some((name, capability, _)) = self.live().find(|(_, _, default)| *default) else {
                return Err(NameError {
                    code: Code::UnknownHandle,
                    message: format!("`{said}` stands for nothing: there is no default grant"),
                    hint: Some(format!("there is: {}", self.describe())),
                    allow: None,
                });
            };
            let path = GuestPath::parse(said).map_err(|code| self.malformed(code, said))?;
            return Ok(place(name, capability, path));
        };
        let absolute = absolute.trim_start_matches('/');
        let (first, rest) = absolute.split_once('/').unwrap_or((absolute, ""));
        if let Some((name, capability, _)) = self.live().find(|(name, _, _)| *name == first) {
            let rest = rest.trim_start_matches('/');
            let path = GuestPath::parse(rest).map_err(|code| self.malformed(code, said))?;
            return Ok(place(name, capability, path));
        }
        if self.withheld.iter().any(|name| **name == *first) {
            return Err(NameError {
                code: Code::Denied,
                message: format!("`/{first}` is not for this tool"),
                hint: Some(format!("it may be given: {}", self.describe())),
                allow: Some(Allow::Hand {
                    grant: first.to_owned(),
                    writes: false,
                }),
            });
        }
        if self.handle(first).is_some() {
            return Err(NameError {
                code: Code::UnknownHandle,
                message: format!("`/{first}` was taken back"),
                hint: Some(format!("there is: {}", self.describe())),
                allow: None,
            });
        }
        for (name, capability, _) in self.live() {
            if let Some(inside) = capability.translate(Path::new(said)) {
                let path = GuestPath::parse(&inside).map_err(|code| self.malformed(code, said))?;
                return Ok(place(name, capability, path));
            }
        }
        Err(self.unknown(said, first))
    }

    /// The capability of a top-level name.
    pub(crate) fn capability(&self, name: &str) -> Option<Capability> {
        self.handles.get(self.handle(name)?).ok()
    }

    fn read_only(&self, place: &Place) -> NameError {
        let capability = &place.capability;
        let grant = capability.name().trim_start_matches('/').to_owned();
        // Nobody writes to `/results`, whatever a policy says.
        let is_own = self.last.as_ref().is_some_and(|(last, _)| **last == *grant);
        let is_written = capability
            .volume()
            .grant()
            .rights()
            .allows(Rights::READ_WRITE);
        let allow = match is_written {
            _ if is_own => None,
            true => Some(Allow::HandToWrite { grant }),
            false => Some(Allow::Write { grant }),
        };
        NameError {
            code: Code::Denied,
            message: format!("`{}` can only be read here", place.canonical),
            hint: Some(format!("there is: {}", self.describe())),
            allow,
        }
    }

    /// A path of the host's that no grant covers looks like a misspelt name. What is like a name, or has only one part, is taken for
    /// that; the rest for an attempt to leave.
    fn unknown(&self, said: &str, first: &str) -> NameError {
        let near = nearest(
            first,
            self.live()
                .map(|(name, _, _)| name)
                .collect::<Vec<_>>()
                .into_iter(),
            1,
        );
        let there_is = format!("there is: {}", self.describe());
        if near.is_empty() && said.trim_matches('/').contains('/') {
            return NameError {
                code: Code::Denied,
                message: format!("`{said}` is outside of everything that is granted"),
                hint: Some(there_is),
                allow: Some(Allow::Grant {
                    path: said.to_owned(),
                    writes: false,
                }),
            };
        }
        NameError {
            code: Code::UnknownHandle,
            message: format!("there is no `/{first}` in this session"),
            hint: Some(match near.first() {
                Some(name) => format!("did you mean `/{name}`? {there_is}"),
                None => there_is,
            }),
            allow: None,
        }
    }

    fn malformed(&self, code: ErrorCode, said: &str) -> NameError {
        match code {
            ErrorCode::NotPermitted => NameError {
                code: Code::Denied,
                message: format!("`{said}` leaves what is granted"),
                hint: Some(format!("there is: {}", self.describe())),
                allow: None,
            },
            ErrorCode::NameTooLong => NameError {
                code: Code::InvalidArguments,
                message: "the path is longer than 4,096 bytes, or a name in it than 255".to_owned(),
                hint: None,
                allow: None,
            },
            _ => NameError {
                code: Code::InvalidArguments,
                message: format!("`{}` is not a path", said.escape_debug()),
                hint: Some("a path has no NUL characters".to_owned()),
                allow: None,
            },
        }
    }

    /// Why nothing could be handed over. `place` was located, and then refused with `code`.
    pub(crate) fn failed(&self, code: ErrorCode, place: &Place, layer: &capfs::Layer) -> NameError {
        let canonical = &place.canonical;
        let (code, message, hint) = match code {
            ErrorCode::NoEntry | ErrorCode::NotDirectory => {
                // Names on disk are whatever somebody made them.
                let near: Vec<_> = layer
                    .names_near(&place.capability, &place.path, LISTED)
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
                format!("`{canonical}` is protected, or leads out of what is granted"),
                Some(format!("there is: {}", self.describe())),
            ),
            ErrorCode::BadDescriptor => (
                Code::UnknownHandle,
                format!("`{canonical}` was taken back"),
                Some(format!("there is: {}", self.describe())),
            ),
            ErrorCode::Access => (
                Code::Denied,
                format!("`{canonical}` cannot be opened by the host"),
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
            allow: None,
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

fn is_a_file(canonical: &str) -> NameError {
    let parent = canonical.rsplit_once('/').map_or("/", |(parent, _)| parent);
    NameError {
        code: Code::InvalidArguments,
        message: format!("`{canonical}` is a file, and a directory is wanted"),
        hint: Some(format!("give the directory that holds it: `{parent}`")),
        allow: None,
    }
}

fn is_a_directory(canonical: &str) -> NameError {
    NameError {
        code: Code::InvalidArguments,
        message: format!("`{canonical}` is a directory, and a file is wanted"),
        hint: Some(format!("give a file in it: `{canonical}/NAME`")),
        allow: None,
    }
}
