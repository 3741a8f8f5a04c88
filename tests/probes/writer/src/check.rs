//! Checks that handles do what their contract says.

use std::fmt::Debug;

use bailiwick_guest::fs::read::{ErrorCode, Kind, Scope};
use bailiwick_guest::fs::write::{Expect, WriteDir};

use crate::report::name;

type Checked = Result<(), String>;

type Check = fn(&WriteDir) -> Checked;

/// Every check, in order. Each has a directory of its own, which is empty when it begins.
const CHECKS: &[(&str, Check)] = &[
    ("expect", expect),
    ("not-yet", not_yet),
    ("write", writing),
    ("set-size", set_size),
    ("replace", replace),
    ("large", large),
    ("directories", directories),
    ("narrower", narrower),
    ("rename-file", rename_file),
    ("rename-directory", rename_directory),
    ("remove", remove),
    ("made-again", made_again),
    ("reader-sees", reader_sees),
    ("open-while-removed", open_while_removed),
    ("listing", listing),
];

/// Runs every check, and stops at the first that fails.
pub(crate) fn check(root: &WriteDir) -> Result<Vec<String>, String> {
    let mut passed = Vec::new();
    for (said, check) in CHECKS {
        let path = format!("checks/{said}");
        did(said, root.create_dir(&path))?;
        let own = did(said, root.open_dir(&path))?;
        check(&own).map_err(|seen| format!("{said}: {seen}"))?;
        passed.push((*said).to_owned());
    }
    did("remove tree", root.remove("checks", true))?;
    fails(
        "stat of what was removed",
        root.as_read().stat("checks"),
        ErrorCode::NoEntry,
    )?;
    let file = did("open-file", root.open_file("checked.txt", Expect::Either))?;
    did(
        "replace",
        file.replace((passed.join("\n") + "\n").as_bytes()),
    )?;
    Ok(passed)
}

/// The value of what must work.
fn did<T>(what: &str, result: Result<T, ErrorCode>) -> Result<T, String> {
    result.map_err(|code| format!("{what}: expected it to work, got {}", name(code)))
}

/// What must not work, and how.
fn fails<T>(what: &str, result: Result<T, ErrorCode>, expected: ErrorCode) -> Checked {
    match result {
        Ok(_) => Err(format!(
            "{what}: expected {}, but it worked",
            name(expected)
        )),
        Err(code) if code == expected => Ok(()),
        Err(code) => Err(format!(
            "{what}: expected {}, got {}",
            name(expected),
            name(code)
        )),
    }
}

/// What must be so.
fn same<T: PartialEq + Debug>(what: &str, seen: T, expected: T) -> Checked {
    if seen == expected {
        return Ok(());
    }
    Err(format!("{what}: expected {expected:?}, saw {seen:?}"))
}

/// What a file holds.
fn text(root: &WriteDir, path: &str) -> Result<String, String> {
    let file = did(path, root.as_read().open_file(path))?;
    let chunk = did(path, file.read(0, 1 << 20))?;
    same("size", chunk.size, chunk.bytes.len() as u64)?;
    Ok(String::from_utf8_lossy(&chunk.bytes).into_owned())
}

fn write(root: &WriteDir, path: &str, text: &str) -> Checked {
    let file = did(path, root.open_file(path, Expect::Either))?;
    did(path, file.replace(text.as_bytes()))
}

fn expect(root: &WriteDir) -> Checked {
    fails(
        "existing",
        root.open_file("a", Expect::Existing),
        ErrorCode::NoEntry,
    )?;
    write(root, "a", "a")?;
    fails("new", root.open_file("a", Expect::New), ErrorCode::Exist)?;
    drop(did("existing", root.open_file("a", Expect::Existing))?);
    drop(did("either", root.open_file("a", Expect::Either))?);
    same("opening changes nothing", text(root, "a")?, "a".into())?;
    fails(
        "in no directory",
        root.open_file("no/a", Expect::Either),
        ErrorCode::NoEntry,
    )?;
    did("create-dir", root.create_dir("d"))?;
    fails(
        "a directory",
        root.open_file("d", Expect::Either),
        ErrorCode::IsDirectory,
    )
}

