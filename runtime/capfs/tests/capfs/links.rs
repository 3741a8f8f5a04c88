//! Symbolic links of every kind.

use crate::tree::{CANARY, Tree, directory, read, walk};
use crate::view::View;
use bailiwick_capfs::{ErrorCode, Kind, Resolved, Scope, bounds};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Links that stay: where they lead.
fn inside() -> Tree {
    let tree = Tree::new();
    tree.file("real/file", "it")
        .file("real/deep/x", "x")
        .file("top", "top")
        .link("rel", "real/file")
        .link("dir", "real")
        .link("chain1", "chain2")
        .link("chain2", "./chain3")
        .link("chain3", "dir/file")
        .link("spelled", "real//./deep/.././file")
        .link("slash", "real/")
        .link("dot", ".")
        .link("real/back", "..")
        .link("real/deep/up", "../file")
        .link("real/deep/zigzag", "../../real/../dir/deep/../file")
        .link("real/deep/far", "../../top")
        .link("real/deep/root", "../..");
    tree
}

#[test]
fn links_that_stay_are_followed() {
    let tree = inside();
    let dir = tree.handle();
    for (path, wanted) in [
        ("rel", "it"),
        ("dir/file", "it"),
        ("dir/deep/x", "x"),
        ("chain1", "it"),
        ("spelled", "it"),
        ("slash/file", "it"),
        ("dot/dot/dot/top", "top"),
        ("real/back/top", "top"),
        ("real/back/real/back/rel", "it"),
        ("real/deep/up", "it"),
        ("real/deep/zigzag", "it"),
        ("dir/deep/zigzag", "it"),
        ("real/deep/far", "top"),
        ("real/deep/root/top", "top"),
        // In a path, `..` takes away what is written before it, wherever that leads.
        ("dir/deep/../file", "it"),
        ("real/deep/root/../x", "x"),
    ] {
        assert_eq!(read(&dir, path).as_deref(), Ok(wanted), "{path}");
        assert_eq!(dir.stat(path).unwrap().kind, Kind::File, "{path}");
        let resolved = View::of("g", tree.grant())
            .resolve_read(&crate::tree::path(path))
            .unwrap();
        assert!(matches!(resolved, Resolved::File(_)), "{path}");
    }
    for path in [
        "dir",
        "dir/",
        "slash",
        "dot",
        "real/back",
        "real/deep/root",
        "real/back/.",
    ] {
        assert_eq!(dir.stat(path).unwrap().kind, Kind::Directory, "{path}");
        assert_eq!(read(&dir, path), Err(ErrorCode::IsDirectory), "{path}");
        assert!(dir.open_dir(path).is_ok(), "{path}");
        directory(
            View::of("g", tree.grant())
                .resolve_read(&crate::tree::path(path))
                .unwrap(),
        );
    }
    assert_eq!(dir.open_dir("rel").unwrap_err(), ErrorCode::NotDirectory);
    assert_eq!(read(&dir, "rel/"), Err(ErrorCode::NotDirectory));
}

#[test]
fn links_that_leave_are_refused() {
    let tree = inside();
    let absolute = tree.outside().join("secret");
    tree.link("abs", &absolute)
        .link("abs_dir", tree.outside())
        .link("abs_inside", tree.at("real/file"))
        .link("root", "/")
        .link("out", "../outside/secret")
        .link("out_dir", "../outside")
        .link("parent", "..")
        .link("out_and_back", "../inside/top")
        .link("late", "real/../../outside/secret")
        .link("later", "real/deep/../../../outside/secret")
        .link("to_out", "out")
        .link("to_out_dir", "out_dir/secret")
        .link("over_link", "dir/../../outside/secret")
        .link("over_back", "real/back/../outside/secret")
        .link("real/deep/out", "../../../outside/secret")
        .link("magic_fd", "/proc/self/fd/0")
        .link("magic_root", "/proc/self/root")
        .link("magic_cwd", "/proc/self/cwd/");
    let dir = tree.handle();
    for path in [
        "abs",
        "abs_dir",
        "abs_dir/secret",
        "abs_dir/",
        "abs_inside",
        "root",
        "root/etc/passwd",
        "out",
        "out_dir",
        "out_dir/",
        "out_dir/secret",
        "parent",
        "parent/outside/secret",
        "parent/inside/top",
        "out_and_back",
        "late",
        "later",
        "to_out",
        "to_out_dir",
        "over_link",
        "over_back",
        "real/deep/out",
        "dot/out",
        "magic_fd",
        "magic_root",
        "magic_root/etc/passwd",
        "magic_cwd",
    ] {
        let refused = ErrorCode::NotPermitted;
        assert_eq!(read(&dir, path), Err(refused), "{path}");
        assert_eq!(dir.stat(path).unwrap_err(), refused, "{path}");
        assert_eq!(dir.open_dir(path).unwrap_err(), refused, "{path}");
        assert_eq!(
            dir.walk(path, &Scope::default()).unwrap_err(),
            refused,
            "{path}"
        );
        let resolved = View::of("g", tree.grant()).resolve_read(&crate::tree::path(path));
        assert_eq!(resolved.unwrap_err(), refused, "{path}");
    }
}

