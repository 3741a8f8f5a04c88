//! Text of tools and of file trees, made visible before it reaches a model or a terminal.
//!
//! What a terminal would obey, or a reader not see, is written out: control characters, directional marks, characters without
//! width, tags. Nothing is lost: whoever wants the text as it was has the result as data.

use std::fmt::Write as _;

/// Whether a character is written out. Line break and tab are not; nor is U+FE0F, which half of all emoji end in.
fn hidden(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0e}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        c => c.is_control(),
    }
}

/// Text, with each hidden character as `\u{1b}`.
#[must_use]
pub fn text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if hidden(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A name, which is one line whatever is in it.
pub fn name(name: &str) -> String {
    text(name).replace('\n', "\\u{a}").replace('\t', "\\u{9}")
}

/// JSON, with each hidden character as JSON escapes it: `\u001b`. It stays the same document.
#[must_use]
pub fn json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        if hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String does not fail.
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_written_out() {
        assert_eq!(text("a\x1b[31mb\tc\n"), "a\\u{1b}[31mb\tc\n");
        assert_eq!(
            text("x\u{202e}y\u{200b}z\u{e0041}"),
            "x\\u{202e}y\\u{200b}z\\u{e0041}"
        );
        assert_eq!(text("\r\u{9b}é漢❤\u{fe0f}"), "\\u{d}\\u{9b}é漢❤\u{fe0f}");
        assert_eq!(name("a\nb"), "a\\u{a}b");
    }

    #[test]
    fn json_stays_the_same_document() {
        let value = serde_json::json!({ "a\u{202e}": "\x1b\u{9b}\u{e0041}é\n" });
        let shown = json(&value.to_string());
        assert!(shown.chars().all(|c| !hidden(c)), "{shown}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&shown).ok(),
            Some(value)
        );
    }
}
