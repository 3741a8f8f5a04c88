//! Many files, and deep ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{Checked, did, file, same, text};

pub(super) fn read_dir(folder: &Path) -> Checked {
    file(&folder.join("a.txt"), "12")?;
    did("create_dir", fs::create_dir(folder.join("b")))?;
    file(&folder.join("b/c"), "")?;
    let mut seen = BTreeMap::new();
    for entry in did("read_dir", fs::read_dir(folder))? {
        let entry = did("entry", entry)?;
        let kind = did("file_type", entry.file_type())?;
        let facts = did("metadata of an entry", entry.metadata())?;
        same("path", entry.path(), folder.join(entry.file_name()))?;
        same("kinds agree", kind.is_dir(), facts.is_dir())?;
        let len = if kind.is_dir() {
            None
        } else {
            Some(facts.len())
        };
        seen.insert(entry.file_name().to_string_lossy().into_owned(), len);
    }
    same(
        "entries",
        seen,
        BTreeMap::from([("a.txt".into(), Some(2)), ("b".into(), None)]),
    )?;
    // What changes during a listing must not break it.
    let listing = did("read_dir", fs::read_dir(folder))?;
    did("remove_file", fs::remove_file(folder.join("a.txt")))?;
    file(&folder.join("new"), "")?;
    for entry in listing {
        did("entry during a change", entry)?;
    }
    Ok(())
}

pub(super) fn thousand(folder: &Path) -> Checked {
    let name = |number: u32| format!("{number:04}.txt");
    for number in 0..1000 {
        file(&folder.join(name(number)), &number.to_string())?;
    }
    let mut names = Vec::new();
    for entry in did("read_dir", fs::read_dir(folder))? {
        names.push(
            did("entry", entry)?
                .file_name()
                .to_string_lossy()
                .into_owned(),
        );
    }
    names.sort();
    same(
        "all are listed, each once",
        names,
        (0..1000).map(name).collect(),
    )?;
    for number in (0..1000).step_by(7) {
        same(
            "its text",
            text("read", &folder.join(name(number)))?,
            number.to_string(),
        )?;
    }
    for number in (0..1000).filter(|number| number % 2 == 0) {
        did("remove_file", fs::remove_file(folder.join(name(number))))?;
    }
    same(
        "half are left",
        did("read_dir", fs::read_dir(folder))?.count(),
        500,
    )
}

pub(super) fn deep(folder: &Path) -> Checked {
    let mut path = folder.to_owned();
    for level in 0..40 {
        path.push(format!("level-{level}"));
    }
    did("create_dir_all", fs::create_dir_all(&path))?;
    file(&path.join("bottom.txt"), "deep")?;
    same(
        "at the bottom",
        text("read", &path.join("bottom.txt"))?,
        "deep".into(),
    )?;
    did(
        "rename at the top",
        fs::rename(folder.join("level-0"), folder.join("top")),
    )?;
    let mut moved = folder.join("top");
    for level in 1..40 {
        moved.push(format!("level-{level}"));
    }
    same(
        "still there",
        text("read", &moved.join("bottom.txt"))?,
        "deep".into(),
    )?;
    did("remove_dir_all", fs::remove_dir_all(folder.join("top")))?;
    same(
        "nothing is left",
        did("read_dir", fs::read_dir(folder))?.count(),
        0,
    )
}
