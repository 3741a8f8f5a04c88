//! Paths against real trees. The grammar itself is tested beside it.

use crate::tree::{Tree, path, read};
use crate::view::View;
use bailiwick_capfs::{ErrorCode, Kind, Resolved, bounds};

#[test]
fn names_and_what_they_mean() {
    let tree = Tree::new();
    tree.file("a/b/c", "it").file("top", "top");
    let dir = tree.handle();
    for (path, wanted) in [
        ("a/b/c", Ok("it")),
        ("./a//b/./c", Ok("it")),
        ("a/../a/b/c", Ok("it")),
        ("missing/../top", Ok("top")),
        ("top", Ok("top")),
        ("top/", Err(ErrorCode::NotDirectory)),
        ("top/.", Err(ErrorCode::NotDirectory)),
        ("top/x", Err(ErrorCode::NotDirectory)),
        ("a/b/c/d/e", Err(ErrorCode::NotDirectory)),
        ("a", Err(ErrorCode::IsDirectory)),
        ("a/", Err(ErrorCode::IsDirectory)),
        ("a/b/..", Err(ErrorCode::IsDirectory)),
        ("", Err(ErrorCode::IsDirectory)),
        (".", Err(ErrorCode::IsDirectory)),
        ("nothing", Err(ErrorCode::NoEntry)),
        ("a/nothing/c", Err(ErrorCode::NoEntry)),
        ("../inside/top", Err(ErrorCode::NotPermitted)),
        ("a/../../inside/top", Err(ErrorCode::NotPermitted)),
        ("/top", Err(ErrorCode::NotPermitted)),
        ("to\0p", Err(ErrorCode::Invalid)),
    ] {
        let got = read(&dir, path);
        assert_eq!(got.as_deref().map_err(|error| *error), wanted, "{path:?}");
    }
}

#[test]
fn every_function_refuses_what_leaves() {
    let tree = Tree::new();
    tree.file("a/x", "x");
    let dir = tree.handle();
    let scope = Default::default();
    for path in [
        "..",
        "../outside",
        "a/../..",
        "/",
        "/etc/passwd",
        "../outside/secret",
    ] {
        let refused = ErrorCode::NotPermitted;
        assert_eq!(dir.stat(path).unwrap_err(), refused, "{path}");
        assert_eq!(dir.read_link(path).unwrap_err(), refused, "{path}");
        assert_eq!(dir.open_dir(path).unwrap_err(), refused, "{path}");
        assert_eq!(dir.open_file(path).unwrap_err(), refused, "{path}");
        assert_eq!(dir.walk(path, &scope).unwrap_err(), refused, "{path}");
        assert_eq!(
            dir.read_files(&[path.to_owned()], 9),
            [Err(refused)],
            "{path}"
        );
    }
}

#[test]
fn long_names() {
    let tree = Tree::new();
    let longest = "n".repeat(bounds::NAME);
    tree.file(&longest, "long");
    let dir = tree.handle();
    assert_eq!(read(&dir, &longest).unwrap(), "long");
    assert_eq!(
        read(&dir, &format!("{longest}n")),
        Err(ErrorCode::NameTooLong)
    );
    // 255 bytes, though fewer characters.
    let wide = "é".repeat(128);
    assert_eq!(read(&dir, &wide), Err(ErrorCode::NameTooLong));
}

#[test]
fn deep_paths_need_few_descriptors() {
    let tree = Tree::new();
    let deep = ["d"; 300].join("/");
    tree.file(&format!("{deep}/x"), "deep");
    assert_eq!(read(&tree.handle(), &format!("{deep}/x")).unwrap(), "deep");
}

#[test]
fn handles_have_the_names_of_the_session() {
    let tree = Tree::new();
    tree.file("src/main.rs", "fn main() {}").link("l", "src");
    let view = View::of("workspace", tree.grant());
    let Resolved::File(file) = view.resolve_read(&path("./src//main.rs")).unwrap() else {
        panic!("it is a file");
    };
    assert_eq!(file.name(), "/workspace/src/main.rs");
    let dir = view.dir("");
    assert_eq!(dir.name(), "/workspace");
    let src = dir.open_dir("src/").unwrap();
    assert_eq!(src.name(), "/workspace/src");
    assert_eq!(
        src.open_file("main.rs").unwrap().name(),
        "/workspace/src/main.rs"
    );
    assert_eq!(src.open_dir(".").unwrap().name(), "/workspace/src");
    // As it was asked for, so that it can be asked for again.
    assert_eq!(
        dir.open_file("l/main.rs").unwrap().name(),
        "/workspace/l/main.rs"
    );
}

#[test]
fn facts() {
    let tree = Tree::new();
    tree.file("f", "12345").dir("d");
    let dir = tree.handle();
    let before_1970 = std::time::UNIX_EPOCH - std::time::Duration::from_millis(1500);
    let file = std::fs::File::options()
        .write(true)
        .open(tree.at("f"))
        .unwrap();
    file.set_modified(before_1970 + std::time::Duration::from_micros(300))
        .unwrap();
    let stat = dir.stat("f").unwrap();
    assert_eq!(
        (stat.kind, stat.size, stat.modified),
        (Kind::File, 5, -1500)
    );
    assert_eq!(dir.open_file("f").unwrap().stat().unwrap(), stat);
    let stat = dir.stat("d").unwrap();
    assert_eq!((stat.kind, stat.size), (Kind::Directory, 0));
    assert_eq!(dir.stat("d/").unwrap(), stat);
    assert_eq!(dir.stat("").unwrap().kind, Kind::Directory);
    assert_eq!(dir.stat("f/").unwrap_err(), ErrorCode::NotDirectory);
}
