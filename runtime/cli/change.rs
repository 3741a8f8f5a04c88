//! Changing a policy and its lock: both from what was read, and trusted from what was written.
//!
//! What is trusted afterwards is what this program wrote, by the bytes in its memory. What others put there meanwhile is neither overwritten
//! nor trusted.

use std::fs::File;
use std::path::Path;

use bailiwick_host::contract::Digest;
use bailiwick_host::contract::lock::{Entry, Lock};
use bailiwick_policy::Policy;
use bailiwick_policy::trust::{self, Status};

use crate::exit::Refusal;
use crate::policy::{self, Found};
use crate::{replace, state};

/// What is to stand there then.
#[derive(Debug, Default)]
pub(crate) struct Change<'a> {
    /// The policy's text. As it is, if left out.
    pub(crate) policy: Option<&'a str>,
    /// What tools are locked as. Others stay as they are locked, if the policy has them.
    pub(crate) entries: Vec<(String, Entry)>,
    /// Trust it, whether it was trusted before or not.
    pub(crate) trust: bool,
}

/// Writes it, one program at a time.
pub(crate) fn write(
    found: &Found,
    change: Change<'_>,
    state: Option<&Path>,
) -> Result<(), Refusal> {
    let failed = |error: &dyn std::fmt::Display| Refusal::usage(format!("failed to lock: {error}"));
    let store = policy::store(state)?;
    let _turn = turn(state)?;
    unchanged(found)?;

    let text = change.policy.unwrap_or(&found.text);
    let tools = Policy::parse(text)
        .map_err(|errors| policy::malformed(&policy::shown(&found.path), text, &errors))?
        .tools;
    let mut lock = found.lock()?;
    lock.tools.retain(|name, _| tools.contains_key(name));
    for (tool, entry) in change.entries {
        lock.put(&tool, entry);
    }
    let lock = lock.to_text().map_err(|error| failed(&error))?;
    // What a person wrote into it has to be what is read again.
    Lock::parse(&lock).map_err(|error| failed(&error))?;

    let status = store.status(&found.path, &found.digest());
    let trusted = change.trust || matches!(status, Status::Trusted { .. });
    let put = |path: &Path, text: &str| {
        replace::file(path, text.as_bytes())
            .map_err(|error| Refusal::usage(format!("`{}`: {error}", policy::shown(path))))
    };
    // A lock that has more than its policy does no harm when the second write fails.
    if found.lock.as_deref() != Some(&lock) {
        put(&found.lock_path(), &lock)?;
    }
    if text != found.text {
        put(&found.path, text)?;
    }
    if trusted {
        let digest: Digest = trust::governing_digest(text.as_bytes(), Some(lock.as_bytes()));
        store
            .trust(&found.path, &digest, &policy::today())
            .map_err(|error| Refusal::usage(error.to_string()))?;
    }
    Ok(())
}

/// Waits until no other program changes a policy. It ends when this is dropped.
fn turn(state: Option<&Path>) -> Result<File, Refusal> {
    let path = state::path(state)?.join("policies.lock");
    let failed =
        |error: std::io::Error| Refusal::usage(format!("`{}`: {error}", policy::shown(&path)));
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}

/// Both files still have what was read of them.
fn unchanged(found: &Found) -> Result<(), Refusal> {
    let is = |path: &Path, was: Option<&str>| -> Result<(), Refusal> {
        if policy::text_of(path)?.as_deref() == was {
            return Ok(());
        }
        let path = policy::shown(path);
        Err(Refusal::gate(format!(
            "`{path}` has changed meanwhile, and nothing was written"
        ))
        .hint("look at it, and say it again"))
    };
    is(&found.path, Some(&found.text))?;
    is(&found.lock_path(), found.lock.as_deref())
}