#[test]
fn a_narrowed_handle_is_its_own_root() {
    let tree = inside();
    let real = tree.handle().open_dir("real").unwrap();
    assert_eq!(read(&real, "deep/up").as_deref(), Ok("it"));
    // From the grant these two are fine; from here they leave.
    assert_eq!(read(&real, "deep/far"), Err(ErrorCode::NotPermitted));
    assert_eq!(read(&real, "back/top"), Err(ErrorCode::NotPermitted));
    assert_eq!(read(&real, "deep/zigzag"), Err(ErrorCode::NotPermitted));
    let from_grant = View::of("g", tree.grant()).dir("dir/deep");
    assert_eq!(read(&from_grant, "x").as_deref(), Ok("x"));
    assert_eq!(read(&from_grant, "up"), Err(ErrorCode::NotPermitted));
    assert_eq!(
        from_grant.open_dir("root").unwrap_err(),
        ErrorCode::NotPermitted
    );
    // A handle of a handle, through the link that leads to the grant's own root.
    let root = tree.handle().open_dir("real/deep/root").unwrap();
    assert_eq!(read(&root, "real/deep/far").as_deref(), Ok("top"));
    assert_eq!(
        root.open_dir("real").unwrap().stat("back").unwrap_err(),
        ErrorCode::NotPermitted
    );
}

#[test]
fn loops_end() {
    let tree = Tree::new();
    tree.link("self", "self")
        .link("ping", "pong")
        .link("pong", "ping")
        .link("grow", "grow/grow")
        .dir("d")
        .link("d/again", "../d/again/x");
    let dir = tree.handle();
    for path in ["self", "self/", "ping", "pong/x", "grow", "d/again"] {
        assert_eq!(read(&dir, path), Err(ErrorCode::Loop), "{path}");
        assert_eq!(dir.stat(path).unwrap_err(), ErrorCode::Loop, "{path}");
        assert_eq!(dir.open_dir(path).unwrap_err(), ErrorCode::Loop, "{path}");
    }
}

#[test]
fn forty_links_and_one() {
    let tree = Tree::new();
    tree.file("0", "end");
    for i in 1..=bounds::LINKS + 1 {
        tree.link(&i.to_string(), (i - 1).to_string());
    }
    let dir = tree.handle();
    assert_eq!(read(&dir, &bounds::LINKS.to_string()).as_deref(), Ok("end"));
    assert_eq!(
        read(&dir, &(bounds::LINKS + 1).to_string()),
        Err(ErrorCode::Loop)
    );
}

#[test]
fn zigzag_links_run_out_of_steps() {
    let tree = Tree::new();
    let depth = 60;
    let deep = ["d"; 60].join("/");
    // Each `../d` walks down the 60 levels again.
    let zigzag = "../d/".repeat(500);
    tree.dir(&deep)
        .file(&format!("{deep}/x"), "x")
        .link(&format!("{deep}/z"), format!("{zigzag}x"));
    let few = "../d/".repeat(8);
    tree.link(&format!("{deep}/few"), format!("{few}x"));
    let dir = tree.handle();
    assert_eq!(read(&dir, &format!("{deep}/few")).as_deref(), Ok("x"));
    assert!(500 * depth > bounds::STEPS && 8 * depth < bounds::STEPS);
    assert_eq!(
        read(&dir, &format!("{deep}/z")),
        Err(ErrorCode::NameTooLong)
    );
}

