//! The names in one place: those that show through from the base, and those that the layer has.

use crate::facts::DirEntry;
use crate::layer::{self, Child, NodeId};
use crate::place::Place;
use crate::stat::Kind;
use crate::{ErrorCode, bounds, open};
use cap_std::fs::Dir;
use rustix::fs::FileType;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;

/// A name in a directory, and what it stood for when it was listed, where the filesystem says so.
pub(crate) struct Name {
    pub(crate) name: String,
    pub(crate) kind: Option<Kind>,
}

/// What is in a directory.
#[derive(Default)]
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

    /// What the listing does not say itself, asked of each name. What vanished meanwhile is left out.
    pub(crate) fn entries(self, place: &Place) -> Vec<DirEntry> {
        let entries = self.names.into_iter().filter_map(|it| {
            let kind = match it.kind {
                Some(kind) => kind,
                None => open::facts(place, OsStr::new(&it.name)).ok()?.kind,
            };
            Some(DirEntry {
                name: it.name,
                kind,
            })
        });
        entries.collect()
    }
}

/// List a place that was opened to be listed, and not listed before.
/// [`Overflow`](ErrorCode::Overflow) when it has more than [`bounds::LISTING`] names.
pub(crate) fn list(place: &Place) -> Result<Listing, ErrorCode> {
    if let Some(only) = &place.only {
        return Ok(single(place, only));
    }
    let hides = place.hiding();
    let mut changed: BTreeMap<String, Child> = match place.node {
        Some(node) => place.layer.children(node).into_iter().collect(),
        None => BTreeMap::new(),
    };
    let mut listing = Listing::default();
    if let Some(base) = &place.base {
        read(base, |name, kind| {
            let Ok(name) = name.to_str().ok_or(name) else {
                listing.unnamed += u32::from(!hides(name));
                return;
            };
            if !changed.contains_key(name) && !hides(OsStr::new(name)) {
                listing.names.push(Name {
                    name: name.to_owned(),
                    kind,
                });
            }
        })?;
    }
    changed.retain(|name, _| !hides(OsStr::new(name)));
    for (name, child) in changed {
        if let Child::Is(id) = child
            && let Some(kind) = node_kind(place, id)
        {
            listing.names.push(Name {
                name,
                kind: Some(kind),
            });
        }
    }
    if listing.names.len() > bounds::LISTING {
        return Err(ErrorCode::Overflow);
    }
    listing.names.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(listing)
}

/// The listing of a place that shows one name.
fn single(place: &Place, only: &OsStr) -> Listing {
    let mut listing = Listing::default();
    match (open::facts(place, only), only.to_str()) {
        (Ok(facts), Some(name)) => listing.names.push(Name {
            name: name.to_owned(),
            kind: Some(facts.kind),
        }),
        (Ok(_), None) => listing.unnamed += 1,
        (Err(_), _) => {}
    }
    listing
}

/// Hand every name of a directory of the base to `each`, with what the filesystem says that it is.
fn read(dir: &Dir, mut each: impl FnMut(&OsStr, Option<Kind>)) -> Result<(), ErrorCode> {
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
        each(
            OsStr::from_bytes(name.to_bytes()),
            kind_of(entry.file_type()),
        );
    }
    Ok(())
}

fn node_kind(place: &Place, id: NodeId) -> Option<Kind> {
    Some(match &*place.layer.node(id)? {
        layer::Node::Dir(_) => Kind::Directory,
        layer::Node::File(_) => Kind::File,
        layer::Node::Link(_) => Kind::Symlink,
    })
}

/// What the filesystem says that a name stands for, where it says so.
pub(crate) fn kind_of(file_type: FileType) -> Option<Kind> {
    match file_type {
        FileType::RegularFile => Some(Kind::File),
        FileType::Directory => Some(Kind::Directory),
        FileType::Symlink => Some(Kind::Symlink),
        FileType::Unknown => None,
        _ => Some(Kind::Other),
    }
}
