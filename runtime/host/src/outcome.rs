//! How a call ended: its code, what it returned or why not, and what it used.
//!
//! What a model reads of it is made in [`text`].

mod text;

use std::time::Duration;

use bailiwick_capfs::{Change, Conflict};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::stdio::Captured;

/// How a call ended. Kebab-case in JSON, and stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Code {
    /// The tool returned ok.
    Ok,
    /// The tool returned err.
    ToolError,
    /// The JSON does not fit the contract.
    InvalidArguments,
    /// No tool or function of that name.
    UnknownTool,
    /// No handle of that name.
    UnknownHandle,
    /// A capability was missing.
    Denied,
    /// A file changed since the session last saw it; nothing was written.
    Conflict,
    /// The call's fuel is used up.
    FuelExhausted,
    /// The call's time is over.
    DeadlineExceeded,
    /// The call was denied memory, and failed.
    MemoryExceeded,
    /// The guest's stack is used up.
    StackExhausted,
    /// The result is too large.
    OutputExceeded,
    /// Too many host calls, or too much moved in them.
    HostcallExceeded,
    /// More was to be written than the grant's quota lets.
    QuotaExceeded,
    /// Too many handles at one time.
    HandlesExceeded,
    /// The guest crashed.
    Trapped,
    /// The caller gave up.
    Cancelled,
    /// No room for the call on this host.
    Busy,
    /// What all calls of the session may use together is used up.
    BudgetExhausted,
    /// The component cannot be loaded.
    LoadFailed,
    /// The host failed.
    HostError,
}

impl Code {
    /// Every code, in the order of the documentation.
    pub const ALL: &[Self] = &[
        Self::Ok,
        Self::ToolError,
        Self::InvalidArguments,
        Self::UnknownTool,
        Self::UnknownHandle,
        Self::Denied,
        Self::Conflict,
        Self::FuelExhausted,
        Self::DeadlineExceeded,
        Self::MemoryExceeded,
        Self::StackExhausted,
        Self::OutputExceeded,
        Self::HostcallExceeded,
        Self::QuotaExceeded,
        Self::HandlesExceeded,
        Self::Trapped,
        Self::Cancelled,
        Self::Busy,
        Self::BudgetExhausted,
        Self::LoadFailed,
        Self::HostError,
    ];

    /// The code as it is written: `fuel-exhausted`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::ToolError => "tool-error",
            Self::InvalidArguments => "invalid-arguments",
            Self::UnknownTool => "unknown-tool",
            Self::UnknownHandle => "unknown-handle",
            Self::Denied => "denied",
            Self::Conflict => "conflict",
            Self::FuelExhausted => "fuel-exhausted",
            Self::DeadlineExceeded => "deadline-exceeded",
            Self::MemoryExceeded => "memory-exceeded",
            Self::StackExhausted => "stack-exhausted",
            Self::OutputExceeded => "output-exceeded",
            Self::HostcallExceeded => "hostcall-exceeded",
            Self::QuotaExceeded => "quota-exceeded",
            Self::HandlesExceeded => "handles-exceeded",
            Self::Trapped => "trapped",
            Self::Cancelled => "cancelled",
            Self::Busy => "busy",
            Self::BudgetExhausted => "budget-exhausted",
            Self::LoadFailed => "load-failed",
            Self::HostError => "host-error",
        }
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// What a call used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Usage {
    /// Units of fuel. A call that trapped is charged to the next 100,000. 0 for a tool that is metered by time.
    pub fuel: u64,
    /// From the start of the call to its outcome.
    #[serde(rename = "wall_ms", serialize_with = "milliseconds")]
    pub wall: Duration,
    /// Peak of linear memories and tables, summed over the call's instances, in bytes.
    #[serde(rename = "memory_bytes")]
    pub memory: u64,
    /// Bytes of files that were read for the guest.
    #[serde(rename = "read_bytes")]
    pub read: u64,
    /// Bytes that the guest wrote to files, whatever became of them.
    #[serde(rename = "written_bytes")]
    pub written: u64,
    /// Calls of the guest to Bailiwick's own interfaces and to `wasi:filesystem`.
    pub host_calls: u64,
}

