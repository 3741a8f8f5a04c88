//! Where the log is, and what a call writes to it.

use std::path::{Path, PathBuf};

use bailiwick_host::{Log, Session, ambient_authority};

use crate::exit::Refusal;
use crate::{output, state};

/// The variable that says where it is, for all commands.
pub(crate) const VARIABLE: &str = "BAILIWICK_LOG";

/// Where it is: as it was said, by the variable, or beside the state folder. `--state` of a call has no say: there is one log of all calls.
/// None where there is no place for it.
pub(crate) fn path(said: Option<&Path>) -> Option<PathBuf> {
    if let Some(said) = said {
        return Some(said.to_path_buf());
    }
    let set = std::env::var_os(VARIABLE).filter(|value| !value.is_empty());
    if let Some(path) = set {
        return Some(path.into());
    }
    let mut beside = state::path(None).ok()?.into_os_string();
    beside.push("-log");
    Some(beside.into())
}

/// Has a session write to it, unless it is not wanted. A log that cannot be used is no reason not to call, and is told.
pub(crate) fn attach(session: &Session, wanted: bool) {
    if let Some(log) = open(wanted) {
        session.set_log(log);
    }
}

/// Records a call that was refused before there was a session for it.
pub(crate) fn refused(tool: &str, refusal: &Refusal, wanted: bool) {
    if let Some(outcome) = refusal.outcome(tool)
        && let Some(log) = open(wanted)
    {
        log.refused(&outcome);
        failures(&log);
    }
}

/// Says what could not be written.
pub(crate) fn told(session: &Session) {
    if let Some(log) = session.log() {
        failures(&log);
    }
}

fn failures(log: &Log) {
    if log.failures() > 0 {
        let why = log.failure().unwrap_or_default();
        let count = log.failures();
        output::note(&format!(
            "{count} records could not be written to the log: {why}"
        ));
    }
}

fn open(wanted: bool) -> Option<Log> {
    if !wanted {
        return None;
    }
    let Some(path) = path(None) else {
        output::note(&format!(
            "nothing is recorded: there is no place for the log; set {VARIABLE}"
        ));
        return None;
    };
    match Log::open_ambient(&path, ambient_authority()) {
        Ok(log) => Some(log),
        Err(error) => {
            output::note(&format!("nothing is recorded: {error}"));
            None
        }
    }
}
