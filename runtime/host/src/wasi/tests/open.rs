//! Open flags and the rights that come of them.

use super::*;

const CREATE: OpenFlags = OpenFlags::CREATE;
const EXCLUSIVE: OpenFlags = OpenFlags::EXCLUSIVE;
const TRUNCATE: OpenFlags = OpenFlags::TRUNCATE;
const DIRECTORY: OpenFlags = OpenFlags::DIRECTORY;

#[test]
fn every_combination_of_flags_gives_what_posix_says() {
    use ErrorCode as E;
    // What is opened, how, and what comes of it below a mount to read and one to change.
    type Case = (
        &'static str,
        OpenFlags,
        DescriptorFlags,
        Result<(), ErrorCode>,
        Result<(), ErrorCode>,
    );
    let cases: &[Case] = &[
        ("file", none(), nothing(), Ok(()), Ok(())),
        ("file", none(), READ, Ok(()), Ok(())),
        ("file", none(), WRITE, Err(E::ReadOnly), Ok(())),
        ("file", none(), READ | WRITE, Err(E::ReadOnly), Ok(())),
        ("file", none(), WRITE | MUTATE, Err(E::ReadOnly), Ok(())),
        ("file", TRUNCATE, READ, Err(E::ReadOnly), Ok(())),
        ("file", TRUNCATE, WRITE, Err(E::ReadOnly), Ok(())),
        ("file", CREATE, READ, Err(E::ReadOnly), Ok(())),
        (
            "file",
            CREATE | EXCLUSIVE,
            WRITE,
            Err(E::ReadOnly),
            Err(E::Exist),
        ),
        ("file", EXCLUSIVE, READ, Ok(()), Ok(())),
        (
            "file",
            DIRECTORY,
            READ,
            Err(E::NotDirectory),
            Err(E::NotDirectory),
        ),
        (
            "file",
            DIRECTORY,
            WRITE,
            Err(E::ReadOnly),
            Err(E::NotDirectory),
        ),
        (
            "file/",
            none(),
            READ,
            Err(E::NotDirectory),
            Err(E::NotDirectory),
        ),
        ("dir", none(), nothing(), Ok(()), Ok(())),
        ("dir", none(), READ, Ok(()), Ok(())),
        ("dir", none(), WRITE, Err(E::ReadOnly), Err(E::IsDirectory)),
        ("dir", none(), MUTATE, Err(E::ReadOnly), Ok(())),
        ("dir", DIRECTORY, READ, Ok(()), Ok(())),
        ("dir", DIRECTORY, READ | MUTATE, Err(E::ReadOnly), Ok(())),
        (
            "dir",
            DIRECTORY,
            WRITE,
            Err(E::ReadOnly),
            Err(E::IsDirectory),
        ),
        ("dir", CREATE, READ, Err(E::ReadOnly), Err(E::IsDirectory)),
        (
            "dir",
            CREATE | EXCLUSIVE,
            READ,
            Err(E::ReadOnly),
            Err(E::Exist),
        ),
        ("dir", TRUNCATE, READ, Err(E::ReadOnly), Err(E::IsDirectory)),
        (
            "dir",
            DIRECTORY | CREATE,
            READ,
            Err(E::Invalid),
            Err(E::Invalid),
        ),
        (
            "dir",
            DIRECTORY | EXCLUSIVE,
            READ,
            Err(E::Invalid),
            Err(E::Invalid),
        ),
        (
            "dir",
            DIRECTORY | TRUNCATE,
            READ,
            Err(E::Invalid),
            Err(E::Invalid),
        ),
        (".", DIRECTORY, READ, Ok(()), Ok(())),
        ("none", none(), READ, Err(E::NoEntry), Err(E::NoEntry)),
        ("none", none(), WRITE, Err(E::ReadOnly), Err(E::NoEntry)),
        ("none", TRUNCATE, WRITE, Err(E::ReadOnly), Err(E::NoEntry)),
        ("none", DIRECTORY, READ, Err(E::NoEntry), Err(E::NoEntry)),
        ("none", CREATE, READ, Err(E::ReadOnly), Ok(())),
        ("none", CREATE | EXCLUSIVE, WRITE, Err(E::ReadOnly), Ok(())),
        ("", none(), READ, Err(E::NoEntry), Err(E::NoEntry)),
        (
            "/file",
            none(),
            READ,
            Err(E::NotPermitted),
            Err(E::NotPermitted),
        ),
        (
            "..",
            none(),
            READ,
            Err(E::NotPermitted),
            Err(E::NotPermitted),
        ),
        (
            "out",
            none(),
            READ,
            Err(E::NotPermitted),
            Err(E::NotPermitted),
        ),
        (
            "dir/../../x",
            CREATE,
            WRITE,
            Err(E::ReadOnly),
            Err(E::NotPermitted),
        ),
    ];
    for (path, how, flags, reads, writes) in cases {
        let mut reader = Guest::reader();
        let opened = reader.open(path, *how, *flags).map(drop);
        assert_eq!(opened, *reads, "{path} {how:?} {flags:?}, to read");
        assert_eq!(reader.names(), ["dir", "file", "link", "out", "way"]);
        for mut writer in Guest::writers() {
            let opened = writer.open(path, *how, *flags).map(drop);
            assert_eq!(opened, *writes, "{path} {how:?} {flags:?}, to change");
        }
    }
}

