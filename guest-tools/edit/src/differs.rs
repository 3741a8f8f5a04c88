//! In what one line differs from another, by name: a model that is told "indentation" corrects that, and not everything.

/// How many bytes of a line are quoted.
const QUOTED: usize = 60;

/// In what the line `old`, as it was given, differs from `file`, the line that is there. `who` has the line as it was given: `old`.
pub(crate) fn differs(old: &str, file: &str, who: &str) -> String {
    if old.trim_end_matches('\r') == file.trim_end_matches('\r') {
        return format!(
            "the line ending differs: the file has {}, {who} has {}",
            carriage(file),
            carriage(old)
        );
    }
    if old.trim_end() == file.trim_end() {
        return format!(
            "the whitespace at the end differs: the file has {}, {who} has {}",
            spelled(&file[file.trim_end().len()..]),
            spelled(&old[old.trim_end().len()..])
        );
    }
    if old.trim() == file.trim() {
        return format!(
            "the indentation differs: the file has {}, {who} has {}",
            spelled(&file[..file.len() - file.trim_start().len()]),
            spelled(&old[..old.len() - old.trim_start().len()])
        );
    }
    let what = if bare(old) == bare(file) {
        "whitespace within the line differs: "
    } else if typed(old) == typed(file) {
        "quotes, dashes or spaces differ: "
    } else if old.to_lowercase() == file.to_lowercase() {
        "upper and lower case differ: "
    } else {
        ""
    };
    format!("{what}{}", characters(old, file, who))
}

/// The same for `old` that may be a part of a line.
pub(crate) fn differs_in_part(old: &str, file: &str, who: &str) -> String {
    if old.trim() == file.trim() {
        return differs(old, file, who);
    }
    let what = if bare(file).contains(&bare(old)) {
        "whitespace differs"
    } else if typed(file).contains(&typed(old)) {
        "quotes, dashes or spaces differ"
    } else if file.to_lowercase().contains(&old.to_lowercase()) {
        "upper and lower case differ"
    } else {
        return characters(old.trim(), file.trim(), who);
    };
    what.to_owned()
}

fn carriage(line: &str) -> &'static str {
    match line.ends_with('\r') {
        true => "\\r\\n",
        false => "\\n",
    }
}

/// The line without whitespace.
fn bare(line: &str) -> String {
    line.split_whitespace().collect()
}

/// The line as a keyboard types it: typographic quotes, dashes and spaces as plain ones.
fn typed(line: &str) -> String {
    line.chars()
        .map(|char| match char {
            '\u{2018}' | '\u{2019}' | '\u{201A}' | '\u{2032}' | '`' => '\'',
            '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{00AB}' | '\u{00BB}' | '\u{2033}' => '"',
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            char if char.is_whitespace() => ' ',
            char => char,
        })
        .collect()
}

/// Whitespace in words: `4 spaces`, `1 tab`, `none`, `2 tabs and 1 space`.
fn spelled(space: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut rest = space;
    while let Some(first) = rest.chars().next() {
        let after = rest.trim_start_matches(first);
        let many = (rest.len() - after.len()) / first.len_utf8();
        let plural = if many == 1 { "" } else { "s" };
        parts.push(match first {
            ' ' => format!("{many} space{plural}"),
            '\t' => format!("{many} tab{plural}"),
            '\r' => format!("{many} \\r"),
            other => format!("{many} of U+{:04X}", other as u32),
        });
        rest = after;
    }
    match parts.is_empty() {
        true => "none".to_owned(),
        false => parts.join(" and "),
    }
}

/// What each of the lines has between what they have in common at the beginning and at the end, in whole words.
fn characters(old: &str, file: &str, who: &str) -> String {
    let in_word = |char: &char| char.is_alphanumeric() || *char == '_';
    let bytes = |chars: &[char]| chars.iter().map(|char| char.len_utf8()).sum::<usize>();
    let same = old.chars().zip(file.chars()).take_while(|(a, b)| a == b);
    let mut same: Vec<char> = same.map(|(a, _)| a).collect();
    let pairs = old[bytes(&same)..]
        .chars()
        .rev()
        .zip(file[bytes(&same)..].chars().rev());
    let mut tail: Vec<char> = pairs.take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    while same.last().is_some_and(in_word) {
        same.pop();
    }
    while tail.last().is_some_and(in_word) {
        tail.pop();
    }
    let (start, end) = (bytes(&same), bytes(&tail));
    let middle = |line: &str| match &line[start..line.len() - end] {
        "" => "nothing".to_owned(),
        some => quoted(some),
    };
    format!("the file has {}, {who} has {}", middle(file), middle(old))
}

/// In backquotes, cut, with what cannot be seen spelled out.
fn quoted(text: &str) -> String {
    let end = text.floor_char_boundary(QUOTED);
    let cut = if end < text.len() { "…" } else { "" };
    let mut shown = String::new();
    for char in text[..end].chars() {
        match char {
            '\t' => shown.push_str("\\t"),
            '\r' => shown.push_str("\\r"),
            '\u{A0}' | '\u{200B}'..='\u{200F}' | '\u{2010}'..='\u{201F}' | '\u{FEFF}' => {
                shown.push_str(&format!("{char} (U+{:04X})", char as u32));
            }
            char => shown.push(char),
        }
    }
    format!("`{shown}{cut}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_is_named() {
        let table = [
            (
                "\tlet x;",
                "    let x;",
                "the indentation differs: the file has 4 spaces, old has 1 tab",
            ),
            (
                "let x;",
                "\t\t let x;",
                "the indentation differs: the file has 2 tabs and 1 space, old has none",
            ),
            (
                "let x;",
                "let x;  ",
                "the whitespace at the end differs: the file has 2 spaces, old has none",
            ),
            (
                "let x;\r",
                "let x;",
                "the line ending differs: the file has \\n, old has \\r\\n",
            ),
            (
                "a  = b",
                "a = b",
                "whitespace within the line differs: the file has nothing, old has ` `",
            ),
            (
                "it's",
                "it\u{2019}s",
                "quotes, dashes or spaces differ: the file has `it\u{2019} (U+2019)s`, old has `it's`",
            ),
            (
                "Let x",
                "let x",
                "upper and lower case differ: the file has `let`, old has `Let`",
            ),
            (
                "let x = 1;",
                "let x = 23;",
                "the file has `23`, old has `1`",
            ),
            ("é1", "é12", "the file has `é12`, old has `é1`"),
        ];
        for (old, file, expected) in table {
            assert_eq!(differs(old, file, "old"), expected);
        }
    }

    #[test]
    fn a_part_of_a_line_differs_by_name() {
        let table = [
            ("a  = b", "if a = b {", "whitespace differs"),
            ("it's", "\"it\u{2019}s\"", "quotes, dashes or spaces differ"),
            ("Let x", "{ let x }", "upper and lower case differ"),
            (
                "let x",
                "    let x",
                "the indentation differs: the file has 4 spaces, old has none",
            ),
            (
                "print(one);",
                "    print(two);",
                "the file has `two`, old has `one`",
            ),
        ];
        for (old, file, expected) in table {
            assert_eq!(differs_in_part(old, file, "old"), expected);
        }
    }

    #[test]
    fn long_lines_are_quoted_in_part() {
        let text = differs(&"é".repeat(1_000), &"x".repeat(1_000), "old");
        assert!(text.len() < 250, "{text}");
    }
}
