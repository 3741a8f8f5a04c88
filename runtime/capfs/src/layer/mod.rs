//! One call's view of one volume: base ← what is pending ← what the call does.

mod charge;
pub(crate) mod contents;
pub(crate) mod delta;
pub(crate) mod direct;
pub(crate) mod entries;
pub(crate) mod extract;
mod live;
pub(crate) mod load;
pub(crate) mod look;
pub(crate) mod make;
pub(crate) mod names;
pub(crate) mod remove;
pub(crate) mod rename;
pub(crate) mod subtree;
pub(crate) mod times;
pub(crate) mod visit;

pub(crate) use charge::Charge;
pub(crate) use delta::{Delta, DirNode, FileNode, LinkNode, Node, NodeId, ROOT};
pub(crate) use live::Live;
pub(crate) use look::Entrance;

use crate::ErrorCode;
use crate::at::{self, Opened};
use crate::change::{Change, ChangeKind};
use crate::handles::{Capability, Reach};
use crate::ledger::Ledger;
use crate::path::GuestPath;
use crate::read_dir::ReadDir;
use crate::seen::Sight;
use crate::target::Target;
use crate::token::Token;
use crate::volume::{Locked, Volume, Writes, held};
use crate::write_dir::{Expect, WriteDir};
use crate::write_file::WriteFile;
use cap_std::fs::Dir;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// One call's view of one volume. Cheap to clone; clones are the same layer.
#[derive(Clone)]
pub struct Layer(Arc<Inner>);

struct Inner {
    volume: Volume,
    /// What is changed. None: nothing is and nothing will be here, so the base is all there is.
    live: Option<RwLock<Live>>,
    /// What was pending when the call began.
    start: Delta,
    /// Its age, see [`Volume::begin`].
    age: u64,
    /// Moves when a directory gets a node, another name or none: what was found on the way through directories is found again.
    epoch: AtomicU64,
    /// Moves with every change of what any name stands for.
    turn: AtomicU64,
    sight: Option<Sight>,
    /// Whose handles changed something.
    wrote: Mutex<Vec<Arc<Reach>>>,
    /// What was done to the base at once, by plain names from the grant's root.
    direct: Mutex<BTreeMap<String, ChangeKind>>,
    /// The places that the call may write in. None: it only looks. The last to go: until then the contents that nobody needs any more
    /// lose their names, which is a change of files that were put in place.
    locked: Option<Locked>,
}

/// What a layer was at a moment.
#[derive(Clone, Debug)]
pub struct Savepoint(Option<live::Saved>);

/// What a mount shows: a directory to look at, and to change where the capability lets it.
#[derive(Debug)]
pub struct Mount {
    /// To look at.
    pub read: ReadDir,
    /// To change.
    pub write: Option<WriteDir>,
    /// The one name that it shows, when it is the mount of a single file.
    pub only: Option<String>,
}

/// What a layer says of a name in one of its directories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Child {
    /// Nothing: what the base has shows through.
    Through,
    /// There is none.
    Gone,
    /// It is this.
    Is(NodeId),
}

impl Layer {
    /// A view of `volume` that begins with what is pending. It can be written when it has a lock.
    pub(crate) fn new(volume: Volume, start: Delta, age: u64, locked: Option<Locked>) -> Self {
        let layered = volume.writes() != Writes::Direct && volume.vault().is_some();
        let live = (layered && (locked.is_some() || !start.is_untouched()))
            .then(|| RwLock::new(Live::new(start.clone())));
        let sight = volume.vault().is_some().then(Sight::default);
        Self(Arc::new(Inner {
            volume,
            live,
            start,
            age,
            epoch: AtomicU64::new(0),
            turn: AtomicU64::new(0),
            sight,
            wrote: Mutex::default(),
            direct: Mutex::default(),
            locked,
        }))
    }

    /// A handle to change a directory and all below it.
    ///
    /// # Errors
    ///
    /// [`Access`](ErrorCode::Access) when the capability or the call only reads; [`BadDescriptor`](ErrorCode::BadDescriptor) when it
    /// was taken back; those of [`ReadDir::open_dir`].
    pub fn write_dir(
        &self,
        capability: &Capability,
        path: &GuestPath,
    ) -> Result<WriteDir, ErrorCode> {
        let Entrance::Dir(place) = self.entrance(capability)? else {
            return Err(ErrorCode::NotDirectory);
        };
        WriteDir::new(place, capability.name.clone()).below(path)
    }

