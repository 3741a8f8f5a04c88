//! `list` and `find`: what is there, without looking into it.

use bailiwick_guest::fs::read::{Entry, Kind, Scope};
use bailiwick_guest::note::{Note, count, grouped};
use bailiwick_guest::{At, Directory, ToolError, path, walk};

use crate::bindings::exports::bailiwick::files::files::{Item, Listing};
use crate::glob;

/// How many items are shown at most.
const ITEMS: usize = 500;
/// After so many bytes of reply no more items are shown.
const BYTES: usize = 20_000;
/// What an item takes in a reply beside its path.
const ITEM_BYTES: usize = 45;

/// What `dir` holds, `depth` levels down.
pub(crate) fn list<D: Directory>(dir: &D, depth: Option<u32>) -> Result<Listing, ToolError> {
    let depth = depth.unwrap_or(1);
    if depth == 0 {
        return Err(ToolError::new("bad-argument", "depth: 0 is out of range")
            .hint("give depth 1 or more, or leave it out"));
    }
    let name = dir.name();
    let mut shelf = Shelf::new(&name);
    for page in walk(dir, "", &Scope::all().depth(depth)).at(|| &name)? {
        shelf.take(page.at(|| &name)?);
    }
    let narrower = match depth {
        1 => "find with a glob shows fewer",
        _ => "give a smaller depth, or a directory below",
    };
    Ok(shelf.finish("the directory is empty", narrower))
}

/// What is below `dir` and matches `pattern`, without what is hidden or ignored.
pub(crate) fn find<D: Directory>(dir: &D, pattern: &str) -> Result<Listing, ToolError> {
    let name = dir.name();
    if pattern.trim().is_empty() {
        return Err(glob::bad("it is empty").hint("`*` finds everything, `*.rs` what ends in .rs"));
    }
    let scope = Scope::visible().glob(glob::relative(&name, pattern));
    let pages = walk(dir, "", &scope).map_err(|code| glob::error(code, &name, Some(pattern)))?;
    let mut shelf = Shelf::new(&name);
    for page in pages {
        shelf.take(page.at(|| &name)?);
    }
    let nothing = format!(
        "nothing matches; a glob with `/` in it is relative to {name}, one without matches at any depth; \
         what .gitignore excludes and names that begin with a dot are left out, but list shows them"
    );
    Ok(shelf.finish(&nothing, "give a narrower glob, or a directory below"))
}

/// The items that were seen, as many as fit a reply.
struct Shelf<'a> {
    name: &'a str,
    items: Vec<Item>,
    bytes: usize,
    total: u64,
    skipped: u64,
}

impl<'a> Shelf<'a> {
    fn new(name: &'a str) -> Self {
        Self {
            name,
            items: Vec::new(),
            bytes: 0,
            total: 0,
            skipped: 0,
        }
    }

    fn take(&mut self, page: bailiwick_guest::fs::read::Page) {
        self.total += page.entries.len() as u64;
        self.skipped += u64::from(page.skipped);
        for entry in page.entries {
            if self.items.len() == ITEMS || self.bytes >= BYTES {
                break;
            }
            let item = self.item(&entry);
            self.bytes += item.path.len() + ITEM_BYTES;
            self.items.push(item);
        }
    }

    fn item(&self, entry: &Entry) -> Item {
        Item {
            path: path::join(self.name, &entry.path),
            kind: entry.stat.kind,
            size: (entry.stat.kind == Kind::File).then_some(entry.stat.size),
        }
    }

