use std::io::Read;

use super::*;
use crate::testing::Bytes;

fn read_text(
    text: impl AsRef<[u8]>,
    from: Option<u32>,
    max: Option<u32>,
) -> Result<Lines, ToolError> {
    read(Bytes(text.as_ref().to_vec()), "/w/a.txt", from, max)
}

/// A reader that brings `chunk` bytes at a time.
fn in_chunks(text: &[u8], chunk: u32) -> FileReader<Bytes> {
    FileReader::new(Bytes(text.to_vec())).chunk(chunk)
}

#[test]
fn pages_join_to_the_whole_over_any_chunk_boundary() {
    let texts: [&[u8]; 6] = [
        b"one\ntwo\nthree\n",
        b"one\ntwo\nthree",
        b"one\r\ntwo\r\n\r\nfour",
        b"\n\n\n",
        b"only",
        "é€😀\nz\n".as_bytes(),
    ];
    for text in texts {
        for chunk in 1..=text.len() as u32 + 1 {
            for max in 1..4 {
                let mut whole = String::new();
                let mut from = Some(1_u32);
                while let Some(first) = from {
                    let mut reader = in_chunks(text, chunk);
                    let before = u64::from(first) - 1;
                    assert_eq!(skip(&mut reader, before).expect("lines to skip"), before);
                    let page = page(&mut reader, u64::from(first), max).expect("a page");
                    assert!(page.count > 0 && page.count <= max);
                    whole.push_str(&page.text);
                    from = page.next;
                    assert!(from.is_none_or(|next| next == first + page.count));
                }
                assert_eq!(whole.as_bytes(), text, "chunks of {chunk}, pages of {max}");
            }
        }
    }
}

#[test]
fn skipping_past_the_end_counts_the_lines() {
    for chunk in 1..8 {
        let lines = |text: &[u8]| skip(&mut in_chunks(text, chunk), 100).expect("lines");
        assert_eq!(lines(b""), 0);
        assert_eq!(lines(b"a"), 1);
        assert_eq!(lines(b"a\n"), 1);
        assert_eq!(lines(b"a\nb"), 2);
        assert_eq!(lines(b"\n\n"), 2);
    }
}

#[test]
fn a_page_says_where_it_is_and_how_to_go_on() {
    let lines = read_text("a\nb\nc\nd\n", Some(2), Some(2)).expect("two lines");
    assert_eq!(
        (lines.from_line, lines.count, lines.text.as_str()),
        (2, 2, "b\nc\n")
    );
    assert_eq!((lines.size, lines.next_line), (8, Some(4)));
    assert_eq!(lines.note.as_deref(), Some("the file goes on: from_line 4"));

    let last = read_text("a\nb\nc\nd\n", Some(4), None).expect("one line");
    assert_eq!(
        (last.text.as_str(), last.next_line, last.note),
        ("d\n", None, None)
    );
}

#[test]
fn a_page_ends_after_so_many_bytes() {
    let text = format!("{}\n", "x".repeat(99)).repeat(1_000);
    let lines = read_text(&text, None, Some(1_000)).expect("a page");
    assert_eq!((lines.count, lines.text.len()), (200, PAGE_BYTES));
    assert_eq!(lines.next_line, Some(201));
    let note = "the page ends after 20,000 bytes; the file goes on: from_line 201";
    assert_eq!(lines.note.as_deref(), Some(note));
}

#[test]
fn a_long_line_is_cut_between_characters_and_named() {
    let text = format!(
        "short\n{}\n{}\nend\n",
        "é".repeat(5_000),
        "x".repeat(LINE_BYTES)
    );
    let lines = read_text(&text, None, None).expect("a page");
    let shown: Vec<&str> = lines.text.lines().collect();
    assert_eq!(shown[1], "é".repeat(LINE_BYTES / 2));
    assert_eq!((shown[2].len(), shown[3]), (LINE_BYTES, "end"));
    assert_eq!(
        lines.note.as_deref(),
        Some("line 2 is longer than 2,000 bytes and is cut")
    );

    let odd = read_text(format!("x{}", "é".repeat(5_000)), None, None).expect("a page");
    assert_eq!(odd.text.len(), LINE_BYTES - 1);
}

#[test]
fn a_line_over_many_chunks_is_cut_without_being_kept() {
    let mut reader = FileReader::new(Bytes(vec![b'x'; 100_000])).chunk(100);
    let mut line = Vec::new();
    assert_eq!(
        next_line(&mut reader, &mut line).expect("a line"),
        Some(100_000)
    );
    assert_eq!(line.len(), LINE_BYTES);
    assert!(line.capacity() < 3 * LINE_BYTES);
}

