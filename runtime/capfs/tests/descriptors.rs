//! How many descriptors are open at a time. In a program of its own, since it counts those of the process.
#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "a test makes its own files, and has failed when it cannot"
)]

use bailiwick_capfs::{
    Amount, Expect, Folder, Grant, GuestPath, Handles, Layer, Ledger, Resolved, Rights, Salvage,
    Scope, State, Volume, VolumeOptions, WriteDir, Writes, ambient_authority, bounds, commit,
    discard,
};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// One test at a time: they count what the whole process has open.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn open() -> usize {
    // Less the one that lists them.
    std::fs::read_dir("/proc/self/fd").unwrap().count() - 1
}

#[test]
fn few_and_all_given_back() {
    let _alone = alone();
    let whole = tempfile::tempdir().unwrap();
    let deep = vec!["d"; bounds::WALK_DEPTH as usize + 10].join("/");
    std::fs::create_dir_all(whole.path().join(&deep)).unwrap();
    for (end, _) in deep.match_indices('/') {
        // So that a walk comes back to each of them.
        std::fs::write(whole.path().join(&deep[..end]).join("z"), "z").unwrap();
    }
    std::fs::write(whole.path().join(&deep).join("x"), "x").unwrap();
    let before = open();
    {
        let authority = ambient_authority();
        let grant = Grant::open_ambient(whole.path(), Rights::READ, authority).unwrap();
        assert_eq!(open(), before + 1, "a grant is one");
        let options = VolumeOptions {
            writes: Writes::Direct,
            quota: Amount::default(),
        };
        let volume = Volume::new("g", grant, options, None).unwrap();
        let handles = Handles::default();
        let capability = handles.get(handles.grant("g", volume.clone())).unwrap();
        let layer = volume.begin(None);
        assert_eq!(open(), before + 1, "a volume and a layer need none");
        let resolved = layer
            .resolve_read(&capability, &GuestPath::parse(&deep).unwrap())
            .unwrap();
        assert_eq!(open(), before + 2, "a handle is one more");
        drop(resolved);
        let Resolved::Dir(dir) = layer
            .resolve_read(&capability, &GuestPath::default())
            .unwrap()
        else {
            panic!("it is a directory");
        };
        assert_eq!(open(), before + 1, "the grant itself is shared");
        let file = dir.open_file(&format!("{deep}/x")).unwrap();
        assert_eq!(open(), before + 2);
        drop(file);
        let mut walker = dir
            .walk(
                "",
                &Scope {
                    ignore: true,
                    ..Scope::default()
                },
            )
            .unwrap();
        while walker.next(1).unwrap().more {
            // One of them is the grant's.
            assert!(open() <= before + bounds::WALK_OPEN);
        }
        drop(walker.next(1).unwrap());
        assert_eq!(open(), before + 1, "a walk that has ended holds none");
        let mut walker = dir.walk("", &Scope::default()).unwrap();
        drop(walker.next(9).unwrap());
        assert!(open() > before + 1);
        drop(walker);
        // Below the handle, where it began is one of its own.
        let mut walker = dir.walk("d/d", &Scope::default()).unwrap();
        let mut most = 0;
        while walker.next(1).unwrap().more {
            most = most.max(open() - before - 1);
        }
        assert_eq!(most, bounds::WALK_OPEN);
    }
    assert_eq!(open(), before);
}

/// More than a process may have open where nobody raised that.
const FILES: usize = 2000;

/// What one volume may have open for any number of files: those of the contents, a handle, and what is in use at the
/// moment.
const FEW: usize = bounds::CONTENTS_OPEN + 16;

const QUOTA: Amount = Amount {
    bytes: 1 << 20,
    entries: 4096,
};

fn name(n: usize) -> String {
    format!("d/{n}")
}

/// The most that is open at a time while something is done.
fn most<T>(act: impl FnOnce() -> T) -> (T, usize) {
    /// Ends the looking, also when what is looked at fails.
    struct Done<'a>(&'a AtomicBool);
    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Release);
        }
    }
    let (done, before) = (AtomicBool::new(false), open());
    thread::scope(|scope| {
        let looks = scope.spawn(|| {
            let mut most = before;
            while !done.load(Ordering::Acquire) {
                most = most.max(open());
                thread::sleep(Duration::from_millis(5));
            }
            most
        });
        let ends = Done(&done);
        let result = act();
        drop(ends);
        (result, looks.join().unwrap())
    })
}

