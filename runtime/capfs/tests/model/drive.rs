//! Calls on capfs and in memory, side by side, made of bytes.

use crate::bytes::Bytes;
use crate::memory::{Id, Memory, Node, Spot};
use crate::operations::one;
use crate::shown::{on_disk, seen};
use bailiwick_capfs::{
    Amount, Capability, Expect, Grant, GuestPath, Handles, Layer, ReadDir, ReadFile, Resolved,
    Rights, Savepoint, State, Volume, VolumeOptions, WriteDir, WriteFile, Writes,
    ambient_authority, commit, discard,
};
use std::cell::RefCell;
use std::fs;
use tempfile::TempDir;

/// A file that is open in both.
pub(crate) struct Open {
    pub(crate) write: WriteFile,
    pub(crate) read: ReadFile,
    pub(crate) id: Id,
    /// The name that it was opened by.
    pub(crate) spot: Spot,
}

/// Kinds of operations.
pub(crate) const OPERATIONS: usize = 32;

/// A call, and what it has open.
pub(crate) struct Call {
    pub(crate) layer: Layer,
    pub(crate) dir: WriteDir,
    pub(crate) look: ReadDir,
    pub(crate) open: Vec<Open>,
    pub(crate) saved: Option<(Savepoint, Memory)>,
}

/// A session on capfs, and one in memory.
pub(crate) struct Pair {
    base: TempDir,
    _state: TempDir,
    pub(crate) volume: Volume,
    capability: Capability,
    /// What the base is.
    on_disk: Memory,
    /// What the next call begins with.
    session: Memory,
    /// What the call sees.
    pub(crate) memory: Memory,
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

/// Note what is done.
pub(crate) fn log(what: String) {
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

fn path(text: &str) -> GuestPath {
    GuestPath::parse(text).unwrap()
}
