//! What a session saw of the files in a volume, to notice when others change them.
//!
//! Contents decide, not times. What a guest read is remembered by its digest, a small text by its bytes, with the file's
//! stamp, which only says whether it is worth to look again. One call's [`Sight`] is small change until the call ends well; then the
//! session's [`Memory`] takes it over.

mod glance;
mod memory;

pub(crate) use glance::{Glance, TEXT};
pub(crate) use memory::Memory;

use crate::version::Stamp;
use crate::volume::held;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;

/// Files of a volume that a session remembers, and that a call does. Of more it forgets the oldest; a call does not begin with
/// more.
pub(crate) const PATHS: usize = 1 << 16;

/// Bytes of texts that are remembered as they are, for each volume of a session and for each call.
pub(crate) const TEXTS: usize = 8 << 20;

/// What one call saw. Its session takes it over when the call ends well.
#[derive(Debug, Default)]
pub(crate) struct Sight(Mutex<Looks>);

#[derive(Debug, Default)]
struct Looks {
    files: HashMap<String, Look>,
    /// Bytes that are kept.
    kept: usize,
}

#[derive(Debug)]
struct Look {
    first: Glance,
    /// What was seen last, when that was another state of the file than the first.
    last: Option<Glance>,
}

impl Sight {
    /// Bytes of the base's file at `path` (plain names from the grant's root) that a guest read, and the file's stamp from before
    /// they were read. Names that are not UTF-8 cannot be written and are not noted.
    pub(crate) fn saw(&self, path: &Path, stamp: &Stamp, offset: u64, bytes: &[u8]) {
        let Some(path) = path.to_str() else {
            return;
        };
        let looks = &mut *held(&self.0);
        if !looks.files.contains_key(path) && looks.files.len() == PATHS {
            return;
        }
        let look = looks.files.entry(path.to_owned()).or_insert_with(|| Look {
            first: Glance::new(stamp),
            last: None,
        });
        let room = TEXTS - looks.kept;
        let same = |glance: &Glance| glance.stamp() == Some(stamp);
        let more = match &mut look.last {
            Some(last) if same(last) => last.add(offset, bytes, room),
            None if same(&look.first) => look.first.add(offset, bytes, room),
            last => {
                let glance = last.insert(Glance::new(stamp));
                glance.add(offset, bytes, room)
            }
        };
        looks.kept += more;
    }

    /// The first that the call saw of a file.
    pub(crate) fn first(&self, path: &str) -> Option<Glance> {
        let looks = held(&self.0);
        looks.files.get(path).map(|look| look.first.clone())
    }

    /// The last that it saw of each file.
    fn latest(&self) -> Vec<(String, Glance)> {
        let looks = held(&self.0);
        let latest = |look: &Look| look.last.as_ref().unwrap_or(&look.first).clone();
        let all = looks.files.iter();
        all.map(|(path, look)| (path.clone(), latest(look)))
            .collect()
    }
}

#[cfg(test)]
mod tests;
