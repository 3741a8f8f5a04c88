//! What was taken back: every function of every handle that was opened through it says so.

use crate::tree::{Tree, path};
use crate::view::View;
use bailiwick_capfs::{Attenuation, Capability, ErrorCode, HandleError, Resolved, Scope};

const GONE: ErrorCode = ErrorCode::BadDescriptor;

#[test]
fn every_function_that_looks_says_so() {
    let tree = Tree::new();
    tree.file("d/x", "x").file("d/y", "y").link("l", "d/x");
    let view = View::of("g", tree.grant());
    let dir = view.dir("");
    let below = dir.open_dir("d").unwrap();
    let file = dir.open_file("d/x").unwrap();
    let nofollow = dir.open_file_nofollow("d/x").unwrap();
    let Resolved::File(resolved) = view.resolve_read(&path("l")).unwrap() else {
        panic!("it is a file");
    };
    let mount = view.layer.mount(&view.capability, &path("d/x"), false);
    let mount = mount.unwrap();
    let mut walker = dir.walk("", &Scope::default()).unwrap();
    assert_eq!(walker.next(1).unwrap().entries.len(), 1);
    view.handles.revoke(view.id).unwrap();
    for dir in [&dir, &below, &mount.read] {
        assert_eq!(dir.stat("").unwrap_err(), GONE);
        assert_eq!(dir.facts("x", true).unwrap_err(), GONE);
        assert_eq!(dir.facts("x", false).unwrap_err(), GONE);
        assert_eq!(dir.read_link("l").unwrap_err(), GONE);
        assert_eq!(dir.open_dir("").unwrap_err(), GONE);
        assert_eq!(dir.open_file("x").unwrap_err(), GONE);
        assert_eq!(dir.open_file_nofollow("x").unwrap_err(), GONE);
        assert_eq!(dir.entries("").unwrap_err(), GONE);
        assert_eq!(dir.walk("", &Scope::default()).unwrap_err(), GONE);
        // What is missing is not told from what is there.
        assert_eq!(dir.stat("nothing").unwrap_err(), GONE);
        assert_eq!(dir.names_near(&path("xx"), 9), [""; 0]);
        let results = dir.read_files(&["x".to_owned(), "nothing".to_owned()], 9);
        assert_eq!(results, [Err(GONE), Err(GONE)]);
        assert_eq!(dir.read_files(&[], 9), []);
    }
    for file in [&file, &nofollow, &resolved] {
        assert_eq!(file.read(0, 9).unwrap_err(), GONE);
        assert_eq!(file.stat().unwrap_err(), GONE);
        assert_eq!(file.facts().unwrap_err(), GONE);
    }
    assert_eq!(walker.next(9).unwrap_err(), GONE);
    assert_eq!(view.resolve_read(&path("d")).unwrap_err(), GONE);
    let mount = view.layer.mount(&view.capability, &path("d"), false);
    assert_eq!(mount.unwrap_err(), GONE);
    assert_eq!(view.names_near(&path("dd"), 9), [""; 0]);
}

#[test]
fn what_is_derived_dies_and_what_is_beside_it_lives() {
    let tree = Tree::new();
    tree.file("d/x", "x");
    let view = View::of("g", tree.grant());
    let terms = Attenuation {
        path: path("d"),
        ..Attenuation::default()
    };
    let id = view.handles.attenuate(view.id, &terms).unwrap();
    let narrow = view.handles.get(id).unwrap();
    let beside = view
        .handles
        .get(view.handles.attenuate(view.id, &terms).unwrap());
    let open = |capability: &Capability| match view.layer.resolve_read(capability, &path("x")) {
        Ok(Resolved::File(file)) => Ok(file),
        Ok(Resolved::Dir(dir)) => panic!("{dir:?} is a directory"),
        Err(error) => Err(error),
    };
    let (dying, living) = (open(&narrow).unwrap(), open(&beside.unwrap()).unwrap());
    assert_eq!(dying.name(), "/g/d/x");
    view.handles.revoke(id).unwrap();
    assert_eq!(dying.read(0, 9).unwrap_err(), GONE);
    assert_eq!(open(&narrow).unwrap_err(), GONE);
    assert_eq!(view.handles.get(id).unwrap_err(), HandleError::Unknown);
    assert_eq!(living.read(0, 9).unwrap().bytes, b"x");
    view.handles.revoke(view.id).unwrap();
    assert_eq!(living.read(0, 9).unwrap_err(), GONE);
}

#[test]
fn a_capability_of_another_volume_is_no_use() {
    let (one, other) = (Tree::new(), Tree::new());
    one.file("x", "one");
    other.file("x", "other");
    let (one, other) = (View::of("a", one.grant()), View::of("b", other.grant()));
    assert!(one.layer.is_of(&one.capability) && !one.layer.is_of(&other.capability));
    let refused = one.layer.resolve_read(&other.capability, &path("x"));
    assert_eq!(refused.unwrap_err(), ErrorCode::Invalid);
    let refused = one.layer.mount(&other.capability, &path("x"), false);
    assert_eq!(refused.unwrap_err(), ErrorCode::Invalid);
    assert_eq!(
        one.layer.names_near(&other.capability, &path("y"), 9),
        [""; 0]
    );
}
