//! Text → [`Lock`].

use serde::Deserialize as _;
use toml::de::{DeTable, DeValue, Deserializer, Error};

use super::{Lock, LockError, MOST, VERSION, look_alikes};
use crate::visible;

pub(super) fn parse(text: &str) -> Result<Lock, LockError> {
    if text.len() > MOST {
        return Err(LockError::TooLarge { bytes: text.len() });
    }
    // Version control may write the ends of lines in its own way; what a text has of CR is written out.
    let text = text.replace("\r\n", "\n");
    no_hidden(&text)?;
    let table = DeTable::parse(&text).map_err(|error| at(&text, error))?;
    version(&text, table.get_ref())?;
    let lock = Lock::deserialize(Deserializer::from(table)).map_err(|error| at(&text, error))?;
    look_alikes::refuse(&lock)?;
    Ok(lock)
}

/// What stands in the file is what a reviewer sees.
fn no_hidden(text: &str) -> Result<(), LockError> {
    for (n, line) in text.lines().enumerate() {
        if visible::text(line) == line {
            continue;
        }
        let hidden = line
            .chars()
            .find(|c| visible::text(c.encode_utf8(&mut [0; 4])).len() != c.len_utf8());
        return Err(LockError::Hidden {
            line: n + 1,
            character: format!("U+{:04X}", hidden.map_or(0, u32::from)),
        });
    }
    Ok(())
}

/// Looked at before everything else: another version has other keys.
fn version(text: &str, table: &DeTable<'_>) -> Result<(), LockError> {
    let Some((_, value)) = table.iter().find(|(key, _)| key.get_ref() == "version") else {
        return Err(LockError::NoVersion);
    };
    let found = match value.get_ref() {
        DeValue::Integer(number) => {
            let known = u32::from_str_radix(number.as_str(), number.radix());
            if known == Ok(VERSION) {
                return Ok(());
            }
            number.as_str().chars().take(40).collect()
        }
        other => format!("a {}", other.type_str()),
    };
    let (line, _) = position(text, value.span().start);
    Err(LockError::Version { line, found })
}

/// An error of the parser's, with its place.
fn at(text: &str, mut error: Error) -> LockError {
    let (line, column) = position(text, error.span().map_or(0, |span| span.start));
    // Where it is in the tree is told only where the text cannot be shown.
    error.set_input(None);
    let shown = error.to_string();
    let key = shown
        .strip_prefix(error.message())
        .and_then(|rest| rest.trim().strip_prefix("in `")?.strip_suffix('`'));
    LockError::Text {
        line,
        column,
        key: key.map(visible::name),
        message: visible::name(error.message()),
    }
}

/// Line and column of a byte, both from 1.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (line, before[start..].chars().count() + 1)
}
