//! Applying: everything that a set can say, and what is refused.

use crate::bench::{Bench, Set, conflict};
use crate::driver;
use bailiwick_capfs::ChangeSet;
use bailiwick_capfs::change_set::{Attributes, What};
use bailiwick_capfs::state::Fault;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

pub(crate) const FILES: &[(&str, &str)] = &[
    ("a", "a"),
    ("gone", "gone"),
    ("old-name", "moved"),
    ("dir/in", "in"),
    ("dir/same", "same"),
    ("dir/out", "out"),
    ("dir/sub/deep", "deep"),
    ("trash/x/y", "y"),
    ("trash/z", "z"),
    ("mode", "mode"),
];

/// All kinds of changes at once.
pub(crate) fn everything(bench: &Bench) -> ChangeSet {
    let mode = Attributes {
        mode: Some(0o640),
        modified: Some((1_000_000, 5)),
        accessed: None,
    };
    let content = driver::content(&bench.vault, "changed");
    let set: Set<'_> = bench
        .set()
        .rename("dir", "dir2")
        .rename("dir/out", "out")
        .take("gone")
        .take("trash")
        .rename("old-name", "new-name")
        .over("dir/in", "dir2/in", What::File(content))
        .replace("a", "aa")
        .put("new", What::Dir(0o555))
        .create("new/file", "new")
        .put("new/link", What::Link("file".into()))
        .create("trash", "a file now")
        .over("mode", "mode", What::Attributes(mode))
        .put(
            "dir2/sub",
            What::Attributes(Attributes {
                mode: Some(0o711),
                ..Attributes::default()
            }),
        );
    set.set
}

fn mode(bench: &Bench, path: &str) -> u32 {
    std::fs::symlink_metadata(bench.base().join(path))
        .expect("it is there")
        .permissions()
        .mode()
        & 0o7777
}

#[test]
fn everything_at_once_and_back_and_again() {
    for fault in [Fault::None, Fault::Plain] {
        let bench = Bench::new(FILES);
        bench.state.fault(fault);
        std::fs::set_permissions(
            bench.base().join("a"),
            std::fs::Permissions::from_mode(0o755),
        )
        .expect("chmod");
        let before = bench.tree();
        let record = bench.apply(&everything(&bench)).expect("it is applied");
        let after = bench.tree();
        let is = |path: &str, text: &str| {
            assert_eq!(after.get(path).map(String::as_str), Some(text), "{path}")
        };
        is("a", "aa");
        is("dir2/in", "changed");
        is("dir2/same", "same");
        is("dir2/sub/deep", "deep");
        is("out", "out");
        is("new-name", "moved");
        is("new/file", "new");
        is("new/link", "-> file");
        is("trash", "a file now");
        for path in ["dir", "gone", "old-name", "dir2/out"] {
            assert!(!after.contains_key(path), "{path}");
        }
        assert_eq!(
            mode(&bench, "a"),
            0o755,
            "a replaced file keeps its permissions"
        );
        assert_eq!(
            (
                mode(&bench, "new"),
                mode(&bench, "mode"),
                mode(&bench, "dir2/sub")
            ),
            (0o555, 0o640, 0o711)
        );
        let time = std::fs::metadata(bench.base().join("mode")).expect("it is there");
        assert_eq!((time.mtime(), time.mtime_nsec()), (1_000_000, 5));
        assert!(bench.kept("journal").is_empty());

        let undone = bench
            .state
            .undo(&[record.id], "undo")
            .expect("it is undone");
        assert_eq!(bench.tree(), before);
        assert_ne!(
            (mode(&bench, "mode"), mode(&bench, "dir/sub")),
            (0o640, 0o711)
        );
        let again = bench
            .state
            .undo(&[undone.id], "redo")
            .expect("it is done again");
        assert_eq!(bench.tree(), after);
        assert_eq!((mode(&bench, "new"), mode(&bench, "mode")), (0o555, 0o640));
        bench.state.undo(&[again.id], "undo").expect("it is undone");
        assert_eq!(bench.tree(), before);
        assert_eq!(
            bench.state.history().expect("a history").len(),
            1,
            "what was undone is not offered again"
        );
    }
}

