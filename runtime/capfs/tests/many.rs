//! A directory tree with more names than anything may be done with at once. In a program of its own, since it looks
//! at the memory of the process.
#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "a test makes its own files, and has failed when it cannot"
)]

use bailiwick_capfs::state::fingerprint;
use bailiwick_capfs::{
    Amount, ErrorCode, Grant, GuestPath, Handles, Rights, Scope, State, Volume, VolumeOptions,
    Writes, ambient_authority, bounds, commit,
};
use cap_std::fs::Dir;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const DIRS: usize = 12;
const EACH: usize = bounds::LISTING;

/// Bytes that looking at all of it may take: as much as a walk holds, the names of [`bounds::SUBTREE`], and a little.
const MEMORY: u64 = 48 << 20;

/// In memory, where there is room for them that can be granted: `big` with directories of many names each.
fn tree() -> TempDir {
    let memory = tempfile::tempdir_in("/dev/shm").ok();
    let open = |dir: &TempDir| Grant::open_ambient(dir.path(), Rights::READ, ambient_authority());
    let whole = memory.filter(|dir| open(dir).is_ok());
    let whole = whole.unwrap_or_else(|| tempfile::tempdir().unwrap());
    for dir in 0..DIRS {
        let dir = whole.path().join("base/big").join(format!("{dir:02}"));
        fs::create_dir_all(&dir).unwrap();
        // Links to one file are quick to make.
        let first = dir.join("0000");
        fs::write(&first, "x").unwrap();
        for name in 1..EACH {
            fs::hard_link(&first, dir.join(format!("{name:04}"))).unwrap();
        }
    }
    whole
}

/// How many names there are below a directory.
fn count(dir: &Path) -> usize {
    let entries = fs::read_dir(dir).unwrap().map(Result::unwrap);
    let below = |entry: fs::DirEntry| match entry.file_type().unwrap().is_dir() {
        true => 1 + count(&entry.path()),
        false => 1,
    };
    entries.map(below).sum()
}

/// The most memory that the process ever had.
fn most() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib: u64 = line
        .unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    kib << 10
}

#[test]
fn is_walked_in_pages_and_changed_in_parts_only() {
    let whole = tree();
    let base = whole.path().join("base");
    let names = DIRS * (EACH + 1) + 1;
    assert_eq!(count(&base), names);
    let before = most();
    for writes in [Writes::Direct, Writes::Review, Writes::Apply] {
        check(whole.path(), writes);
        let left = match writes {
            Writes::Apply => names - EACH - 1,
            _ => names,
        };
        assert_eq!(count(&base), left, "{writes:?}");
    }
    let big = Dir::open_ambient_dir(base.join("big"), ambient_authority()).unwrap();
    assert_eq!(fingerprint(&big), Err(ErrorCode::Overflow));
    let more = most() - before;
    assert!(more < MEMORY, "{} KiB", more >> 10);
}

fn check(whole: &Path, writes: Writes) {
    let (state, _) = State::open_ambient(&whole.join("state"), ambient_authority()).unwrap();
    let grant = Grant::open_ambient(&whole.join("base"), Rights::READ_WRITE, ambient_authority());
    let quota = Amount {
        bytes: 1 << 20,
        entries: 100,
    };
    let options = VolumeOptions { writes, quota };
    let volume = Volume::new("g", grant.unwrap(), options, Some(&state)).unwrap();
    let handles = Handles::default();
    let capability = handles.get(handles.grant("g", volume.clone())).unwrap();
    let all = GuestPath::default();
    let layer = volume.begin(volume.try_lock(std::slice::from_ref(&all)));
    let dir = layer.write_dir(&capability, &all).unwrap();

    let mut walker = dir.as_read().walk("", &Scope::default()).unwrap();
    let (mut seen, mut skipped) = (0, 0);
    loop {
        let page = walker.next(u32::MAX).unwrap();
        assert!(page.entries.len() <= bounds::PAGE as usize);
        (seen, skipped) = (seen + page.entries.len(), skipped + page.skipped);
        if !page.more {
            break;
        }
    }
    assert_eq!((seen, skipped), (DIRS * (EACH + 1) + 1, 0));

    // Refused as a whole, by the same word, and nothing of it is done.
    let overflow = Err(ErrorCode::Overflow);
    assert_eq!(dir.remove("big", true), overflow, "{writes:?}");
    assert_eq!(
        dir.rename("big", &dir, "other", false),
        overflow,
        "{writes:?}"
    );
    // Those that are about one directory do not look at what is below it.
    let full = Err(ErrorCode::NotEmpty);
    assert_eq!(dir.remove("big", false), full, "{writes:?}");
    assert_eq!(dir.remove_dir("big"), full, "{writes:?}");
    dir.make_dir("new").unwrap();
    assert_eq!(dir.rename("new", &dir, "big", true), full, "{writes:?}");
    dir.remove_dir("new").unwrap();
    assert!(layer.changes().is_empty(), "{:?}", layer.changes());
    if writes == Writes::Direct {
        return;
    }
    // In parts, to where the base has more than can be looked at again.
    dir.remove("big/00", true).unwrap();
    if writes == Writes::Apply {
        drop(dir);
        assert_eq!(commit(vec![layer], "a part").unwrap().changes.len(), 1);
        return;
    }
    for part in 1..DIRS {
        dir.remove(&format!("big/{part:02}"), true).unwrap();
    }
    assert_eq!(dir.remove_dir("big"), overflow, "{writes:?}");
}
