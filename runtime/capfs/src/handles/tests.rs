use super::*;
use crate::grant::Grant;
use crate::guard::Guards;
use crate::ledger::Amount;
use crate::path::GuestPath;
use crate::rights::Rights;
use crate::volume::{Volume, VolumeOptions, Writes};
use cap_std::ambient_authority;
use proptest::prelude::*;
use proptest::sample::Index;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const QUOTA: Amount = Amount {
    bytes: 100,
    entries: 10,
};

fn volume() -> (TempDir, Volume) {
    let folder = tempfile::tempdir().expect("there is room");
    let authority = ambient_authority();
    let grant =
        Grant::open_ambient(folder.path(), Rights::READ_WRITE, authority).expect("it opens");
    let options = VolumeOptions {
        writes: Writes::Direct,
        quota: QUOTA,
    };
    let volume = Volume::new("workspace", grant, options, None).expect("it needs no state");
    (folder, volume)
}

fn path(text: &str) -> GuestPath {
    GuestPath::parse(text).expect("it parses")
}

#[test]
fn a_grant_is_all_of_its_volume() {
    let (_folder, volume) = volume();
    let handles = Handles::default();
    for name in ["workspace", "/workspace"] {
        let whole = handles
            .get(handles.grant(name, volume.clone()))
            .expect("it is there");
        assert_eq!(whole.name(), "/workspace");
        assert_eq!(whole.rights(), Rights::READ_WRITE);
        assert_eq!(whole.ledger().limit(), QUOTA);
        assert!(whole.at.is_root());
        assert!(whole.reach.guards.protects(Path::new(".git/hooks/x")));
    }
}

#[test]
fn a_narrower_one_says_where_it_is() {
    let (_folder, volume) = volume();
    let handles = Handles::default();
    let whole = handles.grant("workspace", volume);
    let src = Attenuation {
        path: path("src/"),
        hide: vec!["/secret".into()],
        protect: vec!["*.lock".into()],
        ..Attenuation::default()
    };
    let src = handles.attenuate(whole, &src).expect("it derives");
    let deep = Attenuation {
        path: path("./a/../b"),
        rights: Some(Rights::READ),
        ..Attenuation::default()
    };
    let deep = handles.attenuate(src, &deep).expect("it derives");
    let deep = handles.get(deep).expect("it is there");
    assert_eq!(deep.name(), "/workspace/src/b");
    assert_eq!(deep.at.as_str(), "src/b");
    assert_eq!(deep.rights(), Rights::READ);
    let guards = &deep.reach.guards;
    assert!(guards.hides(Path::new("src/secret/x")) && !guards.hides(Path::new("secret")));
    assert!(guards.protects(Path::new("src/b/x.lock")) && !guards.protects(Path::new("x.lock")));
}

#[test]
fn rights_are_never_added() {
    let (_folder, volume) = volume();
    let handles = Handles::default();
    let derive = |id, rights| {
        let terms = Attenuation {
            rights: Some(rights),
            ..Attenuation::default()
        };
        handles.attenuate(id, &terms).expect("it derives")
    };
    let read = derive(handles.grant("w", volume), Rights::READ);
    let again = handles
        .get(derive(read, Rights::READ_WRITE))
        .expect("it is there");
    assert_eq!(again.rights(), Rights::READ);
    let none = derive(derive(read, Rights::NONE), Rights::READ_WRITE);
    assert_eq!(
        handles.get(none).expect("it is there").rights(),
        Rights::NONE
    );
}

#[test]
fn a_glob_that_does_not_parse_is_named_and_derives_nothing() {
    let (_folder, volume) = volume();
    let handles = Handles::default();
    let whole = handles.grant("w", volume);
    let terms = Attenuation {
        hide: vec!["a[".into()],
        ..Attenuation::default()
    };
    let refused = handles
        .attenuate(whole, &terms)
        .expect_err("it does not parse");
    assert!(refused.to_string().contains("`a[`"), "{refused}");
    assert_eq!(handles.revoke(whole), Ok(1));
}

