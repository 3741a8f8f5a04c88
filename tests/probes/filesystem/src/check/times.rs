//! Facts about files.

use std::fs::{self, File, FileTimes};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::{Checked, did, file, same};

pub(super) fn metadata(folder: &Path) -> Checked {
    let path = folder.join("a.txt");
    file(&path, "12345")?;
    let facts = did("metadata", fs::metadata(&path))?;
    same("len", facts.len(), 5)?;
    same(
        "kind",
        (facts.is_file(), facts.is_dir(), facts.is_symlink()),
        (true, false, false),
    )?;
    let facts = did("metadata of a folder", fs::metadata(folder))?;
    same(
        "kind of a folder",
        (facts.is_file(), facts.is_dir()),
        (false, true),
    )?;
    let open = did("open", File::open(&path))?;
    same(
        "len of what is open",
        did("metadata", open.metadata())?.len(),
        5,
    )?;
    file(&path, "123")?;
    same(
        "len after a change",
        did("metadata", open.metadata())?.len(),
        3,
    )?;
    same(
        "symlink_metadata",
        did("symlink_metadata", fs::symlink_metadata(&path))?.len(),
        3,
    )?;
    same(
        "exists",
        (path.exists(), folder.join("b.txt").exists()),
        (true, false),
    )
}

pub(super) fn times(folder: &Path) -> Checked {
    let path = folder.join("a.txt");
    file(&path, "1")?;
    let modified = |path: &Path| {
        did(
            "modified",
            fs::metadata(path).and_then(|facts| facts.modified()),
        )
    };
    let made = modified(&path)?;
    let year = Duration::from_secs(365 * 24 * 3600);
    same(
        "it is of this century",
        made > SystemTime::UNIX_EPOCH + 30 * year,
        true,
    )?;
    let then = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 5_000_000);
    let open = did("open", File::options().write(true).open(&path))?;
    did("set_modified", open.set_modified(then))?;
    same("modified", modified(&path)?, then)?;
    let later = then + year;
    did(
        "set_times",
        open.set_times(FileTimes::new().set_accessed(later).set_modified(later)),
    )?;
    same("modified again", modified(&path)?, later)?;
    drop(open);
    did("rename", fs::rename(&path, folder.join("b.txt")))?;
    same(
        "modified after rename",
        modified(&folder.join("b.txt"))?,
        later,
    )?;
    file(&folder.join("b.txt"), "2")?;
    same(
        "modified after a write",
        modified(&folder.join("b.txt"))? > later,
        true,
    )
}

/// WASI has no permissions: a file that can be written is not read-only, and nothing that is asked may break it.
pub(super) fn permissions(folder: &Path) -> Checked {
    let path = folder.join("a.txt");
    file(&path, "1")?;
    let facts = did("metadata", fs::metadata(&path))?;
    // Whether it is refused is the standard library's business.
    let _ = fs::set_permissions(&path, facts.permissions());
    file(&path, "2")?;
    same("len", did("metadata", fs::metadata(&path))?.len(), 1)
}
