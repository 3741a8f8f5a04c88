//! A share of the quota over calls: what its handle wrote and takes away again is given back to it.

use crate::session::Session;
use crate::tree::{Tree, path};
use crate::work::write;
use bailiwick_capfs::{
    Amount, Attenuation, Capability, Expect, GuestPath, Handles, WriteDir, Writes, commit,
};

const MODES: [Writes; 2] = [Writes::Apply, Writes::Review];

fn amount(bytes: u64, entries: u64) -> Amount {
    Amount { bytes, entries }
}

/// A session, the handle of its whole grant, and one with a share of 20 bytes and 2 names.
fn shared(writes: Writes) -> (Session, Capability, Capability) {
    let tree = Tree::new();
    tree.file("old", "0123456789");
    let session = Session::with(tree, writes, amount(100, 10));
    let handles = Handles::default();
    let id = handles.grant("workspace", session.volume.clone());
    let whole = handles.get(id).unwrap();
    let share = whole.attenuate(&Attenuation {
        quota: Some(amount(20, 2)),
        ..Attenuation::default()
    });
    (session, whole, share.unwrap())
}

/// A call with such a handle. What it did is in the base after it.
fn call(session: &Session, capability: &Capability, act: impl FnOnce(&WriteDir)) {
    let layer = session.volume.begin(session.volume.try_lock(&[path("")]));
    act(&layer.write_dir(capability, &GuestPath::default()).unwrap());
    commit(vec![layer], "a call").unwrap();
    session.volume.apply_pending(&[], "accepted").unwrap();
}

#[test]
fn what_it_shrinks_or_removes_is_given_back_to_it() {
    for writes in MODES {
        let (session, _, share) = shared(writes);
        let used = |wanted| {
            assert_eq!(share.ledger().used(), wanted, "{writes:?}");
            assert_eq!(session.volume.ledger().used(), wanted, "{writes:?}");
        };
        call(&session, &share, |dir| write(dir, "f", "0123456789"));
        used(amount(10, 1));
        call(&session, &share, |dir| {
            let file = dir.open_file("f", Expect::Existing).unwrap();
            file.set_size(4).unwrap();
        });
        used(amount(4, 1));
        call(&session, &share, |dir| write(dir, "f", "x"));
        used(amount(1, 1));
        call(&session, &share, |dir| dir.remove_file("f").unwrap());
        used(amount(0, 0));
        // So it is not used up by doing the same again and again.
        for _ in 0..5 {
            call(&session, &share, |dir| {
                dir.make_dir("d").unwrap();
                write(dir, "d/f", "0123456789abcdef");
            });
            used(amount(16, 2));
            call(&session, &share, |dir| dir.remove("d/f", false).unwrap());
            call(&session, &share, |dir| dir.remove_dir("d").unwrap());
            used(amount(0, 0));
        }
    }
}

#[test]
fn it_gets_no_more_than_it_had_paid() {
    for writes in MODES {
        let (session, whole, share) = shared(writes);
        call(&session, &whole, |dir| write(dir, "theirs", "01234567"));
        call(&session, &share, |dir| write(dir, "f", "0123"));
        call(&session, &whole, |dir| write(dir, "more", "0123"));
        assert_eq!(share.ledger().used(), amount(4, 1), "{writes:?}");
        assert_eq!(session.volume.ledger().used(), amount(16, 3), "{writes:?}");
        // Others had written more since, and it is still its own that it gets.
        call(&session, &share, |dir| dir.remove_file("f").unwrap());
        assert_eq!(share.ledger().used(), amount(0, 0), "{writes:?}");
        assert_eq!(session.volume.ledger().used(), amount(12, 2), "{writes:?}");
        // What it had not paid for makes room in the whole, and nothing goes below nothing.
        call(&session, &share, |dir| dir.remove_file("theirs").unwrap());
        assert_eq!(session.volume.ledger().used(), amount(4, 1), "{writes:?}");
        call(&session, &share, |dir| dir.remove_file("old").unwrap());
        call(&session, &share, |dir| dir.remove_file("more").unwrap());
        assert_eq!(share.ledger().used(), amount(0, 0), "{writes:?}");
        assert_eq!(session.volume.ledger().used(), amount(0, 0), "{writes:?}");
    }
}

#[test]
fn what_others_remove_of_it_is_given_back_as_well() {
    for writes in MODES {
        let (session, whole, share) = shared(writes);
        call(&session, &share, |dir| write(dir, "f", "0123456789"));
        call(&session, &whole, |dir| dir.remove_file("f").unwrap());
        assert_eq!(share.ledger().used(), amount(0, 0), "{writes:?}");
        assert_eq!(session.volume.ledger().used(), amount(0, 0), "{writes:?}");
    }
}

#[test]
fn what_a_share_that_is_gone_had_paid_is_its_origins() {
    for writes in MODES {
        let (session, whole, share) = shared(writes);
        for n in 0..5 {
            // One of its own for each call, and a share of that.
            let terms = |bytes| Attenuation {
                quota: Some(amount(bytes, 2)),
                ..Attenuation::default()
            };
            let of_the_call = share.attenuate(&terms(4)).unwrap();
            let narrower = of_the_call.attenuate(&terms(2)).unwrap();
            drop(of_the_call);
            call(&session, &narrower, |dir| write(dir, "f", "xy"));
            assert_eq!(share.ledger().used(), amount(2, 1), "{writes:?} {n}");
            if n == 2 {
                call(&session, &narrower, |dir| dir.remove_file("f").unwrap());
                assert_eq!(narrower.ledger().used(), amount(0, 0), "{writes:?}");
                assert_eq!(share.ledger().used(), amount(0, 0), "{writes:?}");
            }
        }
        call(&session, &whole, |dir| write(dir, "g", "g"));
        call(&session, &share, |dir| dir.remove_file("f").unwrap());
        assert_eq!(share.ledger().used(), amount(0, 0), "{writes:?}");
        assert_eq!(session.volume.ledger().used(), amount(1, 1), "{writes:?}");
    }
}