#[test]
fn all_conflicts_are_named_and_nothing_is_done() {
    let bench = Bench::new(FILES);
    let set = everything(&bench);
    bench.write("a", "other");
    bench.write("gone", "other");
    bench.write("trash/x/y", "Y");
    bench.write("dir/in", "IN");
    bench.write("new", "in the way");
    std::fs::remove_file(bench.base().join("mode")).expect("it is removed");
    let before = bench.tree();
    let conflicts = conflict(bench.apply(&set).expect_err("others changed files"));
    assert_eq!(conflicts, ["a", "dir/in", "gone", "mode", "new", "trash"]);
    assert_eq!(bench.tree(), before);
    assert!(bench.kept("slots").is_empty() && bench.kept("history").is_empty());
}

#[test]
fn same_contents_under_another_stamp_are_no_conflict() {
    let bench = Bench::new(&[("a", "a")]);
    let set = bench.set().replace("a", "b").set;
    bench.write("a", "a");
    bench.apply(&set).expect("nothing changed but times");
    assert_eq!(bench.tree()["a"], "b");
}

#[test]
fn what_is_in_place_is_no_more_a_blobs() {
    let bench = Bench::new(&[]);
    let set = bench.set().create("a", "a").set;
    let What::File(content) = &set.puts[0].what else {
        unreachable!("a file was created");
    };
    assert!(!content.blob.is_kept());
    bench.apply(&set).expect("it is applied");
    assert!(
        content.blob.is_kept(),
        "who writes to it now would write in place"
    );
    drop(set);
    assert_eq!(
        std::fs::metadata(bench.base().join("a"))
            .expect("it is there")
            .nlink(),
        1
    );
}

#[test]
fn a_link_in_the_way_is_not_followed() {
    let bench = Bench::new(&[("dir/in", "in"), ("outside/in", "in")]);
    let set = bench
        .set()
        .replace("dir/in", "changed")
        .create("dir/new", "new")
        .set;
    std::fs::rename(bench.base().join("dir"), bench.base().join("was")).expect("it is moved");
    std::os::unix::fs::symlink("outside", bench.base().join("dir")).expect("a link");
    let before = bench.tree();
    assert!(
        conflict(bench.apply(&set).expect_err("the directory is a link"))
            .contains(&"dir/in".to_owned())
    );
    assert_eq!(bench.tree(), before);
}

#[test]
fn two_grants_are_changed_as_one() {
    let bench = Bench::new(&[("a", "a")]);
    let other = bench.folder.path().join("other");
    std::fs::create_dir(&other).expect("a directory");
    let grant = bailiwick_capfs::Grant::open_ambient(
        &other,
        bailiwick_capfs::Rights::READ,
        bailiwick_capfs::ambient_authority(),
    );
    let vault = bench
        .state
        .vault(&grant.expect("a grant"))
        .expect("a vault");
    let one = bench.set().replace("a", "b").set;
    let mut two = bench.set().set;
    two.puts.push(bailiwick_capfs::change_set::Put {
        path: "new".into(),
        what: What::File(driver::content(&vault, "new")),
        over: None,
    });
    std::fs::write(other.join("new"), "in the way").expect("a file");
    let parts = [(&bench.vault, &one), (&vault, &two)];
    let error = bench
        .state
        .apply(&parts, "both")
        .expect_err("one is in the way");
    assert!(
        matches!(error, bailiwick_capfs::state::ApplyError::Conflict(paths) if paths == [(1, "new".to_owned())])
    );
    assert_eq!(bench.tree()["a"], "a");
    std::fs::remove_file(other.join("new")).expect("it is removed");
    let record = bench.state.apply(&parts, "both").expect("it is applied");
    assert_eq!(record.roots.len(), 2);
    assert!(other.join("new").exists() && bench.tree()["a"] == "b");
    bench
        .state
        .undo(&[record.id], "undo")
        .expect("it is undone");
    assert!(!other.join("new").exists() && bench.tree()["a"] == "a");
}

#[test]
fn permissions_that_were_given_meanwhile_stay() {
    use std::os::unix::fs::PermissionsExt;

    let bench = Bench::new(&[("a", "1")]);
    let set = bench.set().replace("a", "2").set;
    let path = bench.base().join("a");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o751)).expect("it can be set");
    bench.apply(&set).expect("the contents are the same");
    let mode = std::fs::metadata(&path)
        .expect("there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o751);
}
