//! Ways out: `..`, absolute paths, NUL, links at every component; special files and hard links at the end.

use crate::attack::{Attack, Call, MODES, everything, snapshot};
use crate::tree::{CANARY, Tree};
use bailiwick_capfs::{ErrorCode, Expect, Writes};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs;
use std::os::unix::net::UnixListener;

/// Try everything on each path, all of which must fail; then nothing is changed, inside or outside.
fn all_refused(tree: impl Fn() -> Tree, paths: &[&str]) {
    for writes in MODES {
        let attack = Attack::on(tree(), writes);
        let whole = attack.tree.inside().parent().unwrap().to_path_buf();
        let before = snapshot(&whole);
        for at in paths {
            let call = attack.call();
            for (what, done) in everything(&call.dir(), at) {
                assert!(done.is_err(), "{writes:?} {what}: {at}");
            }
            attack.end(call).unwrap();
            assert_eq!(snapshot(&whole), before, "{writes:?} {at}");
        }
    }
}

fn baited() -> Tree {
    let tree = Tree::new();
    tree.file("bait", "bait")
        .file("baits/x", "x")
        .link("bait-link", "bait");
    tree.file("d/e/f", "f");
    tree
}

#[test]
fn paths_that_leave() {
    let paths = [
        "..",
        "../x",
        "../outside/secret",
        "d/../../outside/secret",
        "d/e/../../../outside/secret",
        "/etc/passwd",
        "/",
        "//x",
        "x\0y",
        "d/\0",
        "./../x",
    ];
    all_refused(baited, &paths);
}

/// At the first, a middle and the last component; relative, absolute, chained, with a slash at the end.
#[test]
fn links_that_leave_at_every_component() {
    let tree = || {
        let tree = baited();
        let outside = tree.outside();
        fs::create_dir_all(outside.join("deep/er")).unwrap();
        fs::write(outside.join("deep/er/file"), CANARY).unwrap();
        tree.link("absolute", &outside)
            .link("relative", "../outside")
            .link("chained", "relative")
            .link("slashed", "../outside/")
            .link("winding", "d/e/../../../outside")
            .link("d/middle", "../../outside")
            .link("d/e/inner", "../../../outside/deep")
            .link("loop", "loop")
            .link("a", "b")
            .link("b", "a");
        tree
    };
    let ends = [
        "",
        "/",
        "/.",
        "/secret",
        "/new",
        "/deep/er/file",
        "/deep/er/new",
        "/../outside/secret",
    ];
    let links = [
        "absolute",
        "relative",
        "chained",
        "slashed",
        "winding",
        "d/middle",
        "d/e/inner",
        "loop",
        "a",
    ];
    let mut paths = Vec::new();
    for link in links {
        // The link itself is a name like others: what is asked of it and not of its target may work.
        paths.extend(
            ends[3..]
                .iter()
                .filter(|end| !end.contains(".."))
                .map(|end| format!("{link}{end}")),
        );
    }
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    all_refused(tree, &paths);
    // Opening to write follows.
    for writes in MODES {
        let attack = Attack::on(tree(), writes);
        let before = snapshot(&attack.tree.outside());
        let call = attack.call();
        let dir = call.dir();
        for link in links {
            for end in &ends[..3] {
                let at = format!("{link}{end}");
                for expect in [Expect::Existing, Expect::Either, Expect::New] {
                    let done = dir
                        .open_file(&at, expect)
                        .and_then(|file| file.replace(b"evil"));
                    assert!(done.is_err(), "{writes:?} {at} {expect:?}");
                    let done = dir
                        .create_file(&at, expect, false)
                        .and_then(|file| file.replace(b"evil"));
                    assert!(done.is_err(), "{writes:?} {at} {expect:?}");
                }
                assert!(dir.open_dir(&at).is_err(), "{at}");
                assert!(dir.create_dir(&format!("{at}/x")).is_err(), "{at}");
            }
        }
        drop(dir);
        attack.end(call).unwrap();
        assert_eq!(snapshot(&attack.tree.outside()), before, "{writes:?}");
    }
}

