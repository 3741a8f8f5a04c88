//! Handles of different rights, of different places, of another session, and those that are gone.

use crate::attack::{Attack, MODES, ROOM, snapshot};
use crate::tree::{Tree, path};
use bailiwick_capfs::{
    Amount, Attenuation, Capability, ErrorCode, Expect, GrantTerms, HandleError, Handles, Rights,
    WriteDir, Writes, commit, discard,
};

fn tree() -> Tree {
    let tree = Tree::new();
    tree.file("a/x", "x")
        .file("a/d/x", "x")
        .file("b/y", "y")
        .file("b/d/y", "y");
    tree
}

fn narrow(capability: &Capability, at: &str, rights: Rights) -> Capability {
    let terms = Attenuation {
        path: path(at),
        rights: Some(rights),
        ..Attenuation::default()
    };
    capability.attenuate(&terms).unwrap()
}

#[test]
fn what_only_reads_gives_nothing_to_write_with() {
    for writes in MODES {
        let attack = Attack::on(tree(), writes);
        let call = attack.call();
        for at in ["", "a", "a/x"] {
            for rights in [Rights::READ, Rights::NONE] {
                let read = narrow(&call.capability, at, rights);
                // Nothing comes back by asking for more.
                for read in [narrow(&read, "", Rights::READ_WRITE), read] {
                    let refused = ErrorCode::Access;
                    let made = call.layer.write_dir(&read, &path("")).map(|_| ());
                    let file = at == "a/x" && made == Err(ErrorCode::NotDirectory);
                    assert!(file || made == Err(refused), "{at} {made:?}");
                    for expect in [Expect::Existing, Expect::New, Expect::Either] {
                        let file = call.layer.write_file(&read, &path(""), expect);
                        assert_eq!(file.map(|_| ()), Err(refused), "{at}");
                        let file = call.layer.write_file(&read, &path("d"), expect);
                        assert!(file.is_err(), "{at}");
                    }
                    let mount = call.layer.mount(&read, &path(""), true);
                    assert!(
                        mount.is_err() || mount.is_ok_and(|mount| mount.write.is_none()),
                        "{at}"
                    );
                }
            }
        }
        discard(vec![call.layer], None);
    }
}

/// A call that holds no lock changes nothing, whatever its handles may.
#[test]
fn a_call_without_a_lock_only_looks() {
    for writes in MODES {
        let attack = Attack::on(tree(), writes);
        let before = snapshot(&attack.tree.inside());
        let layer = attack.volume.begin(None);
        let capability = attack.handles.get(attack.id).unwrap();
        let dir = layer.write_dir(&capability, &path(""));
        if let Ok(dir) = dir {
            assert!(dir.make_dir("new").is_err() && dir.remove("a", true).is_err());
            assert!(
                dir.open_file("a/x", Expect::Either)
                    .and_then(|file| file.replace(b""))
                    .is_err()
            );
        }
        commit(vec![layer], "attack").unwrap();
        assert_eq!(snapshot(&attack.tree.inside()), before);
    }
}

/// Rename between places: with the rights of both, and with the guards of both.
#[test]
fn renames_between_handles() {
    for writes in MODES {
        let attack = Attack::on(tree(), writes);
        let call = attack.call();
        let whole = &call.capability;
        let guarded = |hide: &[&str], protect: &[&str]| {
            let strings = |list: &[&str]| list.iter().map(|&glob| glob.to_owned()).collect();
            let terms = Attenuation {
                path: path("b"),
                hide: strings(hide),
                protect: strings(protect),
                ..Attenuation::default()
            };
            whole.attenuate(&terms).unwrap()
        };
        let dir = |capability: &Capability| call.layer.write_dir(capability, &path("")).unwrap();
        let a = dir(&narrow(whole, "a", Rights::READ_WRITE));
        let denied = Err(ErrorCode::NotPermitted);
        let b = dir(&guarded(&[], &["y", "z"]));
        // Out of what protects, and into it.
        assert_eq!(b.rename("y", &a, "y", false), denied, "{writes:?}");
        assert_eq!(b.rename("d", &a, "d2", false), denied, "{writes:?}");
        assert_eq!(a.rename("x", &b, "z", false), denied, "{writes:?}");
        assert_eq!(a.rename("x", &b, "y", true), denied, "{writes:?}");
        drop(b);
        let b = dir(&guarded(&["y", "z"], &[]));
        assert!(b.rename("y", &a, "y", false).is_err(), "{writes:?}");
        assert_eq!(b.rename("d", &a, "d2", false), denied, "{writes:?}");
        assert_eq!(a.rename("x", &b, "z", false), denied, "{writes:?}");
        assert_eq!(a.rename("x", &b, "y", true), denied, "{writes:?}");
        // What is free on both sides goes.
        assert_eq!(a.rename("x", &b, "free", false), Ok(()), "{writes:?}");
        assert_eq!(b.rename("free", &a, "x", false), Ok(()), "{writes:?}");
        for (from, to) in [(&a, &b), (&b, &a)] {
            for path in ["../b/y", "..", "/x", "../../outside/secret"] {
                assert_eq!(
                    from.rename("x", to, path, true),
                    denied,
                    "{writes:?} {path}"
                );
                assert_eq!(
                    from.rename(path, to, "x2", true),
                    denied,
                    "{writes:?} {path}"
                );
            }
        }
        drop((a, b));
        attack.end(call).unwrap();
    }
}