fn not_yet(root: &WriteDir) -> Checked {
    let new = did("new", root.open_file("a", Expect::New))?;
    fails(
        "stat before the first change",
        new.as_read().stat(),
        ErrorCode::NoEntry,
    )?;
    fails(
        "stat by name before it",
        root.as_read().stat("a"),
        ErrorCode::NoEntry,
    )?;
    did("append", new.append(b"a"))?;
    same("after it", text(root, "a")?, "a".into())?;
    drop(did(
        "either, never changed",
        root.open_file("never", Expect::Either),
    )?);
    fails(
        "never made",
        root.as_read().stat("never"),
        ErrorCode::NoEntry,
    )
}

fn writing(root: &WriteDir) -> Checked {
    let file = did("open-file", root.open_file("a", Expect::New))?;
    did("write", file.write(0, b"0123456789"))?;
    did("write in it", file.write(3, b"abc"))?;
    same("write", text(root, "a")?, "012abc6789".into())?;
    did("append", file.append(b"!"))?;
    same("append", text(root, "a")?, "012abc6789!".into())?;
    did("write past the end", file.write(13, b"?"))?;
    same("the gap", text(root, "a")?, "012abc6789!\0\0?".into())
}

fn set_size(root: &WriteDir) -> Checked {
    write(root, "a", "0123456789")?;
    let file = did("open-file", root.open_file("a", Expect::Existing))?;
    did("set-size", file.set_size(4))?;
    did("append", file.append(b"!"))?;
    same("cut and append", text(root, "a")?, "0123!".into())?;
    did("set-size", file.set_size(8))?;
    same("longer", text(root, "a")?, "0123!\0\0\0".into())
}

fn replace(root: &WriteDir) -> Checked {
    write(root, "a", "something long")?;
    let file = did("open-file", root.open_file("a", Expect::Existing))?;
    did("replace", file.replace(b"short"))?;
    same("replace", text(root, "a")?, "short".into())?;
    did("replace by nothing", file.replace(b""))?;
    same("empty", did("stat", file.as_read().stat())?.size, 0)
}

/// One crossing moves no more than 4 MiB, a file holds more.
fn large(root: &WriteDir) -> Checked {
    let file = did("open-file", root.open_file("a", Expect::New))?;
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..5 {
        did("append of 1 MiB", file.append(&piece))?;
    }
    same("5 MiB", did("stat", file.as_read().stat())?.size, 5 << 20)?;
    did("write over a border", file.write((1 << 20) - 2, b"marked"))?;
    let chunk = did("read", file.as_read().read((1 << 20) - 3, 8))?;
    same("the mark", chunk.bytes, b"xmarkedx".to_vec())
}

fn directories(root: &WriteDir) -> Checked {
    did("create-dir", root.create_dir("a/b/c"))?;
    did("create-dir again", root.create_dir("a/b/c"))?;
    same(
        "kind",
        did("stat", root.as_read().stat("a/b"))?.kind,
        Kind::Directory,
    )?;
    write(root, "a/f", "f")?;
    fails("over a file", root.create_dir("a/f"), ErrorCode::Exist)?;
    fails(
        "open-dir of a file",
        root.open_dir("a/f"),
        ErrorCode::NotDirectory,
    )?;
    fails(
        "open-dir of nothing",
        root.open_dir("a/g"),
        ErrorCode::NoEntry,
    )
}

fn narrower(root: &WriteDir) -> Checked {
    did("create-dir", root.create_dir("a/b"))?;
    let below = did("open-dir", root.open_dir("a"))?;
    write(&below, "b/c", "c")?;
    same(
        "through the narrower handle",
        text(root, "a/b/c")?,
        "c".into(),
    )?;
    fails(
        "above it",
        below.open_file("../d", Expect::Either),
        ErrorCode::NotPermitted,
    )?;
    fails(
        "and to look",
        below.as_read().stat(".."),
        ErrorCode::NotPermitted,
    )?;
    fails(
        "to make",
        below.create_dir("b/../../d"),
        ErrorCode::NotPermitted,
    )
}

fn rename_file(root: &WriteDir) -> Checked {
    write(root, "a", "a")?;
    write(root, "b", "b")?;
    fails(
        "over what exists",
        root.rename("a", root, "b", false),
        ErrorCode::Exist,
    )?;
    did("replace", root.rename("a", root, "b", true))?;
    same("replaced", text(root, "b")?, "a".into())?;
    fails(
        "of what is missing",
        root.rename("a", root, "c", false),
        ErrorCode::NoEntry,
    )?;
    did("create-dir", root.create_dir("d"))?;
    fails(
        "over a directory",
        root.rename("b", root, "d", true),
        ErrorCode::IsDirectory,
    )
}