/// Links that a guest makes are relative and stay, and handles below are not left through those that stay above.
#[test]
fn links_that_guests_make() {
    for writes in MODES {
        let attack = Attack::on(baited(), writes);
        let call = attack.call();
        let dir = call.dir();
        for target in [
            "/etc/passwd",
            "..",
            "../outside/secret",
            "d/../../outside",
            "",
            "/",
            "a\0b",
        ] {
            assert!(
                dir.make_link(target, "new").is_err(),
                "{writes:?} {target:?}"
            );
        }
        for target in ["../..", "../../outside", "e/../../../outside", "../d/../.."] {
            assert!(
                dir.make_link(target, "d/new").is_err(),
                "{writes:?} {target:?}"
            );
        }
        assert_eq!(dir.make_link("../bait", "d/up"), Ok(()), "{writes:?}");
        assert_eq!(dir.make_link("e/f", "d/down"), Ok(()), "{writes:?}");
        let below = dir.open_dir("d").unwrap();
        // It leaves the handle, though not the grant.
        for expect in [Expect::Existing, Expect::Either] {
            assert_eq!(
                below.open_file("up", expect).map(|_| ()),
                Err(ErrorCode::NotPermitted),
                "{writes:?}"
            );
        }
        assert!(below.make_link("../bait", "up2").is_err(), "{writes:?}");
        assert!(below.make_link("../x", "e/up").is_ok());
        // Moving it up would make it leave.
        dir.make_link("../../bait", "d/e/two-up").unwrap();
        assert!(
            dir.rename("d/e/two-up", &dir, "two-up", false).is_err(),
            "{writes:?}"
        );
        assert!(dir.rename("d/e", &dir, "e", false).is_err(), "{writes:?}");
        drop((dir, below));
        attack.end(call).unwrap();
    }
}

/// If anything waited, this would not end: nobody ever opens the other end of the FIFO.
#[test]
fn fifos_sockets_and_devices() {
    for writes in MODES {
        let attack = Attack::on(baited(), writes);
        let tree = &attack.tree;
        mknodat(CWD, tree.at("fifo"), FileType::Fifo, Mode::RWXU, 0).unwrap();
        let _listener = UnixListener::bind(tree.at("socket")).unwrap();
        // The numbers of /dev/null. Only root can make it.
        let device = rustix::fs::makedev(1, 3);
        let null = mknodat(
            CWD,
            tree.at("null"),
            FileType::CharacterDevice,
            Mode::RWXU,
            device,
        );
        tree.link("to-fifo", "fifo");
        let mut names = vec!["fifo", "socket", "to-fifo"];
        names.extend(null.is_ok().then_some("null"));
        let call = attack.call();
        let dir = call.dir();
        for name in names {
            for expect in [Expect::Existing, Expect::Either] {
                let refused = dir
                    .open_file(name, expect)
                    .and_then(|file| file.write(0, b"x"));
                assert_eq!(
                    refused,
                    Err(ErrorCode::Unsupported),
                    "{writes:?} {name} {expect:?}"
                );
                let refused = dir
                    .create_file(name, expect, false)
                    .and_then(|file| file.set_size(0));
                assert_eq!(
                    refused,
                    Err(ErrorCode::Unsupported),
                    "{writes:?} {name} {expect:?}"
                );
            }
            assert!(dir.create_file(name, Expect::New, true).is_err(), "{name}");
            assert!(dir.open_dir(name).is_err(), "{name}");
            assert!(dir.create_dir(&format!("{name}/x")).is_err(), "{name}");
            assert!(dir.rename("bait", &dir, name, false).is_err(), "{name}");
        }
        drop(dir);
        attack.end(call).unwrap();
    }
}

/// A hard link to a file outside, made before. To look at it is inside; a change never reaches the other name.
#[test]
fn hard_links_to_outside() {
    for writes in MODES {
        let attack = Attack::on(baited(), writes);
        fs::hard_link(attack.tree.outside().join("secret"), attack.tree.at("hard")).unwrap();
        let call: Call = attack.call();
        let dir = call.dir();
        let written = dir
            .open_file("hard", Expect::Existing)
            .and_then(|file| file.write(0, b"evil"));
        if writes == Writes::Direct {
            assert_eq!(written, Err(ErrorCode::NotPermitted));
            let made = dir
                .create_file("hard", Expect::Either, false)
                .and_then(|file| file.set_size(0));
            assert_eq!(made, Err(ErrorCode::NotPermitted));
        } else {
            assert_eq!(written, Ok(()), "{writes:?}");
        }
        drop(dir);
        attack.end(call).unwrap();
        let outside = fs::read_to_string(attack.tree.outside().join("secret")).unwrap();
        assert_eq!(outside, CANARY, "{writes:?}");
    }
}
