//! The changes of a patch, carried out in their order.

use bailiwick_guest::fs::read::ErrorCode;
use bailiwick_guest::fs::write::Expect;
use bailiwick_guest::{At, Directory, EditDir, EditFile, ToolError, path};

use super::plan::Change;

/// Carries the changes out below `dir`, which is called `name`. Directories that are missing are made; those that are empty afterwards
/// stay.
///
/// # Errors
///
/// The code of what failed. What was done before that is undone by whoever made the call, since it failed.
pub(super) fn carry_out<D: EditDir>(
    dir: &D,
    name: &str,
    changes: &[Change],
) -> Result<(), ToolError> {
    let reader = dir.as_read();
    for change in changes {
        let whole = || path::join(name, &change.path);
        if change.is_gone {
            dir.remove(&change.path, false).at(whole)?;
            continue;
        }
        if change.is_new || change.from.is_some() {
            parent(dir, &reader, &change.path).at(whole)?;
        }
        if let Some(from) = &change.from {
            dir.rename(from, dir, &change.path, false).at(whole)?;
        }
        if let Some(bytes) = &change.bytes {
            let expect = match change.is_new {
                true => Expect::New,
                false => Expect::Existing,
            };
            let file = dir.open_file(&change.path, expect).at(whole)?;
            file.replace(bytes).at(whole)?;
        }
    }
    Ok(())
}

/// Makes the directory that `path` is in, when there is none.
fn parent<D: EditDir>(dir: &D, reader: &D::Reader, path: &str) -> Result<(), ErrorCode> {
    match path.rsplit_once('/') {
        Some((parent, _)) if reader.stat(parent) == Err(ErrorCode::NoEntry) => {
            dir.create_dir(parent)
        }
        _ => Ok(()),
    }
}
