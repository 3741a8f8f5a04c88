use super::*;
use crate::at;
use cap_std::ambient_authority;
use rustix::fs::{FileType, mknodat};
use std::fs;
use std::io::Read;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use tempfile::TempDir;

const OUTSIDE: &str = "the canary outside";

struct Base {
    whole: TempDir,
    dir: Dir,
    device: Device,
}

impl Base {
    fn new() -> Self {
        let whole = tempfile::tempdir().unwrap();
        fs::create_dir(whole.path().join("in")).unwrap();
        fs::write(whole.path().join("canary"), OUTSIDE).unwrap();
        let dir = Dir::open_ambient_dir(whole.path().join("in"), ambient_authority()).unwrap();
        let device = at::Device::new(dir.dir_metadata().unwrap().dev(), false, false);
        Self { whole, dir, device }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.whole.path().join("in").join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.path("")).unwrap();
        let mut names: Vec<_> = names
            .map(|name| name.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Base {
    fn drop(&mut self) {
        assert_eq!(
            fs::read_to_string(self.whole.path().join("canary")).unwrap(),
            OUTSIDE
        );
    }
}

fn n(name: &str) -> &OsStr {
    OsStr::new(name)
}

#[test]
fn only_names_are_taken() {
    let base = Base::new();
    fs::write(base.path("x"), "x").unwrap();
    for bad in ["", ".", "..", "a/b", "../canary", "/etc/passwd"] {
        let bad = n(bad);
        let refused = Some(ErrorCode::NotPermitted);
        assert_eq!(create(&base.dir, bad, 0o666).err(), refused);
        assert_eq!(writable(&base.dir, bad, base.device).err(), refused);
        assert_eq!(make_dir(&base.dir, bad).err(), refused);
        assert_eq!(make_link(&base.dir, "x", bad).err(), refused);
        assert_eq!(remove_file(&base.dir, bad).err(), refused);
        assert_eq!(remove_dir(&base.dir, bad).err(), refused);
        for over in [true, false] {
            assert_eq!(
                rename(&base.dir, bad, &base.dir, n("y"), over).err(),
                refused
            );
            assert_eq!(
                rename(&base.dir, n("x"), &base.dir, bad, over).err(),
                refused
            );
        }
        assert_eq!(
            set_times_at(&base.dir, bad, Times::default()).err(),
            refused
        );
        assert_eq!(replace(&base.dir, bad, b"", None).err(), refused);
    }
    assert_eq!(base.names(), ["x"]);
}

#[test]
fn a_new_file_is_new() {
    let base = Base::new();
    symlink("../canary", base.path("out")).unwrap();
    symlink("nothing", base.path("dangling")).unwrap();
    let mut file = create(&base.dir, n("f"), 0o640).unwrap();
    file.write_all(b"text").unwrap();
    assert_eq!(base.text("f"), "text");
    assert_eq!(
        fs::metadata(base.path("f")).unwrap().mode() & 0o777 & !0o640,
        0
    );
    for taken in ["f", "out", "dangling"] {
        assert_eq!(
            create(&base.dir, n(taken), 0o666).err(),
            Some(ErrorCode::Exist),
            "{taken}"
        );
    }
    assert_eq!(base.names(), ["dangling", "f", "out"]);
}

#[test]
fn only_regular_files_of_one_name_are_written() {
    let base = Base::new();
    fs::write(base.path("f"), "text").unwrap();
    fs::hard_link(base.whole.path().join("canary"), base.path("hard")).unwrap();
    symlink("../canary", base.path("soft")).unwrap();
    fs::create_dir(base.path("d")).unwrap();
    mknodat(
        rustix::fs::CWD,
        base.path("fifo"),
        FileType::Fifo,
        Mode::RWXU,
        0,
    )
    .unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(base.path("socket")).unwrap();
    let open = |name| writable(&base.dir, n(name), base.device);
    match open("f").unwrap() {
        Opened::It((mut file, metadata)) => {
            assert_eq!(metadata.len(), 4);
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            file.write_all(b"!").unwrap();
        }
        Opened::Link(_) => panic!("a link"),
    }
    assert_eq!(base.text("f"), "text!");
    assert!(matches!(open("soft"), Ok(Opened::Link(target)) if target == *"../canary"));
    for (name, error) in [
        ("hard", ErrorCode::NotPermitted),
        ("d", ErrorCode::IsDirectory),
        ("fifo", ErrorCode::Unsupported),
        ("socket", ErrorCode::Unsupported),
        ("none", ErrorCode::NoEntry),
    ] {
        assert_eq!(open(name).err(), Some(error), "{name}");
    }
    let elsewhere = at::Device::new(u64::MAX, false, false);
    assert_eq!(
        writable(&base.dir, n("f"), elsewhere).err(),
        Some(ErrorCode::CrossDevice)
    );
}

#[test]
fn directories_and_links() {
    let base = Base::new();
    make_dir(&base.dir, n("d")).unwrap();
    make_link(&base.dir, "d/../../canary", n("l")).unwrap();
    for taken in ["d", "l"] {
        assert_eq!(make_dir(&base.dir, n(taken)), Err(ErrorCode::Exist));
        assert_eq!(make_link(&base.dir, "x", n(taken)), Err(ErrorCode::Exist));
    }
    fs::write(base.path("d/x"), "x").unwrap();
    assert_eq!(remove_dir(&base.dir, n("d")), Err(ErrorCode::NotEmpty));
    assert_eq!(remove_file(&base.dir, n("d")), Err(ErrorCode::IsDirectory));
    assert_eq!(remove_dir(&base.dir, n("l")), Err(ErrorCode::NotDirectory));
    assert_eq!(remove_file(&base.dir, n("none")), Err(ErrorCode::NoEntry));
    fs::remove_file(base.path("d/x")).unwrap();
    assert_eq!(remove_dir(&base.dir, n("d")), Ok(()));
    assert_eq!(remove_file(&base.dir, n("l")), Ok(()));
    assert!(base.names().is_empty());
}

#[test]
fn renames() {
    let base = Base::new();
    let go = |from, to, over| rename(&base.dir, n(from), &base.dir, n(to), over);
    for name in ["a", "b"] {
        fs::write(base.path(name), name).unwrap();
    }
    for name in ["d", "e", "full"] {
        fs::create_dir(base.path(name)).unwrap();
    }
    fs::write(base.path("full/x"), "x").unwrap();
    symlink("../canary", base.path("l")).unwrap();
    for (from, to) in [
        ("a", "b"),
        ("a", "d"),
        ("d", "a"),
        ("d", "e"),
        ("a", "l"),
        ("l", "a"),
    ] {
        assert_eq!(go(from, to, false), Err(ErrorCode::Exist), "{from} {to}");
    }
    assert_eq!(go("a", "d", true), Err(ErrorCode::IsDirectory));
    assert_eq!(go("d", "a", true), Err(ErrorCode::NotDirectory));
    assert_eq!(go("d", "full", true), Err(ErrorCode::NotEmpty));
    assert_eq!(go("none", "x", true), Err(ErrorCode::NoEntry));
    assert_eq!(go("none", "x", false), Err(ErrorCode::NoEntry));
    let inner = base.dir.open_dir("full").unwrap();
    for over in [true, false] {
        assert_eq!(
            rename(&base.dir, n("full"), &inner, n("y"), over),
            Err(ErrorCode::Invalid)
        );
    }
    assert_eq!(go("a", "b", true), Ok(()));
    assert_eq!(base.text("b"), "a");
    assert_eq!(go("d", "e", true), Ok(()));
    assert_eq!(go("b", "l", true), Ok(()));
    assert_eq!(base.text("l"), "a");
    assert_eq!(go("l", "new", false), Ok(()));
    assert_eq!(rename(&base.dir, n("new"), &inner, n("y"), false), Ok(()));
    assert_eq!(base.names(), ["e", "full"]);
    assert_eq!(base.text("full/y"), "a");
}

#[test]
fn a_file_is_replaced_in_one_step() {
    let base = Base::new();
    fs::write(base.path("f"), "old").unwrap();
    fs::set_permissions(base.path("f"), fs::Permissions::from_mode(0o754)).unwrap();
    fs::hard_link(base.whole.path().join("canary"), base.path("hard")).unwrap();
    symlink("../canary", base.path("soft")).unwrap();
    fs::create_dir(base.path("d")).unwrap();
    let mut before = fs::File::open(base.path("f")).unwrap();
    replace(&base.dir, n("f"), b"new", Some(0o754)).unwrap();
    assert_eq!(base.text("f"), "new");
    assert_eq!(fs::metadata(base.path("f")).unwrap().mode() & 0o7777, 0o754);
    let mut text = String::new();
    before.read_to_string(&mut text).unwrap();
    assert_eq!(text, "old");
    // Neither the other name's file nor the link's target is written.
    for name in ["hard", "soft"] {
        replace(&base.dir, n(name), b"new", None).unwrap();
        assert_eq!(base.text(name), "new");
    }
    assert_eq!(
        replace(&base.dir, n("d"), b"new", None),
        Err(ErrorCode::IsDirectory)
    );
    replace(&base.dir, n("made"), b"", Some(0o4777)).unwrap();
    assert_eq!(
        fs::metadata(base.path("made")).unwrap().mode() & 0o7777,
        0o777,
        "no set-user-id"
    );
    assert_eq!(
        base.names(),
        ["d", "f", "hard", "made", "soft"],
        "nothing is left beside them"
    );
}

#[test]
fn times() {
    let base = Base::new();
    fs::write(base.path("f"), "").unwrap();
    symlink("f", base.path("l")).unwrap();
    let at = |seconds, nanos| SetTime::At((seconds, nanos));
    let times = |accessed, modified| Times { accessed, modified };
    let of = |name: &str| {
        let metadata = fs::symlink_metadata(base.path(name)).unwrap();
        [
            (metadata.atime(), metadata.atime_nsec()),
            (metadata.mtime(), metadata.mtime_nsec()),
        ]
    };
    set_times_at(&base.dir, n("f"), times(at(1, 2), at(-3, 4))).unwrap();
    assert_eq!(of("f"), [(1, 2), (-3, 4)]);
    set_times_at(&base.dir, n("f"), times(SetTime::Keep, at(5, u32::MAX))).unwrap();
    assert_eq!(of("f"), [(1, 2), (5, 999_999_999)]);
    // Of the link itself.
    set_times_at(&base.dir, n("l"), times(at(7, 0), at(8, 0))).unwrap();
    assert_eq!(of("f"), [(1, 2), (5, 999_999_999)]);
    assert_eq!(of("l")[1], (8, 0));
    let file = base.dir.open("f").unwrap();
    set_times(&file, times(SetTime::Now, SetTime::Keep)).unwrap();
    assert_ne!(of("f")[0], (1, 2));
    assert_eq!(of("f")[1], (5, 999_999_999));
}
