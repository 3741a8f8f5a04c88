//! What is charged for results: exactly what is there, for as long as it is there.

#![allow(
    clippy::disallowed_methods,
    reason = "tests look at what is on the disk"
)]

use super::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bailiwick_capfs::{
    Expect, Grant, Handles, Rights, State, Volume, VolumeOptions, Writes, ambient_authority,
};
use tempfile::TempDir;

use crate::bounded::{Stopped, Watch};
use crate::call::Shared;
use crate::copies::{Copies, NotCopied};
use crate::files::{Dropped, Files};
use crate::layers::{Layers, WritePlace};

const ROOM: Amount = Amount {
    bytes: 100,
    entries: 6,
};

/// A session's files: results, and `/workspace` with `dir` in it, which has five files of ten bytes.
struct Bench {
    files: Files,
    workspace: Capability,
    _folder: TempDir,
}

fn capability(name: &str, volume: Volume) -> Capability {
    let handles = Handles::default();
    let id = handles.grant(name, volume);
    handles.get(id).expect("it was just granted")
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("state");
        let (state, _) = State::open_ambient(&state, ambient_authority()).expect("a state folder");
        let volume = |name: &str, grant, writes| {
            let quota = QUOTA;
            let options = VolumeOptions { writes, quota };
            Volume::new(name, grant, options, Some(&state)).expect("a volume")
        };
        let room = state.room(NAME).expect("a room");
        let grant = room.grant(Rights::READ_WRITE).expect("a grant");
        let all = capability(NAME, volume(NAME, grant, Writes::Direct));
        let inside = folder.path().join("inside");
        std::fs::create_dir_all(inside.join("dir")).expect("a folder");
        for name in 0..5 {
            let file = inside.join("dir").join(name.to_string());
            std::fs::write(file, "0123456789").expect("a file");
        }
        let grant = Grant::open_ambient(&inside, Rights::READ_WRITE, ambient_authority());
        let grant = grant.expect("it can be granted");
        let workspace = capability("workspace", volume("workspace", grant, Writes::Apply));
        let files = Files::new(Some(state));
        files.set_results(Results::new(room, all));
        Self {
            files,
            workspace,
            _folder: folder,
        }
    }

    fn results(&self) -> &Results {
        self.files.results().expect("there are some")
    }

    /// Files with how many bytes, and none for directories, as they are on the disk.
    fn there(&self) -> BTreeMap<String, Option<u64>> {
        let room = self.results().room.path();
        let mut there = BTreeMap::new();
        below(room, room, &mut there);
        there
    }

    /// What is charged, which is exactly what is there.
    #[track_caller]
    fn charged(&self) -> Amount {
        let there = self.there();
        let used = self.results().all.ledger().used();
        let expected = Amount {
            bytes: there.values().flatten().sum(),
            entries: there.len() as u64,
        };
        assert_eq!(used, expected, "{there:?}");
        used
    }

    /// A call that changed something and failed.
    fn fails(&self, call: &str, act: impl FnOnce(&WriteDir)) -> Dropped {
        let place = WritePlace {
            volume: self.workspace.volume().clone(),
            path: GuestPath::default(),
        };
        let mut layers = Layers::try_lock(&[place]).expect("nobody else");
        let layer = layers.of(&self.workspace);
        act(&layer
            .write_dir(&self.workspace, &GuestPath::default())
            .expect("it can be written"));
        self.files.discard(layers, call)
    }

    /// What a call is told that returns `dir`, with so much room for that.
    fn returns(&self, call: &str, room: Amount, watch: &Watch) -> Result<String, NotCopied> {
        let layer = self.workspace.volume().begin(None);
        let path = GuestPath::parse("dir").expect("it is a path");
        let dir = match layer.resolve_read(&self.workspace, &path) {
            Ok(bailiwick_capfs::Resolved::Dir(dir)) => dir,
            other => panic!("{other:?}"),
        };
        let folder = self.results().folder(call, room).expect("there is room");
        Copies::new(folder).directory(&dir, watch)
    }
}

fn below(folder: &Path, top: &Path, found: &mut BTreeMap<String, Option<u64>>) {
    for entry in std::fs::read_dir(folder).expect("it can be listed") {
        let path = entry.expect("an entry").path();
        let facts = std::fs::symlink_metadata(&path).expect("it is there");
        let name = path.strip_prefix(top).expect("it is below").to_str();
        let size = facts.is_file().then_some(facts.len());
        found.insert(name.expect("a name").to_owned(), size);
        if facts.is_dir() {
            below(&path, top, found);
        }
    }
}

fn watch(time: Duration) -> Watch {
    Watch::new(Instant::now() + time, Arc::new(Shared::default()))
}

