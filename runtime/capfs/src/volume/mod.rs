//! A grant in a session: what is pending over it, what the session saw of it, and how much it may write.

mod base;
pub(crate) mod commit;
mod conflict;
mod current;
mod discard;
mod graft;
mod locks;
mod pending;
mod point;
mod select;
mod settle;
mod standing;

pub use discard::Salvage;
pub use locks::{Held, Locked};
pub use point::PendingPoint;

use crate::change::{Change, Conflict};
use crate::grant::Grant;
use crate::guard::Guards;
use crate::layer::Layer;
use crate::layer::delta::{Delta, NodeId};
use crate::layer::entries::Names;
use crate::ledger::{Amount, Ledger};
use crate::path::{self, GuestPath};
use crate::rights::Rights;
use crate::seen::Memory;
use crate::state::{ApplyError, Record, State, StateError, Vault};
use locks::Locks;
use standing::Standing;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What becomes of what a call writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Writes {
    /// It goes to the base when the call ends `ok`.
    #[default]
    Apply,
    /// It stays pending until somebody accepts or drops it.
    Review,
    /// It goes to the base at once. Nothing is undone.
    Direct,
}

/// A grant in a session. Cheap to clone; clones are the same volume.
#[derive(Clone)]
pub struct Volume(Arc<Inner>);

struct Inner {
    name: String,
    grant: Grant,
    writes: Writes,
    ledger: Ledger,
    guards: Guards,
    state: Option<State>,
    vault: Option<Vault>,
    locks: Locks,
    next_node: AtomicU64,
    pending: Mutex<Pending>,
    memory: Mutex<Memory>,
    /// What is charged for good: by how much calls that ended made the base grow.
    standing: Mutex<Standing>,
}

/// What is pending over the base. Never anything but in review.
struct Pending {
    delta: Delta,
    /// Moves when it is loaded because another process changed it: what began before cannot be put on top.
    age: u64,
    /// Whether it is what the state folder had when this last looked. Otherwise nothing is put on top.
    known: bool,
}

impl Pending {
    /// Have this from now on. Returns what was there.
    fn set(&mut self, delta: Delta) -> Delta {
        std::mem::replace(&mut self.delta, delta)
    }
}

/// How a volume is made.
#[derive(Clone, Debug)]
pub struct VolumeOptions {
    /// What becomes of what a call writes.
    pub writes: Writes,
    /// How much may be written.
    pub quota: Amount,
}

/// What a call did, committed.
#[derive(Clone, Debug, Default)]
pub struct Committed {
    /// What changed, in the order of the paths.
    pub changes: Vec<Change>,
    /// Whether it is pending, not on disk.
    pub pending: bool,
    /// What was applied, to undo.
    pub record: Option<Record>,
}

/// Why a call's changes were not taken. None of them was.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Files are not what the session last read or wrote.
    #[error("{} files changed since they were read", .0.len())]
    Conflict(Vec<Conflict>),
    /// A handle that wrote was taken back meanwhile.
    #[error("a handle was taken back")]
    Revoked,
    /// These cannot be applied or dropped without what they are in or were moved with: the path that was asked for, and the
    /// one to ask for instead.
    #[error("{} cannot be taken alone: {} goes with it", .path, .with)]
    Tied {
        /// What was asked for.
        path: String,
        /// What it goes with.
        with: String,
    },
    /// Applying failed.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

impl Volume {
    /// A grant that can only be looked at, or `direct`, needs no state folder; others keep their layers there. What another
    /// process left pending is loaded in review, and counts.
    ///
    /// # Errors
    ///
    /// Those of the state folder, and that there is none where it is needed.
    pub fn new(
        name: &str,
        grant: Grant,
        options: VolumeOptions,
        state: Option<&State>,
    ) -> Result<Self, StateError> {
        let layered = options.writes != Writes::Direct && grant.rights().allows(Rights::READ_WRITE);
        let vault = match state {
            Some(state) if layered => Some(state.vault(&grant)?),
            None if layered => {
                return Err(StateError::System {
                    path: "".into(),
                    reason: std::io::Error::other("what is written needs one"),
                });
            }
            _ => None,
        };
        let volume = Self(Arc::new(Inner {
            name: name.to_owned(),
            guards: grant.guards().clone(),
            grant,
            writes: options.writes,
            ledger: Ledger::new(options.quota),
            state: state.cloned(),
            vault,
            locks: Locks::default(),
            next_node: AtomicU64::new(1),
            pending: Mutex::new(Pending {
                delta: Delta::default(),
                age: 0,
                known: true,
            }),
            memory: Mutex::new(Memory::default()),
            standing: Mutex::default(),
        }));
        if options.writes == Writes::Review {
            volume.load_pending()?;
        }
        Ok(volume)
    }

    /// The session's word for it, without the slash.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The session's word for a host path that lies in this volume; none when it lies elsewhere.
    pub fn name_of(&self, host_path: &Path) -> Option<String> {
        let inside = self.grant().translate(host_path)?;
        let mut name = format!("/{}", self.name());
        path::push(&mut name, &inside);
        Some(name)
    }

