//! One operation, on capfs and in memory, and what came of it compared.

use crate::bytes::Bytes;
use crate::drive::{Call, OPERATIONS, Open, Pair, log};
use crate::memory::Node;
use crate::shown::seen;
use bailiwick_capfs::{ErrorCode, Expect, GuestPath, Kind, Writes};
use std::collections::BTreeMap;

/// Whether the operation succeeded, in both; or how they differ.
pub(crate) type Told = Result<bool, String>;

fn same<T: PartialEq + std::fmt::Debug>(
    what: String,
    got: Result<T, ErrorCode>,
    wanted: Result<T, ErrorCode>,
) -> Told {
    let outcome = got.as_ref().err().map_or("ok", |error| error.name());
    log(format!("{what}: {outcome}"));
    if got == wanted {
        return Ok(got.is_ok());
    }
    Err(format!("{what}: capfs {got:?}, memory {wanted:?}"))
}

/// Do one operation in both.
pub(crate) fn one(pair: &mut Pair, call: &mut Call, bytes: &mut Bytes) -> Told {
    let code = bytes.byte() % OPERATIONS as u8;
    match code {
        0..=11 => on_name(pair, call, bytes, code),
        12..=15 => open(pair, call, bytes),
        16..=23 => on_file(pair, call, bytes, code),
        24..=28 => look(pair, call, bytes, code),
        29 => {
            call.open.clear();
            if pair.volume.writes() != Writes::Direct {
                log("savepoint".to_owned());
                call.saved = Some((call.layer.savepoint(), pair.memory.clone()));
            }
            Ok(call.saved.is_some())
        }
        30 => {
            call.open.clear();
            let Some((savepoint, memory)) = call.saved.take() else {
                return Ok(false);
            };
            log("restore".to_owned());
            call.layer.restore(savepoint);
            pair.memory = memory;
            Ok(true)
        }
        _ => unreachable!("a call's end is dealt with before"),
    }
}

fn parse(text: &str) -> Result<GuestPath, ErrorCode> {
    GuestPath::parse(text)
}

/// Operations on names.
fn on_name(pair: &mut Pair, call: &mut Call, bytes: &mut Bytes, code: u8) -> Told {
    let known = pair.memory.all();
    let (dir, memory) = (&call.dir, &mut pair.memory);
    let at = bytes.path(known.keys());
    let of = |act: &mut dyn FnMut(&GuestPath) -> Result<(), ErrorCode>| {
        parse(&at).and_then(|path| act(&path))
    };
    match code {
        0 | 1 => same(
            format!("make-dir {at}"),
            dir.make_dir(&at),
            of(&mut |at| memory.make_dir(at)),
        ),
        2 => same(
            format!("create-dir {at}"),
            dir.create_dir(&at),
            of(&mut |at| memory.create_dir(at)),
        ),
        3 => {
            let target = bytes.target();
            let wanted = of(&mut |at| memory.make_link(&target, at));
            same(
                format!("make-link {target} {at}"),
                dir.make_link(&target, &at),
                wanted,
            )
        }
        4..=7 => {
            let (to, replace) = (bytes.path(known.keys()), bytes.flag());
            let wanted = of(&mut |at| memory.rename(at, &parse(&to)?, replace));
            same(
                format!("rename {at} {to} {replace}"),
                dir.rename(&at, dir, &to, replace),
                wanted,
            )
        }
        8 => same(
            format!("remove-file {at}"),
            dir.remove_file(&at),
            of(&mut |at| memory.remove(at, false, true, false)),
        ),
        9 => same(
            format!("remove-dir {at}"),
            dir.remove_dir(&at),
            of(&mut |at| memory.remove(at, true, false, false)),
        ),
        10 => same(
            format!("remove {at}"),
            dir.remove(&at, false),
            of(&mut |at| memory.remove(at, true, true, false)),
        ),
        _ => same(
            format!("remove-tree {at}"),
            dir.remove(&at, true),
            of(&mut |at| memory.remove(at, true, true, true)),
        ),
    }
}

/// Open or create a file, and keep it open.
fn open(pair: &mut Pair, call: &mut Call, bytes: &mut Bytes) -> Told {
    let known = pair.memory.all();
    let memory = &mut pair.memory;
    let (at, nofollow) = (bytes.path(known.keys()), bytes.flag());
    let expect = [
        Expect::Either,
        Expect::New,
        Expect::Existing,
        Expect::Either,
    ][bytes.below(4)];
    let got = call.dir.create_file(&at, expect, nofollow);
    let wanted = parse(&at)
        .and_then(|at| memory.target(&at, expect, nofollow))
        .map(|(spot, found)| {
            let id = found.unwrap_or_else(|| {
                let id = memory.add(Node::File(Vec::new()));
                memory.put(&spot, id);
                id
            });
            (spot, id)
        });
    let what = format!("create-file {at} {expect:?} nofollow {nofollow}");
    same(
        what,
        got.as_ref().map(|_| ()).map_err(|error| *error),
        wanted.as_ref().map(|_| ()).map_err(|error| *error),
    )?;
    if let (Ok(write), Ok((spot, id))) = (got, wanted) {
        if call.open.len() == 8 {
            call.open.remove(0);
        }
        let read = write.as_read();
        call.open.push(Open {
            write,
            read,
            id,
            spot,
        });
        return Ok(true);
    }
    Ok(false)
}

