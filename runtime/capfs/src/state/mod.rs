//! The state folder: where a session keeps what is not in the granted directories, on disk and with a version.
//!
//! ```text
//! version                 1
//! lock                    held by who applies, undoes, prunes or recovers
//! journal/ID.json         a transaction on its way
//! history/ID.json         one that was applied, with what it takes to undo it
//! vaults/GRANT/           grant.json, live/, pending/, slots/: one for each granted directory
//! rooms/NAME…/            /scratch and /results of a session
//! ```
//!
//! What is on its way into a granted directory, and what came out of it, has to lie on the same filesystem, so that putting
//! it in place is one rename. When the state folder lies elsewhere, a vault is in the granted directory, called [`IN_GRANT`].
//!
//! A transaction is a list of steps, each of them one rename: what leaves its place goes to a slot, what comes is made ready
//! in a slot. The list is written and synced before the first step, so that whoever opens the folder next can tell from
//! the slots which steps were made, and make the others or take these back. Undoing is a transaction of the steps
//! backwards. Nothing here trusts a name in a granted directory: others use it too. What is not as recorded is a conflict.

mod apply;
mod blob;
mod check;
mod entry;
mod error;
mod fault;
mod fingerprint;
mod folder;
mod ground;
mod journal;
mod last;
mod left;
mod live;
mod node;
mod paths;
mod pending;
mod plan;
mod prune;
mod ready;
mod recover;
mod remove;
mod room;
mod run;
mod shelf;
mod steps;
mod take_back;
mod undo;
mod vault;

pub use blob::Blob;
pub use error::StateError;
#[doc(hidden)]
pub use fault::Fault;
pub use prune::Keep;
pub use room::Room;
pub use take_back::TakeBackError;
pub use vault::Vault;

use crate::ErrorCode;
use crate::change_set::ChangeSet;
use crate::grant::Grant;
use crate::version::Digest;
use cap_std::AmbientAuthority;
use cap_std::fs::Dir;
use folder::Folder;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a vault is called when it has to lie in the granted directory. It is hidden from every handle and protected.
pub const IN_GRANT: &str = ".bailiwick-state";

/// The state folder, open. Cheap to clone.
#[derive(Clone, Debug)]
pub struct State(Arc<Folder>);

/// What [`State::apply_parts`] does with one grant.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The grant's.
    pub vault: &'a Vault,
    /// What is applied to it. It may be empty.
    pub set: &'a ChangeSet,
    /// What is pending for it from then on; empty for nothing. None: what is pending stays as it is, whatever it is.
    pub pending: Option<&'a ChangeSet>,
}

/// One change of one or more grants that was applied, and can be undone.
#[derive(Clone, Debug)]
pub struct Record {
    /// Counts up over the state folder.
    pub id: u64,
    /// The call that it belongs to, as the host names it.
    pub label: String,
    /// Milliseconds since 1970.
    pub at: i64,
    /// The host paths of the grants' roots.
    pub roots: Vec<PathBuf>,
    /// What was put, taken or moved, for people: which of the roots, and the path below it.
    pub paths: Vec<(usize, String)>,
    /// The records that it took back, when it is an undo. They are gone from the history.
    pub undoes: Vec<u64>,
}

/// A transaction that was cut off and that opening the folder finished or undid.
#[derive(Clone, Debug)]
pub struct Recovered {
    /// Which.
    pub record: Record,
    /// Whether it was finished; undone otherwise.
    pub finished: bool,
}

/// Why changes were not applied, or not undone. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// These paths (index of the part, path in its grant) are not what they were. For an undo the index is that of the
    /// granted directory among those of the records, in the order of [`Record::roots`], the oldest record first.
    #[error("{} files changed since", .0.len())]
    Conflict(Vec<(usize, String)>),
    /// No room, no permission, no such record.
    #[error("{0}")]
    Failed(ErrorCode),
    /// The state folder failed.
    #[error(transparent)]
    State(#[from] StateError),
}

impl From<ErrorCode> for ApplyError {
    fn from(error: ErrorCode) -> Self {
        Self::Failed(error)
    }
}

impl From<rustix::io::Errno> for ApplyError {
    fn from(errno: rustix::io::Errno) -> Self {
        Self::Failed(errno.into())
    }
}

impl State {
    /// Open or create the folder, and finish or undo what another process left half done.
    ///
    /// # Ambient authority
    ///
    /// `path` is opened, and so are the granted directories of a transaction that was cut off, where they were then.
    ///
    /// # Errors
    ///
    /// [`StateError`] says which file, why, and what to do. A folder that is somebody else's, of a later version or damaged
    /// is not touched.
    pub fn open_ambient(
        path: &Path,
        authority: AmbientAuthority,
    ) -> Result<(Self, Vec<Recovered>), StateError> {
        Self::open_with(path, authority, Fault::None)
    }

    /// For tests: likewise, with something that goes wrong.
    #[doc(hidden)]
    pub fn open_with(
        path: &Path,
        authority: AmbientAuthority,
        fault: Fault,
    ) -> Result<(Self, Vec<Recovered>), StateError> {
        let folder = Folder::open(path, authority)?;
        folder.faults.set(fault);
        let lock = folder.lock()?;
        recover::all(&folder, &lock)?;
        prune::sweep(&folder, &lock)?;
        // A room that is in use is locked by its process.
        live::sweep(&folder.rooms).map_err(StateError::system(folder.path.join("rooms")))?;
        drop(lock);
        let state = Self(Arc::new(folder));
        let recovered = state.recovered();
        Ok((state, recovered))
    }