    /// What is in it, by the session's names.
    pub(crate) fn names(&self) -> Names<'_> {
        Names::new(self.name(), self.grant().only().is_some())
    }

    /// What was granted.
    pub fn grant(&self) -> &Grant {
        &self.0.grant
    }

    /// What becomes of what is written.
    pub fn writes(&self) -> Writes {
        self.0.writes
    }

    /// Its count.
    pub fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    /// The guards of the grant.
    pub(crate) fn guards(&self) -> &Guards {
        &self.0.guards
    }

    /// Where contents wait. None for a volume without layers: one that is only looked at, or written directly.
    pub(crate) fn vault(&self) -> Option<&Vault> {
        self.0.vault.as_ref()
    }

    /// A number for a node that no other node of this volume has.
    pub(crate) fn next_node(&self) -> NodeId {
        self.0.next_node.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether both are the same volume.
    pub fn is(&self, other: &Volume) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// A call's view of it. One that `writes` must hold the lock of the places it can write in; none for one that only reads.
    /// In review it begins with what is pending now, whichever process left it; calls that began before another process changed that
    /// end with [`StateError::Pending`].
    pub fn begin(&self, locked: Option<Locked>) -> Layer {
        let (start, age) = self.now_pending();
        Layer::new(self.clone(), start, age, locked)
    }

    /// Locks places to write in, if no other call has any that overlaps.
    pub fn try_lock(&self, places: &[GuestPath]) -> Option<Locked> {
        self.0.locks.try_lock(places)
    }

    /// What is pending, in the order of the paths.
    pub fn pending(&self) -> Vec<Change> {
        self.list_pending()
    }

    /// What is pending, as unified diffs; of these paths and what is below only, unless there are none. At most 256 KiB: what is
    /// not shown is said to be.
    pub fn pending_diff(&self, paths: &[GuestPath]) -> String {
        self.diff_pending(paths)
    }

    /// Apply what is pending; of these paths and what is below only, unless there are none. A name that something was renamed from
    /// stands for that. Directories that are pending and that these are in are made along.
    ///
    /// # Errors
    ///
    /// [`CommitError::Conflict`] when files changed since they were read to be changed; [`CommitError::Tied`] for a part that
    /// cannot be applied alone; [`Busy`](crate::ErrorCode::Busy) while a call writes; [`StateError::Pending`] when another process
    /// changed what is pending since it was last looked at here: look again. Nothing is applied then, and all is still pending.
    pub fn apply_pending(
        &self,
        paths: &[GuestPath],
        label: &str,
    ) -> Result<Committed, CommitError> {
        self.apply_some(paths, label)
    }

    /// Drop what is pending; of these paths and what is below only, unless there are none. What was dropped, and its quota is given back.
    ///
    /// # Errors
    ///
    /// [`CommitError::Tied`] for a part that cannot be dropped alone; [`Busy`](crate::ErrorCode::Busy) while a call writes;
    /// [`StateError::Pending`] as in [`apply_pending`](Self::apply_pending). Nothing is dropped then.
    pub fn drop_pending(&self, paths: &[GuestPath]) -> Result<Vec<Change>, CommitError> {
        self.drop_some(paths)
    }

    /// Forget what the session saw at and below these host paths, as far as they lie in it: after an undo.
    pub fn forget_paths(&self, host_paths: &[PathBuf]) {
        let mut memory = held(&self.0.memory);
        for inside in host_paths
            .iter()
            .filter_map(|path| self.grant().translate(path))
        {
            if inside.is_empty() {
                *memory = Memory::default();
            }
            for path in memory.below(&inside) {
                memory.forget(&path);
            }
        }
    }
}

/// End a call that went well: all its layers as one. `label` names the call in the history. The session takes over what the call read
/// of files that it did not write.
///
/// # Errors
///
/// [`CommitError::Conflict`] names all files that are not what the session, or the call when it first looked, saw of them;
/// [`CommitError::Revoked`] when a handle that wrote was taken back; [`CommitError::Apply`] when there is no room, or volumes that are
/// applied have different state folders. Nothing is changed then, but what was written directly.
pub fn commit(layers: Vec<Layer>, label: &str) -> Result<Committed, CommitError> {
    commit::commit(&layers, label)
}

/// End a call that did not: what it had written goes below `into`, as `NAME/path` and as far as there is room, and what that is is
/// listed, all of it. The quota is given back with the last handle of the layers. What was written directly stays, and is not in the
/// list: [`Layer::changes`] has it.
pub fn discard(layers: Vec<Layer>, into: Option<&mut Salvage<'_>>) -> Vec<Change> {
    discard::discard(&layers, into)
}

/// What a mutex guards. One that somebody panicked with is as good as any: whatever is guarded so is whole after each
/// statement.
pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Volume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Volume")
            .field("name", &self.0.name)
            .field("writes", &self.0.writes)
            .finish_non_exhaustive()
    }
}
