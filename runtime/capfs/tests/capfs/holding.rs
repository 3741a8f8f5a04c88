//! Rights and tokens: who may write at all, and until when.

use crate::tree::Tree;
use crate::view::View;
use crate::work::{Work, write};
use bailiwick_capfs::{
    Attenuation, ErrorCode, Expect, GuestPath, Rights, Times, WriteDir, WriteFile,
};

fn tree() -> Tree {
    let tree = Tree::new();
    tree.file("a", "a").dir("d").file("d/x", "x");
    tree
}

#[test]
fn who_only_reads_gets_nothing_to_write_with() {
    Work::each(tree, |work| {
        let terms = Attenuation {
            rights: Some(Rights::READ),
            ..Attenuation::default()
        };
        let reads = work.view.capability.attenuate(&terms).unwrap();
        let (layer, root) = (&work.view.layer, GuestPath::default());
        assert_eq!(
            layer.write_dir(&reads, &root).unwrap_err(),
            ErrorCode::Access
        );
        let path = GuestPath::parse("a").unwrap();
        let file = layer.write_file(&reads, &path, Expect::Existing);
        assert_eq!(file.unwrap_err(), ErrorCode::Access);
        // Nor does a call that did not say that it writes.
        let looks = View::on(work.volume.clone(), false);
        let dir = looks.layer.write_dir(&looks.capability, &root);
        assert_eq!(dir.unwrap_err(), ErrorCode::Access);
        let mount = looks.layer.mount(&looks.capability, &root, true).unwrap();
        let made = mount
            .write
            .map_or(Err(ErrorCode::Access), |dir| dir.make_dir("new"));
        assert_eq!(made, Err(ErrorCode::Access));
    });
}

#[test]
fn a_single_file_is_all_that_its_handle_reaches() {
    Work::each(tree, |work| {
        let terms = Attenuation {
            path: GuestPath::parse("d/x").unwrap(),
            ..Attenuation::default()
        };
        let one = work.view.capability.attenuate(&terms).unwrap();
        let file = work
            .view
            .layer
            .write_file(&one, &GuestPath::default(), Expect::Either);
        file.unwrap().replace(b"y").unwrap();
        assert_eq!(work.read("d/x"), "y");
        let dir = work.view.layer.write_dir(&one, &GuestPath::default());
        assert_eq!(dir.unwrap_err(), ErrorCode::NotDirectory);
        let mount = work
            .view
            .layer
            .mount(&one, &GuestPath::default(), true)
            .unwrap();
        let dir = mount.write.unwrap();
        assert_eq!(dir.make_dir("new"), Err(ErrorCode::NotPermitted));
        assert_eq!(
            dir.rename("x", &dir, "z", false),
            Err(ErrorCode::NotPermitted)
        );
        write(&dir, "x", "z");
        assert_eq!(work.read("d/x"), "z");
    });
}

#[test]
fn nothing_works_once_a_handle_was_taken_back() {
    Work::each(tree, |work| {
        let shown = work.shown();
        let terms = Attenuation::default();
        let id = work.view.handles.attenuate(work.view.id, &terms).unwrap();
        let capability = work.view.handles.get(id).unwrap();
        let layer = &work.view.layer;
        let dir = layer.write_dir(&capability, &GuestPath::default()).unwrap();
        let file = dir.open_file("a", Expect::Existing).unwrap();
        let missing = dir.open_file("new", Expect::Either).unwrap();
        work.view.handles.revoke(id).unwrap();
        for (i, result) in all(&dir, &file, &missing, &work.root)
            .into_iter()
            .enumerate()
        {
            assert_eq!(result, Err(ErrorCode::BadDescriptor), "{i}");
        }
        assert_eq!(work.shown(), shown);
    });
}

/// Everything that changes something.
fn all(
    dir: &WriteDir,
    file: &WriteFile,
    missing: &WriteFile,
    other: &WriteDir,
) -> Vec<Result<(), ErrorCode>> {
    vec![
        dir.open_dir("d").map(drop),
        dir.open_file("a", Expect::Existing).map(drop),
        dir.create_file("n", Expect::New, true).map(drop),
        dir.create_dir("n/m"),
        dir.make_dir("n"),
        dir.make_link("a", "n"),
        dir.rename("a", dir, "n", false),
        dir.rename("a", other, "n", false),
        other.rename("a", dir, "n", false),
        dir.remove("d", true),
        dir.remove_file("a"),
        dir.remove_dir("d"),
        dir.set_times("a", true, Times::default()),
        file.replace(b"n"),
        file.write(0, b"n"),
        file.append(b"n"),
        file.set_size(0),
        file.set_times(Times::default()),
        file.sync(),
        file.as_read().read(0, 1).map(drop),
        missing.append(b"n"),
        missing.as_read().stat().map(drop),
    ]
}
