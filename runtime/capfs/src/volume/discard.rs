//! The end of a call that did not go well: nothing of it stays, but what it had written can be looked at.

use super::Volume;
use crate::change::Change;
use crate::layer::Layer;
use crate::layer::entries::{self, Entry, Source};
use crate::state::Blob;
use cap_std::fs::Dir;
use rustix::io::{pread, retry_on_intr};
use std::io::{self, Write as _};
use std::path::Path;

/// See [`discard`](super::discard).
pub(crate) fn discard(layers: &[Layer], into: Option<&Dir>) -> Vec<Change> {
    let mut changes = Vec::new();
    for layer in layers {
        let volume = layer.volume();
        let entries = entries::since(entries::all(&layer.delta()), entries::all(layer.start()));
        let base = |path: &str| volume.base_body(path);
        changes.extend(entries::changes(&entries, volume.name(), &base));
        // What was taken back does not come out by this way either.
        let holds = layer.wrote().iter().all(|token| token.check().is_ok());
        for entry in entries.iter().filter(|_| holds) {
            if let Some(into) = into {
                // It is a courtesy: what cannot be kept is not.
                let _ = keep(volume, entry, into);
            }
        }
    }
    super::commit::sort(&mut changes);
    changes
}

/// Write what a file would have had in it to `NAME/path`.
fn keep(volume: &Volume, entry: &Entry, into: &Dir) -> io::Result<()> {
    let Source::Blob(blob) = &entry.new else {
        return Ok(());
    };
    let path = Path::new(volume.name()).join(&entry.path);
    if let Some(above) = path.parent() {
        into.create_dir_all(above)?;
    }
    copy(blob, &mut into.create(&path)?)
}

fn copy(blob: &Blob, file: &mut cap_std::fs::File) -> io::Result<()> {
    let mut buffer = vec![0; 128 << 10];
    let mut offset = 0;
    loop {
        let read = retry_on_intr(|| pread(blob.file(), &mut buffer[..], offset))?;
        if read == 0 {
            return Ok(());
        }
        file.write_all(&buffer[..read])?;
        offset += read as u64;
    }
}
