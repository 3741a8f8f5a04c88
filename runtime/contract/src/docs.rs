//! Takes a function's documentation apart: what is said to the reader, what about each parameter, and the tags.
//!
//! The conventions are in the header of `wit/tool.wit`. Nothing here fails: what does not fit is a [`Problem`], which is an
//! error for whoever packs a component and a finding for whoever reads one.

use std::fmt;

use serde_json::Value;

use crate::budget;
use crate::names::{nearest, snake_case};
use crate::types::Docs;

/// A function's documentation, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) docs: Docs,
    /// The documentation of each parameter, in order; empty when there is none.
    pub(crate) params: Vec<String>,
    pub(crate) problems: Vec<Problem>,
}

/// Something in the documentation that was not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// A list item that is about something that is no parameter.
    NoSuchParameter { name: String, known: Vec<String> },
    /// An `@example` that is not a JSON object.
    Example { text: String, error: String },
    /// A tag that takes nothing, with something after it.
    Tag(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::NoSuchParameter { name, known } => {
                write!(
                    f,
                    "a list item describes `{}`, which is not a parameter",
                    budget::front(name, SHOWN)
                )?;
                match &nearest(name, known.iter().map(String::as_str), 1)[..] {
                    [near, ..] => write!(f, "; did you mean `{near}`?"),
                    [] => Ok(()),
                }
            }
            Problem::Example { text, error } => {
                write!(f, "@example {}: {error}", budget::front(text, SHOWN))
            }
            Problem::Tag(line) => {
                let line = budget::front(line, SHOWN);
                write!(f, "`{line}`: nothing may follow this tag in its line")
            }
        }
    }
}

/// How much of a line is shown in a problem, in characters.
const SHOWN: usize = 1_000;

/// What a line belongs to.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Text,
    Param(usize),
}

/// Takes `text` apart, the documentation of a function with these parameters.
pub(crate) fn parse(text: &str, params: &[&str]) -> Parsed {
    let mut parsed = Parsed {
        params: vec![String::new(); params.len()],
        ..Parsed::default()
    };
    let mut kept = String::new();
    let mut place = Place::Text;
    let mut fenced = false;
    for line in text.lines().map(str::trim_end) {
        if fenced || line.trim_start().starts_with("```") {
            fenced ^= line.trim_start().starts_with("```");
        } else if let Some((tag, rest)) = tag(line) {
            parsed.tag(tag, rest, line);
            place = Place::Text;
            continue;
        } else if let Some((name, described)) = item(line) {
            let index = params.iter().position(|param| is_named(param, name));
            match (index, described.strip_prefix(':')) {
                (Some(index), described_after_colon) => {
                    parsed.params[index] = described_after_colon.unwrap_or(described).trim().into();
                    place = Place::Param(index);
                    continue;
                }
                (None, Some(_)) if is_word(name) => {
                    parsed.problem(|| Problem::NoSuchParameter {
                        name: name.into(),
                        known: params.iter().map(ToString::to_string).collect(),
                    });
                }
                _ => {}
            }
        }
        let indented = line.starts_with([' ', '\t']);
        if !indented && !line.is_empty() {
            place = Place::Text;
        }
        let (to, line) = match place {
            Place::Text => (&mut kept, line),
            Place::Param(index) => (&mut parsed.params[index], line.trim_start()),
        };
        to.push('\n');
        to.push_str(line);
    }
    parsed.docs.text = without_gaps(&kept);
    for param in &mut parsed.params {
        *param = param.trim().to_owned();
    }
    parsed
}

impl Parsed {
    /// The first ones are told.
    fn problem(&mut self, problem: impl FnOnce() -> Problem) {
        if self.problems.len() < budget::PROBLEMS {
            self.problems.push(problem());
        }
    }

    fn tag(&mut self, tag: Tag, rest: &str, line: &str) {
        let flag = match tag {
            Tag::Example => return self.example(rest),
            Tag::Text => &mut self.docs.bytes_as_text,
            Tag::Idempotent => &mut self.docs.idempotent,
            Tag::Destructive => &mut self.docs.destructive,
        };
        *flag = true;
        if !rest.is_empty() {
            self.problem(|| Problem::Tag(line.into()));
        }
    }

    fn example(&mut self, text: &str) {
        let error = match serde_json::from_str(text) {
            Ok(example @ Value::Object(_)) => return self.docs.examples.push(example),
            Ok(_) => "expected one JSON object, the arguments".into(),
            Err(error) => format!("not JSON: {error}"),
        };
        self.problem(|| Problem::Example {
            text: text.into(),
            error,
        });
    }
}

