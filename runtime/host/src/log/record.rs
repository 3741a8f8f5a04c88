//! What a record says.
//!
//! Everything in it that somebody else chose is made visible and cut: names that a model asked for, messages that a tool wrote.

use bailiwick_capfs::{Attenuation, Capability, Grant, Rights, Writes};
use bailiwick_contract::{Digest, visible};
use serde::Serialize;
use serde_json::Value;

use crate::added::ToolTerms;
use crate::outcome::{Code, Failure, Outcome, Usage};
use crate::run::Request;
use crate::session::GrantOptions;
use crate::tool::Tool;

/// The longest name, and the longest message, in bytes.
const NAME: usize = 256;
const MESSAGE: usize = 1 << 10;

/// How many names a list has.
const LISTED: usize = 32;

/// One record.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Record {
    /// A call ended, or was refused.
    Call(Box<CallRecord>),
    /// A tool was added to a session.
    Tool(ToolRecord),
    /// A name was given to a session.
    Grant(GrantRecord),
    /// A narrower handle was given a name.
    Attenuate(AttenuateRecord),
    /// A handle was taken back, with all that came from it.
    Revoke { name: String, handles: u64 },
    /// Tools that open files by themselves see a name.
    Mount { name: String },
    /// What the process before left was put in order.
    Repair(Repair),
}

/// What was found and done before a record could be added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Repair {
    /// Records that were written, and their process killed before the head said so.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) adopted: u64,
    /// Bytes of a record of which only a part was written.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) cut_bytes: u64,
    /// Bytes that are not there any more.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) missing_bytes: u64,
    /// Bytes that no record was written in.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) foreign_bytes: u64,
    /// Nobody knows what was the last record.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) lost_head: bool,
}

/// A call, and how it ended.
#[derive(Debug, Serialize)]
pub(crate) struct CallRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    tool: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    #[serde(skip_serializing_if = "str::is_empty")]
    call: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<Digest>,
    code: Code,
    /// The caller dropped it before it ended.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) dropped: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow: Option<String>,
    #[serde(skip_serializing_if = "is_zero")]
    changes: u64,
    #[serde(skip_serializing_if = "is_false")]
    pending: bool,
    #[serde(skip_serializing_if = "is_zero")]
    discarded: u64,
    #[serde(skip_serializing_if = "is_zero")]
    conflicts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    undo: Option<u64>,
    usage: Usage,
}

#[derive(Debug, Serialize)]
struct FailureRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    message: String,
    /// What only the operator is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    used: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ToolRecord {
    tool: String,
    digest: Digest,
    /// What it may be handed: `workspace:ro`. None: all that the session has.
    #[serde(skip_serializing_if = "Option::is_none")]
    grants: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mounts: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expose: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct GrantRecord {
    name: String,
    /// The directory of the host. None for one of the session's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    rights: String,
    writes: &'static str,
    quota_bytes: u64,
    quota_entries: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct AttenuateRecord {
    /// The handle that it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    name: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rights: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// One line, whatever is in it, and not too long.
fn name(name: &str) -> String {
    cut(visible::name(start(name, NAME)), NAME)
}

/// Text with its line breaks, and nothing hidden.
fn message(text: &str) -> String {
    cut(visible::text(start(text, MESSAGE)), MESSAGE)
}

/// What is not shown needs not be made visible either.
fn start(text: &str, most: usize) -> &str {
    // One more than is kept, so that it is seen to be cut.
    &text[..text.floor_char_boundary(most + 4)]
}

fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
        text.push('…');
    }
    text
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    names.take(LISTED).map(|one| name(one)).collect()
}

fn why<T, E: std::fmt::Display>(done: &Result<T, E>) -> Option<String> {
    let error = done.as_ref().err()?;
    Some(message(&error.to_string()))
}

impl CallRecord {
    /// Of a call of what was asked for, which there may not be.
    pub(crate) fn asked(tool: &str) -> Self {
        Self {
            id: None,
            tool: name(tool),
            function: None,
            digest: None,
            call: String::new(),
            arguments: None,
            // What it is as long as nobody says how it ended.
            code: Code::Cancelled,
            dropped: false,
            failure: None,
            allow: None,
            changes: 0,
            pending: false,
            discarded: 0,
            conflicts: 0,
            undo: None,
            usage: Usage::default(),
        }
    }

