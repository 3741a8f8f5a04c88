//! Searching one file: bytes that are there, or a stream of them.

use std::io::{self, Read};

use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder};
use memchr::memchr;

use crate::pattern::Pattern;
use crate::sift::{Count, Sift, Sifted};

/// A line of a stream that is longer than this ends the search of its file.
pub(crate) const STREAM_LINE_BYTES: usize = 8 << 20;

/// A pattern, and what is reused from file to file.
pub(crate) struct Search {
    matcher: Pattern,
    /// For bytes that are known to be text, with line numbers and context.
    showing: Searcher,
    /// For bytes that are known to be text, when nothing more is shown.
    counting: Searcher,
    /// For streams, which are found to be binary on the way. Made when the first comes, for it has a buffer.
    stream: Option<Searcher>,
    context: usize,
}

impl Search {
    /// A search that shows `context` lines around each match.
    pub(crate) fn new(matcher: Pattern, context: usize) -> Self {
        let bytes = |context| {
            SearcherBuilder::new()
                .bom_sniffing(false)
                .before_context(context)
                .after_context(context)
                .line_number(true)
                .build()
        };
        let counting = SearcherBuilder::new()
            .bom_sniffing(false)
            .line_number(false)
            .build();
        Self {
            matcher,
            showing: bytes(context),
            counting,
            stream: None,
            context,
        }
    }

    /// What is in a whole file that is in memory, of which at most `room` matching lines are shown.
    pub(crate) fn bytes(&mut self, bytes: &[u8], room: u32) -> io::Result<Sifted> {
        if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
            // UTF-16, which is full of NULs.
            return self.stream(bytes, room);
        }
        if memchr(0, bytes).is_some() {
            return Ok(Sifted {
                binary: true,
                ..Sifted::default()
            });
        }
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        if room == 0 {
            let mut count = Count(0);
            self.counting
                .search_slice(&self.matcher, bytes, &mut count)?;
            return Ok(Sifted {
                total: count.0,
                ..Sifted::default()
            });
        }
        let mut sift = Sift::new(room);
        self.showing.search_slice(&self.matcher, bytes, &mut sift)?;
        Ok(sift.found)
    }

    /// What is in a file that is read bit by bit. A failure of `reader` is the error, but a line that is too long is
    /// [`io::ErrorKind::Other`] without a code.
    pub(crate) fn stream(&mut self, reader: impl Read, room: u32) -> io::Result<Sifted> {
        let context = self.context;
        let searcher = self.stream.get_or_insert_with(|| {
            SearcherBuilder::new()
                .binary_detection(BinaryDetection::quit(0))
                .before_context(context)
                .after_context(context)
                .line_number(true)
                .heap_limit(Some(STREAM_LINE_BYTES))
                .build()
        });
        let mut sift = Sift::new(room);
        searcher.search_reader(&self.matcher, reader, &mut sift)?;
        Ok(sift.found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern;

    fn search(pattern: &str, context: usize) -> Search {
        Search::new(
            pattern::compile(pattern, false).expect("a pattern"),
            context,
        )
    }

    fn shown(found: &Sifted) -> Vec<(u32, &str, bool)> {
        let line = |line: &'_ crate::bindings::exports::bailiwick::files::files::Line| {
            (line.number, line.context.is_some())
        };
        let texts = found.lines.iter().map(|line| line.text.as_str());
        let facts = found.lines.iter().map(line);
        facts
            .zip(texts)
            .map(|((number, context), text)| (number, text, context))
            .collect()
    }

    #[test]
    fn bytes_and_streams_agree() {
        let texts: [&[u8]; 7] = [
            b"",
            b"a\nxb\nc\nd\nxe\nf",
            b"x\r\nx\r\n",
            b"\xEF\xBB\xBFx at the beginning\n",
            b"\xFF\xFEx\0\n\0y\0x\0",
            b"caf\xE9 x\n",
            b"x\n\0",
        ];
        for text in texts {
            for context in 0..3 {
                for room in 0..4 {
                    let mut search = search("x", context);
                    let from_bytes = search.bytes(text, room).expect("found");
                    let from_stream = search.stream(text, room).expect("found");
                    assert_eq!(
                        shown(&from_bytes),
                        shown(&from_stream),
                        "{text:?} {context} {room}"
                    );
                    let facts =
                        |found: &Sifted| (found.total, found.shown, found.binary, found.lossy);
                    assert_eq!(
                        facts(&from_bytes),
                        facts(&from_stream),
                        "{text:?} {context} {room}"
                    );
                }
            }
        }
    }

    #[test]
    fn context_is_shown_only_around_what_is_shown() {
        let text = b"1\n2x\n3\n4\n5\n6x\n7\n8\n";
        let found = search("x", 1).bytes(text, 1).expect("found");
        assert_eq!(
            shown(&found),
            [(1, "1", true), (2, "2x", false), (3, "3", true)]
        );
        assert_eq!((found.shown, found.total), (1, 2));

        let found = search("x", 2).bytes(text, 9).expect("found");
        let numbers: Vec<u32> = found.lines.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn utf16_is_searched_as_text() {
        let found = search("y", 0)
            .bytes(b"\xFF\xFEx\0\n\0y\0x\0", 9)
            .expect("found");
        assert_eq!(shown(&found), [(2, "yx", false)]);
    }

    #[test]
    fn what_came_before_a_nul_is_not_shown() {
        let mut text = "x\n".repeat(100_000).into_bytes();
        text.push(0);
        let mut search = search("x", 0);
        for found in [search.bytes(&text, 9), search.stream(&text[..], 9)] {
            let found = found.expect("found");
            assert!(found.binary && found.lines.is_empty());
            assert_eq!((found.total, found.shown), (0, 0));
        }
    }

    #[test]
    fn long_lines_are_cut() {
        let found = search("x", 0).bytes(&[b'x'; 1_000], 9).expect("found");
        assert_eq!(found.lines[0].text.len(), crate::sift::LINE_BYTES);
        assert!(found.cut && !found.lossy);
    }

    #[test]
    fn a_line_without_an_end_does_not_take_all_memory() {
        let endless = io::repeat(b'y').take(1 << 30);
        let error = search("x", 0)
            .stream(endless, 9)
            .err()
            .expect("it is too long");
        assert_eq!(error.kind(), io::ErrorKind::Other);
    }
}
