//! What a search finds in one file: the lines that are shown, and how many match.

use std::io;

use grep_searcher::{Searcher, Sink, SinkContext, SinkContextKind, SinkFinish, SinkMatch};

use crate::bindings::exports::bailiwick::files::files::Line;
use crate::text;

/// How many bytes of one line are shown at most.
pub(crate) const LINE_BYTES: usize = 500;

/// Collects the lines of one file.
pub(crate) struct Sift {
    /// How many matching lines may still be shown.
    room: u32,
    /// Context before a match that may or may not be shown.
    before: Vec<Line>,
    /// Whether the last match is shown, and so the context after it.
    showing: bool,
    pub(crate) found: Sifted,
}

/// What was found in one file.
#[derive(Default)]
pub(crate) struct Sifted {
    pub(crate) lines: Vec<Line>,
    /// How many of `lines` match.
    pub(crate) shown: u32,
    /// How many lines match in all.
    pub(crate) total: u64,
    /// Whether the file turned out to be binary.
    pub(crate) binary: bool,
    /// Whether a line was cut.
    pub(crate) cut: bool,
    /// Whether a line had bytes that are not UTF-8.
    pub(crate) lossy: bool,
}

impl Sift {
    /// Collects at most `room` matching lines, and counts the others.
    pub(crate) fn new(room: u32) -> Self {
        Self {
            room,
            before: Vec::new(),
            showing: false,
            found: Sifted::default(),
        }
    }

    fn line(&mut self, number: Option<u64>, bytes: &[u8], context: bool) -> Line {
        let whole = text::without_ending(bytes);
        let part = text::cut(whole, LINE_BYTES);
        let mut text = String::with_capacity(part.len());
        self.found.lossy |= text::push(&mut text, part);
        self.found.cut |= part.len() < whole.len();
        Line {
            number: u32::try_from(number.unwrap_or_default()).unwrap_or(u32::MAX),
            text,
            context: context.then_some(true),
        }
    }
}

impl Sink for Sift {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> io::Result<bool> {
        self.found.total += 1;
        self.showing = self.found.shown < self.room;
        if self.showing {
            let line = self.line(found.line_number(), found.bytes(), false);
            self.found.lines.append(&mut self.before);
            self.found.lines.push(line);
            self.found.shown += 1;
        } else {
            self.before.clear();
        }
        Ok(true)
    }

    fn context(&mut self, _: &Searcher, near: &SinkContext<'_>) -> io::Result<bool> {
        match near.kind() {
            SinkContextKind::Before if self.found.shown < self.room => {
                let line = self.line(near.line_number(), near.bytes(), true);
                self.before.push(line);
            }
            SinkContextKind::After if self.showing => {
                let line = self.line(near.line_number(), near.bytes(), true);
                self.found.lines.push(line);
            }
            _ => {}
        }
        Ok(true)
    }

    fn binary_data(&mut self, _: &Searcher, _: u64) -> io::Result<bool> {
        Ok(false)
    }

    fn finish(&mut self, _: &Searcher, end: &SinkFinish) -> io::Result<()> {
        if end.binary_byte_offset().is_some() {
            // What was found before the NUL is no more text than the rest.
            self.found = Sifted {
                binary: true,
                ..Sifted::default()
            };
        }
        Ok(())
    }
}

/// Counts the matching lines of one file.
pub(crate) struct Count(pub(crate) u64);

impl Sink for Count {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, _: &SinkMatch<'_>) -> io::Result<bool> {
        self.0 += 1;
        Ok(true)
    }
}
