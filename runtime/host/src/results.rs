//! `/results`: files that calls leave for the session, and what calls that failed had written.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bailiwick_capfs::state::Room;
use bailiwick_capfs::{
    Amount, Capability, ErrorCode, Expect, GuestPath, ReadDir, ReadFile, Scope, WriteDir, bounds,
};

/// The name in the namespace.
pub(crate) const NAME: &str = "results";

/// How long what a call left can be read.
pub(crate) const KEPT: Duration = Duration::from_secs(60 * 60);

/// How much all of it may be.
pub(crate) const QUOTA: Amount = Amount {
    bytes: 256 << 20,
    entries: 16_384,
};

/// A session's results.
#[derive(Debug)]
pub(crate) struct Results {
    room: Room,
    /// All of it, to change: the model's handle only reads.
    all: Capability,
    /// Folders of calls that left something, oldest first.
    calls: Mutex<Vec<(Instant, String)>>,
}

impl Results {
    pub(crate) fn new(room: Room, all: Capability) -> Self {
        Self {
            room,
            all,
            calls: Mutex::new(Vec::new()),
        }
    }

    /// The whole folder, to change what is in one call's.
    fn root(&self, call: &str) -> Result<WriteDir, ErrorCode> {
        let volume = self.all.volume();
        let locked = volume
            .try_lock(&[GuestPath::parse(call)?])
            .ok_or(ErrorCode::Busy)?;
        volume
            .begin(Some(locked))
            .write_dir(&self.all, &GuestPath::default())
    }

    /// The folder of a call, to put something in.
    fn folder(&self, call: &str) -> Result<WriteDir, ErrorCode> {
        let root = self.root(call)?;
        root.create_dir(call)?;
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.last().is_none_or(|(_, last)| last != call) {
            calls.push((Instant::now(), call.to_owned()));
        }
        root.open_dir(call)
    }

    /// Removes what is older than [`KEPT`].
    pub(crate) fn sweep(&self) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let old = calls
            .iter()
            .take_while(|(since, _)| since.elapsed() >= KEPT)
            .count();
        if old == 0 {
            return;
        }
        for (_, call) in calls.drain(..old) {
            // What cannot be removed now goes with the room.
            let _ = self.root(&call).and_then(|root| root.remove(&call, true));
        }
    }

    /// Where what a failed call had written goes: the open folder, and its name.
    pub(crate) fn discards(&self, call: &str) -> Option<(bailiwick_capfs::Folder, String)> {
        self.folder(call).ok()?.create_dir("discarded").ok()?;
        let room = self.room.dir().ok()?;
        let folder = room.open_dir(call).ok()?.open_dir("discarded").ok()?;
        Some((folder, format!("/{NAME}/{call}/discarded")))
    }

    /// Copies a file that a call returned, of at most `left` bytes, which go down; its name.
    pub(crate) fn file(
        &self,
        call: &str,
        file: &ReadFile,
        left: &mut u64,
    ) -> Result<String, ErrorCode> {
        let folder = self.folder(call)?;
        let name = free(&folder, last(file.name()))?;
        copy(file, &folder, &name, left)?;
        Ok(format!("{}/{name}", folder.name()))
    }

    /// Copies a directory that a call returned, of at most `left` bytes, which go down; its name.
    pub(crate) fn directory(
        &self,
        call: &str,
        dir: &ReadDir,
        left: &mut u64,
    ) -> Result<String, ErrorCode> {
        let folder = self.folder(call)?;
        let name = free(&folder, last(dir.name()))?;
        folder.create_dir(&name)?;
        let into = folder.open_dir(&name)?;
        let scope = Scope {
            hidden: true,
            ..Scope::default()
        };
        let mut walker = dir.walk("", &scope)?;
        loop {
            let page = walker.next(bounds::PAGE)?;
            for entry in page.entries {
                match entry.stat.kind {
                    bailiwick_capfs::Kind::Directory => into.create_dir(&entry.path)?,
                    bailiwick_capfs::Kind::File => {
                        copy(&dir.open_file(&entry.path)?, &into, &entry.path, left)?;
                    }
                    // A link would lead from the results to somewhere else.
                    bailiwick_capfs::Kind::Symlink | bailiwick_capfs::Kind::Other => {}
                }
            }
            if !page.more {
                return Ok(into.name().to_owned());
            }
        }
    }
}

fn last(name: &str) -> &str {
    name.rsplit('/')
        .next()
        .filter(|last| !last.is_empty())
        .unwrap_or("result")
}

/// The name, or with a number behind it when it is taken.
fn free(folder: &WriteDir, name: &str) -> Result<String, ErrorCode> {
    let mut free = name.to_owned();
    let mut number = 1;
    loop {
        match folder.as_read().stat(&free) {
            Err(ErrorCode::NoEntry) => return Ok(free),
            Err(code) => return Err(code),
            Ok(_) => {
                number += 1;
                free = format!("{name}.{number}");
            }
        }
    }
}

/// [`FileTooLarge`](ErrorCode::FileTooLarge) when it is more than `left`.
fn copy(from: &ReadFile, folder: &WriteDir, path: &str, left: &mut u64) -> Result<(), ErrorCode> {
    let to = folder.create_file(path, Expect::New, true)?;
    let mut offset = 0;
    loop {
        let chunk = from.read(offset, bounds::TRANSFER)?;
        if chunk.bytes.is_empty() {
            return Ok(());
        }
        let bytes = chunk.bytes.len() as u64;
        *left = left.checked_sub(bytes).ok_or(ErrorCode::FileTooLarge)?;
        to.write(offset, &chunk.bytes)?;
        offset += bytes;
    }
}