#[derive(Clone, Copy)]
enum Tag {
    Example,
    Text,
    Idempotent,
    Destructive,
}

/// A line that is one of our tags. Others are text.
fn tag(line: &str) -> Option<(Tag, &str)> {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let tag = match word {
        "@example" => Tag::Example,
        "@text" => Tag::Text,
        "@idempotent" => Tag::Idempotent,
        "@destructive" => Tag::Destructive,
        _ => return None,
    };
    Some((tag, rest.trim()))
}

/// A list item, not indented, that begins with something in backquotes: that, and what follows.
fn item(line: &str) -> Option<(&str, &str)> {
    let item = line.strip_prefix('-').or_else(|| line.strip_prefix('*'))?;
    if !item.starts_with([' ', '\t']) {
        return None;
    }
    let (name, rest) = item.trim_start().strip_prefix('`')?.split_once('`')?;
    Some((name, rest.trim_start()))
}

/// Whether a parameter is meant, in WIT's spelling or in JSON's.
fn is_named(param: &str, name: &str) -> bool {
    param == name || snake_case(param) == name
}

/// Whether it could be a parameter's name.
fn is_word(name: &str) -> bool {
    let in_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(in_word)
}

/// Without empty lines at the ends, and with at most one in a row, for what stood between them may have been taken out.
fn without_gaps(text: &str) -> String {
    let mut out = String::new();
    let mut gap = false;
    for line in text.trim().lines() {
        if line.is_empty() {
            gap = true;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if gap { "\n\n" } else { "\n" });
        }
        gap = false;
        out.push_str(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREP: &str = "Search the contents of files, line by line. Binary files are\nleft out.

- `dir`: the directory to search,
  with all below it.
- `max-matches`: how many.

  All are counted.
* `glob` which files: `*.rs` at any depth

More about it.
@idempotent
@example {\"dir\": \".\"}
@since 3
@text
@example {\"dir\": \"src\", \"glob\": \"*.rs\"}";

    #[test]
    fn takes_everything_apart() {
        let parsed = parse(GREP, &["dir", "glob", "max-matches", "context"]);
        assert_eq!(parsed.problems, []);
        assert_eq!(
            parsed.docs.text,
            "Search the contents of files, line by line. Binary files are\nleft out.\n\nMore about it.\n@since 3"
        );
        assert_eq!(
            parsed.params,
            [
                "the directory to search,\nwith all below it.",
                "which files: `*.rs` at any depth",
                "how many.\n\nAll are counted.",
                "",
            ]
        );
        let examples = [
            serde_json::json!({"dir": "."}),
            serde_json::json!({"dir": "src", "glob": "*.rs"}),
        ];
        assert_eq!(parsed.docs.examples, examples);
        assert!(parsed.docs.idempotent && parsed.docs.bytes_as_text && !parsed.docs.destructive);
    }

    #[test]
    fn leaves_alone_what_is_not_meant() {
        let text = "- `*.rs`: a glob\n- plain: item\n  - `dir`: indented\n```\n@text\n- `no`: code\n```\n@texts\n@ text\n-`dir`: no blank";
        let parsed = parse(text, &["dir"]);
        assert_eq!(parsed.docs.text, text);
        assert_eq!(
            (parsed.params, parsed.problems),
            (vec![String::new()], vec![])
        );
        assert!(!parsed.docs.bytes_as_text);
    }

    #[test]
    fn tells_what_it_does_not_understand() {
        let text = "- `max-match`: how many\n@example [1]\n@example {\"a\": }\n@destructive yes";
        let parsed = parse(text, &["max-matches"]);
        let problems: Vec<_> = parsed.problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            problems,
            [
                "a list item describes `max-match`, which is not a parameter; did you mean `max-matches`?",
                "@example [1]: expected one JSON object, the arguments",
                "@example {\"a\": }: not JSON: expected value at line 1 column 7",
                "`@destructive yes`: nothing may follow this tag in its line",
            ]
        );
        assert_eq!(parsed.docs.text, "- `max-match`: how many");
        assert!(parsed.docs.destructive);
    }

    #[test]
    fn takes_either_spelling() {
        let parsed = parse("- `max_matches`: how many", &["max-matches"]);
        assert_eq!(parsed.params, ["how many"]);
    }
}