fn rename_directory(root: &WriteDir) -> Checked {
    did("create-dir", root.create_dir("a/b"))?;
    write(root, "a/b/c", "c")?;
    write(root, "file", "file")?;
    fails(
        "over a file",
        root.rename("a", root, "file", true),
        ErrorCode::NotDirectory,
    )?;
    fails(
        "into itself",
        root.rename("a", root, "a/b/d", false),
        ErrorCode::Invalid,
    )?;
    did("create-dir", root.create_dir("e"))?;
    let below = did("open-dir", root.open_dir("e"))?;
    did("below another handle", root.rename("a", &below, "f", false))?;
    same("what was in it", text(root, "e/f/b/c")?, "c".into())?;
    fails("the old name", root.as_read().stat("a"), ErrorCode::NoEntry)?;
    did("create-dir", root.create_dir("a"))?;
    fails(
        "over a full one",
        root.rename("a", &below, "f", true),
        ErrorCode::NotEmpty,
    )?;
    did("over an empty one", below.rename("f", root, "a", true))?;
    same("what is in it", text(root, "a/b/c")?, "c".into())
}

fn remove(root: &WriteDir) -> Checked {
    write(root, "a", "a")?;
    did("a file", root.remove("a", false))?;
    fails("again", root.remove("a", false), ErrorCode::NoEntry)?;
    did("create-dir", root.create_dir("d/e"))?;
    write(root, "d/e/f", "f")?;
    fails(
        "a full directory",
        root.remove("d", false),
        ErrorCode::NotEmpty,
    )?;
    did("a tree", root.remove("d", true))?;
    fails("it is gone", root.as_read().stat("d"), ErrorCode::NoEntry)
}

/// A name that was removed is free for something else, and nothing of the old comes back.
fn made_again(root: &WriteDir) -> Checked {
    did("create-dir", root.create_dir("a/b"))?;
    did("a tree", root.remove("a", true))?;
    did("create-dir", root.create_dir("a"))?;
    fails(
        "it came back empty",
        root.as_read().stat("a/b"),
        ErrorCode::NoEntry,
    )?;
    did("an empty directory", root.remove("a", false))?;
    write(root, "a", "a file")?;
    did("the file", root.remove("a", false))?;
    did("create-dir", root.create_dir("a"))?;
    same(
        "kind",
        did("stat", root.as_read().stat("a"))?.kind,
        Kind::Directory,
    )
}

fn reader_sees(root: &WriteDir) -> Checked {
    write(root, "a", "before")?;
    let looking = did("open-file", root.as_read().open_file("a"))?;
    let file = did("open-file", root.open_file("a", Expect::Existing))?;
    did("write", file.write(0, b"after!"))?;
    let seen = did("read", looking.read(0, 100))?;
    same("what was written since", seen.bytes, b"after!".to_vec())?;
    same("size", did("stat", looking.stat())?.size, 6)
}

fn open_while_removed(root: &WriteDir) -> Checked {
    write(root, "a", "here")?;
    let looking = did("open-file", root.as_read().open_file("a"))?;
    let file = did("open-file", root.open_file("a", Expect::Existing))?;
    did("rename", root.rename("a", root, "b", false))?;
    did("write after rename", file.append(b" still"))?;
    same("under the new name", text(root, "b")?, "here still".into())?;
    did("remove", root.remove("b", false))?;
    let seen = did("read after remove", looking.read(0, 100))?;
    same(
        "it is there while it is open",
        seen.bytes,
        b"here still".to_vec(),
    )?;
    fails(
        "and not by name",
        root.as_read().stat("b"),
        ErrorCode::NoEntry,
    )
}

fn listing(root: &WriteDir) -> Checked {
    for path in ["c", "a", "b"] {
        write(root, path, path)?;
    }
    did("create-dir", root.create_dir("d/e"))?;
    did("remove", root.remove("a", false))?;
    let walker = did("walk", root.as_read().walk("", &Scope::all()))?;
    let mut paths = Vec::new();
    loop {
        let page = did("next", walker.next(2))?;
        paths.extend(page.entries.into_iter().map(|entry| entry.path));
        if !page.more {
            break;
        }
    }
    same(
        "walk",
        paths,
        ["b", "c", "d", "d/e"].map(String::from).to_vec(),
    )
}
