//! What waits: it comes back as it was, for any process, or says what is wrong with it.

use crate::apply::{FILES, everything};
use crate::bench::Bench;
use bailiwick_capfs::ChangeSet;
use bailiwick_capfs::state::StateError;

#[test]
fn what_is_pending_comes_back_in_another_process_and_applies() {
    let bench = Bench::new(FILES);
    let before = bench.tree();
    bench
        .vault
        .keep_pending(&everything(&bench))
        .expect("it is kept");
    assert_eq!(bench.tree(), before, "nothing is on disk");
    let (state, vault) = bench.other();
    let all = state.pending().expect("it can be read");
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].0, bench.base().canonicalize().expect("a path"));
    let set = vault.pending().expect("it can be read");
    assert_eq!(set.puts.len(), everything(&bench).puts.len());
    state
        .apply(&[(&vault, &set)], "accepted")
        .expect("it is applied");
    vault
        .keep_pending(&ChangeSet::default())
        .expect("nothing is pending any more");
    assert!(state.pending().expect("it can be read").is_empty());
    assert_eq!(bench.tree()["dir2/in"], "changed");
    // What is in place is not the file that was pending: others write to it as they like.
    bench.write("a", "theirs");
}

#[test]
fn another_process_does_not_overwrite_what_it_did_not_see() {
    let bench = Bench::new(&[]);
    let (_state, other) = bench.other();
    bench
        .vault
        .keep_pending(&bench.set().create("a", "a").set)
        .expect("it is kept");
    let set = bench.set().create("b", "b").set;
    assert!(matches!(
        other.keep_pending(&set),
        Err(StateError::Pending { .. })
    ));
    assert_eq!(other.pending().expect("it can be read").puts.len(), 1);
    other.keep_pending(&set).expect("now it was seen");
    assert!(matches!(
        bench.vault.keep_pending(&ChangeSet::default()),
        Err(StateError::Pending { .. })
    ));
}

#[test]
fn damage_is_told_and_nothing_is_removed() {
    let bench = Bench::new(&[]);
    bench
        .vault
        .keep_pending(&bench.set().create("a", "contents").set)
        .expect("it is kept");
    let vaults = bench.state_path().join("vaults");
    let vault = std::fs::read_dir(vaults)
        .expect("vaults")
        .next()
        .expect("one")
        .expect("an entry")
        .path();
    let folder = vault.join("pending");
    let names = || {
        let names = std::fs::read_dir(&folder).expect("it can be listed");
        names
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .into_string()
                    .expect("UTF-8")
            })
            .collect::<Vec<_>>()
    };
    let content = names()
        .into_iter()
        .find(|name| name.len() == 64)
        .expect("contents by digest");
    let check = |named: &str| {
        let before = names();
        match bench.other().1.pending() {
            Err(StateError::Damaged { path, .. } | StateError::Newer { path, .. }) => {
                assert_eq!(path.file_name().expect("a name").to_str(), Some(named));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(names(), before);
    };
    std::fs::write(folder.join(&content), "CONTENTS").expect("it is damaged");
    check(&content);
    std::fs::remove_file(folder.join(&content)).expect("it is removed");
    check(&content);
    std::fs::write(folder.join("pending.json"), "{\"version\":2}").expect("it is of later");
    check("pending.json");
    std::fs::write(folder.join("pending.json"), "{").expect("it is damaged");
    check("pending.json");
}
