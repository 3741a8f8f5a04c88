//! What is wrong with a policy, and where: for a person with line and caret, for a program with line, column and code.
//!
//! A policy is hostile until somebody trusts it. So what an error quotes is short, and all that is hidden in it is made
//! visible.

mod show;

use std::fmt;
use std::ops::Range;

use serde::Serialize;

/// Something that is wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicyError {
    /// What kind of mistake it is.
    pub code: Code,
    /// What is wrong: a lower-case fragment. Safe to print.
    pub message: String,
    /// Where, in bytes of the text. None when it is about the text as a whole.
    pub span: Option<Range<usize>>,
    /// What to do, or what was meant. Safe to print.
    pub help: Option<String>,
}

/// What kind of mistake something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// `not-utf-8`: the file is no text.
    NotUtf8,
    /// `too-large`: the file is longer than is read.
    TooLarge,
    /// `syntax`: the text is no TOML.
    Syntax,
    /// `unknown-key`: nobody reads that key.
    UnknownKey,
    /// `missing-key`: a key that must be there is not.
    MissingKey,
    /// `wrong-type`: a list where text is wanted, and the like.
    WrongType,
    /// `unknown-word`: none of the words that can stand there.
    UnknownWord,
    /// `bad-amount`: a size, count or time that cannot be read, or is none that can be given.
    BadAmount,
    /// `bad-name`: a name that nothing in a session can have.
    BadName,
    /// `look-alike`: a name that a model or a person takes for another.
    LookAlike,
    /// `duplicate`: it is there twice.
    Duplicate,
    /// `unknown-grant`: nothing of that name is granted.
    UnknownGrant,
    /// `not-granted`: it is mounted for a tool that may not be handed it.
    NotGranted,
    /// `more-than-granted`: a tool would get more rights than the grant has.
    MoreThanGranted,
    /// `bad-path`: a path that cannot be one, or cannot stand here.
    BadPath,
    /// `bad-glob`: a glob that names nothing.
    BadGlob,
    /// `too-many`: more than is read.
    TooMany,
}

impl Code {
    /// All of them.
    pub const ALL: [Code; 17] = [
        Code::NotUtf8,
        Code::TooLarge,
        Code::Syntax,
        Code::UnknownKey,
        Code::MissingKey,
        Code::WrongType,
        Code::UnknownWord,
        Code::BadAmount,
        Code::BadName,
        Code::LookAlike,
        Code::Duplicate,
        Code::UnknownGrant,
        Code::NotGranted,
        Code::MoreThanGranted,
        Code::BadPath,
        Code::BadGlob,
        Code::TooMany,
    ];

    /// Its word, in kebab case: stable.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Code::NotUtf8 => "not-utf-8",
            Code::TooLarge => "too-large",
            Code::Syntax => "syntax",
            Code::UnknownKey => "unknown-key",
            Code::MissingKey => "missing-key",
            Code::WrongType => "wrong-type",
            Code::UnknownWord => "unknown-word",
            Code::BadAmount => "bad-amount",
            Code::BadName => "bad-name",
            Code::LookAlike => "look-alike",
            Code::Duplicate => "duplicate",
            Code::UnknownGrant => "unknown-grant",
            Code::NotGranted => "not-granted",
            Code::MoreThanGranted => "more-than-granted",
            Code::BadPath => "bad-path",
            Code::BadGlob => "bad-glob",
            Code::TooMany => "too-many",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character in its line, from 1.
    pub column: usize,
}

impl Position {
    /// Where the byte `at` of a text is. Past the end is the end.
    #[must_use]
    pub fn of(text: &str, at: usize) -> Self {
        let before = &text[..text.floor_char_boundary(at)];
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        Self {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: before[start..].chars().count() + 1,
        }
    }
}

impl PolicyError {
    pub(crate) fn new(code: Code, span: impl Into<Option<Range<usize>>>, message: String) -> Self {
        Self {
            code,
            message,
            span: span.into(),
            help: None,
        }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Where it begins in `text`, which is the policy's. None when it is about the text as a whole.
    #[must_use]
    pub fn position(&self, text: &str) -> Option<Position> {
        let span = self.span.as_ref()?;
        Some(Position::of(text, span.start))
    }

    /// The error for a program: `code`, `message`, `help`, `line` and `column`; null for what there is none of. `text`
    /// is the policy's.
    #[must_use]
    pub fn to_json(&self, text: &str) -> serde_json::Value {
        let position = self.position(text);
        serde_json::json!({
            "code": self.code,
            "message": self.message,
            "help": self.help,
            "line": position.map(|position| position.line),
            "column": position.map(|position| position.column),
        })
    }

    /// The error for a person: what is wrong, file, line and column, the line itself with carets, and a `help:` line.
    /// `text` is the policy's; for one that is not UTF-8, what [`String::from_utf8_lossy`] makes of it. No line break
    /// at the end. With `colour` it has the terminal's escapes, which no text of the policy gets into.
    #[must_use]
    pub fn render(&self, file_name: &str, text: &str, colour: bool) -> String {
        show::render(self, file_name, text, colour)
    }
}

/// The message alone, without place and help.
impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PolicyError {}

/// Mistakes as they are found: a bounded number of them, since a file may be nothing else.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    found: Vec<PolicyError>,
    more: usize,
}

/// How many mistakes are told.
const TOLD: usize = 50;

impl Problems {
    pub(crate) fn push(&mut self, error: PolicyError) {
        if self.found.len() < TOLD {
            self.found.push(error);
        } else {
            self.more += 1;
        }
    }

    /// Whether a mistake is not told any more, and counts it then. To be asked where it takes long to say what was
    /// meant.
    pub(crate) fn skip(&mut self) -> bool {
        let full = self.found.len() >= TOLD;
        self.more += usize::from(full);
        full
    }

    /// The mistakes in the order of the text; `value` when there are none.
    pub(crate) fn none_or<T>(mut self, value: T) -> Result<T, Vec<PolicyError>> {
        if self.found.is_empty() {
            return Ok(value);
        }
        self.found
            .sort_by_key(|error| error.span.as_ref().map(|span| span.start));
        if self.more > 0 {
            let message = format!("and {} more mistakes, which are not listed", self.more);
            self.found
                .push(PolicyError::new(Code::TooMany, None, message));
        }
        Err(self.found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_kebab_case() {
        let words: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(words.len(), Code::ALL.len());
        for word in words {
            assert!(
                word.bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{word}"
            );
        }
    }

    #[test]
    fn a_program_is_told_the_same() {
        let error = PolicyError::new(Code::BadPath, 2..3, "wrong".into()).help("right");
        let expected = serde_json::json!({
            "code": "bad-path", "message": "wrong", "help": "right", "line": 2, "column": 1
        });
        assert_eq!(error.to_json("a\nb"), expected);
        let whole = PolicyError::new(Code::TooLarge, None, "wrong".into()).to_json("");
        assert!(whole["line"].is_null() && whole["help"].is_null());
    }

    #[test]
    fn positions_count_lines_and_characters() {
        let text = "a\né = 1\n";
        let at = |byte| {
            let position = Position::of(text, byte);
            (position.line, position.column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(2), (2, 1));
        assert_eq!(at(3), (2, 1), "inside of a character is at it");
        assert_eq!(at(4), (2, 2));
        assert_eq!(at(1000), (3, 1));
    }
}
