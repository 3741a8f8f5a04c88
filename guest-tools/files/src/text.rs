//! Bytes as text: cut between characters, and shown even where they are not UTF-8.

/// The first `max` bytes or fewer, so that no character is split.
pub(crate) fn cut(bytes: &[u8], max: usize) -> &[u8] {
    if bytes.len() <= max {
        return bytes;
    }
    // A character that `max` splits began at most three bytes before it. Without such a beginning the bytes there are
    // not UTF-8, and every place is as good.
    let is_inside = |at: usize| bytes[at] & 0xC0 == 0x80;
    let at = (max.saturating_sub(3)..=max)
        .rev()
        .find(|&at| !is_inside(at));
    &bytes[..at.unwrap_or(max)]
}

/// Add `bytes` to `text`, with U+FFFD for what is not UTF-8. Says whether there was any.
pub(crate) fn push(text: &mut String, bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(valid) => {
            text.push_str(valid);
            false
        }
        Err(_) => {
            text.push_str(&String::from_utf8_lossy(bytes));
            true
        }
    }
}

/// A line without what ends it: `\n` or `\r\n`.
pub(crate) fn without_ending(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_never_splits_a_character() {
        let text = "aé€😀z";
        for max in 0..=text.len() + 1 {
            let part = cut(text.as_bytes(), max);
            assert!(part.len() <= max);
            assert!(std::str::from_utf8(part).is_ok(), "split at {max}");
            // Nothing that would have fitted is missing.
            assert!(part.len() + 3 >= max.min(text.len()));
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_cut_all_the_same() {
        assert_eq!(cut(&[0x80; 10], 6).len(), 6);
        assert_eq!(cut(b"", 0), b"");
        assert_eq!(cut("é".as_bytes(), 1), b"");
    }

    #[test]
    fn what_is_not_utf8_is_replaced_and_reported() {
        let mut text = String::from("x");
        assert!(!push(&mut text, "é".as_bytes()));
        assert!(push(&mut text, b"a\xFFb"));
        assert_eq!(text, "xéa\u{FFFD}b");
    }

    #[test]
    fn both_line_endings_go() {
        assert_eq!(without_ending(b"a\r\n"), b"a");
        assert_eq!(without_ending(b"a\n"), b"a");
        assert_eq!(without_ending(b"a"), b"a");
        assert_eq!(without_ending(b"\n"), b"");
    }
}
