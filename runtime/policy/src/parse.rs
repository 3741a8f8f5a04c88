//! A policy's text → a [`Policy`], or all that is wrong with it.

mod amounts;
pub(crate) mod grants;
pub(crate) mod limits;
pub(crate) mod names;
pub(crate) mod paths;
pub(crate) mod section;
mod tools;

use std::ops::Range;

use toml::de::DeTable;

use crate::error::{Code, PolicyError, Problems};
use crate::keys::POLICY;
use crate::nearest;
use crate::policy::Policy;
use section::Section;

/// The longest policy that is read, in bytes.
pub const MOST: usize = 1 << 20;

/// The longest text, in bytes, of which all mistakes are told that make it no TOML. A longer one may have a million, so
/// it is its first.
const RECOVERED: usize = 64 << 10;

/// How many grants, and how many tools, a policy has at most.
pub(crate) const NAMES: usize = 256;

impl Policy {
    /// Reads a policy. All of it is checked that can be told without looking at files.
    ///
    /// # Errors
    ///
    /// All mistakes, in the order of the text. Where the text is no TOML, only those that make it none. None of it may
    /// be used then.
    pub fn parse(text: &str) -> Result<Policy, Vec<PolicyError>> {
        let document = document(text)?;
        let mut problems = Problems::default();
        let root = Section::root(&document, &POLICY, &mut problems);
        let grants = grants::read(&root, &mut problems);
        let policy = Policy {
            tools: tools::read(&root, &grants, &mut problems),
            default: default(&root, &grants.order, &mut problems),
            limits: limits::read(&root, &mut problems),
            budget: limits::budget(&root, &mut problems),
            order: grants.order,
            grants: grants.known,
        };
        problems.none_or(policy)
    }

    /// Reads a policy's file.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse); [`Code::NotUtf8`] and [`Code::TooLarge`] besides.
    pub fn read(bytes: &[u8]) -> Result<Policy, Vec<PolicyError>> {
        Policy::parse(text(bytes)?)
    }
}

/// The text of a file.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, Vec<PolicyError>> {
    fits(bytes.len())?;
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let message = format!("the file is not UTF-8: byte {at} begins no character");
        vec![PolicyError::new(Code::NotUtf8, at..at + 1, message).help("save it as UTF-8")]
    })
}

fn fits(size: usize) -> Result<(), Vec<PolicyError>> {
    if size <= MOST {
        return Ok(());
    }
    let message = format!("the file has {size} bytes, and at most {MOST} are read");
    Err(vec![PolicyError::new(Code::TooLarge, None, message)])
}

/// The tables of a text, with the place of each key and value.
pub(crate) fn document(text: &str) -> Result<DeTable<'_>, Vec<PolicyError>> {
    fits(text.len())?;
    let first = match DeTable::parse(text) {
        Ok(document) => return Ok(document.into_inner()),
        Err(error) => error,
    };
    let errors = match text.len() <= RECOVERED {
        true => DeTable::parse_recoverable(text).1,
        false => vec![first],
    };
    let mut problems = Problems::default();
    // One mistake on a line makes the rest of it nonsense: only its first is told.
    let mut told = None;
    for error in errors {
        let span = error.span().unwrap_or(text.len()..text.len());
        let line = line(text, &span);
        if told != Some(line) {
            told = Some(line);
            let message = format!("this is not TOML: {}", nearest::quote(error.message()));
            problems.push(PolicyError::new(Code::Syntax, span, message));
        }
    }
    problems.none_or(DeTable::new())
}

/// Where the line begins that a span begins in.
fn line(text: &str, span: &Range<usize>) -> usize {
    let start = text.floor_char_boundary(span.start);
    text[..start].rfind('\n').map_or(0, |end| end + 1)
}

fn default(root: &Section<'_>, grants: &[String], problems: &mut Problems) -> Option<String> {
    let (name, span) = root.text("default", problems)?;
    if grants.contains(&name) {
        return Some(name);
    }
    let message = format!(
        "`default` is `{}`, and nothing of that name is granted",
        nearest::quote(&name)
    );
    let help = names::granted(&name, grants);
    problems.push(PolicyError::new(Code::UnknownGrant, span, message).help(help));
    None
}
