//! Arguments that cannot be meant.

use bailiwick_guest::note::{count, grouped};
use bailiwick_guest::{ToolError, path};

use crate::text::MAX;

/// An error about an argument.
pub(crate) fn bad(argument: &str, what: impl std::fmt::Display) -> ToolError {
    ToolError::new("bad-argument", format!("{argument}: {what}"))
}

/// Text that is written must be text: without a NUL, and no more than a file may have.
pub(crate) fn text(argument: &str, text: &str) -> Result<(), ToolError> {
    if let Some(at) = text.bytes().position(|byte| byte == 0) {
        return Err(bad(
            argument,
            format!("there is a NUL at byte {}", grouped(at as u64)),
        )
        .hint("this tool writes text; copy takes any file"));
    }
    if text.len() as u64 > MAX {
        let size = count(text.len() as u64, "byte", "bytes");
        return Err(ToolError::new(
            "too-large",
            format!(
                "{argument}: {size}, and a text file has at most {}",
                grouped(MAX)
            ),
        )
        .hint("write less, or more than one file"));
    }
    Ok(())
}

/// `path` below the directory called `dir`, for the argument called `argument`: relative as it is, whole when it lies in it.
/// The directory itself is refused.
pub(crate) fn below<'a>(argument: &str, dir: &str, path: &'a str) -> Result<&'a str, ToolError> {
    let Some(relative) = path::below(dir, path) else {
        return Err(ToolError::new(
            "not-permitted",
            format!("{argument}: {path} is not in {dir}"),
        )
        .hint(format!("give a path relative to {dir}, or another dir")));
    };
    if relative.split('/').all(|name| matches!(name, "" | ".")) {
        return Err(bad(argument, format!("`{path}` is {dir} itself"))
            .hint("give a path below dir, or a dir further up"));
    }
    Ok(relative)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_and_too_much_are_refused() {
        assert_eq!(text("content", "a\u{FEFF}é\n"), Ok(()));
        let error = text("content", "ab\0c").expect_err("a NUL");
        assert_eq!(error.message, "content: there is a NUL at byte 2");
        assert_eq!(text("content", &"x".repeat(MAX as usize)), Ok(()));
        let error = text("content", &"x".repeat(MAX as usize + 1)).expect_err("too long");
        assert_eq!(error.code, "too-large");
    }

    #[test]
    fn a_path_is_relative_or_whole() {
        assert_eq!(below("to", "/w", "a/b"), Ok("a/b"));
        assert_eq!(below("to", "/w", "/w/a/b"), Ok("a/b"));
        let code = |path| below("to", "/w", path).expect_err("it is refused").code;
        assert_eq!(code("/x/a"), "not-permitted");
        for path in ["", ".", "/w", "/w/", "./."] {
            assert_eq!(code(path), "bad-argument", "{path:?}");
        }
    }
}
