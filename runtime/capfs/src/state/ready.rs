//! Making ready what a change set puts in place, and listing the steps.

use super::apply::Slots;
use super::entry::{Act, Object, Step, Thing};
use super::plan::Plan;
use super::{node, steps};
use crate::ErrorCode;
use crate::change_set::{Attributes, Content, Put, Take, What};
use rustix::fs::{Gid, Mode, Stat, Uid};
use std::collections::HashMap;

impl Plan<'_> {
    /// Make ready what is put, and list the steps: what is deepest is taken first, so that every path is what it was before; then
    /// everything is put in order; the attributes of directories come last, since putting something in one changes them.
    pub(super) fn ready(self, slots: &mut Slots<'_>) -> Result<Vec<Step>, ErrorCode> {
        let (place, set) = (self.place, self.set);
        let taken = set.takes.iter().map(|_| slots.next(place));
        let taken = taken.collect::<Result<Vec<String>, _>>()?;
        let step = |path: &str, slot: &str, act| Step {
            place,
            path: path.to_owned(),
            slot: slot.to_owned(),
            mark: None,
            act,
        };
        let mut takes: Vec<(&Take, &String, Object)> = Vec::new();
        for ((take, slot), object) in set.takes.iter().zip(&taken).zip(&self.takes) {
            takes.push((take, slot, object.clone()));
        }
        takes.sort_by_key(|(take, ..)| std::cmp::Reverse(take.path.matches('/').count()));
        let takes = takes.into_iter();
        let mut steps: Vec<Step> = takes
            .map(|(take, slot, object)| step(&take.path, slot, Act::Take(object)))
            .collect();
        let mut last = Vec::new();
        let mut folders: HashMap<&str, Stat> = HashMap::new();
        for (index, put) in set.puts.iter().enumerate() {
            slots.point()?;
            let over = self.overs.get(&index);
            let (slot, new) = match &put.what {
                What::Moved(from) => {
                    let (Some(slot), Some(object)) = (taken.get(*from), self.takes.get(*from))
                    else {
                        return Err(ErrorCode::Invalid);
                    };
                    steps.push(step(&put.path, slot, Act::Put(object.clone())));
                    continue;
                }
                What::Attributes(new) => {
                    let act = self.attributes(put, new, over, &folders)?;
                    let list = if over.is_some() {
                        &mut steps
                    } else {
                        &mut last
                    };
                    list.push(step(&put.path, &slots.next(place)?, act));
                    continue;
                }
                What::Dir(mode) => {
                    let slot = slots.next(place)?;
                    let stat = self.new_folder(&slot, *mode)?;
                    folders.insert(&put.path, stat);
                    let inode = stat.st_ino;
                    let object = Object {
                        inode,
                        thing: Thing::Folder,
                    };
                    if mode & 0o700 != 0o700 {
                        // Until something was put in it, it has to be open to us.
                        let act = Act::Attributes {
                            of: object.clone(),
                            old: only_mode((mode & 0o777) | 0o700),
                            new: only_mode(mode & 0o777),
                        };
                        last.push(step(&put.path, &slots.next(place)?, act));
                    }
                    (slot, object)
                }
                What::File(content) => {
                    let slot = slots.next(place)?;
                    let object = self.new_file(&slot, content, over.map(|(_, stat)| stat))?;
                    (slot, object)
                }
                What::Link(target) => {
                    let slot = slots.next(place)?;
                    let at = &self.vault.ground.slots;
                    rustix::fs::symlinkat(target.as_str(), at, slot.as_str())?;
                    let inode = node::stat(at, slot.as_str())?.st_ino;
                    let thing = Thing::Link(target.clone());
                    (slot, Object { inode, thing })
                }
            };
            let act = match over {
                Some((old, _)) => Act::Swap {
                    old: old.clone(),
                    new,
                },
                None => Act::Put(new),
            };
            steps.push(step(&put.path, &slot, act));
        }
        // The innermost first: setting them on one above can make it impossible to reach.
        last.reverse();
        steps.extend(last);
        Ok(steps)
    }

    /// Nothing but attributes: of a file that is there, of a directory of the base, or of one that this set makes.
    fn attributes(
        &self,
        put: &Put,
        new: &Attributes,
        over: Option<&(Object, Stat)>,
        folders: &HashMap<&str, Stat>,
    ) -> Result<Act, ErrorCode> {
        let ground = &self.vault.ground;
        let (of, stat) = match over {
            Some((object, stat)) => (object.clone(), *stat),
            None => {
                let stat = match folders.get(put.path.as_str()) {
                    Some(stat) => Some(*stat),
                    None => match self.paths.base(&put.path) {
                        Some(path) if path.is_empty() => Some(rustix::fs::fstat(&ground.root)?),
                        Some(path) => ground.look(&path)?.map(|(_, stat)| stat),
                        None => None,
                    },
                };
                let stat = stat.ok_or(ErrorCode::NoEntry)?;
                let inode = stat.st_ino;
                let thing = Thing::Whole;
                (Object { inode, thing }, stat)
            }
        };
        Ok(Act::Attributes {
            of,
            old: as_they_are(&stat, new),
            new: *new,
        })
    }

    fn new_folder(&self, slot: &str, mode: u32) -> Result<Stat, ErrorCode> {
        let slots = &self.vault.ground.slots;
        rustix::fs::mkdirat(slots, slot, Mode::from_raw_mode(0o700))?;
        let folder = node::readable_folder(slots, slot)?;
        rustix::fs::fchmod(&folder, Mode::from_bits_truncate((mode & 0o777) | 0o700))?;
        rustix::fs::fsync(&folder)?;
        Ok(rustix::fs::fstat(&folder)?)
    }

    /// Contents, ready to be put in place of `old`. Whose it is and what may be done with it is as it was there.
    fn new_file(
        &self,
        slot: &str,
        content: &Content,
        old: Option<&Stat>,
    ) -> Result<Object, ErrorCode> {
        let slots = &self.vault.ground.slots;
        // Never set-user-id: the contents are a tool's.
        let mode = content.attributes.mode.or(old.map(|old| old.st_mode));
        let mode = mode.unwrap_or(self.vault.mode) & 0o777;
        if mode & 0o400 == 0 {
            // Permissions are those of all names of a file, and the blob's own is opened again.
            content.blob.place_copy(slots, slot)?;
        } else {
            content.blob.place(slots, slot)?;
        }
        let digest = content.blob.digest()?;
        let file = node::file(slots, slot)?;
        let stat = rustix::fs::fstat(&file)?;
        if let Some(old) = old
            && (old.st_uid, old.st_gid) != (stat.st_uid, stat.st_gid)
        {
            // Only root can give a file away; for others it is theirs from here on, as with any program that replaces a file.
            let _ = rustix::fs::fchown(
                &file,
                Some(Uid::from_raw(old.st_uid)),
                Some(Gid::from_raw(old.st_gid)),
            );
        }
        rustix::fs::fchmod(&file, Mode::from_bits_truncate(mode))?;
        let times = Attributes {
            mode: None,
            ..content.attributes
        };
        steps::set(slots, slot, stat.st_ino, &times)?;
        rustix::fs::fsync(&file)?;
        Ok(Object {
            inode: stat.st_ino,
            thing: Thing::File {
                stamp: None,
                digest: Some(digest),
            },
        })
    }
}

/// Those that `new` would change, as they are.
fn as_they_are(stat: &Stat, new: &Attributes) -> Attributes {
    let nanos = |nanos| u32::try_from(nanos).unwrap_or(0);
    Attributes {
        mode: new.mode.map(|_| stat.st_mode & 0o7777),
        accessed: new
            .accessed
            .map(|_| (stat.st_atime, nanos(stat.st_atime_nsec))),
        modified: new
            .modified
            .map(|_| (stat.st_mtime, nanos(stat.st_mtime_nsec))),
    }
}

fn only_mode(mode: u32) -> Attributes {
    Attributes {
        mode: Some(mode),
        ..Attributes::default()
    }
}