#[test]
fn a_link_at_the_end_is_followed_only_when_asked_to() {
    let no = PathFlags::empty();
    for mut guest in Guest::writers() {
        let root = guest.root;
        for (path, how, flags) in [
            ("link", none(), READ),
            ("link", none(), WRITE),
            ("way", none(), READ),
            ("way", DIRECTORY, READ),
            ("way", DIRECTORY, READ | MUTATE),
        ] {
            let opened = guest.open_below(root, path, no, how, flags);
            assert_eq!(opened, Err(ErrorCode::Loop), "{path} {how:?} {flags:?}");
            let opened = guest.open_below(root, path, FOLLOW, how, flags);
            assert!(opened.is_ok(), "{path} {how:?} {flags:?}");
        }
        // On the way a link is always followed.
        let inner = guest.open_below(root, "way/inner", no, none(), READ);
        assert!(inner.is_ok());
    }
}

#[test]
fn a_descriptor_has_the_rights_of_its_flags_and_no_others() {
    use ErrorCode as E;
    for mut guest in Guest::writers() {
        let read = guest.open("file", none(), READ).expect("it is there");
        let write = guest.open("file", none(), WRITE).expect("it is there");
        let written = guest.state.write(read.into(), b"x".to_vec(), 0);
        assert_eq!(guest.code(written), Err(E::BadDescriptor));
        let cut = guest.state.set_size(read.into(), 0);
        assert_eq!(guest.code(cut), Err(E::BadDescriptor));
        let stream = guest.state.write_via_stream(read.into(), 0).map(drop);
        assert_eq!(guest.code(stream), Err(E::BadDescriptor));
        let stream = guest.state.append_via_stream(read.into()).map(drop);
        assert_eq!(guest.code(stream), Err(E::BadDescriptor));
        let (now, keep) = (wit::NewTimestamp::Now, wit::NewTimestamp::NoChange);
        let touched = guest.state.set_times(read.into(), keep, now);
        assert_eq!(guest.code(touched), Err(E::NotPermitted));

        let got = guest.state.read(write.into(), 1, 0).map(drop);
        assert_eq!(guest.code(got), Err(E::BadDescriptor));
        let stream = guest.state.read_via_stream(write.into(), 0).map(drop);
        assert_eq!(guest.code(stream), Err(E::BadDescriptor));
        assert_eq!(guest.contents("file").as_deref(), Ok("0123456789"));
    }
}

