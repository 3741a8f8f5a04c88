//! `grep`: searches the files of a tree, in the order of the walk.
//!
//! Files come in groups, whole, in one crossing a group; one that is too large for that is opened and streamed.

use std::io;
use std::mem;

use bailiwick_guest::fs::read::{Entry, ErrorCode, Kind, Scope};
use bailiwick_guest::note::{Note, count, grouped};
use bailiwick_guest::{At, Directory, FileReader, ToolError, io_error_at, path, read_each, walk};

use crate::bindings::exports::bailiwick::files::files::{Found, Matches};
use crate::glob;
use crate::pattern;
use crate::search::{STREAM_LINE_BYTES, Search};
use crate::sift::{LINE_BYTES, Sifted};

/// A file over this many bytes is streamed.
const WHOLE_BYTES: u64 = 1 << 20;
/// One crossing asks for at most so many files,
const GROUP_FILES: usize = 64;
/// and for about so many bytes.
const GROUP_BYTES: u64 = 1 << 20;
/// How many lines of context are shown at most.
const CONTEXT: u32 = 50;

/// What is searched for.
pub(crate) struct Request<'a> {
    pub(crate) pattern: &'a str,
    pub(crate) glob: Option<&'a str>,
    pub(crate) ignore_case: bool,
    pub(crate) context: u32,
    pub(crate) max_matches: u32,
}

/// Search what is below `dir`, without what is hidden, ignored or binary. `report` is told now and then how many
/// files were searched.
pub(crate) fn grep<D: Directory>(
    dir: &D,
    request: &Request<'_>,
    mut report: impl FnMut(u64),
) -> Result<Matches, ToolError> {
    let matcher = pattern::compile(request.pattern, request.ignore_case)?;
    let name = dir.name();
    // An empty glob is how some callers leave it out.
    let glob = request.glob.filter(|glob| !glob.trim().is_empty());
    let mut scope = Scope::visible();
    if let Some(glob) = glob {
        scope = scope.glob(glob::relative(&name, glob));
    }
    let pages = walk(dir, "", &scope).map_err(|code| glob::error(code, &name, glob))?;

    let context = request.context.min(CONTEXT);
    let mut run = Run {
        dir,
        name: &name,
        search: Search::new(matcher, context as usize),
        group: Vec::new(),
        group_bytes: 0,
        room: request.max_matches,
        tally: Tally::default(),
    };
    for page in pages {
        let page = page.at(|| &name)?;
        run.tally.skipped += u64::from(page.skipped);
        for entry in page.entries {
            run.take(entry)?;
        }
        report(run.tally.searched);
    }
    run.flush()?;
    Ok(run.tally.finish(request, glob, &name))
}

/// A search that is under way.
struct Run<'a, D> {
    dir: &'a D,
    name: &'a str,
    search: Search,
    /// The files that are read in the next crossing.
    group: Vec<String>,
    group_bytes: u64,
    /// How many matching lines may still be shown.
    room: u32,
    tally: Tally,
}

impl<D: Directory> Run<'_, D> {
    fn take(&mut self, entry: Entry) -> Result<(), ToolError> {
        let size = entry.stat.size;
        if entry.stat.kind != Kind::File {
            return Ok(());
        }
        if size == 0 {
            self.tally.searched += 1;
            return Ok(());
        }
        if size > WHOLE_BYTES {
            self.flush()?;
            return self.stream(&entry.path);
        }
        if self.group.len() == GROUP_FILES || self.group_bytes + size > GROUP_BYTES {
            self.flush()?;
        }
        self.group.push(entry.path);
        self.group_bytes += size;
        Ok(())
    }

    /// Search the files of the group.
    fn flush(&mut self) -> Result<(), ToolError> {
        self.group_bytes = 0;
        let group = mem::take(&mut self.group);
        for (path, chunk) in group
            .iter()
            .zip(read_each(self.dir, &group, WHOLE_BYTES as u32))
        {
            match chunk {
                // It grew, or did not fit the crossing.
                Ok(chunk) if chunk.size > chunk.bytes.len() as u64 => self.stream(path)?,
                Ok(chunk) => {
                    let found = self.search.bytes(&chunk.bytes, self.room);
                    self.record(path, found)?;
                }
                Err(code) => self.record(path, Err(code.into()))?,
            }
        }
        self.group = group;
        self.group.clear();
        Ok(())
    }

    /// Search a file without loading it.
    fn stream(&mut self, path: &str) -> Result<(), ToolError> {
        let found = match self.dir.open_file(path) {
            Ok(file) => self.search.stream(FileReader::new(file), self.room),
            Err(code) => Err(code.into()),
        };
        self.record(path, found)
    }

    fn record(&mut self, path: &str, found: io::Result<Sifted>) -> Result<(), ToolError> {
        let tally = &mut self.tally;
        let path = || path::join(self.name, path);
        match found {
            Ok(found) if found.binary => tally.binary += 1,
            Ok(found) => {
                tally.searched += 1;
                if found.total == 0 {
                    return Ok(());
                }
                self.room -= found.shown;
                tally.shown += found.shown;
                tally.total += found.total;
                tally.matching += 1;
                tally.cut |= found.cut;
                tally.lossy |= found.lossy;
                if !found.lines.is_empty() {
                    let lines = found.lines;
                    tally.files.push(Found {
                        path: path(),
                        lines,
                    });
                }
            }
            Err(error) => match ErrorCode::of(&error) {
                // No more can be read in this call, so that what was counted would be wrong.
                Some(code @ (ErrorCode::Quota | ErrorCode::BadDescriptor)) => {
                    return Err(code
                        .at(path())
                        .hint("search a directory below, or give a glob"));
                }
                Some(_) => tally.unread.add(|| io_error_at(&error, path()).message),
                None => tally.long.add(path),
            },
        }
        Ok(())
    }
}