#[test]
fn links_to_nothing_and_to_files() {
    let tree = inside();
    tree.link("dangling", "nowhere")
        .link("file_slash", "top/")
        .link("file_dot", "top/.")
        .link("under_file", "top/x");
    let dir = tree.handle();
    assert_eq!(read(&dir, "dangling"), Err(ErrorCode::NoEntry));
    assert_eq!(dir.stat("dangling").unwrap_err(), ErrorCode::NoEntry);
    for path in ["file_slash", "file_dot", "under_file", "file_slash/"] {
        assert_eq!(read(&dir, path), Err(ErrorCode::NotDirectory), "{path}");
        assert_eq!(
            dir.stat(path).unwrap_err(),
            ErrorCode::NotDirectory,
            "{path}"
        );
    }
}

#[test]
fn reading_links() {
    let tree = inside();
    let odd = OsStr::from_bytes(b"odd-\xff");
    tree.link("abs", tree.outside().join("secret"))
        .link("out", "../outside")
        .link("odd", odd);
    let dir = tree.handle();
    for (path, wanted) in [
        ("rel", Ok("real/file")),
        ("slash", Ok("real/")),
        ("chain2", Ok("./chain3")),
        ("dir/deep/up", Ok("../file")),
        // What a link that leaves says is no secret, if it is no path of the host.
        ("out", Ok("../outside")),
        ("abs", Err(ErrorCode::NotPermitted)),
        ("odd", Err(ErrorCode::Unsupported)),
        ("top", Err(ErrorCode::Invalid)),
        ("real", Err(ErrorCode::Invalid)),
        ("dir/", Err(ErrorCode::Invalid)),
        ("", Err(ErrorCode::Invalid)),
        ("nothing", Err(ErrorCode::NoEntry)),
        ("out/secret", Err(ErrorCode::NotPermitted)),
    ] {
        let got = dir.read_link(path);
        assert_eq!(got.as_deref().map_err(|error| *error), wanted, "{path}");
    }
}

#[test]
fn links_through_names_that_are_not_utf_8() {
    let tree = Tree::new();
    let odd = OsStr::from_bytes(b"odd-\xff");
    std::fs::create_dir(tree.at(odd)).unwrap();
    std::fs::write(tree.at(odd).join("x"), "x").unwrap();
    std::fs::write(tree.at(odd).join(".gitignore"), "no\n").unwrap();
    std::fs::write(tree.at(odd).join("no"), "no").unwrap();
    tree.link("odd", odd);
    let dir = tree.handle();
    assert_eq!(read(&dir, "odd/x").as_deref(), Ok("x"));
    let narrowed = dir.open_dir("odd").unwrap();
    assert_eq!(narrowed.name(), "/g/odd");
    assert_eq!(
        walk(
            &narrowed,
            "",
            &Scope {
                ignore: true,
                ..Scope::default()
            }
        ),
        ["x"]
    );
}

#[test]
fn walks_show_links_and_do_not_follow_them() {
    let tree = Tree::new();
    tree.file("real/x", "x")
        .link("dir", "real")
        .link("out", "../outside")
        .link("loop", "loop");
    let dir = tree.handle();
    assert_eq!(
        walk(&dir, "", &Scope::default()),
        ["dir", "loop", "out", "real", "real/x"]
    );
    // A walk may begin at a link, and its paths are the handle's.
    assert_eq!(walk(&dir, "dir", &Scope::default()), ["dir/x"]);
    let page = dir.walk("", &Scope::default()).unwrap().next(9).unwrap();
    assert_eq!(page.entries[0].stat.kind, Kind::Symlink);
    assert_eq!(page.entries[0].stat.size, 4);
    assert!(
        page.entries
            .iter()
            .all(|entry| entry.stat.size != CANARY.len() as u64)
    );
}
