//! What files hold.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::{Checked, did, fails, file, same, text};

const MIB: usize = 1 << 20;

pub(super) fn create(folder: &Path) -> Checked {
    let path = folder.join("a.txt");
    let mut new = did("create_new", File::create_new(&path))?;
    did("write_all", new.write_all(b"one"))?;
    did("sync_all", new.sync_all())?;
    did("sync_data", new.sync_data())?;
    same("read while it is open", text("read", &path)?, "one".into())?;
    drop(new);
    fails(
        "create_new of what exists",
        File::create_new(&path),
        "exist",
    )?;
    same("it stays", text("read", &path)?, "one".into())?;
    drop(did("create", File::create(&path))?);
    same("create empties", text("read", &path)?, String::new())?;
    file(&path, "a longer text")?;
    file(&path, "short")?;
    same("write replaces", text("read", &path)?, "short".into())?;
    fails(
        "read of what is missing",
        fs::read(folder.join("b")),
        "no-entry",
    )?;
    fails(
        "create in what is missing",
        File::create(folder.join("b/c")),
        "no-entry",
    )
}

pub(super) fn append(folder: &Path) -> Checked {
    let path = folder.join("log");
    file(&path, "one\n")?;
    let mut end = did("open", File::options().append(true).open(&path))?;
    did("write", end.write_all(b"two\n"))?;
    did("seek", end.seek(SeekFrom::Start(0)))?;
    did("write", end.write_all(b"three\n"))?;
    let mut other = did("open again", File::options().append(true).open(&path))?;
    did("write", other.write_all(b"four\n"))?;
    did("write", end.write_all(b"five\n"))?;
    same(
        "all is at the end",
        text("read", &path)?,
        "one\ntwo\nthree\nfour\nfive\n".into(),
    )
}

pub(super) fn seek(folder: &Path) -> Checked {
    let path = folder.join("bytes");
    let mut both = did(
        "open",
        File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path),
    )?;
    did("write", both.write_all(b"0123456789"))?;
    same(
        "position",
        did("stream_position", both.stream_position())?,
        10,
    )?;
    same(
        "from the end",
        did("seek", both.seek(SeekFrom::End(-4)))?,
        6,
    )?;
    let mut two = [0; 2];
    did("read_exact", both.read_exact(&mut two))?;
    same("bytes at 6", two, *b"67")?;
    same(
        "from here",
        did("seek", both.seek(SeekFrom::Current(-7)))?,
        1,
    )?;
    did("write", both.write_all(b"ab"))?;
    let mut rest = String::new();
    did("read_to_string", both.read_to_string(&mut rest))?;
    same("the rest", rest, "3456789".into())?;
    same("read at the end", did("read", both.read(&mut two))?, 0)?;
    fails(
        "seek before the start",
        both.seek(SeekFrom::Current(-100)),
        "invalid",
    )?;
    did("seek past the end", both.seek(SeekFrom::Start(12)))?;
    same("read past the end", did("read", both.read(&mut two))?, 0)?;
    did("write past the end", both.write_all(b"!"))?;
    same(
        "the gap is zeros",
        did("read", fs::read(&path))?,
        b"0ab3456789\0\0!".to_vec(),
    )
}

pub(super) fn set_len(folder: &Path) -> Checked {
    let path = folder.join("bytes");
    file(&path, "0123456789")?;
    let mut open = did("open", File::options().read(true).write(true).open(&path))?;
    did("set_len 4", open.set_len(4))?;
    same("cut", text("read", &path)?, "0123".into())?;
    did("set_len 8", open.set_len(8))?;
    same(
        "lengthened",
        did("read", fs::read(&path))?,
        b"0123\0\0\0\0".to_vec(),
    )?;
    same("len", did("metadata", open.metadata())?.len(), 8)?;
    let mut all = Vec::new();
    did("read_to_end", open.read_to_end(&mut all))?;
    same("through the open file", all.len(), 8)?;
    did("set_len 0", open.set_len(0))?;
    same("empty", did("metadata", fs::metadata(&path))?.len(), 0)
}

