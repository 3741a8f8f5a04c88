//! A delta as a change set: what it takes to make the base what the layer shows.

use super::delta::{Delta, FileNode, Node, ROOT};
use super::visit::{self, Visit};
use crate::change_set::{Attributes, ChangeSet, Content, Over, Put, Take, Was, What};
use crate::version::Version;
use std::collections::{BTreeMap, HashMap};

/// Permissions of a new directory that nobody chose.
const DIRECTORY: u32 = 0o755;

/// Everything that a name of the delta leads to. Nothing in the set is by chance: two deltas that show the same have the same set.
pub(crate) fn change_set(delta: &Delta) -> ChangeSet {
    let visits = visit::all(delta);
    let moved = visit::moved(&visits);
    let mut takes: BTreeMap<&str, Was> = BTreeMap::new();
    for visit in &visits {
        if let (Some(was), Some(home)) = (&visit.slot.base, &visit.home)
            && !visit.is_in_place()
            && replaced(visit, &moved).is_none()
        {
            takes.insert(home, was.clone());
        }
    }
    for (from, node) in &moved {
        if let Some(was) = node.was() {
            let noted = takes.remove(from);
            takes.insert(from, best(was, noted));
        }
    }
    // The deepest first: what is taken by itself is gone when what it was in is taken.
    let mut takes: Vec<(&str, Was)> = takes.into_iter().collect();
    takes.sort_by_key(|(path, _)| std::cmp::Reverse(depth(path)));
    let index: HashMap<&str, usize> = (takes.iter().enumerate())
        .map(|(index, (path, _))| (*path, index))
        .collect();
    let mut puts = Vec::new();
    // Times of directories come last: what is put in a directory changes them.
    let mut times = Vec::new();
    if let Some(root) = delta.dir(ROOT)
        && root.attributes != Attributes::default()
    {
        times.push(attributes(String::new(), root.attributes, None));
    }
    for visit in &visits {
        put(visit, &moved, &index, &mut puts, &mut times);
    }
    puts.extend(times);
    let takes = takes
        .into_iter()
        .map(|(path, was)| Take {
            path: path.to_owned(),
            was,
        })
        .collect();
    ChangeSet { takes, puts }
}

fn put(
    visit: &Visit<'_>,
    moved: &HashMap<&str, &Node>,
    index: &HashMap<&str, usize>,
    puts: &mut Vec<Put>,
    times: &mut Vec<Put>,
) {
    let Some((_, node)) = visit.node else {
        return;
    };
    let path = visit.path.clone();
    let over = replaced(visit, moved);
    let taken = visit
        .moved_from()
        .and_then(|from| index.get(from))
        .map(|index| What::Moved(*index));
    match node {
        Node::Dir(dir) => {
            let mut attributes = dir.attributes;
            let what = match (&dir.origin, taken) {
                (None, _) => Some(What::Dir(attributes.mode.take().unwrap_or(DIRECTORY))),
                (Some(_), moved) => moved,
            };
            puts.extend(what.map(|what| Put {
                path: path.clone(),
                what,
                over: None,
            }));
            if attributes != Attributes::default() {
                times.push(self::attributes(path, attributes, None));
            }
        }
        Node::File(file) => match (&file.blob, taken) {
            (Some(blob), _) => puts.push(Put {
                path,
                what: What::File(Content {
                    blob: blob.clone(),
                    attributes: if visit.is_in_place() {
                        file.attributes
                    } else {
                        brought(file)
                    },
                }),
                over: if visit.is_in_place() {
                    origin(file)
                } else {
                    over
                },
            }),
            (None, Some(what)) => {
                puts.push(Put {
                    path: path.clone(),
                    what,
                    over: None,
                });
                if file.attributes != Attributes::default() {
                    puts.push(attributes(path, file.attributes, None));
                }
            }
            (None, None) if file.attributes != Attributes::default() => {
                puts.push(attributes(path, file.attributes, origin(file)));
            }
            // Somebody has opened it to write, no more.
            (None, None) => {}
        },
        Node::Link(link) => {
            let what = match (&link.origin, taken) {
                (None, _) => Some(What::Link(link.target.clone())),
                (Some(_), moved) => moved,
            };
            puts.extend(what.map(|what| Put {
                path,
                what,
                over: None,
            }));
        }
    }
}

/// The regular file of the base that new contents replace in one step. What is only moved there is no contents.
fn replaced(visit: &Visit<'_>, moved: &HashMap<&str, &Node>) -> Option<Over> {
    let home = visit.home.as_deref()?;
    match (&visit.slot.base, visit.node) {
        (Some(Was::File(version)), Some((_, Node::File(FileNode { blob: Some(_), .. }))))
            if !visit.is_in_place() && !moved.contains_key(home) =>
        {
            Some(Over {
                path: home.to_owned(),
                version: *version,
            })
        }
        _ => None,
    }
}

/// With the permissions of the file that it came from: what is in its new place has others.
fn brought(file: &FileNode) -> Attributes {
    let mode = file.origin.as_ref().and_then(|origin| origin.mode);
    Attributes {
        mode: file.attributes.mode.or(mode),
        ..file.attributes
    }
}

fn origin(file: &FileNode) -> Option<Over> {
    file.origin.as_ref().map(|origin| Over {
        path: origin.path.clone(),
        version: origin.version,
    })
}

fn attributes(path: String, attributes: Attributes, over: Option<Over>) -> Put {
    Put {
        path,
        what: What::Attributes(attributes),
        over,
    }
}

/// What the node knows of what it was, and what was noted where it was: the one that has seen the contents.
fn best(was: Was, noted: Option<Was>) -> Was {
    match (&was, noted) {
        (
            Was::File(Version { digest: None, .. }),
            Some(
                noted @ Was::File(Version {
                    digest: Some(_), ..
                }),
            ),
        ) => noted,
        _ => was,
    }
}

/// How many names it has.
fn depth(path: &str) -> usize {
    path.split('/').count()
}