    /// A handle to change one file.
    ///
    /// # Errors
    ///
    /// Those of [`write_dir`](Self::write_dir) and [`WriteDir::open_file`].
    pub fn write_file(
        &self,
        capability: &Capability,
        path: &GuestPath,
        expect: Expect,
    ) -> Result<WriteFile, ErrorCode> {
        match self.entrance(capability)? {
            Entrance::Dir(place) => {
                WriteDir::new(place, capability.name.clone()).file(path, expect)
            }
            Entrance::Name(..) if !path.is_root() => Err(ErrorCode::NotDirectory),
            Entrance::Name(place, name) => {
                let target = Target::open(place, name, expect)?;
                Ok(WriteFile::new(target, capability.name.clone()))
            }
        }
    }

    /// What it is now, to come back to.
    pub fn savepoint(&self) -> Savepoint {
        Savepoint(self.0.live.as_ref().map(|_| self.look_at(Live::save)))
    }

    /// Drop what was done since. What is open and was not there at that time is [`BadDescriptor`](ErrorCode::BadDescriptor) from now on.
    /// Direct writes stay.
    pub fn restore(&self, savepoint: Savepoint) {
        if let (Some(live), Some(saved)) = (&self.0.live, savepoint.0) {
            let mut live = write(live);
            live.restore(saved);
            self.moved(true);
        }
    }

    /// What the call changed so far.
    pub fn changes(&self) -> Vec<Change> {
        crate::volume::commit::changes(self)
    }

    /// Whether the base is all there is, and nothing will be changed but in it. Takes no lock.
    pub(crate) fn is_plain(&self) -> bool {
        self.0.live.is_none()
    }

    /// Whether what is written goes to the base at once.
    pub(crate) fn is_direct(&self) -> bool {
        self.0.volume.writes() == Writes::Direct
    }

    /// Moves when a directory gets a node, another name, or none: then a place has to be found again.
    pub(crate) fn epoch(&self) -> u64 {
        self.0.epoch.load(Ordering::Acquire)
    }

    /// Moves with every change of what any name stands for.
    pub(crate) fn turn(&self) -> u64 {
        self.0.turn.load(Ordering::Acquire)
    }

    /// Which volume it is a view of.
    pub fn volume(&self) -> &Volume {
        &self.0.volume
    }

    /// The places that the call may write in. None: it only looks.
    pub(crate) fn locked(&self) -> Option<&Locked> {
        self.0.locked.as_ref()
    }

    /// Whether the call may write in it.
    pub fn can_write(&self) -> bool {
        self.locked().is_some()
    }

    /// Whether both are the same layer.
    pub(crate) fn is(&self, other: &Layer) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What the layer says of a name in one of its directories.
    pub(crate) fn child(&self, dir: NodeId, name: &str) -> Child {
        if self.is_plain() {
            return Child::Through;
        }
        self.look_at(|live| live.child(dir, name))
    }

    /// All names of a directory that the layer says something of, in the order of their bytes.
    pub(crate) fn children(&self, dir: NodeId) -> Vec<(String, Child)> {
        if self.is_plain() {
            return Vec::new();
        }
        self.look_at(|live| match live.delta.dir(dir) {
            Some(dir) => (dir.children.iter())
                .map(|(name, slot)| (name.clone(), slot.node.map_or(Child::Gone, Child::Is)))
                .collect(),
            None => Vec::new(),
        })
    }

    /// What a number stands for. To look at and let go: as long as somebody has it, a change copies it.
    pub(crate) fn node(&self, id: NodeId) -> Option<Arc<Node>> {
        if self.is_plain() {
            return None;
        }
        self.look_at(|live| live.delta.nodes.get(&id).cloned())
    }

    /// What the call sees of the base is noted here. Some only for a volume that can be written and is not written directly.
    pub(crate) fn sight(&self) -> Option<&Sight> {
        self.0.sight.as_ref()
    }

