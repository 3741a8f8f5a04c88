//! The names of files in a patch.

/// What stands for a file that is not there.
const NOTHING: &str = "/dev/null";

/// The name after `--- `, `+++ ` or `rename from `, without the time that may follow a tab; none for `/dev/null`.
///
/// # Errors
///
/// When a name in quotes does not end, or is not UTF-8.
pub(super) fn header(text: &str) -> Result<Option<String>, ()> {
    let name = match text.strip_prefix('"') {
        Some(rest) => unquoted(rest)?,
        None => {
            let name = text.split_once('\t').map_or(text, |(name, _)| name);
            name.trim_end().to_owned()
        }
    };
    Ok((name != NOTHING).then_some(name))
}

/// A name in the quotes of C, without the first of them.
fn unquoted(text: &str) -> Result<String, ()> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    loop {
        match rest.next().ok_or(())? {
            b'"' => return String::from_utf8(bytes).map_err(|_| ()),
            b'\\' => bytes.push(match rest.next().ok_or(())? {
                b'n' => b'\n',
                b't' => b'\t',
                b'r' => b'\r',
                b'a' => 7,
                b'b' => 8,
                b'f' => 12,
                b'v' => 11,
                first @ b'0'..=b'3' => {
                    let mut digit = || match rest.next() {
                        Some(digit @ b'0'..=b'7') => Ok(digit - b'0'),
                        _ => Err(()),
                    };
                    ((first - b'0') << 6) | (digit()? << 3) | digit()?
                }
                other => other,
            }),
            byte => bytes.push(byte),
        }
    }
}

/// The two names without `a/` and `b/`, when that is what they begin with.
pub(super) fn stripped(
    old: Option<String>,
    new: Option<String>,
) -> (Option<String>, Option<String>) {
    let has = |name: &Option<String>, prefix| name.as_ref().is_none_or(|n| n.starts_with(prefix));
    if !has(&old, "a/") || !has(&new, "b/") {
        return (old, new);
    }
    let rest = |name: String| name[2..].to_owned();
    (old.map(rest), new.map(rest))
}

/// The name in `a/NAME b/NAME`; none when the two are different, and other lines say them.
pub(super) fn git(pair: &str) -> Option<String> {
    let (old, new) = match pair.starts_with('"') {
        true => {
            let (old, new) = pair.split_once("\" ")?;
            (format!("{old}\""), new)
        }
        false => {
            let middle = pair.len() / 2;
            (pair.get(..middle)?.to_owned(), pair.get(middle + 1..)?)
        }
    };
    let (old, new) = stripped(header(&old).ok()?, header(new).ok()?);
    (old == new).then_some(old)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        let table = [
            ("a/src/main.rs", Some("a/src/main.rs")),
            ("a/x\t2026-01-01 00:00:00.000 +0000", Some("a/x")),
            ("a/with space ", Some("a/with space")),
            ("/dev/null", None),
            ("/dev/null\t1970-01-01", None),
            ("\"a/\\303\\251\\t\\\"\"", Some("a/é\t\"")),
        ];
        for (text, name) in table {
            assert_eq!(header(text), Ok(name.map(str::to_owned)), "{text:?}");
        }
        for text in ["\"a", "\"a\\", "\"\\38\"", "\"\\377\""] {
            assert_eq!(header(text), Err(()), "{text:?}");
        }
    }

    #[test]
    fn prefixes_are_left_out_in_pairs() {
        let strip = |old: &str, new: &str| {
            let name = |name: &str| (!name.is_empty()).then(|| name.to_owned());
            let (old, new) = stripped(name(old), name(new));
            [old, new].map(Option::unwrap_or_default)
        };
        assert_eq!(strip("a/x", "b/x"), ["x", "x"]);
        assert_eq!(strip("", "b/x"), ["", "x"]);
        assert_eq!(strip("a/x", ""), ["x", ""]);
        assert_eq!(strip("a/x", "a/x"), ["a/x", "a/x"]);
        assert_eq!(strip("x", "x"), ["x", "x"]);
        assert_eq!(strip("", "a/x"), ["", "a/x"]);
    }

    #[test]
    fn the_name_of_gits_header_is_read() {
        let table = [
            ("a/x b/x", Some("x")),
            ("a/with space b/with space", Some("with space")),
            ("x x", Some("x")),
            ("\"a/\\303\\251\" \"b/\\303\\251\"", Some("é")),
            ("a/x b/y", None),
            ("a/é b/y", None),
            ("", None),
        ];
        for (pair, name) in table {
            assert_eq!(git(pair).as_deref(), name, "{pair:?}");
        }
    }
}