#[test]
fn a_directory_opened_without_mutate_directory_changes_nothing() {
    for mut guest in Guest::writers() {
        let dir = guest.open("dir", DIRECTORY, READ).expect("it is there");
        unchangeable(&mut guest, dir);
        // Nor does one that is opened below it.
        let below = guest.open_below(dir, ".", FOLLOW, DIRECTORY, READ);
        let below = below.expect("it is there");
        unchangeable(&mut guest, below);
        let opened = guest.open_below(dir, ".", FOLLOW, DIRECTORY, READ | MUTATE);
        assert_eq!(opened, Err(ErrorCode::ReadOnly));
        assert_eq!(guest.contents("dir/inner").as_deref(), Ok("inner"));
        let flags = guest.state.get_flags(dir.into());
        assert_eq!(guest.code(flags), Ok(READ));
    }
    let mut guest = Guest::reader();
    let (root, dir) = (guest.root, guest.open("dir", DIRECTORY, READ));
    let dir = dir.expect("it is there");
    unchangeable(&mut guest, dir);
    for removed in [
        guest.state.unlink_file_at(dir.into(), "inner".to_owned()),
        guest
            .state
            .remove_directory_at(dir.into(), "inner".to_owned()),
        guest
            .state
            .remove_directory_at(root.into(), "dir".to_owned()),
    ] {
        assert_eq!(guest.code(removed), Err(ErrorCode::ReadOnly));
    }
    let flags = guest.state.get_flags(root.into());
    assert_eq!(guest.code(flags), Ok(READ));
    let root_made = guest
        .state
        .create_directory_at(root.into(), "new".to_owned());
    assert_eq!(guest.code(root_made), Err(ErrorCode::ReadOnly));
}

/// What libraries do to remove a tree: open a directory to read, remove what is in it through that, and then itself.
#[test]
fn a_directory_opened_to_read_can_be_emptied_where_that_is_allowed() {
    for mut guest in Guest::writers() {
        let root = guest.root;
        let dir = guest.open("dir", DIRECTORY, READ).expect("it is there");
        let removed = guest.state.unlink_file_at(dir.into(), "inner".to_owned());
        assert_eq!(guest.code(removed), Ok(()));
        let removed = guest
            .state
            .remove_directory_at(root.into(), "dir".to_owned());
        assert_eq!(guest.code(removed), Ok(()));
    }
}

/// `dir`, or another descriptor of it, lets nothing be done but, perhaps, names be removed.
fn unchangeable(guest: &mut Guest, dir: Fd) {
    let root = guest.root;
    let name = || "inner".to_owned();
    let now = || wit::NewTimestamp::Now;
    let state = &mut guest.state;
    let refused = [
        state.create_directory_at(dir.into(), "new".to_owned()),
        state.set_times(dir.into(), now(), now()),
        state.set_times_at(dir.into(), FOLLOW, name(), now(), now()),
        state.rename_at(dir.into(), name(), dir.into(), "new".to_owned()),
        state.rename_at(dir.into(), name(), root.into(), "new".to_owned()),
        state.rename_at(root.into(), "file".to_owned(), dir.into(), "new".to_owned()),
        state.symlink_at(dir.into(), name(), "new".to_owned()),
    ];
    for (which, refused) in refused.into_iter().enumerate() {
        assert_eq!(guest.code(refused), Err(ErrorCode::ReadOnly), "{which}");
    }
    for (how, flags) in [(CREATE, READ), (TRUNCATE, READ), (none(), WRITE)] {
        let opened = guest.open_below(dir, "inner", FOLLOW, how, flags);
        assert_eq!(opened, Err(ErrorCode::ReadOnly), "{how:?} {flags:?}");
    }
}

