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

/// `path` relative to the handle that is called `base`, or none when it is a whole path that lies elsewhere. Replies show whole
/// paths, so a model gives them where a relative one is meant: `/workspace/src/main.rs` in `/workspace` is `src/main.rs`.
///
/// ```
/// use bailiwick_guest::path::below;
///
/// assert_eq!(below("/workspace", "/workspace/src"), Some("src"));
/// assert_eq!(below("/workspace", "src"), Some("src"));
/// assert_eq!(below("/workspace", "/docs/src"), None);
/// ```
///
/// It only takes a name off the front: `..` is the host's to judge.
pub fn below<'a>(base: &str, path: &'a str) -> Option<&'a str> {
    if !path.starts_with('/') {
        return Some(path);
    }
    let rest = path.strip_prefix(base.strip_suffix('/').unwrap_or(base))?;
    match rest.strip_prefix('/') {
        Some(rest) => Some(rest),
        None => rest.is_empty().then_some(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::{below, join};

    #[test]
    fn a_whole_path_is_taken_when_it_lies_below() {
        assert_eq!(below("/workspace", "/workspace"), Some(""));
        assert_eq!(below("/workspace/", "/workspace/a/b"), Some("a/b"));
        assert_eq!(below("/", "/a"), Some("a"));
        assert_eq!(below("/workspace", "/workspace2/a"), None);
        assert_eq!(below("/workspace", "/"), None);
        assert_eq!(below("/workspace", "../a"), Some("../a"));
    }

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
