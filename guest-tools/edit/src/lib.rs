//! The tool `edit`: write, replace, insert, apply a patch, copy, move and remove. Its contract is `wit/edit.wit`.
//!
//! The host keeps what a call changes apart until it ends, so a function that fails has changed nothing; what is decided here is what
//! a change means, and what to say when it does not fit: a model that is told the nearest text gets it right the next time.
//!
//! Everything but this file works over the traits of [`bailiwick_guest`], so the tests run natively.

bailiwick_guest::tool!(edits {
    path: "../../wit",
    world: "bailiwick:edit/tool",
    additional_derives: [PartialEq],
});

mod argument;
mod copy;
mod differs;
mod edited;
mod insert;
mod lines;
mod nearest;
mod patch;
mod replace;
#[cfg(test)]
mod testing;
mod text;
mod tree;
mod unified;
mod write;

use bailiwick_guest::fs::read::ReadFile;
use bailiwick_guest::fs::write::{Expect, WriteDir, WriteFile};
use bailiwick_guest::{ToolError, note, progress};
use bindings::exports::bailiwick::edit::edit::{
    Copied, Edited, Guest, Made, Moved, Patched, Removed,
};

struct Edit;

impl Guest for Edit {
    fn write(
        file: &WriteFile,
        content: String,
        expect: Option<Expect>,
    ) -> Result<Edited, ToolError> {
        write::write(file, &content, expect.unwrap_or(Expect::Either))
    }

    fn replace(
        file: &WriteFile,
        old: String,
        new: String,
        all: Option<bool>,
    ) -> Result<Edited, ToolError> {
        replace::replace(file, &old, &new, all.unwrap_or(false))
    }

    fn insert(file: &WriteFile, text: String, line: Option<u32>) -> Result<Edited, ToolError> {
        insert::insert(file, &text, line)
    }

    fn apply_patch(dir: &WriteDir, patch: String) -> Result<Patched, ToolError> {
        patch::apply(dir, &patch)
    }

    fn copy(from: &ReadFile, to: &WriteFile, overwrite: Option<bool>) -> Result<Copied, ToolError> {
        copy::copy(from, to, overwrite.unwrap_or(false), |done, total| {
            let message = format!("{} copied", note::count(done, "byte", "bytes"));
            progress::report(done, Some(total), &message);
        })
    }

    fn move_(
        dir: &WriteDir,
        from: String,
        to: String,
        overwrite: Option<bool>,
    ) -> Result<Moved, ToolError> {
        tree::rename(dir, &from, &to, overwrite.unwrap_or(false))
    }

    fn remove(dir: &WriteDir, path: String, tree: Option<bool>) -> Result<Removed, ToolError> {
        tree::remove(dir, &path, tree.unwrap_or(false))
    }

    fn make_dir(dir: &WriteDir, path: String) -> Result<Made, ToolError> {
        tree::make(dir, &path)
    }
}

bindings::export!(Edit);
