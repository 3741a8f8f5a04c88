//! Text as lines, each with what ends it, so that putting them together again gives the same bytes.

/// A line and what ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Without what ends it.
    pub(crate) text: &'a str,
    /// `\n`, `\r\n`, or nothing at the end of the text.
    pub(crate) end: &'static str,
}

/// The lines of `text`. A `\r` that stands alone ends nothing.
pub(crate) fn lines(text: &str) -> Vec<Line<'_>> {
    text.split_inclusive('\n').map(line).collect()
}

fn line(whole: &str) -> Line<'_> {
    let Some(text) = whole.strip_suffix('\n') else {
        return Line {
            text: whole,
            end: "",
        };
    };
    match text.strip_suffix('\r') {
        Some(text) => Line { text, end: "\r\n" },
        None => Line { text, end: "\n" },
    }
}

/// What ends most lines of `text`: what a line gets that is added and has nothing near it.
pub(crate) fn ending(text: &str) -> &'static str {
    let all = text.matches('\n').count();
    let both = text.matches("\r\n").count();
    if both > all - both { "\r\n" } else { "\n" }
}

/// `text` with `end` after each of its lines, whatever was there. What has no end keeps none.
pub(crate) fn with_ending(text: &str, end: &str) -> String {
    let mut ended = String::with_capacity(text.len());
    for line in lines(text) {
        ended.push_str(line.text);
        if !line.end.is_empty() {
            ended.push_str(end);
        }
    }
    ended
}

/// The number of the line that byte `at` of `text` is in; the first is 1.
pub(crate) fn number(text: &str, at: usize) -> usize {
    text.as_bytes()[..at]
        .iter()
        .filter(|&&byte| byte == b'\n')
        .count()
        + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_join_to_the_whole() {
        for text in ["", "a", "a\n", "a\r\nb", "\n\n", "a\rb\r\n\r\n", "é\n€"] {
            let joined: String = lines(text)
                .iter()
                .map(|line| format!("{}{}", line.text, line.end))
                .collect();
            assert_eq!(joined, text);
        }
        assert_eq!(lines("a\r\nb").len(), 2);
        assert_eq!(
            lines("a\r\n")[0],
            Line {
                text: "a",
                end: "\r\n"
            }
        );
    }

    #[test]
    fn the_ending_is_that_of_most_lines() {
        let endings = ["", "a\n", "a\r\nb\r\nc\n", "a\r\nb\n", "a\r\n"].map(ending);
        assert_eq!(endings, ["\n", "\n", "\r\n", "\n", "\r\n"]);
    }

    #[test]
    fn endings_are_exchanged() {
        assert_eq!(with_ending("a\nb\r\nc", "\r\n"), "a\r\nb\r\nc");
        assert_eq!(with_ending("a\r\n\r\n", "\n"), "a\n\n");
    }

    #[test]
    fn lines_are_counted_from_one() {
        assert_eq!([0, 1, 2, 3].map(|at| number("a\nb\n", at)), [1, 1, 2, 2]);
        assert_eq!(number("a\nb\n", 4), 3);
    }
}