fn milliseconds<S: Serializer>(wall: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((wall.as_secs_f64() * 1e6).round() / 1e3)
}

/// Why a call did not end `ok`, for a model to read and act on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Failure {
    /// The tool's own code, when the tool said why: kebab-case. `error` when it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What failed, naming the argument: a lower-case fragment.
    pub message: String,
    /// What to try next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Of a bound: how much of it was used, in its unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<u64>,
    /// Of a bound: how much there was, in its unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// What the tool returned as its error, when that was no `tool-error`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The policy line that would allow what was denied, as far as it is known. For the operator, never for a model.
    #[serde(skip)]
    pub allow: Option<String>,
    /// What the host says of its own failure, with its places. For the operator, never for a model.
    #[serde(skip)]
    pub detail: Option<String>,
}

/// The longest message or hint, in bytes. They are for reading, and a tool may write them.
const MESSAGE: usize = 4 << 10;

fn shortened(mut text: String) -> String {
    if text.len() > MESSAGE {
        text.truncate(text.floor_char_boundary(MESSAGE));
        text.push('…');
        text.shrink_to_fit();
    }
    text
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            code: None,
            message: shortened(message.into()),
            hint: None,
            used: None,
            limit: None,
            value: None,
            allow: None,
            detail: None,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<Option<String>>) -> Self {
        self.hint = hint.into().map(shortened);
        self
    }

    /// With the tool's own code, which is one word in kebab case or not shown.
    pub(crate) fn coded(mut self, code: &str) -> Self {
        let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let fits = (1..=64).contains(&code.len()) && code.bytes().all(word);
        self.code = Some(if fits { code } else { "error" }.to_owned());
        self
    }

    pub(crate) fn detail(mut self, detail: &dyn std::fmt::Display) -> Self {
        self.detail = Some(shortened(detail.to_string()));
        self
    }

    pub(crate) fn of(mut self, used: u64, limit: u64) -> Self {
        (self.used, self.limit) = (Some(used), Some(limit));
        self
    }
}

/// A piece of what a model gets, when the tool returns content and not data.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// Plain text.
    Text(String),
    /// A JSON document, as the tool wrote it.
    Json(String),
    /// A picture of a media type.
    Image(Vec<u8>, String),
    /// A sound of a media type.
    Audio(Vec<u8>, String),
}

/// How a call ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Outcome {
    /// How.
    pub code: Code,
    /// The tool's name for models, `files_grep`, as it was asked for.
    pub tool: String,
    /// What it returned, when `ok`: null for nothing. What the output schema describes, without the object that it wraps round what is
    /// none.
    pub result: Option<Value>,
    /// What it returned, when that is content.
    pub content: Vec<Content>,
    /// Why not, when not `ok`.
    pub failure: Option<Failure>,
    /// The files that it changed, in the order of their paths. When the call did not end `ok`, only those that were written directly
    /// (`/scratch`, and grants in [`Writes::Direct`](crate::Writes::Direct)): nothing else was changed.
    pub changes: Vec<Change>,
    /// Whether the changes wait to be accepted, and are not on disk.
    pub pending: bool,
    /// What the call had changed, when it did not end `ok`. None of it was kept.
    pub discarded: Vec<Change>,
    /// Where what it had written can be read for an hour: `/results/c3/discarded`. None when it had written nothing, or there was room for
    /// nothing.
    pub kept: Option<String>,
    /// How many names are not in what was kept or returned below `/results`: there was no room for them, they are protected wherever
    /// they are (`.git`, `.mcp.json`), they are links, or they could not be read.
    pub left_out: u64,
    /// The files that others changed, of a `conflict`.
    pub conflicts: Vec<Conflict>,
    /// What undoes the changes. None when there are none, they are pending, or the grant writes `direct`.
    pub undo: Option<u64>,
    /// The call's name in its session: `c3`. Empty for one that was refused before it was a call.
    pub call: String,
    /// What finds it in the log, when the host failed and there is one.
    pub record: Option<String>,
    /// What it used.
    pub usage: Usage,
    /// What it printed. Text of a tool: make it visible before it reaches a terminal or a model.
    pub stdout: Captured,
    /// What it printed to standard error, likewise.
    pub stderr: Captured,
    text_limit: usize,
}

