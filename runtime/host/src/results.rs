//! `/results`: files that calls leave for the session, and what calls that failed had written.
//!
//! All of it is charged, and what is charged for a call is counted for itself: when its folder goes, exactly that is given back.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bailiwick_capfs::state::Room;
use bailiwick_capfs::{
    Amount, Attenuation, Capability, ErrorCode, Folder, GuestPath, Ledger, WriteDir,
};

/// The name in the namespace.
pub(crate) const NAME: &str = "results";

/// Where in a call's folder what it had written is, when it failed.
const DISCARDED: &str = "discarded";

/// How long what a call left can be read.
pub(crate) const KEPT: Duration = Duration::from_secs(60 * 60);

/// How much all of it may be.
pub(crate) const QUOTA: Amount = Amount {
    bytes: 256 << 20,
    entries: 16_384,
};

/// How much of it may be what failed calls had written: tools that fail leave room for what others return.
const DISCARDS: Amount = Amount {
    bytes: QUOTA.bytes / 2,
    entries: QUOTA.entries / 2,
};

/// A session's results.
#[derive(Debug)]
pub(crate) struct Results {
    room: Room,
    /// All of it, to change: the model's handle only reads.
    all: Capability,
    discards: Ledger,
    /// Folders of calls that left something.
    calls: Mutex<Vec<Left>>,
}

/// What a call left.
#[derive(Debug)]
struct Left {
    since: Instant,
    call: String,
    /// What is charged for it, and for nothing else.
    charged: Ledger,
}

/// A folder for what a failed call had written.
#[derive(Debug)]
pub(crate) struct Discards {
    pub(crate) folder: Folder,
    pub(crate) ledger: Ledger,
    /// `/results/c3/discarded`
    pub(crate) name: String,
}

impl Results {
    pub(crate) fn new(room: Room, all: Capability) -> Self {
        Self {
            room,
            discards: all.ledger().share(DISCARDS),
            all,
            calls: Mutex::new(Vec::new()),
        }
    }

    fn calls(&self) -> MutexGuard<'_, Vec<Left>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn left(&self, call: &str, charged: Ledger) {
        self.calls().push(Left {
            since: Instant::now(),
            call: call.to_owned(),
            charged,
        });
    }

    /// A folder for what a call returns, with room for so much.
    pub(crate) fn folder(&self, call: &str, room: Amount) -> Result<WriteDir, ErrorCode> {
        let terms = Attenuation {
            quota: Some(room),
            ..Attenuation::default()
        };
        let own = self.all.attenuate(&terms);
        let own = own.map_err(|_| ErrorCode::BadDescriptor)?;
        let volume = own.volume();
        let locked = volume.try_lock(&[GuestPath::parse(call)?]);
        let layer = volume.begin(Some(locked.ok_or(ErrorCode::Busy)?));
        let root = layer.write_dir(&own, &GuestPath::default())?;
        self.left(call, own.ledger().clone());
        let made = root.make_dir(call).and_then(|()| root.open_dir(call));
        made.inspect_err(|_| self.forget(call))
    }

    /// A folder for what a failed call had written; none when there is no room for that. What the call returned goes: nobody was told
    /// of it.
    pub(crate) fn discards(&self, call: &str) -> Option<Discards> {
        self.forget(call);
        let ledger = self.discards.share(DISCARDS);
        ledger
            .charge(Amount {
                bytes: 0,
                entries: 2,
            })
            .ok()?;
        self.left(call, ledger.clone());
        let folder = self.room.dir().ok().and_then(|room| {
            room.create_dir(call).ok()?;
            let folder = room.open_dir(call).ok()?;
            folder.create_dir(DISCARDED).ok()?;
            folder.open_dir(DISCARDED).ok()
        });
        if folder.is_none() {
            self.forget(call);
        }
        Some(Discards {
            folder: folder?,
            ledger,
            name: format!("/{NAME}/{call}/{DISCARDED}"),
        })
    }

    /// Removes what a call left.
    pub(crate) fn forget(&self, call: &str) {
        self.remove(|left| left.call == call);
    }

    /// Removes what is older than `age`.
    pub(crate) fn sweep(&self, age: Duration) {
        self.remove(|left| left.since.elapsed() >= age);
    }

    /// What cannot be removed stays charged, and goes with the room unless it can be removed later.
    fn remove(&self, which: impl Fn(&Left) -> bool) {
        let gone: Vec<Left> = self.calls().extract_if(.., |left| which(left)).collect();
        for left in gone {
            match self.room.remove(&left.call) {
                Ok(()) => left.charged.give_back(left.charged.used()),
                Err(_) => self.calls().push(left),
            }
        }
    }
}

#[cfg(test)]
mod tests;
