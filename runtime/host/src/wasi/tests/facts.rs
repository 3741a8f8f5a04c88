//! Facts about files: kinds, sizes, times, identity.

use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;
use wit::{Advice, DescriptorType as Kind, NewTimestamp};

use super::*;

fn at(seconds: u64, nanoseconds: u32) -> NewTimestamp {
    NewTimestamp::Timestamp(Datetime {
        seconds,
        nanoseconds,
    })
}

/// The hash of what a name stands for, links followed.
fn hash(guest: &mut Guest, path: &str) -> (u64, u64) {
    let root = guest.root;
    let hash = guest
        .state
        .metadata_hash_at(root.into(), FOLLOW, path.to_owned());
    let hash = guest.code(hash).expect("it is there");
    (hash.lower, hash.upper)
}

#[test]
fn stat_says_what_it_is() {
    for mut guest in Guest::writers() {
        let root = guest.root;
        let no = PathFlags::empty();
        for (path, flags, kind, size) in [
            ("file", no, Kind::RegularFile, 10),
            ("link", FOLLOW, Kind::RegularFile, 10),
            ("link", no, Kind::SymbolicLink, 4),
            ("dir", no, Kind::Directory, 0),
            ("way", FOLLOW, Kind::Directory, 0),
            (".", FOLLOW, Kind::Directory, 0),
        ] {
            let stat = guest.state.stat_at(root.into(), flags, path.to_owned());
            let stat = guest.code(stat).expect("it is there");
            assert_eq!((stat.type_, stat.size), (kind, size), "{path} {flags:?}");
            assert!(stat.link_count >= 1);
            assert!(stat.data_modification_timestamp.is_some());
        }
        for (path, kind, size) in [("file", Kind::RegularFile, 10), ("dir", Kind::Directory, 0)] {
            let fd = guest.open(path, none(), READ).expect("it is there");
            let stat = guest.state.stat(fd.into());
            let stat = guest.code(stat).expect("it is there");
            assert_eq!((stat.type_, stat.size), (kind, size), "{path}");
            let told = guest.state.get_type(fd.into());
            assert_eq!(guest.code(told), Ok(kind));
        }
        let stat = guest
            .state
            .stat_at(root.into(), no, String::new())
            .map(drop);
        assert_eq!(guest.code(stat), Err(ErrorCode::NoEntry));
    }
}

#[test]
fn a_hash_is_equal_for_one_file_whatever_is_done_to_its_contents() {
    for mut guest in Guest::writers() {
        assert_eq!(hash(&mut guest, "file"), hash(&mut guest, "link"));
        assert_eq!(hash(&mut guest, "dir"), hash(&mut guest, "way"));
        let all = ["file", "dir", "dir/inner", "."].map(|path| hash(&mut guest, path));
        let mut different = all.to_vec();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), all.len());
        assert!(all.iter().all(|(lower, upper)| lower != upper));

        let file = guest
            .open("file", none(), READ | WRITE)
            .expect("it is there");
        let before = hash(&mut guest, "file");
        guest
            .state
            .write(file.into(), b"x".to_vec(), 0)
            .expect("it fits");
        assert_eq!(hash(&mut guest, "file"), before, "written to");
        let own = guest.state.metadata_hash(file.into());
        let own = guest.code(own).expect("it is open");
        assert_eq!((own.lower, own.upper), before, "of the descriptor");
    }
}

#[test]
fn two_descriptors_of_one_file_are_the_same_object() {
    for mut guest in Guest::writers() {
        let fds = ["file", "link", "dir", "way", "dir/inner"]
            .map(|path| guest.open(path, none(), READ).expect("it is there"));
        let [file, link, dir, way, inner] = fds;
        let mut same = |a: Fd, b: Fd| {
            guest
                .state
                .is_same_object(a.into(), b.into())
                .expect("they are there")
        };
        assert!(same(file, link) && same(dir, way) && same(file, file));
        assert!(!same(file, inner) && !same(file, dir) && !same(dir, inner));
    }
}

#[test]
fn times_are_set_and_told() {
    for mut guest in Guest::writers() {
        let root = guest.root;
        let file = guest
            .open("file", none(), READ | WRITE)
            .expect("it is there");
        let set = guest.state.set_times(
            file.into(),
            NewTimestamp::NoChange,
            at(1_000, 1_500_000_000),
        );
        assert_eq!(guest.code(set), Ok(()));
        let stat = guest.state.stat(file.into());
        let modified = guest
            .code(stat)
            .expect("it is open")
            .data_modification_timestamp;
        let modified = modified.map(|time| (time.seconds, time.nanoseconds));
        assert_eq!(modified, Some((1_001, 500_000_000)));

        for path in ["file", "link", "dir", "."] {
            let set =
                guest
                    .state
                    .set_times_at(root.into(), FOLLOW, path.to_owned(), at(5, 0), at(6, 0));
            assert_eq!(guest.code(set), Ok(()), "{path}");
            let stat = guest.state.stat_at(root.into(), FOLLOW, path.to_owned());
            let stat = guest.code(stat).expect("it is there");
            let modified = stat.data_modification_timestamp.map(|time| time.seconds);
            assert_eq!(modified, Some(6), "{path}");
        }
        let set = guest
            .state
            .set_times(root.into(), NewTimestamp::Now, at(7, 0));
        assert_eq!(guest.code(set), Ok(()));
        for never in [at(u64::MAX, 0), at(u64::MAX, u32::MAX)] {
            let set = guest
                .state
                .set_times(file.into(), NewTimestamp::NoChange, never);
            assert_eq!(guest.code(set), Err(ErrorCode::Overflow));
        }
    }
}

#[test]
fn advice_is_for_files() {
    let mut guest = Guest::reader();
    let file = guest.open("file", none(), READ).expect("it is there");
    let dir = guest.open("dir", none(), READ).expect("it is there");
    let mut advise = |fd: Fd, offset, length| {
        let advised = guest
            .state
            .advise(fd.into(), offset, length, Advice::WillNeed);
        guest.code(advised)
    };
    assert_eq!(advise(file, 0, 10), Ok(()));
    assert_eq!(advise(file, 100, 0), Ok(()));
    assert_eq!(advise(file, 0, u64::MAX), Err(ErrorCode::Invalid));
    assert_eq!(advise(dir, 0, 10), Err(ErrorCode::BadDescriptor));
}
