//! What opening does, and refuses.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;

use super::{Checked, did, fails, file, same, text};

fn with(set: impl Fn(&mut OpenOptions) -> &mut OpenOptions) -> OpenOptions {
    let mut options = File::options();
    set(&mut options);
    options
}

pub(super) fn options(folder: &Path) -> Checked {
    let (path, missing) = (folder.join("a.txt"), folder.join("missing"));
    file(&path, "kept")?;
    fails("nothing", with(|o| o).open(&path), "invalid")?;
    fails(
        "create to read",
        with(|o| o.read(true).create(true)).open(&missing),
        "invalid",
    )?;
    fails(
        "truncate to read",
        with(|o| o.read(true).truncate(true)).open(&path),
        "invalid",
    )?;
    fails(
        "append and truncate",
        with(|o| o.append(true).truncate(true)).open(&path),
        "invalid",
    )?;
    for options in [
        with(|o| o.read(true)),
        with(|o| o.write(true)),
        with(|o| o.append(true)),
        with(|o| o.read(true).write(true)),
        with(|o| o.write(true).truncate(true)),
    ] {
        fails(
            &format!("{options:?} of what is missing"),
            options.open(&missing),
            "no-entry",
        )?;
    }
    fails(
        "create_new",
        with(|o| o.write(true).create_new(true)).open(&path),
        "exist",
    )?;

    let mut reading = did("read", with(|o| o.read(true)).open(&path))?;
    same(
        "a write to what is read",
        reading.write_all(b"no").is_err(),
        true,
    )?;
    same(
        "a set_len of what is read",
        reading.set_len(0).is_err(),
        true,
    )?;
    let mut writing = did("write", with(|o| o.write(true)).open(&path))?;
    same(
        "a read of what is written",
        writing.read(&mut [0]).is_err(),
        true,
    )?;
    same("write keeps", text("read", &path)?, "kept".into())?;
    did("write", writing.write_all(b"K"))?;
    same("write begins at 0", text("read", &path)?, "Kept".into())?;
    drop(did(
        "create",
        with(|o| o.write(true).create(true).truncate(false)).open(&path),
    )?);
    same("create keeps", text("read", &path)?, "Kept".into())?;
    drop(did(
        "truncate",
        with(|o| o.write(true).truncate(true)).open(&path),
    )?);
    same("truncate empties", text("read", &path)?, String::new())?;
    drop(did(
        "append and create",
        with(|o| o.append(true).create(true)).open(&missing),
    )?);
    same("append creates", text("read", &missing)?, String::new())
}

pub(super) fn wrong_kind(folder: &Path) -> Checked {
    let (path, inner) = (folder.join("a.txt"), folder.join("folder"));
    file(&path, "text")?;
    did("create_dir", fs::create_dir(&inner))?;
    fails("create_dir over a file", fs::create_dir(&path), "exist")?;
    fails("create_dir over a folder", fs::create_dir(&inner), "exist")?;
    fails("write of a folder", fs::write(&inner, "x"), "is-directory")?;
    same("a read of a folder", fs::read(&inner).is_err(), true)?;
    fails(
        "read_dir of a file",
        fs::read_dir(&path).map(drop),
        "not-directory",
    )?;
    fails(
        "below a file",
        fs::read(path.join("below")),
        "not-directory",
    )?;
    fails(
        "write below a file",
        fs::write(path.join("below"), "x"),
        "not-directory",
    )?;
    fails(
        "remove_dir of a file",
        fs::remove_dir(&path),
        "not-directory",
    )?;
    same(
        "remove_file of a folder",
        fs::remove_file(&inner).is_err(),
        true,
    )?;
    same(
        "both are there",
        (path.is_file(), inner.is_dir()),
        (true, true),
    )
}

pub(super) fn paths(folder: &Path) -> Checked {
    did("create_dir_all", fs::create_dir_all(folder.join("a/b")))?;
    file(&folder.join("a/b/c.txt"), "c")?;
    for path in [
        "a/b/c.txt",
        "./a//b/./c.txt",
        "a/../a/b/c.txt",
        "a/b/../../a/b/c.txt",
    ] {
        same(path, text(path, &folder.join(path))?, "c".into())?;
    }
    fails("NUL", fs::read(folder.join("a\0b")), "invalid")?;
    same(
        "a slash after a file",
        fs::read(folder.join("a/b/c.txt/")).is_err(),
        true,
    )?;
    same(
        "try_exists",
        did("try_exists", folder.join("a/b/c.txt").try_exists())?,
        true,
    )?;
    same(
        "try_exists",
        did("try_exists", folder.join("a/b/d.txt").try_exists())?,
        false,
    )?;
    match fs::canonicalize(folder.join("a/../a/b")) {
        Ok(path) => same(
            "canonicalize",
            path.ends_with("a/b") && path.is_absolute(),
            true,
        ),
        // Not every standard library has it here.
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(()),
        Err(error) => Err(format!("canonicalize: {error}")),
    }
}