/// Operations on a file that is open.
fn on_file(pair: &mut Pair, call: &mut Call, bytes: &mut Bytes, code: u8) -> Told {
    if call.open.is_empty() {
        return Ok(false);
    }
    let which = bytes.below(call.open.len());
    let Open {
        write,
        read,
        id,
        spot,
    } = &mut call.open[which];
    let memory = &mut pair.memory;
    match code {
        16..=18 => {
            let (offset, text) = (bytes.offset(), bytes.text());
            let got = write.write(offset, &text);
            let end = offset
                .checked_add(text.len() as u64)
                .filter(|end| *end <= i64::MAX as u64);
            let wanted = match end {
                _ if text.is_empty() => Ok(()),
                None => Err(ErrorCode::FileTooLarge),
                Some(end) if end > 1 << 30 => Err(ErrorCode::Quota),
                Some(end) => {
                    let file = memory.file(*id);
                    let (from, end) = (offset as usize, end as usize);
                    file.resize(file.len().max(end), 0);
                    file[from..end].copy_from_slice(&text);
                    Ok(())
                }
            };
            same(format!("write {offset} {}", text.len()), got, wanted)
        }
        19 => {
            let text = bytes.text();
            memory.file(*id).extend(&text);
            same("append".to_owned(), write.append(&text), Ok(()))
        }
        20 => {
            let size = bytes.offset();
            let wanted = match size {
                0..=0x4000_0000 => {
                    memory.file(*id).resize(size as usize, 0);
                    Ok(())
                }
                _ if size > i64::MAX as u64 => Err(ErrorCode::FileTooLarge),
                _ => Err(ErrorCode::Quota),
            };
            same(format!("set-size {size}"), write.set_size(size), wanted)
        }
        21 => {
            let text = bytes.text();
            let got = write.replace(&text);
            // With direct writes it is a new file for this handle, as long as the name is still the file's.
            if pair.volume.writes() == Writes::Direct && memory.at(spot) == Some(*id) {
                *id = memory.add(Node::File(text));
                memory.put(spot, *id);
            } else {
                *memory.file(*id) = text;
            }
            same("replace".to_owned(), got, Ok(()))
        }
        _ => {
            let (offset, most) = (bytes.offset(), bytes.byte());
            let file = memory.file(*id);
            let from = usize::try_from(offset)
                .unwrap_or(usize::MAX)
                .min(file.len());
            let to = (from + usize::from(most)).min(file.len());
            let wanted = Ok((file[from..to].to_vec(), file.len() as u64));
            let got = read
                .read(offset, most.into())
                .map(|chunk| (chunk.bytes, chunk.size));
            same(format!("read {offset} {most}"), got, wanted)?;
            same(
                "stat of it open".to_owned(),
                read.stat().map(|stat| stat.size),
                Ok(file.len() as u64),
            )
        }
    }
}

/// Operations that only look.
fn look(pair: &mut Pair, call: &mut Call, bytes: &mut Bytes, code: u8) -> Told {
    let (look, memory) = (&call.look, &pair.memory);
    let at = bytes.path(memory.all().keys());
    let node = |stay| parse(&at).and_then(|at| memory.node(&at, stay));
    let facts = |id| (memory.kind(id), memory.size(id));
    match code {
        24 => {
            let got = look.stat(&at).map(|stat| (stat.kind, stat.size));
            same(format!("stat {at}"), got, node(false).map(facts))?;
            let got = look.facts(&at, false).map(|facts| (facts.kind, facts.size));
            // A directory's size is the filesystem's business here.
            let got =
                got.map(|(kind, size)| (kind, if kind == Kind::Directory { 0 } else { size }));
            same(format!("facts {at}"), got, node(true).map(facts))
        }
        25 => {
            let wanted = node(true).and_then(|id| match &memory.nodes[id] {
                Node::Link(target) => Ok(target.clone()),
                _ => Err(ErrorCode::Invalid),
            });
            same(format!("read-link {at}"), look.read_link(&at), wanted)
        }
        26 => {
            let names = |id| match &memory.nodes[id] {
                Node::Dir(names) => Ok(names
                    .iter()
                    .map(|(name, id)| (name.clone(), memory.kind(*id)))
                    .collect()),
                _ => Err(ErrorCode::NotDirectory),
            };
            let wanted: Result<BTreeMap<_, _>, _> = node(false).and_then(names);
            let got = look.entries(&at).map(|all| {
                all.into_iter()
                    .map(|entry| (entry.name, entry.kind))
                    .collect()
            });
            same(format!("entries {at}"), got, wanted)
        }
        27 => {
            let wanted = node(false).and_then(|id| match &memory.nodes[id] {
                Node::File(bytes) => Ok(bytes.clone()),
                _ => Err(ErrorCode::IsDirectory),
            });
            let got = look
                .open_file(&at)
                .and_then(|file| file.read(0, u32::MAX))
                .map(|chunk| chunk.bytes);
            same(format!("open and read {at}"), got, wanted.clone())?;
            let several = look.read_files(&[at.clone(), at.clone()], u32::MAX);
            let several: Vec<_> = several
                .into_iter()
                .map(|chunk| chunk.map(|chunk| chunk.bytes))
                .collect();
            same(
                format!("read-files {at}"),
                Ok(several),
                Ok(vec![wanted.clone(), wanted]),
            )
        }
        _ => same(
            "the whole tree".to_owned(),
            Ok(seen(look)),
            Ok(memory.all()),
        ),
    }
}