fn write(dir: &WriteDir, path: &str, text: &str) {
    let file = dir.open_file(path, Expect::New).expect("it is new");
    file.replace(text.as_bytes()).expect("there is room");
}

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn what_was_returned_is_charged_until_it_is_swept() {
    let bench = Bench::new();
    for call in ["c1", "c2"] {
        let room = Amount {
            bytes: 50,
            entries: 7,
        };
        let name = bench
            .returns(call, room, &watch(MINUTE))
            .expect("exactly that fits");
        assert_eq!(name, format!("/results/{call}/dir"));
    }
    assert_eq!(
        bench.charged(),
        Amount {
            bytes: 100,
            entries: 14
        }
    );
    bench.results().sweep(MINUTE);
    assert_eq!(bench.charged().entries, 14);
    bench.results().forget("c1");
    assert_eq!(bench.charged().entries, 7);
    bench.results().sweep(Duration::ZERO);
    assert_eq!(bench.charged(), Amount::default());
}

#[test]
fn a_copy_that_does_not_fit_or_is_stopped_takes_no_room_when_it_is_gone() {
    let bench = Bench::new();
    let bytes = Amount {
        bytes: 49,
        entries: 7,
    };
    let names = Amount {
        bytes: 50,
        entries: 6,
    };
    for (room, time, expected) in [
        (bytes, MINUTE, NotCopied::Refused(ErrorCode::Quota)),
        (names, MINUTE, NotCopied::Refused(ErrorCode::Quota)),
        (ROOM, Duration::ZERO, NotCopied::Stopped(Stopped::Deadline)),
    ] {
        assert_eq!(bench.returns("c1", room, &watch(time)), Err(expected));
        assert!(bench.charged().entries > 0);
        bench.results().forget("c1");
        assert_eq!(bench.charged(), Amount::default());
    }
}

#[test]
fn what_failed_calls_had_written_is_charged_until_it_is_swept() {
    let bench = Bench::new();
    for call in ["c1", "c2", "c3"] {
        let dropped = bench.fails(call, |dir| {
            dir.create_dir("new/empty").expect("it is made");
            write(dir, "new/made", "half done");
            dir.remove("dir", true).expect("it is there");
        });
        assert_eq!(dropped.kept, Some(format!("/results/{call}/discarded")));
        assert_eq!((dropped.left_out, dropped.changes.len()), (0, 4));
    }
    // The folder of the call, `discarded`, `workspace`, `new`, `made`.
    assert_eq!(
        bench.charged(),
        Amount {
            bytes: 27,
            entries: 15
        }
    );
    bench.results().sweep(Duration::ZERO);
    assert_eq!(bench.charged(), Amount::default());
}

/// A tool that fails on purpose does not fill the disk, nor what others return to.
#[test]
fn what_failed_calls_had_written_ends_at_its_room() {
    let bench = Bench::new();
    let results = bench.results();
    let taken = Amount {
        bytes: DISCARDS.bytes - 10,
        entries: DISCARDS.entries - 7,
    };
    results.discards.charge(taken).expect("it is empty");
    let fails = |call: &str| {
        bench.fails(call, |dir| {
            write(dir, "a", "01234567890");
            write(dir, "b", "0123456789");
            write(dir, "c", "");
            write(dir, "d", "");
        })
    };
    let dropped = fails("c1");
    assert_eq!(dropped.kept.as_deref(), Some("/results/c1/discarded"));
    assert_eq!((dropped.left_out, dropped.changes.len()), (1, 4));
    let there: Vec<String> = bench.there().into_keys().collect();
    let expected = [
        "",
        "/discarded",
        "/discarded/workspace",
        "/discarded/workspace/b",
        "/discarded/workspace/c",
        "/discarded/workspace/d",
    ];
    assert_eq!(there, expected.map(|path| format!("c1{path}")));
    // One name is left, and that is not enough for a folder.
    let dropped = fails("c2");
    assert_eq!(
        (dropped.kept, dropped.left_out, dropped.changes.len()),
        (None, 4, 4)
    );
    assert_eq!(bench.there().len(), 6);
    bench
        .returns("c3", QUOTA, &watch(MINUTE))
        .expect("there is room");
    results.sweep(Duration::ZERO);
    assert!(bench.there().is_empty());
    results.discards.give_back(taken);
    assert_eq!(bench.charged(), Amount::default());
}

#[test]
fn what_a_call_returned_goes_when_it_is_not_taken_over() {
    let bench = Bench::new();
    bench
        .returns("c1", QUOTA, &watch(MINUTE))
        .expect("there is room");
    let dropped = bench.fails("c1", |dir| write(dir, "a", "a"));
    assert_eq!(dropped.kept.as_deref(), Some("/results/c1/discarded"));
    assert_eq!(
        bench.charged(),
        Amount {
            bytes: 1,
            entries: 4
        }
    );
}
