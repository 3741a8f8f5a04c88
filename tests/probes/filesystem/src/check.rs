//! Checks that a mount behaves as a filesystem does.

mod contents;
mod many;
mod names;
mod open;
mod times;

use std::fmt::Debug;
use std::fs;
use std::io;
use std::path::Path;

use crate::code::code;

/// What a check comes to: nothing, or what it saw.
type Checked = Result<(), String>;

type Check = fn(&Path) -> Checked;

/// Every check, in order. Each has a folder of its own, which is empty when it begins.
const CHECKS: &[(&str, Check)] = &[
    ("create", contents::create),
    ("append", contents::append),
    ("seek", contents::seek),
    ("set-len", contents::set_len),
    ("copy", contents::copy),
    ("large", contents::large),
    ("remove-while-open", contents::remove_while_open),
    ("rename-while-open", contents::rename_while_open),
    ("options", open::options),
    ("wrong-kind", open::wrong_kind),
    ("paths", open::paths),
    ("rename-file", names::rename_file),
    ("rename-folder", names::rename_folder),
    ("remove", names::remove),
    ("remove-and-make-again", names::remove_and_make_again),
    ("spelling", names::spelling),
    ("links", names::links),
    ("metadata", times::metadata),
    ("times", times::times),
    ("permissions", times::permissions),
    ("read-dir", many::read_dir),
    ("thousand", many::thousand),
    ("deep", many::deep),
];

/// Runs every check, and stops at the first that fails.
pub(crate) fn check(root: &Path) -> Result<Vec<String>, String> {
    let folder = root.join("checks");
    did("create_dir", fs::create_dir(&folder))?;
    let mut passed = Vec::new();
    for (name, check) in CHECKS {
        let own = folder.join(name);
        did(name, fs::create_dir(&own))?;
        check(&own).map_err(|seen| format!("{name}: {seen}"))?;
        passed.push((*name).to_owned());
    }
    did("remove_dir_all", fs::remove_dir_all(&folder))?;
    same("exists after remove_dir_all", folder.exists(), false)?;
    did(
        "write",
        fs::write(root.join("checked.txt"), passed.join("\n") + "\n"),
    )?;
    Ok(passed)
}

/// The value of what must work.
fn did<T>(what: &str, result: io::Result<T>) -> Result<T, String> {
    result.map_err(|error| {
        format!(
            "{what}: expected it to work, got {} ({error})",
            code(&error)
        )
    })
}

/// What must not work, and why not: an error's name in `wasi:filesystem`.
fn fails<T>(what: &str, result: io::Result<T>, expected: &str) -> Checked {
    match result {
        Ok(_) => Err(format!("{what}: expected {expected}, but it worked")),
        Err(error) if code(&error) == expected => Ok(()),
        Err(error) => Err(format!(
            "{what}: expected {expected}, got {} ({error})",
            code(&error)
        )),
    }
}

/// What must be so.
fn same<T: PartialEq + Debug>(what: &str, seen: T, expected: T) -> Checked {
    if seen == expected {
        return Ok(());
    }
    let short = |value: T| {
        let text = format!("{value:?}");
        text.chars().take(200).collect::<String>()
    };
    Err(format!(
        "{what}: expected {}, saw {}",
        short(expected),
        short(seen)
    ))
}

/// The text of a file.
fn text(what: &str, path: &Path) -> Result<String, String> {
    did(what, fs::read_to_string(path))
}

/// A file with some text.
fn file(path: &Path, text: &str) -> Checked {
    did("write", fs::write(path, text))
}
