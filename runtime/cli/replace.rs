//! Replacing a file whole.

use std::io::Write as _;
use std::path::Path;

/// Whoever looks at `path` sees the old file or the new one, whole.
pub(crate) fn file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let written = std::fs::File::create_new(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        // What could not be finished must not stay; that it cannot be removed either is the lesser news.
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

/// Makes a file that is not there yet, or is there with just these bytes.
pub(crate) fn new_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    match std::fs::read(path) {
        Ok(there) if there == bytes => Ok(()),
        Ok(_) => Err(std::io::Error::new(
            std::io::ErrorKind::AlreadyExists,
            "there is another file of that name; give --name, or move it away",
        )),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => file(path, bytes),
        Err(error) => Err(error),
    }
}

/// Makes a folder that is not there yet. One that is elsewhere, behind a link, is none of ours.
pub(crate) fn own_folder(path: &Path) -> std::io::Result<()> {
    match path.symlink_metadata() {
        Ok(there) if there.is_dir() => Ok(()),
        Ok(_) => Err(std::io::Error::new(
            std::io::ErrorKind::AlreadyExists,
            "it is there, and is no folder of its own",
        )),
        Err(_) => std::fs::create_dir_all(path),
    }
}