#[test]
fn another_sessions_number_means_nothing() {
    let (_folder, volume) = volume();
    let (ours, theirs) = (Handles::default(), Handles::default());
    let id = ours.grant("w", volume.clone());
    let other = theirs.grant("w", volume);
    assert_ne!(id, other);
    assert_eq!(theirs.get(id).map(|_| ()), Err(HandleError::Unknown));
    assert_eq!(theirs.revoke(id), Err(HandleError::Unknown));
    assert!(ours.get(id).is_ok() && ours.clone().get(id).is_ok());
}

#[test]
fn an_expired_one_is_none_any_more() {
    let (_folder, volume) = volume();
    let handles = Handles::default();
    let whole = handles.grant("w", volume);
    let until = |expires| Attenuation {
        expires: Some(expires),
        ..Attenuation::default()
    };
    let now = Instant::now();
    let past = handles.attenuate(whole, &until(now)).expect("it derives");
    let later = now + Duration::from_secs(3600);
    assert_eq!(
        handles.attenuate(past, &until(later)),
        Err(HandleError::Unknown)
    );
    assert_eq!(handles.get(past).map(|_| ()), Err(HandleError::Unknown));
    let live = handles.attenuate(whole, &until(later)).expect("it derives");
    assert!(handles.get(live).is_ok());
    assert_eq!(handles.revoke(whole), Ok(2));
}

/// The number of a slot that was used again is another one, however often.
#[test]
fn a_number_never_comes_back() {
    let (_folder, volume) = volume();
    let handles = Handles::default();
    let mut gone = Vec::new();
    for _ in 0..100 {
        let id = handles.grant("w", volume.clone());
        assert!(!gone.contains(&id));
        assert_eq!(handles.revoke(id), Ok(1));
        gone.push(id);
        assert!(gone.iter().all(|id| handles.get(*id).is_err()));
    }
}

/// Deriving and taking back at once: what was derived from something that is gone is gone.
#[test]
fn nothing_outlives_what_it_was_derived_from() {
    let (_folder, volume) = volume();
    let handles = Handles::default();
    for _ in 0..50 {
        let whole = handles.grant("w", volume.clone());
        let derived: Vec<HandleId> = thread::scope(|scope| {
            let derive = || {
                let mut all = vec![whole];
                while let Some(id) = all.last()
                    && let Ok(next) = handles.attenuate(*id, &Attenuation::default())
                    && all.len() < 20
                {
                    all.push(next);
                }
                all
            };
            let threads = [scope.spawn(derive), scope.spawn(derive)];
            handles.revoke(whole).expect("it was there");
            threads
                .into_iter()
                .flat_map(|thread| thread.join().expect("it ends"))
                .collect()
        });
        assert!(derived.iter().all(|id| handles.get(*id).is_err()));
    }
}

#[derive(Clone, Debug)]
enum Step {
    Derive(Index, Attenuation),
    Revoke(Index),
    Grant,
}

fn terms() -> impl Strategy<Value = Attenuation> {
    let globs = || {
        prop::collection::vec(
            prop::sample::select(vec!["*.key", "/a", "b/", "a/b", "**/c", "!x"]),
            0..3,
        )
    };
    let rights = prop::sample::select(vec![Rights::NONE, Rights::READ, Rights::READ_WRITE]);
    (
        prop::sample::select(vec!["", "a", "a/b", "B"]),
        prop::option::of(rights),
        (globs(), globs()),
        prop::option::of((0u64..200, 0u64..20)),
        prop::option::of(3600u64..7200),
    )
        .prop_map(
            |(at, rights, (hide, protect), quota, expires)| Attenuation {
                path: path(at),
                rights,
                hide: hide.into_iter().map(str::to_owned).collect(),
                protect: protect.into_iter().map(str::to_owned).collect(),
                quota: quota.map(|(bytes, entries)| Amount { bytes, entries }),
                expires: expires.map(|seconds| Instant::now() + Duration::from_secs(seconds)),
            },
        )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (any::<Index>(), terms()).prop_map(|(of, terms)| Step::Derive(of, terms)),
        2 => any::<Index>().prop_map(Step::Revoke),
        1 => Just(Step::Grant),
    ]
}

/// Paths to compare guards by.
const PATHS: &[&str] = &[
    "x",
    "a",
    "a/x",
    "a/b",
    "a/b/c",
    "a/b/x.key",
    "b",
    "B/a",
    "b/a/b",
    "c",
    "a/a/b/c",
    ".git/config",
    "A/B/b",
];

