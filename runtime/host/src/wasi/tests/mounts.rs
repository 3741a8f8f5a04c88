//! Several arguments that are mounted in one call.

use super::*;
use crate::wasi::Unmountable;

/// A guest that nothing is mounted for yet, and the path that each argument is found at.
fn guest(arguments: &[(&str, bool)]) -> (Guest, Vec<Result<String, Unmountable>>) {
    let mut guest = Guest::writer();
    guest.state.preopens = crate::wasi::Preopens::new(256);
    let paths = arguments.iter().map(|(path, writes)| {
        let mount = guest.granted.mount(path, *writes);
        guest.state.preopens.argument(mount)
    });
    let paths = paths.collect();
    (guest, paths)
}

/// The guest's mounts by name, as a library finds them: of two that have one name it takes one.
fn mounts(guest: &mut Guest) -> Vec<(Fd, String)> {
    let mounts = guest.state.get_directories().expect("there is room");
    let mounts = mounts.into_iter().map(|(fd, name)| (Fd(fd.rep()), name));
    mounts.collect()
}

/// Opens an absolute path as a library does.
fn open(guest: &mut Guest, path: &str, flags: DescriptorFlags) -> Result<Fd, ErrorCode> {
    let mounts = mounts(guest);
    let below = |name: &str| {
        let rest = path.strip_prefix(name)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/').to_owned())
    };
    let fits = mounts
        .iter()
        .rev()
        .filter(|(_, name)| below(name).is_some());
    let Some((fd, name)) = fits.max_by_key(|(_, name)| name.len()) else {
        return Err(ErrorCode::NoEntry);
    };
    let rest = below(name).unwrap_or_default();
    let rest = if rest.is_empty() { "." } else { rest.as_str() };
    let how = if flags.contains(WRITE) {
        OpenFlags::CREATE
    } else {
        none()
    };
    guest.open_below(*fd, rest, FOLLOW, how, flags)
}

fn names(guest: &mut Guest, path: &str) -> Vec<String> {
    let dir = open(guest, path, READ).expect("it is there");
    guest.list(dir).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn a_directory_that_is_handed_over_twice_is_one_mount() {
    for writes in [false, true] {
        let (mut guest, paths) = guest(&[("dir", writes), ("dir", writes)]);
        let path = Ok("/workspace/dir".to_owned());
        assert_eq!(paths, [path.clone(), path]);
        assert_eq!(mounts(&mut guest).len(), 1);
        assert_eq!(names(&mut guest, "/workspace/dir"), ["inner"]);
        let opened = open(&mut guest, "/workspace/dir/inner", WRITE);
        assert_eq!(opened.is_ok(), writes, "{opened:?}");
    }
}

#[test]
fn what_is_named_by_a_link_is_found_where_it_is() {
    let (mut guest, paths) = guest(&[("way", false), ("link", false), ("way/inner", false)]);
    let expected = ["/workspace/dir", "/workspace/file", "/workspace/dir/inner"];
    for (path, expected) in paths.iter().zip(expected) {
        assert_eq!(path.as_deref(), Ok(expected));
        open(&mut guest, expected, READ).expect("the guest can open it");
    }
    assert_eq!(mounts(&mut guest).len(), 2);
}

/// Under one name it could be written through what is only to be read.
#[test]
fn one_directory_or_file_to_be_read_and_to_be_changed_is_refused() {
    for path in ["dir", "file"] {
        for first in [false, true] {
            let (mut guest, paths) = guest(&[(path, first), (path, !first)]);
            assert_eq!(paths[1], Err(Unmountable::Otherwise), "{path}");
            let opened = open(&mut guest, "/workspace/file", WRITE);
            assert_eq!(opened.is_ok(), first && path == "file");
        }
    }
}

#[test]
fn files_of_one_directory_are_seen_together_each_with_its_own_rights() {
    for (first, second) in [(false, false), (false, true), (true, false), (true, true)] {
        let (mut guest, paths) =
            guest(&[("file", first), ("dir/../new.txt", true), ("link", first)]);
        // The last is the first by another name.
        assert!(paths.iter().all(Result::is_ok), "{paths:?}");
        std::fs::write(guest.folder.path().join("other"), "other").expect("a file");
        let mount = guest.granted.mount("other", second);
        let other = guest.state.preopens.argument(mount);
        assert_eq!(other.as_deref(), Ok("/workspace/other"));

        assert_eq!(mounts(&mut guest).len(), 1);
        assert_eq!(names(&mut guest, "/workspace"), ["file", "other"]);
        for (path, writes) in [("file", first), ("other", second), ("new.txt", true)] {
            let path = format!("/workspace/{path}");
            let opened = open(&mut guest, &path, WRITE);
            assert_eq!(opened.is_ok(), writes, "{path}: {opened:?}");
            open(&mut guest, &path, READ).expect("it can be read");
        }
        assert_eq!(
            names(&mut guest, "/workspace"),
            ["file", "new.txt", "other"]
        );
        for path in ["dir", "dir/inner", "link", "made"] {
            let path = format!("/workspace/{path}");
            assert_eq!(
                open(&mut guest, &path, READ),
                Err(ErrorCode::NoEntry),
                "{path}"
            );
            assert!(open(&mut guest, &path, WRITE).is_err(), "{path}");
        }
        let (root, _) = mounts(&mut guest)[0];
        let named = str::to_owned;
        for (from, to) in [("file", "other"), ("other", "file"), ("file", "made")] {
            let renamed = guest
                .state
                .rename_at(root.into(), named(from), root.into(), named(to));
            let both = first && second && to != "made";
            assert_eq!(guest.code(renamed).is_ok(), both, "{from} {to}");
        }
        let removed = guest.state.unlink_file_at(root.into(), named("./new.txt"));
        assert_eq!(guest.code(removed), Ok(()));
    }
}

#[test]
fn a_file_in_a_directory_that_is_handed_over_too_keeps_its_own_rights() {
    let (mut guest, paths) = guest(&[("file", true), ("", false)]);
    assert_eq!(paths[0].as_deref(), Ok("/workspace/file"));
    assert_eq!(paths[1].as_deref(), Ok("/workspace"));
    assert_eq!(
        names(&mut guest, "/workspace"),
        ["dir", "file", "link", "out", "way"]
    );
    for (path, writes) in [
        ("file", true),
        ("dir/inner", false),
        ("link", false),
        ("new", false),
    ] {
        let opened = open(&mut guest, &format!("/workspace/{path}"), WRITE);
        assert_eq!(opened.is_ok(), writes, "{path}: {opened:?}");
    }
}

#[test]
fn what_the_operator_mounted_stays_as_it_is() {
    let mut guest = Guest::writer();
    for (path, found) in [("", "/workspace"), ("file", "/workspace/file")] {
        let mount = guest.granted.mount(path, false);
        assert_eq!(guest.state.preopens.argument(mount).as_deref(), Ok(found));
    }
    assert_eq!(mounts(&mut guest).len(), 1);
    for path in ["/workspace/file", "/workspace/new"] {
        open(&mut guest, path, WRITE).expect("it is mounted to be changed");
    }
}

#[test]
fn there_are_no_more_mounts_than_handles() {
    let mut guest = Guest::writer();
    guest.state.preopens = crate::wasi::Preopens::new(2);
    let results = ["file", "dir/inner", "dir", "file"].map(|path| {
        let mount = guest.granted.mount(path, false);
        guest.state.preopens.argument(mount).is_ok()
    });
    assert_eq!(results, [true, true, false, true]);
}
