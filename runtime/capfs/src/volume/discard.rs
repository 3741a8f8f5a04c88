//! The end of a call that did not go well: nothing of it stays, but what it had written can be looked at.

use super::Volume;
use crate::change::Change;
use crate::layer::Layer;
use crate::layer::entries::{self, Source};
use crate::ledger::{Amount, Ledger};
use crate::state::Blob;
use crate::{ErrorCode, bounds};
use cap_std::fs::{Dir, File, OpenOptions};
use rustix::io::{pread, retry_on_intr};
use std::io::Write as _;

/// One name.
const NAME: Amount = Amount {
    bytes: 0,
    entries: 1,
};

/// Where what failed calls had written is kept, as far as there is room for it.
#[derive(Debug)]
pub struct Salvage<'a> {
    folder: &'a Dir,
    ledger: &'a Ledger,
    left_out: u64,
    /// The directory that the last file went to, with the names that lead there. Files come in the order of their paths.
    here: Vec<(String, Dir)>,
}

impl<'a> Salvage<'a> {
    /// In `folder`, which nobody else writes to. Each name and byte is charged to `ledger` before it is there, and nothing gives it
    /// back: whoever removes the folder does.
    pub fn new(folder: &'a Dir, ledger: &'a Ledger) -> Self {
        Self {
            folder,
            ledger,
            left_out: 0,
            here: Vec::new(),
        }
    }

    /// How many files are not kept: there was no room for them, or they could not be written.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Write what a file would have had in it to `NAME/path`. It is a courtesy: what cannot be kept is not, and counted.
    fn keep(&mut self, volume: &Volume, path: &str, blob: &Blob) {
        if self.kept(volume, path, blob).is_err() {
            self.left_out += 1;
        }
    }

    fn kept(&mut self, volume: &Volume, path: &str, blob: &Blob) -> Result<(), ErrorCode> {
        let path = volume.names().below(path);
        let path = path.to_str().ok_or(ErrorCode::Unsupported)?;
        let mut names: Vec<&str> = path.split('/').collect();
        // Each level is held open, and no walk would show what lies deeper.
        if names.len() > bounds::WALK_DEPTH as usize {
            return Err(ErrorCode::NameTooLong);
        }
        let last = names.pop().ok_or(ErrorCode::Invalid)?;
        self.go_to(&names)?;
        let dir = self.here.last().map_or(self.folder, |(_, dir)| dir);
        let size = blob.size()?;
        let much = Amount {
            bytes: size,
            ..NAME
        };
        let mut new = OpenOptions::new();
        charged(self.ledger, much, || {
            let file = dir.open_with(last, new.write(true).create_new(true))?;
            copy(blob, file, size).inspect_err(|_| {
                // Nothing better can be done when this fails too.
                let _ = dir.remove_file(last);
            })
        })
    }

    /// Be in the directory of these names, which is made where it is missing.
    fn go_to(&mut self, names: &[&str]) -> Result<(), ErrorCode> {
        let pairs = self.here.iter().zip(names);
        let same = pairs.take_while(|((here, _), name)| here == *name).count();
        self.here.truncate(same);
        for name in &names[same..] {
            let above = self.here.last().map_or(self.folder, |(_, dir)| dir);
            // What is there was made for a file before, and paid for.
            if !above.is_dir(name) {
                charged(self.ledger, NAME, || Ok(above.create_dir(name)?))?;
            }
            let below = above.open_dir(name)?;
            self.here.push(((*name).to_owned(), below));
        }
        Ok(())
    }
}

/// See [`discard`](super::discard).
pub(crate) fn discard(layers: &[Layer], mut into: Option<&mut Salvage<'_>>) -> Vec<Change> {
    let mut changes = Vec::new();
    for layer in layers {
        let volume = layer.volume();
        let entries = entries::since(entries::all(&layer.delta()), entries::all(layer.start()));
        let base = |path: &str| volume.base_body(path);
        changes.extend(entries::changes(&entries, volume.names(), &base));
        // What was taken back does not come out by this way either.
        let holds = layer.wrote().iter().all(|token| token.check().is_ok());
        for entry in entries.iter().filter(|_| holds) {
            if let (Some(into), Source::Blob(blob)) = (&mut into, &entry.new) {
                into.keep(volume, &entry.path, blob);
            }
        }
    }
    super::commit::sort(&mut changes);
    changes
}

/// Charge something, do it, and give back when it failed.
fn charged(
    ledger: &Ledger,
    much: Amount,
    act: impl FnOnce() -> Result<(), ErrorCode>,
) -> Result<(), ErrorCode> {
    ledger.charge(much)?;
    act().inspect_err(|_| ledger.give_back(much))
}

/// As much as was charged, and no more.
fn copy(blob: &Blob, mut file: File, size: u64) -> Result<(), ErrorCode> {
    let from = blob.file()?;
    let mut buffer = vec![0; 128 << 10];
    let mut offset = 0;
    while offset < size {
        let most = usize::try_from(size - offset).unwrap_or(usize::MAX);
        let piece = most.min(buffer.len());
        let read = retry_on_intr(|| pread(&*from, &mut buffer[..piece], offset))?;
        if read == 0 {
            // Shorter than it was: nobody writes to it any more.
            return Err(ErrorCode::Io);
        }
        file.write_all(&buffer[..read])?;
        offset += read as u64;
    }
    Ok(())
}
