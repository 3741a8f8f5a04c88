//! The state folder: where what calls change is kept.

use std::path::{Path, PathBuf};

use bailiwick_host::{Code, State, ambient_authority};

use crate::exit::Refusal;
use crate::output;

/// The variable that says where it is, for all commands.
const VARIABLE: &str = "BAILIWICK_STATE";

/// Where it is: as it was said, by the variable, or where the system keeps such things.
pub(crate) fn path(said: Option<&Path>) -> Result<PathBuf, Refusal> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(said) = said {
        return Ok(said.to_path_buf());
    }
    if let Some(path) = set(VARIABLE) {
        return Ok(path.into());
    }
    if let Some(path) = set("XDG_STATE_HOME") {
        return Ok(Path::new(&path).join("bailiwick"));
    }
    match set("HOME") {
        Some(home) => Ok(Path::new(&home).join(".local/state/bailiwick")),
        None => Err(Refusal::usage("there is no place for the state folder")
            .hint(format!("give --state DIR, or set {VARIABLE}"))),
    }
}

/// Where it is when nobody says otherwise, and where the variable says: all that are there, for what is kept in one counts in a call that has
/// another.
pub(crate) fn paths() -> Vec<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let mut paths = Vec::new();
    paths.extend(set(VARIABLE).map(PathBuf::from));
    paths.extend(set("XDG_STATE_HOME").map(|path| Path::new(&path).join("bailiwick")));
    paths.extend(set("HOME").map(|path| Path::new(&path).join(".local/state/bailiwick")));
    paths
}

/// Opens it, and says what was left half done and is done or undone now.
pub(crate) fn open(path: &Path) -> Result<State, Refusal> {
    let opened = State::open_ambient(path, ambient_authority());
    let (state, recovered) =
        opened.map_err(|error| Refusal::new(Code::HostError, error.to_string()))?;
    for cut_off in &recovered {
        let how = if cut_off.finished {
            "finished"
        } else {
            "undone"
        };
        let roots: Vec<_> = cut_off
            .record
            .roots
            .iter()
            .map(|root| root.display().to_string())
            .collect();
        output::note(&format!(
            "change {} ({}) in {} was cut off, and is {how} now",
            cut_off.record.id,
            cut_off.record.label,
            roots.join(", ")
        ));
    }
    Ok(state)
}