#[test]
fn flags_are_told_as_they_were_asked_for() {
    let sync = DescriptorFlags::FILE_INTEGRITY_SYNC;
    for mut guest in Guest::writers() {
        for (path, asked, told) in [
            ("file", nothing(), READ),
            ("file", READ, READ),
            ("file", WRITE | MUTATE, WRITE),
            ("file", READ | WRITE | sync, READ | WRITE | sync),
            ("dir", READ, READ),
            ("dir", READ | MUTATE, READ | MUTATE),
        ] {
            let fd = guest.open(path, none(), asked).expect("it is there");
            let flags = guest.state.get_flags(fd.into());
            assert_eq!(guest.code(flags), Ok(told), "{path} {asked:?}");
        }
        // A file that is created or cut can be changed only when it was asked for.
        let made = guest.open("new", CREATE, READ).expect("it is made");
        let flags = guest.state.get_flags(made.into());
        assert_eq!(guest.code(flags), Ok(READ));
    }
}

#[test]
fn exclusive_takes_a_link_for_a_name_that_is_taken() {
    for mut guest in Guest::writers() {
        let path = guest.folder.path().join("dangling");
        std::os::unix::fs::symlink("nowhere", path).expect("a link");
        for name in ["link", "way", "dangling"] {
            let opened = guest.open(name, CREATE | EXCLUSIVE, WRITE);
            assert_eq!(opened, Err(ErrorCode::Exist), "{name}");
        }
        // Without it a link is followed to what is to be made.
        guest.open("dangling", CREATE, WRITE).expect("it is made");
        assert_eq!(guest.contents("nowhere").as_deref(), Ok(""));
    }
}

#[test]
fn create_and_truncate_do_what_they_say() {
    for mut guest in Guest::writers() {
        guest.open("new", CREATE, READ).expect("it is made");
        assert_eq!(guest.contents("new").as_deref(), Ok(""));
        guest.open("file", CREATE, READ).expect("it is there");
        assert_eq!(guest.contents("file").as_deref(), Ok("0123456789"));
        guest.open("link", TRUNCATE, READ).expect("it is there");
        assert_eq!(guest.contents("file").as_deref(), Ok(""));
    }
}

#[test]
fn more_descriptors_than_the_bound_are_quota_and_each_that_is_closed_makes_room() {
    let mut guest = Guest::new(Rights::READ, Writes::Apply, |limits| limits.descriptors = 2);
    let root = guest.root;
    let first = guest
        .open("file", none(), READ)
        .expect("there is room for two");
    let listing = guest.state.read_directory(root.into());
    let listing = guest.code(listing).expect("there is room for two").rep();
    assert!(!guest.state.io.denied_descriptor());
    assert_eq!(guest.open("dir", none(), READ), Err(ErrorCode::Quota));
    let another = guest.state.read_directory(root.into()).map(drop);
    assert_eq!(guest.code(another), Err(ErrorCode::Quota));
    assert!(guest.state.io.denied_descriptor());
    wit::HostDirectoryEntryStream::drop(&mut guest.state, Resource::new_own(listing))
        .expect("it was there");
    let second = guest
        .open("dir", none(), READ)
        .expect("there is room again");

    // What was not opened took no place, and a stream keeps the place of its file.
    guest.close(second);
    assert_eq!(guest.open("none", none(), READ), Err(ErrorCode::NoEntry));
    let stream = guest.state.read_via_stream(first.into(), 0);
    let stream = guest.code(stream).expect("it is a file");
    guest.close(first);
    guest.open("file", none(), READ).expect("one is free");
    assert_eq!(guest.open("file", none(), READ), Err(ErrorCode::Quota));
    guest.state.table.delete(stream).expect("it was there");
    guest.open("file", none(), READ).expect("one is free");
}

#[test]
fn calls_are_counted_and_end_the_call_at_their_bound() {
    // Making the guest asked for its directories.
    let mut guest = Guest::new(Rights::READ, Writes::Apply, |limits| limits.host_calls = 2);
    let root = guest.root;
    let stat = guest.state.stat(root.into()).map(drop);
    assert_eq!(guest.code(stat), Ok(()));
    let Err(FsError::Trap(error)) = guest.state.stat(root.into()) else {
        panic!("it goes on")
    };
    assert!(error.is::<crate::counts::HostCallsExceeded>());
}