    /// The directory of the base of that path, opened name by name from the grant's root. No links.
    pub(crate) fn base_dir(&self, origin: &str) -> Result<Arc<Dir>, ErrorCode> {
        let grant = self.0.volume.grant();
        let mut dir = Arc::clone(grant.root());
        for name in origin.split('/').filter(|name| !name.is_empty()) {
            dir = match at::dir(&dir, OsStr::new(name), grant.device())? {
                Opened::It(below) => Arc::new(below),
                // It was a directory when its node was made.
                Opened::Link(_) => return Err(ErrorCode::NotDirectory),
            };
        }
        Ok(dir)
    }

    /// What is changed now, over the base. What was pending is in it.
    pub(crate) fn delta(&self) -> Delta {
        match &self.0.live {
            Some(live) => read(live).delta.clone(),
            None => self.0.start.clone(),
        }
    }

    /// What was pending when the call began.
    pub(crate) fn start(&self) -> &Delta {
        &self.0.start
    }

    /// How often what is pending had been loaded again by then.
    pub(crate) fn age(&self) -> u64 {
        self.0.age
    }

    /// The tokens of the handles that changed something.
    pub(crate) fn wrote(&self) -> Vec<Token> {
        (held(&self.0.wrote).iter())
            .map(|reach| reach.token.clone())
            .collect()
    }

    /// What their writing is charged to, who began last at the end.
    pub(crate) fn wrote_on(&self) -> Vec<Ledger> {
        (held(&self.0.wrote).iter())
            .map(|reach| reach.ledger.clone())
            .collect()
    }

    /// What was done to the base at once: plain names from the grant's root. Of a renamed one both names are there.
    pub(crate) fn direct_changes(&self) -> BTreeMap<String, ChangeKind> {
        held(&self.0.direct).clone()
    }

    /// Note that a handle changes something.
    pub(crate) fn writes_with(&self, reach: &Arc<Reach>) {
        let mut wrote = held(&self.0.wrote);
        if !wrote.iter().any(|it| Arc::ptr_eq(it, reach)) {
            wrote.push(Arc::clone(reach));
        }
    }

    /// Look at what is changed. Nothing is, in a plain layer.
    pub(crate) fn look_at<T>(&self, look: impl FnOnce(&Live) -> T) -> T {
        match &self.0.live {
            Some(live) => look(&read(live)),
            None => look(&Live::new(self.0.start.clone())),
        }
    }

    /// Whether something can be changed here and now: not in the base, and not by a call that only looks.
    pub(crate) fn can_change(&self) -> bool {
        self.0.live.is_some() && self.0.locked.is_some()
    }

    /// Change what is changed, alone. In a plain layer what comes of it is lost.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Live) -> T) -> T {
        match &self.0.live {
            Some(live) => change(&mut write(live)),
            None => change(&mut Live::new(self.0.start.clone())),
        }
    }

    /// As [`change`](Self::change), if the layer's turn is still `turn`: then whatever names stood for, they still do.
    pub(crate) fn change_at<T>(
        &self,
        turn: u64,
        change: impl FnOnce(&mut Live) -> Result<T, ErrorCode>,
    ) -> Result<Option<T>, ErrorCode> {
        self.change(|live| {
            if self.turn() == turn {
                change(live).map(Some)
            } else {
                Ok(None)
            }
        })
    }

    /// Note that names changed what they stand for; `places` when directories are among them. Only while it is locked.
    pub(crate) fn moved(&self, places: bool) {
        self.0.turn.fetch_add(1, Ordering::AcqRel);
        if places {
            self.0.epoch.fetch_add(1, Ordering::AcqRel);
        }
    }
}

fn read(live: &RwLock<Live>) -> RwLockReadGuard<'_, Live> {
    live.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(live: &RwLock<Live>) -> RwLockWriteGuard<'_, Live> {
    live.write().unwrap_or_else(PoisonError::into_inner)
}

/// Shows the session's name for the volume.
impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layer")
            .field("volume", &self.0.volume.name())
            .finish_non_exhaustive()
    }
}
