//! The same operations on capfs and in memory, and what came of them compared.

use crate::bytes::Bytes;
use crate::memory::{Id, Memory, Node, Spot};
use bailiwick_capfs::{
    Amount, Capability, ErrorCode, Expect, Grant, GuestPath, Handles, Kind, Layer, ReadDir,
    ReadFile, Resolved, Rights, Savepoint, State, Volume, VolumeOptions, WriteDir, WriteFile,
    Writes, ambient_authority, commit, discard,
};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A file that is open in both.
struct Open {
    write: WriteFile,
    read: ReadFile,
    id: Id,
    /// The name that it was opened by.
    spot: Spot,
}

/// Kinds of operations.
pub(crate) const OPERATIONS: usize = 32;

struct Call {
    layer: Layer,
    dir: WriteDir,
    look: ReadDir,
    open: Vec<Open>,
    saved: Option<(Savepoint, Memory)>,
}

struct Pair {
    base: TempDir,
    _state: TempDir,
    volume: Volume,
    capability: Capability,
    /// What the base is.
    on_disk: Memory,
    /// What the next call begins with.
    session: Memory,
    /// What the call sees.
    memory: Memory,
}

/// Interpret `data` as a way of writing and operations, do them in both, and compare.
///
/// Returns how often each operation succeeded.
///
/// # Panics
///
/// When capfs does something else.
pub(crate) fn check(data: &[u8]) -> [usize; OPERATIONS] {
    let mut bytes = Bytes(data);
    let writes = [Writes::Apply, Writes::Review, Writes::Direct][bytes.below(3)];
    let mut pair = Pair::new(writes);
    let mut call = pair.begin();
    let mut done = [0; OPERATIONS];
    for step in 0..300 {
        if bytes.is_empty() {
            break;
        }
        let before = bytes.0;
        if usize::from(bytes.0[0]) % OPERATIONS == OPERATIONS - 1 {
            done[OPERATIONS - 1] += 1;
            bytes.byte();
            let well = bytes.byte() % 4 != 0;
            pair.end(call, well);
            if writes == Writes::Review && bytes.flag() {
                pair.apply();
            }
            call = pair.begin();
            continue;
        }
        let code = usize::from(bytes.0[0]) % OPERATIONS;
        match one(&mut pair, &mut call, &mut bytes) {
            Ok(succeeded) => done[code] += usize::from(succeeded),
            Err(what) => panic!(
                "{writes:?}, step {step}, {:?}: {what}\nin memory: {:#?}",
                &before[..before.len() - bytes.0.len()],
                pair.memory.all()
            ),
        }
    }
    pair.end(call, true);
    if writes == Writes::Review {
        pair.apply();
    }
    pair.compare_base();
    done
}

