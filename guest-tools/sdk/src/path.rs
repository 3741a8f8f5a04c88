//! Paths as a session spells them.

/// The path below a handle, spelled so that it can be given back as an argument: `base` is the handle's own name
/// (`/workspace/src`), `path` is relative to it. An empty `path`, and `.`, are the handle itself.
///
/// ```
/// use bailiwick_guest::path::join;
///
/// assert_eq!(join("/workspace", "src/main.rs"), "/workspace/src/main.rs");
/// assert_eq!(join("/workspace", ""), "/workspace");
/// ```
///
/// It only puts two names together: `..` is the host's to judge.
pub fn join(base: &str, path: &str) -> String {
    let base = base.strip_suffix('/').unwrap_or(base);
    if path.is_empty() || path == "." {
        return if base.is_empty() {
            "/".to_owned()
        } else {
            base.to_owned()
        };
    }
    let mut joined = String::with_capacity(base.len() + 1 + path.len());
    joined.push_str(base);
    joined.push('/');
    joined.push_str(path);
    joined
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn puts_one_slash_between() {
        assert_eq!(join("/workspace", "a"), "/workspace/a");
        assert_eq!(join("/workspace/", "a/b"), "/workspace/a/b");
    }

    #[test]
    fn the_handle_itself_keeps_its_name() {
        assert_eq!(join("/workspace/src", ""), "/workspace/src");
        assert_eq!(join("/workspace/src", "."), "/workspace/src");
        assert_eq!(join("/workspace/", ""), "/workspace");
        assert_eq!(join("/", ""), "/");
    }
}