#[test]
fn many_cut_lines_are_named_in_short() {
    let text = cut_lines(&[3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(
        text,
        "lines 3, 4, 5, 6, 7 and 2 more are longer than 2,000 bytes and are cut"
    );
}

#[test]
fn bytes_that_are_not_text_are_shown_and_noted() {
    let lines = read_text(b"caf\xE9\nok\n", None, None).expect("text");
    assert_eq!(lines.text, "caf\u{FFFD}\nok\n");
    assert_eq!(
        lines.note.as_deref(),
        Some("bytes that are not UTF-8 are shown as U+FFFD")
    );
}

#[test]
fn an_empty_file_is_no_error() {
    let lines = read_text("", None, None).expect("nothing");
    assert_eq!((lines.count, lines.size, lines.next_line), (0, 0, None));
    assert_eq!(lines.note.as_deref(), Some("the file is empty"));
}

#[test]
fn past_the_end_says_how_many_lines_there_are() {
    let error = read_text("a\nb", Some(9), None).expect_err("there is no line 9");
    assert_eq!(error.code, "past-end");
    assert_eq!(
        error.message,
        "from_line: /w/a.txt has 2 lines, and 9 was asked for"
    );
    assert_eq!(error.hint.as_deref(), Some("give from_line 2 or less"));
    let error = read_text("a\nb\n", Some(3), None).expect_err("there is no line 3");
    assert_eq!(
        error.message,
        "from_line: /w/a.txt has 2 lines, and 3 was asked for"
    );
    let error = read_text("", Some(2), None).expect_err("there is no line 2");
    assert_eq!(error.hint.as_deref(), Some("the file is empty"));
}

#[test]
fn a_binary_file_is_refused() {
    let error = read_text(b"\x7FELF\0\0", None, None).expect_err("it is binary");
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("binary-file", "/w/a.txt: a binary file of 6 bytes")
    );
    // Far down, a NUL is a character like any other.
    let mut late = "x\n".repeat(PROBE_BYTES).into_bytes();
    late.push(0);
    assert_eq!(read_text(late, None, Some(1)).expect("text").text, "x\n");
}

#[test]
fn lines_are_counted_from_one() {
    let error = read_text("a", Some(0), None).expect_err("there is no line 0");
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("bad-argument", "from_line: 0 is out of range")
    );
    assert_eq!(
        read_text("a", None, Some(0)).expect_err("no lines").code,
        "bad-argument"
    );
}

#[test]
fn a_failing_file_is_named() {
    struct Broken;
    impl ReadAt for Broken {
        fn read_at(
            &self,
            _: u64,
            _: u32,
        ) -> Result<bailiwick_guest::fs::read::Chunk, bailiwick_guest::fs::read::ErrorCode>
        {
            Err(bailiwick_guest::fs::read::ErrorCode::Io)
        }
    }
    let error = read(Broken, "/w/a.txt", None, None).expect_err("it is broken");
    assert_eq!(error.message, "/w/a.txt: reading or writing failed");
}

#[test]
fn a_huge_file_is_read_without_loading_it() {
    /// 2 GiB of lines of eight bytes, of which none is there before it is asked for.
    struct Huge;
    impl ReadAt for Huge {
        fn read_at(
            &self,
            offset: u64,
            max: u32,
        ) -> Result<bailiwick_guest::fs::read::Chunk, bailiwick_guest::fs::read::ErrorCode>
        {
            let size = 2_u64 << 30;
            let length = u64::from(max).min(size - offset.min(size));
            assert_eq!(offset % 8, 0);
            Ok(bailiwick_guest::fs::read::Chunk {
                bytes: b"1234567\n".repeat(length as usize / 8),
                size,
            })
        }
    }
    let mut reader = FileReader::new(Huge).chunk(1 << 20);
    let lines = skip(&mut reader, 1 << 20).expect("a million lines");
    assert_eq!(lines, 1 << 20);
    let page = page(&mut reader, lines + 1, 2).expect("a page");
    assert_eq!(page.text, "1234567\n1234567\n");
    let mut rest = [0; 8];
    reader.read_exact(&mut rest).expect("there is more");
    let lines = read(Huge, "/w/huge", Some(1_000_000), Some(1)).expect("a page");
    assert_eq!((lines.size, lines.next_line), (2 << 30, Some(1_000_001)));
}