impl Pair {
    fn new(writes: Writes) -> Self {
        let (base, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut memory = Memory::new();
        for dir in ["a", "a/b", "c"] {
            fs::create_dir(base.path().join(dir)).unwrap();
            memory.make_dir(&path(dir)).unwrap();
        }
        for file in ["f", "a/f", "a/b/g", "c/g"] {
            fs::write(base.path().join(file), file).unwrap();
            let (spot, _) = memory.target(&path(file), Expect::New, true).unwrap();
            let id = memory.add(Node::File(file.into()));
            memory.put(&spot, id);
        }
        for (link, target) in [("l", "a/b"), ("a/l", "../f"), ("c/l", "../../out")] {
            std::os::unix::fs::symlink(target, base.path().join(link)).unwrap();
            let (spot, _) = memory.target(&path(link), Expect::New, true).unwrap();
            let id = memory.add(Node::Link(target.to_owned()));
            memory.put(&spot, id);
        }
        let (folder, _) = State::open_ambient(state.path(), ambient_authority()).unwrap();
        let grant =
            Grant::open_ambient(base.path(), Rights::READ_WRITE, ambient_authority()).unwrap();
        let quota = Amount {
            bytes: 1 << 30,
            entries: 1 << 20,
        };
        let volume =
            Volume::new("g", grant, VolumeOptions { writes, quota }, Some(&folder)).unwrap();
        let handles = Handles::default();
        let capability = handles.get(handles.grant("g", volume.clone())).unwrap();
        Self {
            base,
            _state: state,
            volume,
            capability,
            on_disk: memory.clone(),
            session: memory.clone(),
            memory,
        }
    }

    fn begin(&mut self) -> Call {
        self.memory = self.session.clone();
        let locked = self.volume.try_lock(&[GuestPath::default()]).unwrap();
        let layer = self.volume.begin(Some(locked));
        let dir = layer
            .write_dir(&self.capability, &GuestPath::default())
            .unwrap();
        let look = match layer
            .resolve_read(&self.capability, &GuestPath::default())
            .unwrap()
        {
            Resolved::Dir(look) => look,
            Resolved::File(_) => panic!("the root is a directory"),
        };
        Call {
            layer,
            dir,
            look,
            open: Vec::new(),
            saved: None,
        }
    }

    /// End a call, well or not.
    fn end(&mut self, call: Call, well: bool) {
        log(format!("end of a call, well: {well}"));
        assert_eq!(seen(&call.look), self.memory.all(), "at the end of a call");
        let Call { layer, .. } = call;
        if well {
            commit(vec![layer], "model").unwrap();
        } else {
            discard(vec![layer], None);
        }
        if well || self.volume.writes() == Writes::Direct {
            self.session = self.memory.clone();
        }
        if self.volume.writes() != Writes::Review {
            self.on_disk = self.session.clone();
        }
        self.compare_base();
    }

    fn apply(&mut self) {
        log("apply what is pending".to_owned());
        self.volume.apply_pending(&[], "model").unwrap();
        assert!(self.volume.pending().is_empty());
        self.on_disk = self.session.clone();
        self.compare_base();
    }

    fn compare_base(&self) {
        assert_eq!(
            on_disk(self.base.path()),
            self.on_disk.all(),
            "{:?}: the base",
            self.volume.writes()
        );
    }
}

thread_local! {
    /// What was done so far.
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn log(what: String) {
    LOG.with_borrow_mut(|log| log.push(what));
}

/// Tells what was done before it failed.
impl Drop for Pair {
    fn drop(&mut self) {
        let log = LOG.take();
        if std::thread::panicking() {
            eprintln!("{:?}\n{}", self.volume.writes(), log.join("\n"));
        }
    }
}

/// Whether the operation succeeded, in both; or how they differ.
type Told = Result<bool, String>;

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
fn one(pair: &mut Pair, call: &mut Call, bytes: &mut Bytes) -> Told {
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

fn path(text: &str) -> GuestPath {
    parse(text).unwrap()
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

/// All that a handle shows.
fn seen(look: &ReadDir) -> BTreeMap<String, String> {
    let (mut all, mut left) = (BTreeMap::new(), vec![String::new()]);
    while let Some(at) = left.pop() {
        for entry in look.entries(&at).unwrap() {
            let path = format!("{at}{}", entry.name);
            let what = match entry.kind {
                Kind::Directory => {
                    left.push(format!("{path}/"));
                    "directory".to_owned()
                }
                Kind::Symlink => format!("link {}", look.read_link(&path).unwrap()),
                Kind::File => {
                    let chunk = look
                        .open_file_nofollow(&path)
                        .unwrap()
                        .read(0, u32::MAX)
                        .unwrap();
                    format!("file {}", String::from_utf8_lossy(&chunk.bytes))
                }
                Kind::Other => panic!("{path} is something else"),
            };
            all.insert(path, what);
        }
    }
    all
}

/// All that is in a folder on disk.
fn on_disk(folder: &Path) -> BTreeMap<String, String> {
    let (mut all, mut left) = (BTreeMap::new(), vec![(String::new(), folder.to_path_buf())]);
    while let Some((at, folder)) = left.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let (path, kind) = (format!("{at}{name}"), entry.file_type().unwrap());
            if name.starts_with(".bailiwick-") {
                continue;
            }
            let what = if kind.is_dir() {
                left.push((format!("{path}/"), entry.path()));
                "directory".to_owned()
            } else if kind.is_symlink() {
                format!("link {}", fs::read_link(entry.path()).unwrap().display())
            } else {
                format!(
                    "file {}",
                    String::from_utf8_lossy(&fs::read(entry.path()).unwrap())
                )
            };
            all.insert(path, what);
        }
    }
    all
}
