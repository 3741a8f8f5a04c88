//! Which policies the user trusts.
//!
//! A policy may be anybody's: it comes with a cloned repository, and grants what its author likes. So one that is found
//! in a folder runs nothing until the user said so, and again after it changed. That is remembered here, outside of any
//! tree that a tool or a repository can write to: one file a policy in a folder that the caller opened.
//!
//! # What is trusted
//!
//! A policy together with the lock beside it, by their bytes: [`governing_digest`]. The policy alone would not be
//! enough. It says which files run, and the lock which bytes these have; a change of a repository that brings another
//! component and another lock leaves the policy as it is, and would run. With both in the digest nothing that is pinned
//! changes unseen: another policy or another lock is not what was trusted, and another component is not what is locked.
//!
//! What no lock pins is not covered. Who lets a policy be trusted without a lock, or with one that lacks a tool, trusts
//! every component that will ever be at the paths which it names. So whoever asks the user should ask for a lock first.
//!
//! The digest has to be of the bytes that are then parsed, and not of a second look at the files.

mod record;
mod store;

use std::fmt;
use std::path::{Path, PathBuf};

use bailiwick_contract::Digest;
use bailiwick_contract::lock::is_day;
use cap_std::fs::Dir;
use serde::Serialize;

use record::Record;

/// The version of everything in the store.
pub const VERSION: u32 = 1;

/// The policies that the user trusts, in a folder.
pub struct Trust {
    dir: Dir,
}

/// Whether a policy is trusted. Only [`Trusted`](Self::Trusted) is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum Status {
    /// As it is.
    Trusted {
        /// The day on which the user said so: `2026-11-23`.
        since: String,
    },
    /// Nobody ever said so.
    Unknown,
    /// The user trusted it, and it is another one now, or its lock is.
    Changed {
        /// What was trusted.
        trusted: Digest,
    },
    /// There is something in the store, and it does not say what it should. Trusting the policy again replaces it.
    Odd {
        /// What is wrong with it: a lower-case fragment.
        reason: String,
    },
}

/// A policy that the user trusts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct TrustedPolicy {
    /// Where it is. It may hold anything: show it with [`visible::name`](bailiwick_contract::visible::name).
    pub path: PathBuf,
    /// What was trusted.
    pub digest: Digest,
    /// Since which day.
    pub since: String,
}

/// A file of the store that does not say what it should. It makes nothing trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Odd {
    /// Its name in the store.
    pub file: String,
    /// What is wrong with it: a lower-case fragment.
    pub reason: String,
}

/// All that is in the store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Listing {
    /// What is trusted, by path.
    pub policies: Vec<TrustedPolicy>,
    /// What is odd, by name.
    pub odd: Vec<Odd>,
}

/// Why the store cannot be used. Displays as a lower-case fragment.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The path is not one that a policy is known by.
    #[error("`{}` cannot be trusted: {reason}", bailiwick_contract::visible::name(&.path.display().to_string()))]
    Path {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The day is none.
    #[error("`{0}` is not a day: expected one like `2026-11-23`")]
    Day(String),
    /// Others can write to the folder: whoever can could trust for the user.
    #[error(
        "others can write to the folder of trusted policies: take that from them with `chmod go-w`"
    )]
    Open,
    /// The system refused.
    #[error("the store of trusted policies: failed to {what}: {reason}")]
    System {
        /// What was tried.
        what: &'static str,
        /// What it said.
        reason: std::io::Error,
    },
}

/// What governs what runs: a policy, and the lock beside it if there is one. Both by their bytes, as they are read.
///
/// No lock and an empty one are not the same, and no part of the one can pass for the other: each goes in with its
/// length.
#[must_use]
pub fn governing_digest(policy: &[u8], lock: Option<&[u8]>) -> Digest {
    let mut all = b"bailiwick governing 1\0".to_vec();
    let mut part = |tag: u8, bytes: &[u8]| {
        all.push(tag);
        all.extend((bytes.len() as u64).to_le_bytes());
        all.extend(bytes);
    };
    part(b'p', policy);
    if let Some(lock) = lock {
        part(b'l', lock);
    }
    Digest::of(&all)
}

impl Trust {
    /// The store in a folder, which the caller opened, or made, for it alone. Reads nothing else of the system.
    ///
    /// # Errors
    ///
    /// [`TrustError::Open`] when others can write to it, [`TrustError::System`].
    pub fn open(dir: Dir) -> Result<Self, TrustError> {
        store::check(&dir)?;
        Ok(Self { dir })
    }

    /// Whether the policy at a path is trusted when it, with its lock, has this digest: [`governing_digest`]. The path
    /// is a canonical one.
    ///
    /// Whatever cannot be read or does not fit is not trusted.
    #[must_use]
    pub fn status(&self, path: &Path, digest: &Digest) -> Status {
        let odd = |reason: String| Status::Odd { reason };
        let name = match record::canonical(path) {
            Ok(path) => record::file_name(path),
            Err(error) => return odd(error.to_string()),
        };
        let record = match store::read(&self.dir, &name) {
            Ok(Some(bytes)) => Record::read(&bytes, &name),
            Ok(None) => return Status::Unknown,
            Err(reason) => return odd(reason),
        };
        match record {
            Ok(record) if record.digest == *digest => Status::Trusted {
                since: record.since,
            },
            Ok(record) => Status::Changed {
                trusted: record.digest,
            },
            Err(reason) => odd(reason),
        }
    }

    /// Remembers that the user trusts the policy at a path as long as it has this digest, since `today` (`2026-11-23`).
    /// It is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// [`TrustError`]. What was trusted before still is, then.
    pub fn trust(&self, path: &Path, digest: &Digest, today: &str) -> Result<(), TrustError> {
        let path = record::canonical(path)?;
        if !is_day(today) {
            return Err(TrustError::Day(today.chars().take(40).collect()));
        }
        let record = Record::new(path, *digest, today);
        store::replace(
            &self.dir,
            &record::file_name(path),
            record.text().as_bytes(),
        )
    }

    /// Forgets the policy at a path, and whatever odd stands for it in the store. Whether there was something.
    ///
    /// # Errors
    ///
    /// [`TrustError`].
    pub fn forget(&self, path: &Path) -> Result<bool, TrustError> {
        store::remove(&self.dir, &record::file_name(record::canonical(path)?))
    }

    /// All that is in the store.
    ///
    /// # Errors
    ///
    /// [`TrustError::System`] when the folder cannot be listed.
    pub fn list(&self) -> Result<Listing, TrustError> {
        let mut listing = Listing::default();
        for file in store::names(&self.dir)? {
            let record = match store::read(&self.dir, &file) {
                Ok(Some(bytes)) => Record::read(&bytes, &file),
                // Another process was faster.
                Ok(None) => continue,
                Err(reason) => Err(reason),
            };
            match record {
                Ok(record) => listing.policies.push(TrustedPolicy {
                    path: record.path.into(),
                    digest: record.digest,
                    since: record.since,
                }),
                Err(reason) => listing.odd.push(Odd { file, reason }),
            }
        }
        listing.policies.sort_by(|a, b| a.path.cmp(&b.path));
        listing.odd.sort_by(|a, b| a.file.cmp(&b.file));
        Ok(listing)
    }
}

impl Status {
    /// Whether it may run.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        matches!(self, Self::Trusted { .. })
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
