//! Exit codes, and what a command says when it cannot begin.

use std::process::ExitCode;

use bailiwick_host::{Code, Outcome};
use serde_json::json;

use crate::output;

/// Usage or bad input.
pub(crate) const USAGE: u8 = 2;
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

/// Why a command did not begin.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The outcome's code; none for what has no outcome, such as a malformed option.
    pub(crate) code: Option<Code>,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Refusal {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            code: None,
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code: Some(code),
            message: message.into(),
            hint: None,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says it, as JSON on stdout or for people on stderr. A refusal that has an outcome's code is shown as the outcome of calling
    /// `tool`.
    pub(crate) fn exit(self, tool: &str, as_json: bool) -> ExitCode {
        match (self.code, as_json) {
            (_, false) => output::error(&self.message, self.hint.as_deref()),
            (Some(code), true) => {
                let outcome = Outcome::refused(tool, code, &self.message, self.hint);
                output::document(&outcome.to_json());
            }
            (None, true) => {
                let mut error = json!({ "message": self.message });
                if let Some(hint) = &self.hint {
                    error["hint"] = json!(hint);
                }
                output::document(&json!({ "code": "usage", "error": error }));
            }
        }
        self.code.map_or(ExitCode::from(USAGE), of)
    }
}
