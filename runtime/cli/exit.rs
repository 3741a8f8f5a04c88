//! Exit codes, and what a command says when it cannot begin.

use std::process::ExitCode;

use bailiwick_host::{Code, Outcome};
use serde_json::{Value, json};

use crate::output;

/// Usage or bad input.
pub(crate) const USAGE: u8 = 2;
/// A gate refused: an audit, a comparison, a lock, a policy that is not trusted.
pub(crate) const GATE: u8 = 3;
/// The host failed.
pub(crate) const HOST: u8 = 4;

/// The exit code of an outcome.
pub(crate) fn of(code: Code) -> ExitCode {
    ExitCode::from(match code {
        Code::Ok => 0,
        Code::InvalidArguments | Code::UnknownTool | Code::UnknownHandle => USAGE,
        Code::LoadFailed | Code::HostError => HOST,
        _ => 1,
    })
}

/// What kind of no a [`Refusal`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// What has no outcome, such as a malformed option.
    Usage,
    /// Somebody has to approve it first.
    Gate,
    /// What a call would end with.
    Outcome(Code),
}

/// Why a command did not begin.
#[derive(Debug)]
pub(crate) struct Refusal {
    kind: Kind,
    message: String,
    hint: Option<String>,
    /// What people see before the message, as it is: it has been made visible.
    shown: Option<String>,
    /// What was done all the same, under its name in the document.
    done: Option<Box<(String, Value)>>,
}

impl Refusal {
    fn of(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            shown: None,
            done: None,
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::of(Kind::Usage, message)
    }

    /// As [`usage`](Self::usage), with something to look at that is safe to print.
    pub(crate) fn shown(message: impl Into<String>, shown: String) -> Self {
        Self {
            shown: Some(shown),
            ..Self::usage(message)
        }
    }

    /// Somebody has to approve it first: exit 3.
    pub(crate) fn gate(message: impl Into<String>) -> Self {
        Self::of(Kind::Gate, message)
    }

    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self::of(Kind::Outcome(code), message)
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With what was done before it was refused, for programs.
    pub(crate) fn done(mut self, name: &str, what: Value) -> Self {
        self.done = Some(Box::new((name.to_owned(), what)));
        self
    }

    /// Why, in a few words.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// As the outcome of a call that was not made. None for what was no call yet, such as a malformed option.
    pub(crate) fn outcome(&self, tool: &str) -> Option<Outcome> {
        let code = match self.kind {
            Kind::Usage => return None,
            Kind::Gate => Code::Denied,
            Kind::Outcome(code) => code,
        };
        let hint = self.hint.clone();
        Some(Outcome::refused(tool, code, &self.message, hint))
    }

    /// Says it, as JSON on stdout or for people on stderr. A refusal that has an outcome's code is shown as the outcome of calling
    /// `tool`, unless that is empty.
    pub(crate) fn exit(self, tool: &str, as_json: bool) -> ExitCode {
        let word = match self.kind {
            Kind::Usage => "usage",
            Kind::Gate => "refused",
            Kind::Outcome(code) if as_json && !tool.is_empty() => {
                let outcome = Outcome::refused(tool, code, &self.message, self.hint);
                output::document(&outcome.to_json());
                return of(code);
            }
            Kind::Outcome(code) => code.name(),
        };
        if as_json {
            let mut error = json!({ "message": self.message });
            if let Some(hint) = &self.hint {
                error["hint"] = json!(hint);
            }
            let mut document = json!({ "code": word, "error": error });
            if let Some(done) = self.done {
                let (name, what) = *done;
                document[name] = what;
            }
            output::document(&document);
        } else {
            if let Some(shown) = &self.shown {
                output::as_is(shown);
            }
            output::error(&self.message, self.hint.as_deref());
        }
        match self.kind {
            Kind::Usage => ExitCode::from(USAGE),
            Kind::Gate => ExitCode::from(GATE),
            Kind::Outcome(code) => of(code),
        }
    }
}