/// Files that something is the matter with: how many, and the first of them in words.
#[derive(Default)]
struct Few {
    files: u64,
    first: String,
}

impl Few {
    fn add(&mut self, first: impl FnOnce() -> String) {
        if self.files == 0 {
            self.first = first();
        }
        self.files += 1;
    }
}

/// What was found so far.
#[derive(Default)]
struct Tally {
    files: Vec<Found>,
    shown: u32,
    total: u64,
    searched: u64,
    /// How many files have a matching line.
    matching: u64,
    binary: u64,
    skipped: u64,
    unread: Few,
    long: Few,
    cut: bool,
    lossy: bool,
}

impl Tally {
    fn finish(self, request: &Request<'_>, glob: Option<&str>, name: &str) -> Matches {
        let mut note = Note::default();
        if u64::from(self.shown) < self.total {
            note.say(format!(
                "{} of {} are shown, from {} of {}: give a larger max_matches, a narrower glob, or a directory below",
                grouped(u64::from(self.shown)),
                count(self.total, "matching line", "matching lines"),
                grouped(self.files.len() as u64),
                count(self.matching, "file", "files"),
            ));
        }
        if self.total == 0 {
            note.say(self.nothing(request, glob, name));
        }
        if request.context > CONTEXT {
            note.say(format!("context is {CONTEXT} lines at most"));
        }
        if self.cut {
            note.say(format!("lines are cut after {LINE_BYTES} bytes"));
        }
        if self.lossy {
            note.say("bytes that are not UTF-8 are shown as U+FFFD");
        }
        if self.binary > 0 {
            let files = count(self.binary, "binary file was", "binary files were");
            note.say(format!("{files} left out"));
        }
        if self.unread.files > 0 {
            let files = count(self.unread.files, "file", "files");
            note.say(format!(
                "{files} could not be read, the first {}",
                self.unread.first
            ));
        }
        if self.long.files > 0 {
            let files = count(self.long.files, "file was", "files were");
            let (first, max) = (&self.long.first, STREAM_LINE_BYTES >> 20);
            note.say(format!(
                "{files} left out for a line over {max} MiB, the first {first}"
            ));
        }
        if self.skipped > 0 {
            let names = count(self.skipped, "name is", "names are");
            note.say(format!(
                "{names} left out: not UTF-8, not readable, on another filesystem, or too deep"
            ));
        }
        let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        Matches {
            files: self.files,
            shown: self.shown,
            total: small(self.total),
            searched: small(self.searched),
            note: note.finish(),
        }
    }

    /// Why nothing was found, as far as can be said, and what to try.
    fn nothing(&self, request: &Request<'_>, glob: Option<&str>, name: &str) -> String {
        if self.searched == 0 {
            return match glob {
                Some(glob) => format!(
                    "no text file matches the glob {glob}: one with `/` in it is relative to {name}, one without matches at any \
                     depth; ignored and hidden files are left out"
                ),
                None => {
                    format!("there is no text file in {name} that is neither ignored nor hidden")
                }
            };
        }
        let files = count(self.searched, "file", "files");
        let has_letters = request.pattern.chars().any(char::is_alphabetic);
        let case = match has_letters && !request.ignore_case {
            true => " or ignore_case",
            false => "",
        };
        format!("no line in {files} matches; try a shorter pattern{case}")
    }
}

#[cfg(test)]
mod tests;
