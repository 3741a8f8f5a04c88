//! A glob as a model spells it, as the host wants it.

use bailiwick_guest::ToolError;
use bailiwick_guest::fs::read::ErrorCode;

/// `glob` relative to the directory called `name`. Replies show whole paths, so `/workspace/src/*.rs` in `/workspace`
/// is taken as `/src/*.rs`; so is `./src/*.rs`. A `/` in front means: from the directory on, not at any depth.
pub(crate) fn relative(name: &str, glob: &str) -> String {
    let (not, glob) = match glob.strip_prefix('!') {
        Some(rest) => ("!", rest),
        None => ("", glob),
    };
    let inside = |rest: &str| rest.starts_with('/').then(|| format!("{not}{rest}"));
    let below = glob.strip_prefix('.').and_then(inside);
    below
        .or_else(|| glob.strip_prefix(name).and_then(inside))
        .unwrap_or_else(|| format!("{not}{glob}"))
}

/// The error of a walk with this glob in the directory called `name`.
pub(crate) fn error(code: ErrorCode, name: &str, glob: Option<&str>) -> ToolError {
    match glob {
        Some(glob) if code == ErrorCode::Invalid => bad(format!("`{glob}` does not parse"))
            .hint("close every `[` and `{`; to look for such a character, put `\\` before it"),
        _ => code.at(name),
    }
}

/// An error about the argument `glob`.
pub(crate) fn bad(what: impl std::fmt::Display) -> ToolError {
    ToolError::new("bad-glob", format!("glob: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_paths_become_relative() {
        let relative = |glob| relative("/workspace/src", glob);
        assert_eq!(relative("*.rs"), "*.rs");
        assert_eq!(relative("a/**/*.rs"), "a/**/*.rs");
        assert_eq!(relative("./*.rs"), "/*.rs");
        assert_eq!(relative("/workspace/src/**/*.rs"), "/**/*.rs");
        assert_eq!(relative("!/workspace/src/a.rs"), "!/a.rs");
        assert_eq!(relative("!./a.rs"), "!/a.rs");
    }

    #[test]
    fn names_that_only_begin_alike_stay() {
        let relative = |glob| relative("/workspace/src", glob);
        assert_eq!(relative("/workspace/src2/*.rs"), "/workspace/src2/*.rs");
        assert_eq!(relative(".github/*.yml"), ".github/*.yml");
    }

    #[test]
    fn only_a_malformed_glob_is_blamed() {
        let bad = error(ErrorCode::Invalid, "/w", Some("[a"));
        assert_eq!(
            (bad.code.as_str(), bad.message.as_str()),
            ("bad-glob", "glob: `[a` does not parse")
        );
        assert_eq!(error(ErrorCode::Invalid, "/w", None).code, "invalid");
        assert_eq!(
            error(ErrorCode::Access, "/w", Some("*")).message,
            "/w: permission denied"
        );
    }
}