fn volume(base: &Path, state: &State, writes: Writes) -> Volume {
    let grant = Grant::open_ambient(base, Rights::READ_WRITE, ambient_authority()).unwrap();
    let quota = QUOTA;
    Volume::new("g", grant, VolumeOptions { writes, quota }, Some(state)).unwrap()
}

fn begin(volume: &Volume) -> (Layer, WriteDir) {
    let handles = Handles::default();
    let capability = handles.get(handles.grant("g", volume.clone())).unwrap();
    let layer = volume.begin(volume.try_lock(&[GuestPath::default()]));
    let dir = layer.write_dir(&capability, &GuestPath::default()).unwrap();
    (layer, dir)
}

/// Change every file, each of them twice and not at once.
fn change(dir: &WriteDir) {
    for n in 0..FILES {
        let file = dir.open_file(&name(n), Expect::Existing).unwrap();
        file.set_size(0).unwrap();
    }
    for n in 0..FILES {
        let file = dir.open_file(&name(n), Expect::Existing).unwrap();
        file.append(format!("new {n}").as_bytes()).unwrap();
    }
    for n in 0..FILES {
        let file = dir.as_read().open_file(&name(n)).unwrap();
        assert_eq!(
            file.read(0, 99).unwrap().bytes,
            format!("new {n}").as_bytes()
        );
    }
}

/// A call that changes every file, and what it wrote is kept elsewhere.
fn fails(volume: &Volume, before: usize) {
    let (layer, dir) = begin(volume);
    let ((), during) = most(|| change(&dir));
    assert!(during <= before + FEW, "{during}, {before} before");
    drop(dir);
    let into = tempfile::tempdir().unwrap();
    let into = Folder::open_ambient_dir(into.path(), ambient_authority()).unwrap();
    let room = Ledger::new(QUOTA);
    let mut salvage = Salvage::new(&into, &room);
    let (dropped, during) = most(|| discard(vec![layer], Some(&mut salvage)));
    assert_eq!((dropped.len(), salvage.left_out()), (FILES, 0));
    assert!(during <= before + FEW, "{during}, {before} before");
    assert_eq!(into.read_to_string("g/d/7").unwrap(), "new 7");
}

#[test]
fn few_for_any_number_of_changed_files() {
    let _alone = alone();
    // In memory where that can be: what is applied is synced.
    let memory = tempfile::tempdir_in("/dev/shm");
    let folder = memory.or_else(|_| tempfile::tempdir()).unwrap();
    let base = folder.path().join("base");
    let old = || {
        for n in 0..FILES {
            fs::write(base.join(name(n)), "old").unwrap();
        }
    };
    let all_are = |new: bool| {
        (0..FILES).all(|n| {
            let wanted = if new {
                format!("new {n}")
            } else {
                "old".into()
            };
            fs::read_to_string(base.join(name(n))).unwrap() == wanted
        })
    };
    fs::create_dir_all(base.join("d")).unwrap();
    let start = open();
    let (state, _) =
        State::open_ambient(&folder.path().join("state"), ambient_authority()).unwrap();
    for writes in [Writes::Apply, Writes::Review] {
        old();
        let volume = volume(&base, &state, writes);
        let before = open();

        if writes == Writes::Apply {
            fails(&volume, before);
            assert_eq!(open(), before, "after a call that failed");
            assert!(all_are(false));
        }
        let (layer, dir) = begin(&volume);
        change(&dir);
        drop(dir);
        let (committed, during) = most(|| commit(vec![layer], "all").unwrap());
        assert_eq!(committed.changes.len(), FILES);
        assert!(
            during <= before + FEW,
            "{writes:?}: {during}, {before} before"
        );
        if writes == Writes::Review {
            assert!(open() <= before + bounds::CONTENTS_OPEN);
            // And for a process that finds them.
            let later = self::volume(&base, &state, writes);
            let found = open();
            assert!(
                found <= before + FEW + bounds::CONTENTS_OPEN,
                "{found}, {before} before"
            );
            assert_eq!(later.pending().len(), FILES);
            drop(later);
            let (_, during) = most(|| volume.apply_pending(&[], "accepted").unwrap());
            assert!(during <= before + FEW, "{during}, {before} before");
        }
        assert_eq!(open(), before, "{writes:?}: after a call that ended well");
        assert!(all_are(true));
    }
    drop(state);
    assert_eq!(open(), start);
}