impl Outcome {
    /// A call that was refused before anything ran, for whoever reads arguments before a session does.
    #[must_use]
    pub fn refused(tool: &str, code: Code, message: &str, hint: Option<String>) -> Self {
        Self::failed(tool, code, Failure::new(message).hint(hint))
    }

    pub(crate) fn failed(tool: &str, code: Code, failure: Failure) -> Self {
        Self::new(tool, code, None, Some(failure))
    }

    pub(crate) fn ok(tool: &str, result: Value, content: Vec<Content>) -> Self {
        let mut outcome = Self::new(tool, Code::Ok, Some(result), None);
        outcome.content = content;
        outcome
    }

    fn new(tool: &str, code: Code, result: Option<Value>, failure: Option<Failure>) -> Self {
        Self {
            code,
            tool: tool.to_owned(),
            result,
            content: Vec::new(),
            failure,
            changes: Vec::new(),
            pending: false,
            discarded: Vec::new(),
            kept: None,
            left_out: 0,
            conflicts: Vec::new(),
            undo: None,
            call: String::new(),
            record: None,
            usage: Usage::default(),
            stdout: Captured::default(),
            stderr: Captured::default(),
            text_limit: crate::Limits::default().text,
        }
    }

    pub(crate) fn text_limit(mut self, bytes: usize) -> Self {
        self.text_limit = bytes;
        self
    }

    /// What a model reads: the result as compact JSON (or its content), or what failed and what to try next. Cut at a
    /// character at the limit for text, and it says so.
    #[must_use]
    pub fn text(&self) -> String {
        text::of(self, self.text_limit)
    }

    /// The whole outcome as one JSON document: `code`, `tool`, `result` or `error`, `text`, `changes`, `usage`; where there is something to
    /// say, `call`, `record`, `pending`, `undo`, `discarded`, `kept`, `left_out`, `conflicts`, `stdout` and `stderr`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut document = json!({ "code": self.code, "tool": self.tool });
        if let Some(result) = &self.result {
            document["result"] = result.clone();
        }
        if let Some(failure) = &self.failure {
            document["error"] = json!(failure);
        }
        document["text"] = Value::String(self.text());
        document["changes"] = json!(self.changes);
        if !self.call.is_empty() {
            document["call"] = json!(self.call);
        }
        if let Some(record) = &self.record {
            document["record"] = json!(record);
        }
        if self.pending {
            document["pending"] = json!(true);
        }
        if let Some(undo) = self.undo {
            document["undo"] = json!(undo);
        }
        if !self.discarded.is_empty() {
            document["discarded"] = json!(self.discarded);
        }
        if let Some(kept) = &self.kept {
            document["kept"] = json!(kept);
        }
        if self.left_out > 0 {
            document["left_out"] = json!(self.left_out);
        }
        if !self.conflicts.is_empty() {
            document["conflicts"] = json!(self.conflicts);
        }
        document["usage"] = json!(self.usage);
        for (name, captured) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !captured.bytes.is_empty() {
                document[name] =
                    json!({ "text": captured.text(), "dropped_bytes": captured.dropped });
            }
        }
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_kebab_case_and_serialize_as_their_names() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for &code in Code::ALL {
            assert_eq!(json!(code), json!(code.name()));
            assert!(
                code.name()
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b == b'-')
            );
        }
    }
}
