//! An error with the line that it is about, as a terminal shows it.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use bailiwick_contract::visible;

use super::{PolicyError, Position};

/// How many characters of the line stand before and from what is marked on.
const BEFORE: usize = 60;
const FROM: usize = 100;

/// Wide enough for a line that is cut here, so that it is not cut again.
const WIDTH: usize = 2000;

/// How long a file's name is at most, in characters.
const NAME: usize = 200;

/// One line of a text, made harmless, and what is marked in it.
struct Quoted {
    line: String,
    marked: Range<usize>,
}

pub(super) fn render(error: &PolicyError, file: &str, text: &str, colour: bool) -> String {
    let renderer = match colour {
        true => Renderer::styled().hyperlink(false),
        false => Renderer::plain(),
    };
    let renderer = renderer.term_width(WIDTH);
    let file = visible::name(&file.chars().take(NAME).collect::<String>());
    let title = Level::ERROR.primary_title(visible::name(&error.message));
    let help = error
        .help
        .as_ref()
        .map(|help| Level::HELP.message(visible::name(help)));
    let Some(span) = &error.span else {
        let group = title.element(Origin::path(file)).elements(help);
        return renderer.render(&[group]);
    };
    let Position { line, column } = Position::of(text, span.start);
    let Quoted {
        line: shown,
        marked,
    } = quote(text, span);
    let shown_column = shown[..marked.start].chars().count() + 1;
    let snippet = Snippet::source(shown)
        .path(file.as_str())
        .line_start(line)
        .annotation(AnnotationKind::Primary.span(marked));
    let rendered = renderer.render(&[title.element(snippet).elements(help)]);
    // The renderer counts columns in the line as it is shown, which may be cut. The place is on the second line.
    let (first, rest) = rendered.split_once('\n').unwrap_or((&rendered, ""));
    let (wrong, right) = (
        format!("{file}:{line}:{shown_column}"),
        format!("{file}:{line}:{column}"),
    );
    format!("{first}\n{}", rest.replacen(&wrong, &right, 1))
}

/// The line in which a span begins, cut on both sides of it. What goes on over the end of the line is marked up to
/// there.
fn quote(text: &str, span: &Range<usize>) -> Quoted {
    let start = text.floor_char_boundary(span.start);
    let end = text.ceil_char_boundary(span.end).max(start);
    let first = text[..start].rfind('\n').map_or(0, |end| end + 1);
    let last = text[start..]
        .find('\n')
        .map_or(text.len(), |end| start + end);
    let mut quoted = Quoted {
        line: String::new(),
        marked: 0..0,
    };
    let before: Vec<char> = text[first..start].chars().rev().take(BEFORE + 1).collect();
    if before.len() > BEFORE {
        quoted.line.push('…');
    }
    for c in before.iter().take(BEFORE).rev() {
        quoted.push(*c);
    }
    quoted.marked = quoted.line.len()..quoted.line.len();
    for (count, (at, c)) in text[start..last].char_indices().enumerate() {
        // A line that ends as on Windows.
        if c == '\r' && start + at + 1 == last && last < text.len() {
            break;
        }
        if count == FROM {
            quoted.line.push('…');
            break;
        }
        quoted.push(c);
        if start + at < end {
            quoted.marked.end = quoted.line.len();
        }
    }
    quoted
}

impl Quoted {
    fn push(&mut self, c: char) {
        match c {
            // It is shown as blanks; a tab would be counted as one.
            '\t' => self.line.push(' '),
            c => self
                .line
                .push_str(&visible::name(c.encode_utf8(&mut [0; 4]))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Code;
    use super::*;

    fn error(span: Range<usize>) -> PolicyError {
        PolicyError::new(Code::UnknownKey, span, "unknown key `protects`".into())
            .help("did you mean `protect`?")
    }

    #[test]
    fn shows_the_line_with_carets() {
        let text = "[grants.w]\npath = \".\"\nprotects = [\"x\"]\n";
        let shown = error(22..30).render("bailiwick.toml", text, false);
        let expected = "\
error: unknown key `protects`
 --> bailiwick.toml:3:1
  |
3 | protects = [\"x\"]
  | ^^^^^^^^
  |
  = help: did you mean `protect`?";
        assert_eq!(shown, expected);
    }

    #[test]
    fn without_a_place_there_is_the_file() {
        let shown = PolicyError::new(Code::TooLarge, None, "it is too large".into());
        assert_eq!(
            shown.render("a.toml", "", false),
            "error: it is too large\n--> a.toml"
        );
    }

    #[test]
    fn nothing_of_the_file_reaches_the_terminal_as_it_is() {
        let text = "a = \"\x1b[2J\u{202e}\u{200b}\u{9b}\x07\t\r\" # \x1b]0;x\n";
        for at in 0..=text.len() {
            for colour in [false, true] {
                let shown = error(at..at + 3).render("b\x1b[1m\n.toml", text, colour);
                let (mut plain, mut rest) = (String::new(), shown.as_str());
                // Our own colours are `\x1b[…m`.
                while let Some((before, escape)) = rest.split_once("\x1b[") {
                    plain.push_str(before);
                    let (codes, after) = escape.split_once('m').unwrap();
                    assert!(
                        codes.bytes().all(|b| b.is_ascii_digit() || b == b';'),
                        "{shown:?}"
                    );
                    rest = after;
                }
                plain.push_str(rest);
                assert!(colour || plain == shown, "{shown:?}");
                assert_eq!(visible::text(&plain), plain, "{shown:?}");
            }
        }
    }

    #[test]
    fn long_lines_are_cut() {
        let text = format!("{}= [{}]", "a".repeat(500_000), "é".repeat(200_000));
        for span in [
            0..500_000,
            250_000..250_003,
            500_004..900_000,
            900_004..900_005,
        ] {
            let shown = error(span.clone()).render("x", &text, false);
            assert!(shown.len() < 2000, "{}", shown.len());
            let column = format!("x:1:{}", Position::of(&text, span.start).column);
            assert!(shown.contains(&column), "{shown}");
        }
    }

    #[test]
    fn a_span_over_lines_is_marked_in_its_first() {
        let text = "hide = [\r\n  1,\r\n]\n";
        let shown = error(7..16).render("x", text, false);
        assert!(shown.contains("1 | hide = [\n  |        ^\n"), "{shown}");
    }

    #[test]
    fn the_end_of_the_text_can_be_marked() {
        for text in ["", "a =", "a =\n"] {
            let shown = error(text.len()..text.len()).render("x", text, false);
            assert!(shown.contains('^'), "{shown}");
        }
    }
}
