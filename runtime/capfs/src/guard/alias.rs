//! Names by which a filesystem may find what is called otherwise.
//!
//! Some keep a second, short name for each file (`GIT~1` for `.git`), or pass over dots and spaces at the end of a
//! name. No list of names can be compared with those: which file a short name finds is known to the filesystem alone.
//! So on these, names of such a form are refused, whatever they would find.

use std::ffi::OsStr;

/// Whether a name has the form of one that may find something else: its stem ends in `~` and digits, or it ends in a
/// dot or a space.
pub(crate) fn is_alias(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    let stem = match name.iter().rposition(|byte| *byte == b'.') {
        Some(dot) => &name[..dot],
        None => name,
    };
    let digits = stem.iter().rev().take_while(|byte| byte.is_ascii_digit());
    let before = stem.len() - digits.count();
    let is_short = before < stem.len() && stem[..before].last() == Some(&b'~');
    is_short || matches!(name.last(), Some(b'.' | b' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_and_what_is_passed_over() {
        for name in [
            "GIT~1",
            "git~1",
            "GITMOD~1",
            "GI7EBA~1",
            "PRE-CO~1.YAM",
            "BAILIW~12.TOM",
            "~1",
            "x~1.",
            ".git.",
            ".git ",
            ".git. .",
            "...",
        ] {
            assert!(is_alias(OsStr::new(name)), "{name:?}");
        }
        for name in [
            ".git", "a~", "a~b", "a~1b", "a1", "1", "~", "a.~1~", "a~1~", "a~x.1", "a.b.1", " a",
            "",
        ] {
            assert!(!is_alias(OsStr::new(name)), "{name:?}");
        }
    }
}
