//! The regular expression of a search, and what is wrong with one that does not compile.

use bailiwick_guest::ToolError;
use grep_matcher::{ByteSet, LineMatchKind, LineTerminator, Match, Matcher, NoError};
use grep_regex::{ErrorKind, RegexCaptures, RegexMatcher, RegexMatcherBuilder};
use regex_syntax::ast::ErrorKind as Syntax;
use regex_syntax::hir::Hir;

use crate::lanes;
use crate::literals::Literals;

/// How many bytes a compiled pattern may take, and as many again for what is built of it while searching.
const BYTES: usize = 8 << 20;
/// How deep groups may nest: ripgrep's own bound.
const NEST: u32 = 250;

/// A regular expression, and the literals that it begins with where looking for these is faster.
pub(crate) struct Pattern {
    regex: RegexMatcher,
    /// Whether a literal is a match by itself.
    literals: Option<(Literals, bool)>,
}

impl Matcher for Pattern {
    type Captures = RegexCaptures;
    type Error = NoError;

    fn find_at(&self, haystack: &[u8], at: usize) -> Result<Option<Match>, NoError> {
        self.regex.find_at(haystack, at)
    }

    fn new_captures(&self) -> Result<RegexCaptures, NoError> {
        self.regex.new_captures()
    }

    fn shortest_match_at(&self, haystack: &[u8], at: usize) -> Result<Option<usize>, NoError> {
        self.regex.shortest_match_at(haystack, at)
    }

    fn non_matching_bytes(&self) -> Option<&ByteSet> {
        self.regex.non_matching_bytes()
    }

    fn line_terminator(&self) -> Option<LineTerminator> {
        self.regex.line_terminator()
    }

    fn find_candidate_line(&self, haystack: &[u8]) -> Result<Option<LineMatchKind>, NoError> {
        match &self.literals {
            None => self.regex.find_candidate_line(haystack),
            Some((literals, true)) => Ok(literals.find(haystack).map(LineMatchKind::Confirmed)),
            Some((literals, false)) => Ok(literals.find(haystack).map(LineMatchKind::Candidate)),
        }
    }
}

/// Compile `pattern` as ripgrep does: line by line, `^` and `$` at the ends of a line.
pub(crate) fn compile(pattern: &str, ignore_case: bool) -> Result<Pattern, ToolError> {
    let hir = parse(pattern, ignore_case)?;
    let literals = if lanes::FAST || cfg!(test) {
        Literals::of(&hir)
    } else {
        None
    };
    let regex = RegexMatcherBuilder::new()
        .case_insensitive(ignore_case)
        .multi_line(true)
        .line_terminator(Some(b'\n'))
        .size_limit(BYTES)
        .dfa_size_limit(BYTES)
        .nest_limit(NEST)
        .build(pattern)
        .map_err(|error| match error.kind() {
            ErrorKind::NotAllowed(_) => bad(
                "lines are searched one by one, so a line break is never found",
            )
            .hint(
                "search for what stands in one of the lines, and give `context` to see the others",
            ),
            // What parses and does not compile is too large.
            _ => bad(error).hint("give smaller repetition counts, or fewer alternatives"),
        })?;
    Ok(Pattern { regex, literals })
}

/// Parse the pattern by itself. The matcher wraps it before it parses it: its positions are not the caller's, and it
/// takes `a)|(b`.
fn parse(pattern: &str, ignore_case: bool) -> Result<Hir, ToolError> {
    let parsed = regex_syntax::ParserBuilder::new()
        .case_insensitive(ignore_case)
        .multi_line(true)
        .nest_limit(NEST)
        .utf8(false)
        .build()
        .parse(pattern);
    let literal = || {
        let escaped = regex_syntax::escape(pattern);
        format!("to search for this text as it is, give {escaped}")
    };
    match parsed {
        Ok(hir) => Ok(hir),
        Err(regex_syntax::Error::Parse(error)) => {
            let message = at(error.kind(), pattern, error.span().start.offset);
            Err(bad(message).hint(match error.kind() {
                Syntax::UnsupportedLookAround | Syntax::UnsupportedBackreference => {
                    "search for a simpler pattern, and look at the lines".to_owned()
                }
                _ => literal(),
            }))
        }
        Err(regex_syntax::Error::Translate(error)) => {
            let message = at(error.kind(), pattern, error.span().start.offset);
            Err(bad(message).hint(literal()))
        }
        Err(error) => Err(bad(error)),
    }
}