    /// The reply. `nothing` is said when there is nothing, `narrower` when not all is shown.
    fn finish(self, nothing: &str, narrower: &str) -> Listing {
        let mut note = Note::default();
        let shown = self.items.len() as u64;
        if self.total == 0 && self.skipped == 0 {
            note.say(nothing);
        }
        if shown < self.total {
            let (shown, total) = (grouped(shown), grouped(self.total));
            note.say(format!(
                "the first {shown} of {total} are shown; {narrower}"
            ));
        }
        if self.skipped > 0 {
            let names = count(self.skipped, "name is", "names are");
            note.say(format!(
                "{names} left out: not UTF-8, not readable, on another filesystem, or too deep"
            ));
        }
        Listing {
            items: self.items,
            total: u32::try_from(self.total).unwrap_or(u32::MAX),
            note: note.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tree;

    fn paths(listing: &Listing) -> Vec<&str> {
        listing
            .items
            .iter()
            .map(|item| item.path.as_str())
            .collect()
    }

    fn tree() -> Tree {
        Tree::new("/w")
            .file("a.rs", "a")
            .file("src/b.rs", "bb")
            .file("src/deep/c.toml", "")
            .file(".hidden/d.rs", "d")
    }

    #[test]
    fn one_level_shows_hidden_names_and_sizes() {
        let listing = list(&tree(), None).expect("it can be listed");
        assert_eq!(paths(&listing), ["/w/.hidden", "/w/a.rs", "/w/src"]);
        let facts = |item: &Item| (item.kind, item.size);
        assert_eq!(facts(&listing.items[1]), (Kind::File, Some(1)));
        assert_eq!(facts(&listing.items[2]), (Kind::Directory, None));
        assert_eq!((listing.total, listing.note), (3, None));
    }

    #[test]
    fn depth_goes_down() {
        let listing = list(&tree(), Some(2)).expect("it can be listed");
        let below = [
            "/w/.hidden",
            "/w/.hidden/d.rs",
            "/w/a.rs",
            "/w/src",
            "/w/src/b.rs",
            "/w/src/deep",
        ];
        assert_eq!(paths(&listing), below);
        assert_eq!(
            list(&tree(), Some(0)).expect_err("no level").code,
            "bad-argument"
        );
    }

    #[test]
    fn a_long_listing_is_cut_and_says_so() {
        let mut tree = Tree::new("/w");
        for i in 0..1_234 {
            tree = tree.file(&format!("{i:04}"), "");
        }
        let listing = list(&tree, None).expect("it can be listed");
        assert_eq!(listing.total, 1_234);
        assert!(listing.items.len() <= ITEMS);
        let shown = listing.items.len();
        let note = format!("the first {shown} of 1,234 are shown; find with a glob shows fewer");
        assert_eq!(listing.note, Some(note));
    }

    #[test]
    fn a_listing_of_long_names_fits_a_reply() {
        let mut tree = Tree::new("/w");
        for i in 0..400 {
            tree = tree.file(&format!("{i:0200}"), "");
        }
        let listing = list(&tree, None).expect("it can be listed");
        let bytes: usize = listing
            .items
            .iter()
            .map(|item| item.path.len() + ITEM_BYTES)
            .sum();
        assert!(bytes < BYTES + 300, "{bytes} bytes");
        assert_eq!(listing.total, 400);
    }

    #[test]
    fn an_empty_directory_says_so() {
        let listing = list(&Tree::new("/w"), None).expect("it can be listed");
        assert_eq!(
            (listing.total, listing.note.as_deref()),
            (0, Some("the directory is empty"))
        );
    }

    #[test]
    fn names_that_cannot_be_shown_are_counted() {
        let listing = list(&tree().skipped(2), None).expect("it can be listed");
        assert!(
            listing
                .note
                .expect("a note")
                .starts_with("2 names are left out: not UTF-8")
        );
    }

    #[test]
    fn find_takes_a_glob_and_leaves_hidden_names_out() {
        let listing = find(&tree(), "*.rs").expect("it can be searched");
        assert_eq!(paths(&listing), ["/w/a.rs", "/w/src/b.rs"]);
        assert_eq!(listing.note, None);
    }

    #[test]
    fn finding_nothing_explains_globs() {
        let listing = find(&tree(), "*.py").expect("it can be searched");
        assert_eq!((listing.total, listing.items.len()), (0, 0));
        assert!(
            listing
                .note
                .expect("a note")
                .starts_with("nothing matches; a glob with `/`")
        );
    }

    #[test]
    fn a_bad_glob_is_named() {
        let error = find(&tree(), "[a").expect_err("it does not parse");
        assert_eq!(
            (error.code.as_str(), error.message.as_str()),
            ("bad-glob", "glob: `[a` does not parse")
        );
        assert_eq!(
            find(&tree(), " ").expect_err("it is empty").message,
            "glob: it is empty"
        );
    }
}
