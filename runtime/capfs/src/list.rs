//! The names in one open directory.

use crate::stat::Kind;
use crate::{ErrorCode, bounds};
use cap_std::fs::Dir;
use rustix::fs::FileType;
use std::os::fd::OwnedFd;

/// A name in a directory, and what it stood for when it was listed, where the filesystem says so.
pub(crate) struct Name {
    pub(crate) name: String,
    pub(crate) kind: Option<Kind>,
}

/// What is in a directory.
pub(crate) struct Listing {
    /// In the order of their bytes.
    pub(crate) names: Vec<Name>,
    /// How many more there are that are not UTF-8.
    pub(crate) unnamed: u32,
}

impl Listing {
    /// What it counts towards [`bounds::WALK_NAMES`].
    pub(crate) fn held(&self) -> usize {
        self.names
            .iter()
            .map(|it| it.name.len() + bounds::NAME_OVERHEAD)
            .sum()
    }

    /// Whether there is a regular file of that name.
    pub(crate) fn has_file(&self, name: &str) -> bool {
        let found = self.names.binary_search_by(|it| it.name.as_str().cmp(name));
        found.is_ok_and(|i| matches!(self.names[i].kind, None | Some(Kind::File)))
    }
}

/// List a directory that was opened to be listed, and not listed before.
/// [`Overflow`](ErrorCode::Overflow) when it has more than [`bounds::LISTING`] names.
pub(crate) fn list(dir: &Dir) -> Result<Listing, ErrorCode> {
    let mut listing = Listing {
        names: Vec::new(),
        unnamed: 0,
    };
    let mut count = 0;
    for entry in rustix::fs::Dir::new(OwnedFd::from(dir.try_clone()?))? {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        count += 1;
        if count > bounds::LISTING {
            return Err(ErrorCode::Overflow);
        }
        match name.to_str() {
            Ok(name) => {
                listing.names.push(Name {
                    name: name.to_owned(),
                    kind: kind(entry.file_type()),
                });
            }
            Err(_) => listing.unnamed += 1,
        }
    }
    listing.names.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(listing)
}

fn kind(file_type: FileType) -> Option<Kind> {
    match file_type {
        FileType::RegularFile => Some(Kind::File),
        FileType::Directory => Some(Kind::Directory),
        FileType::Symlink => Some(Kind::Symlink),
        FileType::Unknown => None,
        _ => Some(Kind::Other),
    }
}