pub(super) fn copy(folder: &Path) -> Checked {
    let (one, two) = (folder.join("one"), folder.join("two"));
    file(&one, "copied")?;
    file(&two, "something longer than that")?;
    same("copy", did("copy", fs::copy(&one, &two))?, 6)?;
    same("the copy", text("read", &two)?, "copied".into())?;
    file(&two, "changed")?;
    same("the copied", text("read", &one)?, "copied".into())?;
    fails(
        "copy of what is missing",
        fs::copy(folder.join("three"), &two),
        "no-entry",
    )
}

/// A pattern without a period that a page or a piece could hide.
fn pattern(at: usize) -> u8 {
    ((at.wrapping_mul(2_654_435_761)) >> 13) as u8
}

pub(super) fn large(folder: &Path) -> Checked {
    let path = folder.join("large.bin");
    let bytes: Vec<u8> = (0..8 * MIB).map(pattern).collect();
    did("write of 8 MiB", fs::write(&path, &bytes))?;
    same(
        "len",
        did("metadata", fs::metadata(&path))?.len(),
        bytes.len() as u64,
    )?;
    let back = did("read of 8 MiB", fs::read(&path))?;
    same("first that differs", first_difference(&back, &bytes), None)?;
    let mut open = did("open", File::options().read(true).write(true).open(&path))?;
    // Over every border that a host may have.
    for at in [65_535, 65_536, MIB - 1, 4 * MIB - 3, 8 * MIB - 8] {
        did("seek", open.seek(SeekFrom::Start(at as u64)))?;
        did("write", open.write_all(b"marker"))?;
        did("seek", open.seek(SeekFrom::Start(at as u64 - 2)))?;
        let mut ten = [0; 10];
        did("read_exact", open.read_exact(&mut ten))?;
        same("the marker", &ten[2..8], b"marker")?;
        same("after it", ten[9], pattern(at + 7))?;
    }
    same(
        "len after",
        did("metadata", open.metadata())?.len(),
        bytes.len() as u64,
    )
}

fn first_difference(one: &[u8], two: &[u8]) -> Option<usize> {
    if one.len() != two.len() {
        return Some(one.len().min(two.len()));
    }
    one.iter().zip(two).position(|(one, two)| one != two)
}

pub(super) fn remove_while_open(folder: &Path) -> Checked {
    let path = folder.join("a.txt");
    file(&path, "still here")?;
    let mut open = did("open", File::options().read(true).write(true).open(&path))?;
    did("remove_file", fs::remove_file(&path))?;
    same("exists", path.exists(), false)?;
    let mut seen = String::new();
    did("read after remove", open.read_to_string(&mut seen))?;
    same("what is read after remove", seen, "still here".into())?;
    did("write after remove", open.write_all(b", and more"))?;
    same(
        "len after remove",
        did("metadata", open.metadata())?.len(),
        20,
    )?;
    file(&path, "another")?;
    did("seek", open.seek(SeekFrom::Start(0)))?;
    let mut seen = String::new();
    did("read", open.read_to_string(&mut seen))?;
    same(
        "the removed file is its own",
        seen,
        "still here, and more".into(),
    )?;
    drop(open);
    same(
        "and the new one too",
        text("read", &path)?,
        "another".into(),
    )
}

pub(super) fn rename_while_open(folder: &Path) -> Checked {
    let (one, two) = (folder.join("one"), folder.join("two"));
    file(&one, "one")?;
    let mut open = did("open", File::options().append(true).open(&one))?;
    did("rename", fs::rename(&one, &two))?;
    did("write after rename", open.write_all(b", two"))?;
    same(
        "it is seen under the new name",
        text("read", &two)?,
        "one, two".into(),
    )?;
    same("and not under the old", one.exists(), false)
}