/// Between volumes, layers and sessions nothing is moved.
#[test]
fn renames_between_volumes_and_layers() {
    for writes in MODES {
        let (one, two) = (Attack::on(tree(), writes), Attack::on(tree(), writes));
        let (before, calls) = (snapshot(&two.tree.inside()), (one.call(), two.call()));
        let (from, to): (WriteDir, WriteDir) = (calls.0.dir(), calls.1.dir());
        assert_eq!(
            from.rename("a/x", &to, "stolen", true),
            Err(ErrorCode::CrossDevice)
        );
        assert_eq!(
            to.rename("a/x", &from, "stolen", true),
            Err(ErrorCode::CrossDevice)
        );
        // A capability of one is none of the other.
        assert!(!calls.0.layer.is_of(&calls.1.capability));
        assert!(
            calls
                .0
                .layer
                .resolve_read(&calls.1.capability, &path(""))
                .is_err()
        );
        assert!(
            calls
                .0
                .layer
                .write_dir(&calls.1.capability, &path(""))
                .is_err()
        );
        drop((from, to));
        one.end(calls.0).unwrap();
        two.end(calls.1).unwrap();
        assert_eq!(snapshot(&one.tree.inside()), before);
        assert_eq!(snapshot(&two.tree.inside()), before);
    }
}

#[test]
fn what_is_taken_back_does_nothing_any_more() {
    for writes in MODES {
        let attack = Attack::on(tree(), writes);
        let before = snapshot(&attack.tree.inside());
        let call = attack.call();
        let dir = call.dir();
        let file = dir.open_file("a/x", Expect::Either).unwrap();
        let (look, looked) = (call.look(), file.as_read());
        let derived = attack
            .handles
            .attenuate(attack.id, &Attenuation::default())
            .unwrap();
        assert_eq!(attack.handles.revoke(attack.id), Ok(2));
        let dead = ErrorCode::BadDescriptor;
        for (what, done) in crate::attack::everything(&dir, "a/x") {
            assert_eq!(done, Err(dead), "{writes:?} {what}");
        }
        assert_eq!(file.append(b"evil"), Err(dead));
        assert_eq!(file.replace(b"evil"), Err(dead));
        assert_eq!(file.set_size(0), Err(dead));
        assert_eq!(looked.read(0, 9).map(|_| ()), Err(dead));
        assert_eq!(look.stat("a").map(|_| ()), Err(dead));
        assert_eq!(look.open_file("a/x").map(|_| ()), Err(dead));
        assert_eq!(
            call.layer
                .resolve_read(&call.capability, &path(""))
                .map(|_| ()),
            Err(dead)
        );
        for id in [attack.id, derived] {
            assert!(matches!(attack.handles.get(id), Err(HandleError::Unknown)));
        }
        discard(vec![call.layer], None);
        assert_eq!(snapshot(&attack.tree.inside()), before);
    }
}

/// What was written before the handle was taken back is not committed after.
#[test]
fn what_a_handle_wrote_goes_with_it() {
    for writes in [Writes::Apply, Writes::Review] {
        let attack = Attack::on(tree(), writes);
        let before = snapshot(&attack.tree.inside());
        let call = attack.call();
        call.dir()
            .open_file("a/x", Expect::Either)
            .unwrap()
            .replace(b"evil")
            .unwrap();
        attack.handles.revoke(attack.id).unwrap();
        assert!(commit(vec![call.layer], "attack").is_err());
        assert!(attack.volume.pending().is_empty());
        assert_eq!(snapshot(&attack.tree.inside()), before);
    }
}

