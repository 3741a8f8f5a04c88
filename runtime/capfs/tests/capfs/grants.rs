//! Where authority enters, and what a grant says of itself.

use crate::tree::{Tree, path};
use crate::view::View;
use bailiwick_capfs::{ErrorCode, Grant, OpenError, Rights, ambient_authority};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

fn open(path: &Path) -> Result<Grant, OpenError> {
    Grant::open_ambient(path, Rights::READ_WRITE, ambient_authority())
}

#[test]
fn what_cannot_be_granted_is_named() {
    let tree = Tree::new();
    tree.file("file", "");
    let missing = open(&tree.at("nothing")).unwrap_err();
    assert!(matches!(missing, OpenError::Missing { .. }));
    assert!(missing.to_string().contains("nothing"), "{missing}");
    let file = open(&tree.at("file")).unwrap_err();
    assert!(matches!(file, OpenError::NotDirectory { .. }), "{file}");
    let below_file = open(&tree.at("file/x")).unwrap_err();
    assert!(
        matches!(below_file, OpenError::NotDirectory { .. }),
        "{below_file}"
    );
    rustix::fs::mknodat(
        rustix::fs::CWD,
        tree.at("fifo"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RWXU,
        0,
    )
    .unwrap();
    assert!(matches!(
        open(&tree.at("fifo")),
        Err(OpenError::NotOrdinary { .. })
    ));
}

#[cfg(target_os = "linux")]
#[test]
fn filesystems_that_are_not_for_files_are_refused() {
    use std::os::unix::fs::MetadataExt;
    for special in ["/proc", "/proc/self", "/sys"] {
        let refused = open(Path::new(special)).unwrap_err();
        assert!(
            matches!(refused, OpenError::Special { .. }),
            "{special}: {refused}"
        );
    }
    let device = |path: &str| std::fs::metadata(path).unwrap().dev();
    if device("/dev") == device("/") {
        eprintln!("skipped: /dev is no filesystem of its own here");
        return;
    }
    assert!(matches!(
        open(Path::new("/dev")),
        Err(OpenError::Special { .. })
    ));
}

#[test]
fn rights() {
    let tree = Tree::new();
    assert_eq!(open(&tree.inside()).unwrap().rights(), Rights::READ_WRITE);
    let nothing = Grant::open_ambient(&tree.inside(), Rights::NONE, ambient_authority()).unwrap();
    assert_eq!(
        View::of("g", nothing.clone())
            .resolve_read(&path(""))
            .unwrap_err(),
        ErrorCode::Access
    );
    assert_eq!(View::of("g", nothing).names_near(&path("x"), 9), [""; 0]);
}

#[test]
fn host_paths_translate_by_their_names() {
    let tree = Tree::new();
    tree.dir("src").link("l", "src");
    let grant = tree.grant();
    let inside = tree.inside().canonicalize().unwrap();
    let text = inside.to_str().unwrap();
    for (host, wanted) in [
        (text.to_owned(), Some("")),
        (format!("{text}/"), Some("")),
        (format!("{text}/src/main.rs"), Some("src/main.rs")),
        (format!("{text}/./src//main.rs"), Some("src/main.rs")),
        (format!("{text}/src/../x"), Some("x")),
        (format!("{text}/../inside/x"), Some("x")),
        (format!("{text}/l/x"), Some("l/x")),
        (format!("{text}/../outside/secret"), None),
        (format!("{text}/.."), None),
        (format!("{text}x/y"), None),
        ("/".to_owned(), None),
        ("/etc/passwd".to_owned(), None),
        ("src/main.rs".to_owned(), None),
        (String::new(), None),
    ] {
        assert_eq!(
            grant.translate(Path::new(&host)).as_deref(),
            wanted,
            "{host}"
        );
    }
    let odd = inside.join(OsStr::from_bytes(b"\xff"));
    assert_eq!(grant.translate(&odd), None);
}

#[test]
fn a_grant_is_what_was_opened_whatever_the_name_stands_for_later() {
    let tree = Tree::new();
    tree.file("x", "before");
    let grant = tree.grant();
    let moved = tree.outside().join("moved");
    std::fs::rename(tree.inside(), &moved).unwrap();
    tree.file("x", "after");
    let dir = View::of("g", grant).dir("");
    assert_eq!(crate::tree::read(&dir, "x").as_deref(), Ok("before"));
}

#[test]
fn nothing_says_where_the_grant_is() {
    let tree = Tree::new();
    tree.file("src/x", "x").link("out", tree.outside());
    let grant = tree.grant();
    let dir = tree.handle();
    let view = View::of("g", grant.clone());
    let walker = dir.walk("src", &Default::default()).unwrap();
    let file = dir.open_file("src/x").unwrap();
    let shown = format!(
        "{grant:?} {dir:?} {file:?} {walker:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        view.handles,
        view.capability,
        view.layer,
        view.layer.mount(&view.capability, &path("src/x"), false),
        dir.stat("out/x"),
        dir.read_link("out"),
        dir.open_dir("missing"),
    );
    let host = tree
        .inside()
        .parent()
        .unwrap()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    assert!(!shown.contains(&host), "{shown}");
}

#[test]
fn handles_can_be_used_from_any_thread() {
    fn any_thread<T: Send + Sync>() {}
    any_thread::<Grant>();
    any_thread::<bailiwick_capfs::Capability>();
    any_thread::<bailiwick_capfs::Layer>();
    any_thread::<bailiwick_capfs::ReadDir>();
    any_thread::<bailiwick_capfs::ReadFile>();
    any_thread::<bailiwick_capfs::Walker>();
}
