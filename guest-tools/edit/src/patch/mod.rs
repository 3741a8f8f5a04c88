//! `apply-patch`: a unified diff of several files, all of it or nothing.
//!
//! All files are read and all hunks applied in memory first; only when that went well is anything written.

mod fit;
mod hunks;
mod names;
mod parse;
mod plan;
mod steps;

use bailiwick_guest::note::{Note, count};
use bailiwick_guest::{Directory, EditDir, ToolError};

use crate::bindings::exports::bailiwick::edit::edit::{Patched, PatchedFile, PatchedKind};
use plan::{Change, Plan};

/// How many files a patch may have.
const FILES: usize = 1_000;

/// Applies `patch` to the files below `dir`.
pub(crate) fn apply(dir: &impl EditDir, patch: &str) -> Result<Patched, ToolError> {
    crate::argument::text("patch", patch)?;
    let files = parse::parse(patch)?;
    if files.len() > FILES {
        let message = format!("it has {} files, and {FILES} are taken", files.len());
        return Err(parse::bad(message).hint("apply it in parts"));
    }
    let reader = dir.as_read();
    let name = reader.name();
    let mut plan = Plan::new(&reader, &name);
    for file in &files {
        plan.add(file)?;
    }
    let changes = plan.finish()?;
    steps::carry_out(dir, &name, &changes)?;
    let mut note = Note::default();
    let modes = files.iter().filter(|file| file.mode).count();
    if modes > 0 {
        note.say(format!(
            "permissions stay as they are; the patch would change those of {}",
            count(modes as u64, "file", "files")
        ));
    }
    let hunks = files.iter().map(|file| file.hunks.len()).sum::<usize>();
    Ok(Patched {
        files: changes.iter().map(|change| shown(change, &name)).collect(),
        hunks: u32::try_from(hunks).unwrap_or(u32::MAX),
        note: note.finish(),
    })
}

fn shown(change: &Change, name: &str) -> PatchedFile {
    let whole = |path: &str| bailiwick_guest::path::join(name, path);
    let from = change.from.as_deref();
    PatchedFile {
        path: whole(&change.path),
        kind: match (&from, change.is_new, change.is_gone) {
            (Some(_), ..) => PatchedKind::Renamed,
            (None, true, _) => PatchedKind::Created,
            (None, _, true) => PatchedKind::Deleted,
            _ => PatchedKind::Changed,
        },
        from: from.map(whole),
        added: change.added,
        removed: change.removed,
        note: (!change.notes.is_empty()).then(|| change.notes.join("; ")),
    }
}

#[cfg(test)]
mod tests;