fn bad(what: impl std::fmt::Display) -> ToolError {
    ToolError::new("bad-pattern", format!("pattern: {what}"))
}

/// `what` with the place of byte `offset`: characters, the first being 1.
fn at(what: impl std::fmt::Display, pattern: &str, offset: usize) -> String {
    let before = pattern.get(..offset).unwrap_or(pattern);
    format!("{what} at character {}", before.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(pattern: &str) -> (String, Option<String>) {
        let error = compile(pattern, false).err().expect("it does not compile");
        assert_eq!(error.code, "bad-pattern");
        (error.message, error.hint)
    }

    #[test]
    fn the_place_is_in_characters_of_the_pattern_as_given() {
        let (message, hint) = error("äö(x");
        assert_eq!(message, "pattern: unclosed group at character 3");
        assert_eq!(
            hint.as_deref(),
            Some(r"to search for this text as it is, give äö\(x")
        );
        assert_eq!(
            error("a[").0,
            "pattern: unclosed character class at character 2"
        );
        assert_eq!(
            error("*").0,
            "pattern: repetition operator missing expression at character 1"
        );
        assert_eq!(
            error(r"ab\p{Nope}").0,
            "pattern: Unicode property not found at character 3"
        );
    }

    #[test]
    fn a_closing_parenthesis_too_many_is_found_although_the_pattern_is_wrapped() {
        assert_eq!(error("a)|(b").0, "pattern: unopened group at character 2");
    }

    #[test]
    fn what_the_syntax_does_not_have_is_not_escaped() {
        let (message, hint) = error("a(?=b)");
        assert!(message.starts_with("pattern: look-around"), "{message}");
        assert_eq!(
            hint.as_deref(),
            Some("search for a simpler pattern, and look at the lines")
        );
    }

    #[test]
    fn a_line_break_is_explained() {
        let (message, hint) = error("a\\nb");
        assert!(message.contains("one by one"), "{message}");
        assert!(hint.expect("a hint").contains("`context`"));
    }

    #[test]
    fn literals_do_not_change_what_is_found() {
        let lines = [
            "todo: x",
            "TODO",
            "a fixme 1",
            "fix me",
            "atodob",
            "",
            "ſafe",
            "safe",
            "SAFE todo",
        ];
        let patterns = [
            "todo|fixme",
            r"\b(todo|fixme)\b",
            "^todo|fixme$",
            r"(todo|fixme) \d",
            "safe",
        ];
        for pattern in patterns {
            for ignore_case in [false, true] {
                let with = compile(pattern, ignore_case).expect("a pattern");
                let without = Pattern {
                    regex: with.regex.clone(),
                    literals: None,
                };
                let found = |pattern: Pattern| {
                    let mut search = crate::search::Search::new(pattern, 0);
                    let found = search
                        .bytes(lines.join("\n").as_bytes(), 99)
                        .expect("found");
                    found
                        .lines
                        .into_iter()
                        .map(|line| line.number)
                        .collect::<Vec<_>>()
                };
                assert!(ignore_case || with.literals.is_some() || pattern == "safe");
                assert_eq!(found(with), found(without), "{pattern} {ignore_case}");
            }
        }
    }

    #[test]
    fn a_pattern_that_grows_too_large_is_refused() {
        let (message, hint) = error(r"(\pL{1000}){1000}");
        assert!(message.contains("size limit"), "{message}");
        assert!(hint.expect("a hint").contains("repetition"));
    }
}