#[test]
fn a_guessed_or_foreign_number() {
    let (one, two) = (
        Attack::on(tree(), Writes::Direct),
        Attack::on(tree(), Writes::Direct),
    );
    assert!(matches!(two.handles.get(one.id), Err(HandleError::Unknown)));
    assert_eq!(two.handles.revoke(one.id), Err(HandleError::Unknown));
    assert!(matches!(
        Handles::default().get(one.id),
        Err(HandleError::Unknown)
    ));
    assert!(one.handles.get(one.id).is_ok());
}

/// Exactly the limit fits, and one more does not: of bytes, sparse or not, and of names.
#[test]
fn quota_at_the_limit_and_one_past_it() {
    for writes in MODES {
        let quota = Amount {
            bytes: 1000,
            entries: 3,
        };
        let terms = GrantTerms::new(Rights::READ_WRITE);
        let attack = Attack::with(Tree::new(), &terms, writes, quota);
        let call = attack.call();
        let dir = call.dir();
        let ledger = call.capability.ledger();
        let file = dir.create_file("f", Expect::New, true).unwrap();
        let full = Err(ErrorCode::Quota);
        assert_eq!(file.write(0, &[1; 1001]), full, "{writes:?}");
        assert_eq!(file.set_size(1001), full, "{writes:?}");
        assert_eq!(file.set_size(8 << 40), full, "{writes:?}");
        assert_eq!(file.write(1000, b"x"), full, "{writes:?}");
        assert!(file.write(u64::MAX, b"x").is_err());
        assert_eq!(file.replace(&[1; 1001]), full, "{writes:?}");
        assert_eq!(
            (ledger.used().bytes, ledger.used().entries),
            (0, 1),
            "{writes:?}"
        );
        assert_eq!(file.write(999, b"x"), Ok(()), "{writes:?}");
        assert_eq!(ledger.used().bytes, 1000, "{writes:?}");
        assert_eq!(file.append(b"x"), full, "{writes:?}");
        assert_eq!(dir.make_dir("d"), Ok(()));
        assert_eq!(dir.make_link("f", "l"), Ok(()));
        assert_eq!(dir.make_dir("e"), full, "{writes:?}");
        assert_eq!(dir.make_link("f", "m"), full, "{writes:?}");
        assert_eq!(
            dir.create_file("g", Expect::New, true).map(|_| ()),
            full,
            "{writes:?}"
        );
        assert_eq!(dir.create_dir("e"), full, "{writes:?}");
        assert!(ledger.refusals() >= 10, "{writes:?} {}", ledger.refusals());
        drop(file);
        assert_eq!(dir.remove("f", false), Ok(()));
        assert_eq!(
            (ledger.used().bytes, ledger.used().entries),
            (0, 2),
            "{writes:?}"
        );
        assert_eq!(
            dir.create_file("g", Expect::New, true)
                .and_then(|file| file.append(&[1; 1000])),
            Ok(()),
            "{writes:?}"
        );
        drop(dir);
        attack.end(call).unwrap();
        assert_eq!(attack.volume.ledger().used(), quota, "{writes:?}");
    }
}

/// A share is exact by itself, and gives to the whole what it takes.
#[test]
fn shares_of_a_quota() {
    for writes in MODES {
        let attack = Attack::with(
            Tree::new(),
            &GrantTerms::new(Rights::READ_WRITE),
            writes,
            ROOM,
        );
        let call = attack.call();
        let terms = Attenuation {
            quota: Some(Amount {
                bytes: 10,
                entries: 1,
            }),
            ..Attenuation::default()
        };
        let share = call.capability.attenuate(&terms).unwrap();
        let dir = call.layer.write_dir(&share, &path("")).unwrap();
        let file = dir.create_file("f", Expect::New, true).unwrap();
        assert_eq!(file.append(&[1; 11]), Err(ErrorCode::Quota), "{writes:?}");
        assert_eq!(file.append(&[1; 10]), Ok(()), "{writes:?}");
        assert_eq!(dir.make_dir("d"), Err(ErrorCode::Quota), "{writes:?}");
        assert_eq!(call.dir().make_dir("d"), Ok(()), "{writes:?}");
        let used = attack.volume.ledger().used();
        assert_eq!((used.bytes, used.entries), (10, 2), "{writes:?}");
        drop((dir, file));
        attack.end(call).unwrap();
    }
}
