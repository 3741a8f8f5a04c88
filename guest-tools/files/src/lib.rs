//! The tool `files`: read, list, find and search. Its contract is `wit/files.wit`.
//!
//! The host walks (ignore rules and globs are its part) and reads; what is decided here is what to show, in pages
//! that fit a reply, and how to go on. Searching is ripgrep's own libraries.
//!
//! Everything but this file works over the traits of [`bailiwick_guest`], so the tests run natively.

bailiwick_guest::tool!(reads {
    path: "../../wit",
    world: "bailiwick:files/tool",
    additional_derives: [PartialEq],
});

mod glob;
mod grep;
mod lanes;
mod list;
mod literals;
mod pattern;
mod read;
mod search;
mod sift;
#[cfg(test)]
mod testing;
mod text;

use bailiwick_guest::fs::read::{ReadDir, ReadFile};
use bailiwick_guest::{ToolError, note, progress};
use bindings::exports::bailiwick::files::files::{Guest, Lines, Listing, Matches};

struct Files;

impl Guest for Files {
    fn read(
        file: &ReadFile,
        from_line: Option<u32>,
        max_lines: Option<u32>,
    ) -> Result<Lines, ToolError> {
        read::read(file, &file.name(), from_line, max_lines)
    }

    fn list(dir: &ReadDir, depth: Option<u32>) -> Result<Listing, ToolError> {
        list::list(dir, depth)
    }

    fn find(dir: &ReadDir, glob: String) -> Result<Listing, ToolError> {
        list::find(dir, &glob)
    }

    fn grep(
        dir: &ReadDir,
        pattern: String,
        glob: Option<String>,
        ignore_case: Option<bool>,
        context: Option<u32>,
        max_matches: Option<u32>,
    ) -> Result<Matches, ToolError> {
        let request = grep::Request {
            pattern: &pattern,
            glob: glob.as_deref(),
            ignore_case: ignore_case.unwrap_or(false),
            context: context.unwrap_or(0),
            max_matches: max_matches.unwrap_or(100),
        };
        grep::grep(dir, &request, |searched| {
            let message = format!("{} searched", note::count(searched, "file", "files"));
            progress::report(searched, None, &message);
        })
    }
}

bindings::export!(Files);