    /// For tests: what goes wrong from here on.
    #[doc(hidden)]
    pub fn fault(&self, fault: Fault) {
        self.0.faults.set(fault);
    }

    /// How much of what was replaced or removed is kept, and how long. [`Keep::default`] until it is set.
    pub fn keep(&self, keep: Keep) {
        if let Ok(mut set) = self.0.keep.lock() {
            *set = keep;
        }
    }

    /// What was recovered since this was last asked for: other processes can be cut off while this one has the folder open.
    pub fn recovered(&self) -> Vec<Recovered> {
        let recovered = self.0.recovered.lock();
        recovered
            .map(|mut all| std::mem::take(&mut *all))
            .unwrap_or_default()
    }

    /// Where the folder is, for the operator and to refuse grants that contain it.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The part of it that belongs to a granted directory, made when it is the first time.
    ///
    /// # Errors
    ///
    /// [`StateError::System`] when nothing can be written, neither here nor, where that is needed, in the granted directory.
    pub fn vault(&self, grant: &Grant) -> Result<Vault, StateError> {
        Vault::open(&self.0, grant)
    }

    /// A folder of its own for one session's `/scratch` or `/results`, removed with the last clone of what is returned.
    ///
    /// # Errors
    ///
    /// [`StateError::System`] when it cannot be made.
    pub fn room(&self, name: &str) -> Result<Room, StateError> {
        Room::new(&self.0, name)
    }

    /// Apply change sets as one, and leave alone what is pending. See [`apply_parts`](Self::apply_parts).
    ///
    /// # Errors
    ///
    /// As [`apply_parts`](Self::apply_parts).
    pub fn apply(&self, parts: &[(&Vault, &ChangeSet)], label: &str) -> Result<Record, ApplyError> {
        let parts: Vec<Part<'_>> = parts
            .iter()
            .map(|&(vault, set)| Part {
                vault,
                set,
                pending: None,
            })
            .collect();
        self.apply_parts(&parts, label)
    }

    /// Apply change sets, and put other sets in place of what is pending, as one: all or nothing, under a lock between processes,
    /// journalled. The blobs of all sets can only be read from then on.
    ///
    /// # Errors
    ///
    /// [`ApplyError::Conflict`] names everything that is not what the set says it was, by the index of the part.
    /// [`StateError::Pending`] when a part has a pending set and another process changed what is pending since this one
    /// looked. After any error the grants and what is pending are as they were, but for what others did meanwhile; what
    /// could not be taken back because of that is named as a conflict, and [`StateError::Stuck`] is said when the next one who
    /// opens the folder has to finish it.
    pub fn apply_parts(&self, parts: &[Part<'_>], label: &str) -> Result<Record, ApplyError> {
        apply::apply(&self.0, parts, label)
    }

    /// Take back what `records` (in any order) applied, as one. It is a record itself and can be undone. Refused for what
    /// changed since.
    ///
    /// # Errors
    ///
    /// [`ApplyError::Conflict`] names every path that is not as the records left it; [`NoEntry`](ErrorCode::NoEntry) for a
    /// record that is not in the history.
    pub fn undo(&self, records: &[u64], label: &str) -> Result<Record, ApplyError> {
        undo::undo(&self.0, records, label)
    }

    /// What was applied and can still be undone, newest first.
    ///
    /// # Errors
    ///
    /// [`StateError::Damaged`] for a record that cannot be read.
    pub fn history(&self) -> Result<Vec<Record>, StateError> {
        let mut all = journal::all(&self.0, journal::Which::History)?;
        all.sort_by_key(|entry| std::cmp::Reverse(entry.id));
        Ok(all.iter().map(entry::Entry::record).collect())
    }

    /// Every vault that has something pending: the grant's root on the host and the set, sorted by root.
    ///
    /// # Errors
    ///
    /// [`StateError::Damaged`] for a set that cannot be read.
    pub fn pending(&self) -> Result<Vec<(PathBuf, ChangeSet)>, StateError> {
        pending::everywhere(&self.0)
    }
}

/// A digest over the names, kinds and stamps in a directory and below. What [`crate::change_set::Was::Dir`] holds.
///
/// # Errors
///
/// [`CrossDevice`](ErrorCode::CrossDevice) when another filesystem is mounted in it, [`Overflow`](ErrorCode::Overflow) over
/// [`bounds::SUBTREE`](crate::bounds::SUBTREE) names, and what the system says of a directory that cannot be read.
pub fn fingerprint(dir: &Dir) -> Result<Digest, ErrorCode> {
    fingerprint_within(dir, &mut { crate::bounds::SUBTREE })
}

/// Likewise, of no more than `left` names, which is less by these afterwards.
pub(crate) fn fingerprint_within(dir: &Dir, left: &mut usize) -> Result<Digest, ErrorCode> {
    Ok(fingerprint::within(dir, left)?.digest)
}
