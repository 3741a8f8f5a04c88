//! Unified diffs, as `diff -u` and git write them, and as models do: a hunk that counts its lines wrong is read to its end.

use bailiwick_guest::ToolError;

use super::names;

/// What a patch does to one file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FilePatch<'a> {
    /// The name of the old file; none for one that is created.
    pub(super) old: Option<String>,
    /// The name of the new file; none for one that is deleted.
    pub(super) new: Option<String>,
    /// Whether the patch says that the file is renamed.
    pub(super) renames: bool,
    /// Whether it says that permissions change.
    pub(super) mode: bool,
    pub(super) hunks: Vec<Hunk<'a>>,
}

/// Lines that are exchanged for others.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Hunk<'a> {
    /// The number of its first line in the old file; before the first is 0, for a hunk without old lines.
    pub(super) start: usize,
    pub(super) lines: Vec<HunkLine<'a>>,
    /// Whether its header counts other lines than it has.
    pub(super) miscounts: bool,
}

/// One line of a hunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HunkLine<'a> {
    pub(super) sign: Sign,
    /// Without the sign and `\n`; a `\r` stays.
    pub(super) text: &'a str,
    /// Whether no newline follows it in the file.
    pub(super) open: bool,
}

/// In which of the two files a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Both,
    Old,
    New,
}

/// An error about the patch itself.
pub(super) fn bad(what: impl std::fmt::Display) -> ToolError {
    ToolError::new("bad-patch", format!("patch: {what}"))
}

/// What a patch does, file by file. Text before, between and after is left out.
///
/// # Errors
///
/// `bad-patch`, with the line of the patch.
pub(super) fn parse(patch: &str) -> Result<Vec<FilePatch<'_>>, ToolError> {
    let mut parser = Parser {
        lines: split(patch),
        at: 0,
        files: Vec::new(),
    };
    parser.run()?;
    if parser.files.is_empty() {
        let hint = match patch.contains("*** Begin Patch") {
            true => {
                "this is another format; give a unified diff, as `diff -u` and `git diff` write it"
            }
            false => {
                "a file begins with `--- a/NAME` and `+++ b/NAME`, a hunk with `@@ -1,3 +1,4 @@`"
            }
        };
        return Err(bad("there is no file in it").hint(hint));
    }
    Ok(parser.files)
}

/// The lines of a patch. When all end with `\r\n`, that came from the way it took and is left out.
fn split(patch: &str) -> Vec<&str> {
    let lines: Vec<&str> = patch.split_terminator('\n').collect();
    match lines.iter().all(|line| line.ends_with('\r')) {
        true => lines
            .iter()
            .map(|line| line.strip_suffix('\r').unwrap_or(line))
            .collect(),
        false => lines,
    }
}

struct Parser<'a> {
    lines: Vec<&'a str>,
    at: usize,
    files: Vec<FilePatch<'a>>,
}

impl<'a> Parser<'a> {
    fn run(&mut self) -> Result<(), ToolError> {
        // Whether the last file was begun by git's header and has no names of its own yet.
        let mut is_open = false;
        while let Some(&line) = self.lines.get(self.at) {
            if let Some(names) = line.strip_prefix("diff --git ") {
                self.at += 1;
                self.git(names)?;
                is_open = true;
            } else if self.is_header(self.at) {
                let names = self.names()?;
                self.at += 2;
                self.named(names, is_open);
                is_open = false;
            } else if line.starts_with("@@") {
                let hunk = self.hunk()?;
                match self.files.last_mut() {
                    Some(file) if !is_open => file.hunks.push(hunk),
                    _ => {
                        return Err(bad(format!("line {}: a hunk before any file", self.at))
                            .hint("a file begins with `--- a/NAME` and `+++ b/NAME`"));
                    }
                }
            } else {
                self.at += 1;
            }
        }
        // A header that says nothing is about nothing.
        self.files
            .retain(|file| file.old != file.new || !file.hunks.is_empty() || file.mode);
        Ok(())
    }

    /// Whether the lines at `at` name the files.
    fn is_header(&self, at: usize) -> bool {
        let begins = |at: usize, with| {
            self.lines
                .get(at)
                .is_some_and(|line| line.starts_with(with))
        };
        begins(at, "--- ") && begins(at + 1, "+++ ")
    }

    /// The names in the two lines of a header.
    fn names(&self) -> Result<(Option<String>, Option<String>), ToolError> {
        let old = names::header(&self.lines[self.at][4..]);
        let new = names::header(&self.lines[self.at + 1][4..]);
        let at = self.at + 1;
        let unquoted = |_| bad(format!("line {at}: a name in quotes does not end"));
        let names = names::stripped(old.map_err(unquoted)?, new.map_err(unquoted)?);
        if names == (None, None) {
            return Err(bad(format!("line {at}: both files are /dev/null")));
        }
        Ok(names)
    }

    /// A header with names: of the file that git's header began, or of another.
    fn named(&mut self, (old, new): (Option<String>, Option<String>), is_open: bool) {
        if let Some(file) = self.files.last_mut().filter(|_| is_open) {
            let known = file.new.as_ref().or(file.old.as_ref());
            let is_same = known.is_none_or(|known| Some(known) == new.as_ref().or(old.as_ref()));
            if file.renames {
                return;
            }
            if is_same {
                (file.old, file.new) = (old, new);
                return;
            }
        }
        self.files.push(FilePatch {
            old,
            new,
            ..FilePatch::default()
        });
    }

