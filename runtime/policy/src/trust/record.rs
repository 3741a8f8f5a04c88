//! One file of the store: what it is called, and what it says.

use std::path::{Component, Path};

use bailiwick_contract::Digest;
use bailiwick_contract::lock::is_day;
use serde::{Deserialize, Serialize};

use super::{TrustError, VERSION};

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    version: u32,
    pub(super) path: String,
    pub(super) digest: Digest,
    pub(super) since: String,
}

/// Only what comes first, for another version may have other keys.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl Record {
    pub(super) fn new(path: &str, digest: Digest, since: &str) -> Self {
        Self {
            version: VERSION,
            path: path.to_owned(),
            digest,
            since: since.to_owned(),
        }
    }

    pub(super) fn text(&self) -> String {
        // Strings and a number are always JSON.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// What the file of that name says, if that is what it should.
    pub(super) fn read(bytes: &[u8], name: &str) -> Result<Self, String> {
        let not_json = |error: serde_json::Error| format!("it is not a record of trust: {error}");
        let Versioned { version } = serde_json::from_slice(bytes).map_err(not_json)?;
        if version != VERSION {
            return Err(format!(
                "it has version {version}, and this program reads {VERSION}"
            ));
        }
        let record: Self = serde_json::from_slice(bytes).map_err(not_json)?;
        if file_name(&record.path) != name {
            return Err("it is about another path than its name says".to_owned());
        }
        if !is_day(&record.since) {
            return Err("its day is none".to_owned());
        }
        Ok(record)
    }
}

/// What a policy is known by: an absolute path without `.` and `..`, as text. Whether links are in it only the caller
/// knows.
pub(super) fn canonical(path: &Path) -> Result<&str, TrustError> {
    let wrong = |reason| TrustError::Path {
        path: path.to_path_buf(),
        reason,
    };
    let text = path
        .to_str()
        .ok_or_else(|| wrong("its name is not UTF-8"))?;
    // Components leave out what means nothing, so their text is that of the path only if it has none.
    let plain = path.components().all(|part| {
        matches!(
            part,
            Component::RootDir | Component::Prefix(_) | Component::Normal(_)
        )
    });
    let same = path
        .components()
        .collect::<std::path::PathBuf>()
        .as_os_str()
        == path.as_os_str();
    match path.is_absolute() && plain && same && path.file_name().is_some() {
        true => Ok(text),
        false => Err(wrong(
            "it is not the whole path of a file, links and dots resolved",
        )),
    }
}

/// The name of a policy's file: the path itself may be too long for one, and may hold anything.
pub(super) fn file_name(path: &str) -> String {
    let digest = Digest::of(path.as_bytes()).to_string();
    format!("{}.json", digest.trim_start_matches("sha256:"))
}

/// Whether a name is one that [`file_name`] gives.
pub(super) fn is_file_name(name: &str) -> bool {
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    name.strip_suffix(".json")
        .is_some_and(|name| name.len() == 64 && name.bytes().all(hex))
}