    /// Of a call that begins.
    pub(crate) fn begun(session: &str, request: &Request) -> Self {
        let (function, _) = request.tool.function(request.function);
        Self {
            id: Some(format!("{session}-{}", request.call)),
            function: Some(name(&function.name)),
            digest: Some(request.tool.contract().digest),
            call: request.call.clone(),
            arguments: Some(arguments(&request.arguments)),
            ..Self::asked(request.tool.name())
        }
    }

    /// How it ended.
    pub(crate) fn end(&mut self, outcome: &Outcome) {
        self.code = outcome.code;
        self.failure = outcome.failure.as_ref().map(FailureRecord::of);
        let allow = |failure: &Failure| failure.allow.as_deref().map(message);
        self.allow = outcome.failure.as_ref().and_then(allow);
        self.changes = outcome.changes.len() as u64;
        self.pending = outcome.pending;
        self.discarded = outcome.discarded.len() as u64;
        self.conflicts = outcome.conflicts.len() as u64;
        self.undo = outcome.undo;
        self.usage = outcome.usage;
    }

    /// The host failed in the middle of it.
    pub(crate) fn panicked(&mut self) {
        self.code = Code::HostError;
        let failure = Failure::new("the host panicked");
        self.failure = Some(FailureRecord::of(&failure));
    }
}

/// The digest of arguments as compact JSON. They themselves may hold secrets.
fn arguments(arguments: &Value) -> Digest {
    Digest::of(arguments.to_string().as_bytes())
}

impl FailureRecord {
    fn of(failure: &Failure) -> Self {
        Self {
            code: failure.code.as_deref().map(name),
            message: message(&failure.message),
            detail: failure.detail.as_deref().map(message),
            used: failure.used,
            limit: failure.limit,
        }
    }
}

impl Record {
    pub(crate) fn tool<T, E: std::fmt::Display>(
        tool: &Tool,
        terms: &ToolTerms,
        done: &Result<T, E>,
    ) -> Self {
        let handed = |(grant, rights): &(String, Option<Rights>)| match rights {
            Some(rights) => name(&format!("{grant}:{rights}")),
            None => name(grant),
        };
        let grants = terms.grants.as_ref();
        Self::Tool(ToolRecord {
            tool: name(tool.name()),
            digest: tool.contract().digest,
            grants: grants.map(|grants| grants.iter().take(LISTED).map(handed).collect()),
            mounts: terms.mounts.as_ref().map(|mounts| names(mounts.iter())),
            expose: terms.expose.as_ref().map(|expose| names(expose.iter())),
            refused: why(done),
        })
    }
}

impl GrantRecord {
    pub(crate) fn new(called: &str, grant: &Grant, options: &GrantOptions) -> Self {
        Self {
            path: Some(message(&grant.opened_at().to_string_lossy())),
            ..Self::own(called, grant.rights(), options)
        }
    }

    /// Of a folder that the session made.
    pub(crate) fn own(called: &str, rights: Rights, options: &GrantOptions) -> Self {
        Self {
            name: name(called),
            path: None,
            rights: rights.to_string(),
            writes: match options.writes {
                Writes::Apply => "apply",
                Writes::Review => "review",
                Writes::Direct => "direct",
            },
            quota_bytes: options.quota.bytes,
            quota_entries: options.quota.entries,
            refused: None,
        }
    }

    /// Whether it was granted.
    pub(crate) fn ended<T, E: std::fmt::Display>(mut self, done: &Result<T, E>) -> Record {
        self.refused = why(done);
        Record::Grant(self)
    }
}

impl Record {
    pub(crate) fn attenuate<T, E: std::fmt::Display>(
        from: Option<&Capability>,
        called: &str,
        terms: &Attenuation,
        done: &Result<T, E>,
    ) -> Self {
        Self::Attenuate(AttenuateRecord {
            from: from.map(|from| name(from.name())),
            name: name(called),
            path: message(&terms.path.to_string()),
            rights: terms.rights.map(|rights| rights.to_string()),
            refused: why(done),
        })
    }

    pub(crate) fn revoke(of: Option<&Capability>, handles: usize) -> Self {
        Self::Revoke {
            name: of.map(|of| name(of.name())).unwrap_or_default(),
            handles: handles as u64,
        }
    }

    pub(crate) fn mount(mounted: &str) -> Self {
        Self::Mount {
            name: name(mounted),
        }
    }
}
