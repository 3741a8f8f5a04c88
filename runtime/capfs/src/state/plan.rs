//! A change set, compared with what is there.

use super::entry::{Object, Thing};
use super::paths::{Paths, name};
use super::vault::Inner;
use super::{check, fingerprint, node};
use crate::ErrorCode;
use crate::change_set::{ChangeSet, Over, Take, Was, What};
use crate::version::Stamp;
use rustix::fs::{FileType, Stat};
use std::collections::{BTreeSet, HashMap, HashSet};

/// One change set, checked.
pub(super) struct Plan<'a> {
    pub(super) vault: &'a Inner,
    pub(super) set: &'a ChangeSet,
    pub(super) place: usize,
    /// Where its paths are in the base.
    pub(super) paths: Paths<'a>,
    /// What each take takes, in the order of the set.
    pub(super) takes: Vec<Object>,
    /// What is replaced or gets other attributes, with what it was, by the index of the put.
    pub(super) overs: HashMap<usize, (Object, Stat)>,
    /// Bytes that are kept on the disk.
    pub(super) bytes: u64,
}

impl<'a> Plan<'a> {
    /// Compare what the set says with what is there; what differs goes to `conflicts`.
    pub(super) fn check(
        vault: &'a Inner,
        set: &'a ChangeSet,
        place: usize,
        conflicts: &mut Vec<(usize, String)>,
    ) -> Result<Self, ErrorCode> {
        let mut plan = Self {
            vault,
            set,
            place,
            paths: Paths::new(set),
            takes: Vec::new(),
            overs: HashMap::new(),
            bytes: 0,
        };
        let moved: HashSet<usize> = set.puts.iter().filter_map(|put| moved(&put.what)).collect();
        if moved.iter().any(|index| *index >= set.takes.len()) {
            return Err(ErrorCode::Invalid);
        }
        for (index, take) in set.takes.iter().enumerate() {
            match plan.taken(take, moved.contains(&index))? {
                Some(object) => plan.takes.push(object),
                None => conflicts.push((place, take.path.clone())),
            }
        }
        for (index, put) in set.puts.iter().enumerate() {
            match &put.over {
                Some(over) => match plan.replaced(over)? {
                    Some(found) => drop(plan.overs.insert(index, found)),
                    None => conflicts.push((place, over.path.clone())),
                },
                None if !plan.paths.is_free(&vault.ground, put)? => {
                    conflicts.push((place, put.path.clone()))
                }
                None => {}
            }
        }
        Ok(plan)
    }

    /// What a take would take; none when that is not what it was.
    fn taken(&mut self, take: &Take, moved: bool) -> Result<Option<Object>, ErrorCode> {
        let Some((dir, stat)) = self.vault.ground.look(&take.path)? else {
            return Ok(None);
        };
        let name = name(&take.path);
        let mut bytes = u64::try_from(stat.st_blocks)
            .unwrap_or(0)
            .saturating_mul(512);
        let thing = match &take.was {
            Was::File(version) => {
                if !check::version(&dir, name, &stat, version)? {
                    return Ok(None);
                }
                Thing::File {
                    stamp: Some(Stamp::of_stat(&stat)),
                    digest: version.digest,
                }
            }
            Was::Link(target) => {
                if check::link(&dir, name)?.as_deref() != Some(target) {
                    return Ok(None);
                }
                Thing::Link(target.clone())
            }
            Was::Dir(print) => {
                if node::kind(&stat) != FileType::Directory {
                    return Ok(None);
                }
                if let Some(print) = print {
                    let found =
                        fingerprint::without(node::folder(&dir, name)?, &self.deeper(take))?;
                    if found.digest != *print {
                        return Ok(None);
                    }
                    bytes = bytes.saturating_add(found.bytes);
                    // It is moved away with all that is in it by then.
                    Thing::Tree(found.rest)
                } else {
                    Thing::Whole
                }
            }
        };
        let inode = stat.st_ino;
        if moved {
            // What is moved is not kept: it is somewhere else.
            let thing = Thing::Whole;
            return Ok(Some(Object { inode, thing }));
        }
        self.bytes = self.bytes.saturating_add(bytes);
        Ok(Some(Object { inode, thing }))
    }

    /// What the set takes out of something before it takes that, by the way from there.
    fn deeper(&self, take: &Take) -> BTreeSet<Vec<u8>> {
        let below = |other: &Take| {
            let rest = other.path.strip_prefix(&take.path)?.strip_prefix('/')?;
            Some(rest.as_bytes().to_vec())
        };
        self.set.takes.iter().filter_map(below).collect()
    }

    /// What a put would replace; none when that is not what it was.
    fn replaced(&mut self, over: &Over) -> Result<Option<(Object, Stat)>, ErrorCode> {
        let Some((dir, stat)) = self.vault.ground.look(&over.path)? else {
            return Ok(None);
        };
        if !check::version(&dir, name(&over.path), &stat, &over.version)? {
            return Ok(None);
        }
        let bytes = u64::try_from(stat.st_blocks)
            .unwrap_or(0)
            .saturating_mul(512);
        self.bytes = self.bytes.saturating_add(bytes);
        let thing = Thing::File {
            stamp: Some(Stamp::of_stat(&stat)),
            digest: over.version.digest,
        };
        let inode = stat.st_ino;
        Ok(Some((Object { inode, thing }, stat)))
    }
}

fn moved(what: &What) -> Option<usize> {
    match what {
        What::Moved(index) => Some(*index),
        _ => None,
    }
}
