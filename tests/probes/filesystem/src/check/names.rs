//! Names: renamed, removed, made again, spelled, linked.

use std::fs;

use std::path::Path;

use super::{Checked, did, fails, file, same, text};

pub(super) fn rename_file(folder: &Path) -> Checked {
    let (one, two) = (folder.join("one"), folder.join("two"));
    file(&one, "1")?;
    did("rename", fs::rename(&one, &two))?;
    same(
        "moved",
        (one.exists(), text("read", &two)?),
        (false, "1".into()),
    )?;
    file(&one, "new")?;
    did("rename over", fs::rename(&one, &two))?;
    same(
        "replaced",
        (one.exists(), text("read", &two)?),
        (false, "new".into()),
    )?;
    did("rename to itself", fs::rename(&two, &two))?;
    same("it stays", text("read", &two)?, "new".into())?;
    fails(
        "rename of what is missing",
        fs::rename(&one, &two),
        "no-entry",
    )?;
    did("create_dir", fs::create_dir(&one))?;
    fails(
        "rename over a folder",
        fs::rename(&two, &one),
        "is-directory",
    )?;
    did("rename into", fs::rename(&two, one.join("two")))?;
    same("moved in", text("read", &one.join("two"))?, "new".into())?;
    fails(
        "rename into what is missing",
        fs::rename(one.join("two"), folder.join("no/two")),
        "no-entry",
    )
}

pub(super) fn rename_folder(folder: &Path) -> Checked {
    let (one, two) = (folder.join("one"), folder.join("two"));
    did("create_dir_all", fs::create_dir_all(one.join("in/ner")))?;
    file(&one.join("in/ner/a.txt"), "a")?;
    file(&one.join("b.txt"), "b")?;
    did("rename", fs::rename(&one, &two))?;
    same(
        "what was in it",
        text("read", &two.join("in/ner/a.txt"))?,
        "a".into(),
    )?;
    same("the old name", one.exists(), false)?;
    fails(
        "into itself",
        fs::rename(&two, two.join("in/two")),
        "invalid",
    )?;
    did("create_dir", fs::create_dir(&one))?;
    did("rename over an empty folder", fs::rename(&two, &one))?;
    file(&one.join("in/ner/c.txt"), "c")?;
    did("create_dir", fs::create_dir(&two))?;
    fails("over a full one", fs::rename(&two, &one), "not-empty")?;
    fails(
        "over a file",
        fs::rename(&two, one.join("b.txt")),
        "not-directory",
    )?;
    did(
        "rename what is in it",
        fs::rename(one.join("in/ner"), two.join("ner")),
    )?;
    let mut names: Vec<_> = did("read_dir", fs::read_dir(two.join("ner")))?
        .filter_map(|entry| Some(entry.ok()?.file_name()))
        .collect();
    names.sort();
    same("moved twice", names, vec!["a.txt".into(), "c.txt".into()])
}

pub(super) fn remove(folder: &Path) -> Checked {
    let inner = folder.join("inner");
    did("create_dir_all", fs::create_dir_all(inner.join("deep/er")))?;
    did(
        "create_dir_all of what exists",
        fs::create_dir_all(inner.join("deep/er")),
    )?;
    file(&inner.join("a.txt"), "a")?;
    file(&inner.join("deep/b.txt"), "b")?;
    fails(
        "remove_dir of a full one",
        fs::remove_dir(&inner),
        "not-empty",
    )?;
    did("remove_file", fs::remove_file(inner.join("a.txt")))?;
    fails(
        "remove_file again",
        fs::remove_file(inner.join("a.txt")),
        "no-entry",
    )?;
    did("remove_dir_all", fs::remove_dir_all(inner.join("deep")))?;
    did("remove_dir", fs::remove_dir(&inner))?;
    fails("remove_dir again", fs::remove_dir(&inner), "no-entry")?;
    fails(
        "create_dir in what is missing",
        fs::create_dir(inner.join("deep")),
        "no-entry",
    )
}

pub(super) fn remove_and_make_again(folder: &Path) -> Checked {
    let path = folder.join("name");
    for round in 0..3 {
        let said = round.to_string();
        file(&path, &said)?;
        same("as a file", text("read", &path)?, said.clone())?;
        did("remove_file", fs::remove_file(&path))?;
        did("create_dir", fs::create_dir(&path))?;
        same(
            "as a folder, empty",
            did("read_dir", fs::read_dir(&path))?.count(),
            0,
        )?;
        file(&path.join("inner"), &said)?;
        did("remove_dir_all", fs::remove_dir_all(&path))?;
        same("gone", path.exists(), false)?;
    }
    Ok(())
}

pub(super) fn spelling(folder: &Path) -> Checked {
    let long = "n".repeat(255);
    // The second and third look alike and are two names: composed and decomposed.
    let names = [
        "two words",
        "\u{e4}",
        "a\u{308}",
        "日本語",
        "🦀",
        "-f",
        "a\nb",
        "...",
        "a\\b",
        "%41",
        &long,
    ];
    for name in names {
        file(&folder.join(name), name)?;
    }
    for name in names {
        same(name, text(name, &folder.join(name))?, name.to_owned())?;
    }
    same(
        "listed",
        did("read_dir", fs::read_dir(folder))?.count(),
        names.len(),
    )?;
    for name in names {
        did(name, fs::remove_file(folder.join(name)))?;
    }
    same(
        "256 bytes",
        fs::write(folder.join("n".repeat(256)), "").is_err(),
        true,
    )?;
    same(
        "nothing is left",
        did("read_dir", fs::read_dir(folder))?.count(),
        0,
    )
}

#[allow(
    deprecated,
    reason = "the standard library has no other stable way to make a link here"
)]
pub(super) fn links(folder: &Path) -> Checked {
    did("create_dir", fs::create_dir(folder.join("folder")))?;
    file(&folder.join("folder/a.txt"), "a")?;
    let link = folder.join("link");
    did("soft_link", fs::soft_link("folder/a.txt", &link))?;
    same(
        "read_link",
        did("read_link", fs::read_link(&link))?,
        "folder/a.txt".into(),
    )?;
    same("through it", text("read", &link)?, "a".into())?;
    same(
        "symlink_metadata",
        did("symlink_metadata", fs::symlink_metadata(&link))?.is_symlink(),
        true,
    )?;
    same(
        "metadata",
        did("metadata", fs::metadata(&link))?.is_file(),
        true,
    )?;
    file(&link, "changed through it")?;
    same(
        "the file",
        text("read", &folder.join("folder/a.txt"))?,
        "changed through it".into(),
    )?;
    did("remove_file", fs::remove_file(&link))?;
    same("the file stays", folder.join("folder/a.txt").exists(), true)?;
    did("soft_link to a folder", fs::soft_link("folder", &link))?;
    same(
        "below it",
        text("read", &link.join("a.txt"))?,
        "changed through it".into(),
    )?;
    did(
        "rename of a link",
        fs::rename(&link, folder.join("renamed")),
    )?;
    same(
        "a link still",
        did("read_link", fs::read_link(folder.join("renamed")))?,
        "folder".into(),
    )?;
    did("soft_link to nothing", fs::soft_link("nothing", &link))?;
    fails("read of a dangling link", fs::read(&link), "no-entry")?;
    fails(
        "read_link of a file",
        fs::read_link(folder.join("folder/a.txt")),
        "invalid",
    )
}