fn at_most(child: &Guards, parent: &Guards) -> Result<(), TestCaseError> {
    for path in PATHS.iter().map(Path::new) {
        prop_assert!(
            child.hides(path) || !parent.hides(path),
            "{:?} came out",
            path
        );
        prop_assert!(
            child.protects(path) || !parent.protects(path),
            "{:?} can be written",
            path
        );
    }
    Ok(())
}

/// What is left can be charged to both or to neither.
fn fits(ledger: &crate::Ledger, amount: Amount) -> bool {
    let fits = ledger.charge(amount).is_ok();
    if fits {
        ledger.give_back(amount);
    }
    fits
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Over random trees: deriving never adds, taking back kills exactly the subtree, and no number comes back.
    #[test]
    fn over_random_trees(steps in prop::collection::vec(step(), 1..40)) {
        let (_folder, volume) = volume();
        let handles = Handles::default();
        let mut nodes: Vec<(HandleId, Option<usize>, bool)> = vec![(handles.grant("w", volume.clone()), None, true)];
        for step in steps {
            match step {
                Step::Grant => nodes.push((handles.grant("w", volume.clone()), None, true)),
                Step::Derive(of, terms) => {
                    let of = of.index(nodes.len());
                    let (id, _, alive) = nodes[of];
                    let derived = handles.attenuate(id, &terms);
                    prop_assert_eq!(derived.is_ok(), alive);
                    if let Ok(derived) = derived {
                        nodes.push((derived, Some(of), true));
                    }
                }
                Step::Revoke(of) => {
                    let of = of.index(nodes.len());
                    let (id, _, alive) = nodes[of];
                    let taken: Vec<_> = (0..nodes.len()).filter(|i| nodes[*i].2).map(|i| handles.get(nodes[i].0)).collect();
                    let mut count = 0;
                    for i in of..nodes.len() {
                        if nodes[i].2 && is_below(&nodes, i, of) {
                            nodes[i].2 = false;
                            count += 1;
                        }
                    }
                    let expected = if alive { Ok(count) } else { Err(HandleError::Unknown) };
                    prop_assert_eq!(handles.revoke(id), expected);
                    let dead = taken.into_iter().filter(|it| it.as_ref().is_ok_and(|it| it.token().check().is_err())).count();
                    prop_assert_eq!(dead, if alive { count } else { 0 });
                }
            }
            for (i, (id, parent, alive)) in nodes.iter().enumerate() {
                let got = handles.get(*id);
                prop_assert_eq!(got.is_ok(), *alive, "{}", i);
                let (Ok(child), Some(parent)) = (got, parent) else { continue };
                let parent = handles.get(nodes[*parent].0);
                prop_assert!(parent.is_ok(), "it outlived what it was derived from");
                let Ok(parent) = parent else { continue };
                prop_assert!(parent.rights().allows(child.rights()));
                prop_assert!(child.at.as_str().starts_with(parent.at.as_str()));
                at_most(&child.reach.guards, &parent.reach.guards)?;
                for bytes in [0, 1, 50, 100, 101, 150] {
                    let amount = Amount { bytes, entries: bytes / 10 };
                    prop_assert!(fits(parent.ledger(), amount) || !fits(child.ledger(), amount));
                }
            }
        }
    }
}

fn is_below(nodes: &[(HandleId, Option<usize>, bool)], mut node: usize, top: usize) -> bool {
    while node != top {
        match nodes[node].1 {
            Some(parent) => node = parent,
            None => return false,
        }
    }
    true
}

#[test]
fn all_of_a_file_is_a_file() {
    let (folder, volume) = volume();
    std::fs::write(folder.path().join("f"), "f").expect("there is room");
    let handles = Handles::default();
    let file = Attenuation {
        path: path("f"),
        ..Attenuation::default()
    };
    let file = handles
        .attenuate(handles.grant("w", volume.clone()), &file)
        .expect("it derives");
    let again = handles
        .attenuate(file, &Attenuation::default())
        .expect("it derives");
    let again = handles.get(again).expect("it is there");
    let resolved = volume
        .begin(None)
        .resolve_read(&again, &GuestPath::default());
    assert!(
        matches!(resolved, Ok(crate::Resolved::File(_))),
        "{resolved:?}"
    );
}