    /// Git's header, up to the names or the next file.
    fn git(&mut self, pair: &'a str) -> Result<(), ToolError> {
        let name = names::git(pair);
        let mut file = FilePatch {
            old: name.clone(),
            new: name,
            ..FilePatch::default()
        };
        while let Some(&line) = self.lines.get(self.at) {
            let number = self.at + 1;
            let named = |text| {
                names::header(text)
                    .map_err(|()| bad(format!("line {number}: a name in quotes does not end")))
            };
            if let Some(text) = line.strip_prefix("rename from ") {
                (file.old, file.renames) = (named(text)?, true);
            } else if let Some(text) = line.strip_prefix("rename to ") {
                (file.new, file.renames) = (named(text)?, true);
            } else if let Some(mode) = line.strip_prefix("new file mode ") {
                regular(mode, number)?;
                file.old = None;
            } else if let Some(mode) = line.strip_prefix("deleted file mode ") {
                regular(mode, number)?;
                file.new = None;
            } else if let Some(mode) = line.strip_prefix("new mode ") {
                regular(mode, number)?;
                file.mode = true;
            } else if line.starts_with("copy from ") {
                return Err(bad(format!("line {number}: it copies a file"))
                    .hint("use copy, and a patch without the copied file"));
            } else if line.starts_with("Binary files ") || line == "GIT binary patch" {
                return Err(bad(format!("line {number}: a binary file"))
                    .hint("a patch is of text; copy takes any file"));
            } else if ![
                "old mode ",
                "similarity ",
                "dissimilarity ",
                "index ",
                "copy to ",
            ]
            .iter()
            .any(|word| line.starts_with(word))
            {
                break;
            }
            self.at += 1;
        }
        self.files.push(file);
        Ok(())
    }

    /// A hunk with its header.
    fn hunk(&mut self) -> Result<Hunk<'a>, ToolError> {
        let number = self.at + 1;
        let Some((start, mut old, mut new)) = hunk_header(self.lines[self.at]) else {
            return Err(bad(format!(
                "line {number}: `{}` is no header of a hunk",
                self.lines[self.at]
            ))
            .hint("`@@ -FIRST,COUNT +FIRST,COUNT @@`, as in `@@ -1,3 +1,4 @@`"));
        };
        self.at += 1;
        let mut hunk = Hunk {
            start,
            ..Hunk::default()
        };
        while let Some(&line) = self.lines.get(self.at) {
            let is_done = old == 0 && new == 0;
            // What deletes `-- x` and adds `++ y` looks like the header of a file; the count tells, when it is right.
            let may_be_header = self.is_header(self.at)
                && self
                    .lines
                    .get(self.at + 2)
                    .is_none_or(|line| line.starts_with("@@"));
            if may_be_header && (is_done || (old, new) != (1, 1)) {
                break;
            }
            if let Some(rest) = line.strip_prefix('\\') {
                // "\ No newline at end of file", in any language.
                if let (true, Some(last)) = (rest.starts_with(' '), hunk.lines.last_mut()) {
                    last.open = true;
                }
                self.at += 1;
                continue;
            }
            let (sign, text) = match line.split_at_checked(1) {
                Some((" ", text)) => (Sign::Both, text),
                Some(("-", text)) => (Sign::Old, text),
                Some(("+", text)) => (Sign::New, text),
                // An empty line of context whose space was lost on the way, but not the empty line after a hunk.
                None if !is_done => (Sign::Both, line),
                _ if line == "\r" && !is_done => (Sign::Both, line),
                _ => break,
            };
            // The signature of a mail that git wrote.
            if is_done && matches!(line, "-- " | "--") {
                break;
            }
            hunk.miscounts |= (sign != Sign::New && old == 0) || (sign != Sign::Old && new == 0);
            old -= usize::from(sign != Sign::New && old > 0);
            new -= usize::from(sign != Sign::Old && new > 0);
            hunk.lines.push(HunkLine {
                sign,
                text,
                open: false,
            });
            self.at += 1;
        }
        if old > 0 || new > 0 {
            hunk.miscounts = true;
            // Empty lines at the end were more likely between this hunk and what follows.
            while hunk
                .lines
                .last()
                .is_some_and(|line| line.text.is_empty() && line.sign == Sign::Both)
                && self.lines[self.at - 1].is_empty()
                && hunk.lines.len() > 1
            {
                hunk.lines.pop();
                self.at -= 1;
            }
        }
        if hunk.lines.iter().all(|line| line.sign == Sign::Both) {
            return Err(bad(format!("line {number}: the hunk changes nothing"))
                .hint("each line of a hunk begins with ` `, `-` or `+`"));
        }
        Ok(hunk)
    }
}

/// Only regular files can be made and removed.
fn regular(mode: &str, number: usize) -> Result<(), ToolError> {
    match mode.trim_end().starts_with("100") {
        true => Ok(()),
        false => Err(bad(format!(
            "line {number}: mode {mode} is that of a link or another repository"
        ))
        .hint("only regular files can be patched")),
    }
}

/// The first old line, and how many old and new lines there are, of `@@ -1,3 +1,4 @@ fn main()`.
fn hunk_header(line: &str) -> Option<(usize, usize, usize)> {
    let (old, rest) = line.strip_prefix("@@ -")?.split_once(" +")?;
    let (new, _) = rest.split_once(" @@")?;
    let range = |text: &str| -> Option<(usize, usize)> {
        match text.split_once(',') {
            Some((start, count)) => Some((start.parse().ok()?, count.trim_end().parse().ok()?)),
            None => Some((text.trim_end().parse().ok()?, 1)),
        }
    };
    let (start, old) = range(old)?;
    let (_, new) = range(new)?;
    Some((start, old, new))
}

#[cfg(test)]
mod tests;
