#![allow(
    clippy::disallowed_methods,
    reason = "a test makes the folder that it hands over, and what is odd in it"
)]

use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::{ffi::OsStr, fs};

use cap_std::ambient_authority;
use tempfile::TempDir;

use super::*;

const TODAY: &str = "2026-11-23";

fn store() -> (TempDir, Trust) {
    let folder = tempfile::tempdir().unwrap();
    let dir = Dir::open_ambient_dir(folder.path(), ambient_authority()).unwrap();
    (folder, Trust::open(dir).unwrap())
}

fn policy() -> &'static Path {
    Path::new("/home/ada/site/bailiwick.toml")
}

fn trusted() -> Status {
    Status::Trusted {
        since: TODAY.into(),
    }
}

/// The one file of a store.
fn only_file(folder: &TempDir) -> PathBuf {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.pop().unwrap()
}

#[test]
fn a_policy_is_trusted_as_it_is_and_not_otherwise() {
    let (_folder, trust) = store();
    let (one, other) = (Digest::of(b"one"), Digest::of(b"other"));
    assert_eq!(trust.status(policy(), &one), Status::Unknown);
    trust.trust(policy(), &one, TODAY).unwrap();
    assert_eq!(trust.status(policy(), &one), trusted());
    assert_eq!(
        trust.status(policy(), &other),
        Status::Changed { trusted: one }
    );
    assert_eq!(
        trust.status(Path::new("/home/ada/bailiwick.toml"), &one),
        Status::Unknown
    );
    trust.trust(policy(), &other, "2026-11-24").unwrap();
    assert_eq!(
        trust.status(policy(), &one),
        Status::Changed { trusted: other }
    );
    assert!(trust.status(policy(), &other).is_trusted());
    assert!(!trust.status(policy(), &one).is_trusted());
}

#[test]
fn what_is_forgotten_is_not_trusted() {
    let (folder, trust) = store();
    let digest = Digest::of(b"one");
    assert!(!trust.forget(policy()).unwrap());
    trust.trust(policy(), &digest, TODAY).unwrap();
    assert!(trust.forget(policy()).unwrap());
    assert_eq!(trust.status(policy(), &digest), Status::Unknown);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn it_is_listed_by_path() {
    let (_folder, trust) = store();
    let digest = Digest::of(b"one");
    for path in [
        "/b/bailiwick.toml",
        "/a/bailiwick.toml",
        "/a \u{202e}\n/bailiwick.toml",
    ] {
        trust.trust(Path::new(path), &digest, TODAY).unwrap();
    }
    let listing = trust.list().unwrap();
    let paths: Vec<_> = listing
        .policies
        .iter()
        .map(|policy| policy.path.to_str().unwrap())
        .collect();
    assert_eq!(
        paths,
        [
            "/a/bailiwick.toml",
            "/a \u{202e}\n/bailiwick.toml",
            "/b/bailiwick.toml"
        ]
    );
    assert!(
        listing
            .policies
            .iter()
            .all(|policy| policy.digest == digest && policy.since == TODAY)
    );
    assert_eq!(listing.odd, []);
}

#[test]
fn a_file_is_private_and_says_what_it_is() {
    let (folder, trust) = store();
    let digest = Digest::of(b"one");
    trust.trust(policy(), &digest, TODAY).unwrap();
    let file = only_file(&folder);
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let name = Digest::of(policy().as_os_str().as_bytes()).to_string();
    assert_eq!(
        file.file_name().unwrap().to_str().unwrap(),
        format!("{}.json", &name["sha256:".len()..])
    );
    let said: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let expected = serde_json::json!({
        "version": 1, "path": policy(), "digest": digest, "since": TODAY,
    });
    assert_eq!(said, expected);
    // Again, by another file in its place.
    let before = fs::File::open(&file).unwrap();
    trust.trust(policy(), &Digest::of(b"other"), TODAY).unwrap();
    let before = std::io::read_to_string(before).unwrap();
    assert!(before.contains(&digest.to_string()));
    assert_eq!(only_file(&folder), file);
}

/// Makes a file of the store odd.
type Spoil<'a> = &'a dyn Fn(&Path);

/// What makes a file of the store odd, and how that is told.
#[test]
fn what_is_odd_is_not_trusted_and_is_told() {
    let digest = Digest::of(b"one");
    let record = |path: &Path, from: &str, to: &str| {
        let text = fs::read_to_string(path).unwrap();
        assert!(text.contains(from));
        fs::write(path, text.replace(from, to)).unwrap();
    };
    let cases: [(&str, Spoil); 14] = [
        ("it is not a record of trust: ", &|path| {
            fs::write(path, "").unwrap()
        }),
        ("it is not a record of trust: ", &|path| {
            fs::write(path, "{\"version\": 1}").unwrap()
        }),
        ("it is not a record of trust: ", &|path| {
            fs::write(path, b"\xff\xfe").unwrap()
        }),
        ("it is not a record of trust: ", &|path| {
            fs::write(path, "[".repeat(60_000)).unwrap()
        }),
        ("it is not a record of trust: ", &|path| {
            record(path, "\"since\"", "\"more\": 1, \"since\"")
        }),
        ("it is not a record of trust: ", &|path| {
            record(path, "sha256:", "sha1:")
        }),
        ("it has version 2, and this program reads 1", &|path| {
            record(path, ": 1", ": 2")
        }),
        ("it is about another path than its name says", &|path| {
            record(path, "/home/ada", "/home/bob")
        }),
        ("its day is none", &|path| record(path, TODAY, "2026-11-31")),
        ("it is larger than 65536 bytes", &|path| {
            fs::write(path, " ".repeat(70_000)).unwrap()
        }),
        ("it is a link", &|path| {
            let aside = path.with_extension("aside");
            fs::rename(path, &aside).unwrap();
            symlink(&aside, path).unwrap();
        }),
        ("it is not a regular file", &|path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
        ("it is not a regular file", &|path| {
            fs::remove_file(path).unwrap();
            rustix::fs::mknodat(
                rustix::fs::CWD,
                path,
                rustix::fs::FileType::Fifo,
                rustix::fs::Mode::RWXU,
                0,
            )
            .unwrap();
        }),
        ("others can write to it", &|path| {
            fs::set_permissions(path, fs::Permissions::from_mode(0o620)).unwrap();
        }),
    ];
    for (n, (reason, spoil)) in cases.into_iter().enumerate() {
        let (folder, trust) = store();
        trust.trust(policy(), &digest, TODAY).unwrap();
        let file = only_file(&folder);
        spoil(&file);
        let status = trust.status(policy(), &digest);
        let Status::Odd { reason: told } = &status else {
            panic!("{n}: {status:?}");
        };
        assert!(told.starts_with(reason), "{n}: {told}");
        assert!(!status.is_trusted());
        let listing = trust.list().unwrap();
        assert_eq!(listing.policies, [], "{n}");
        assert_eq!(listing.odd.len(), 1, "{n}");
        assert_eq!(listing.odd[0].reason, *told, "{n}");
        // Trusting again puts it right, but for a folder, which is nobody's to remove.
        if !file.is_dir() || file.is_symlink() {
            trust.trust(policy(), &digest, TODAY).unwrap();
            assert_eq!(trust.status(policy(), &digest), trusted(), "{n}");
        } else {
            assert!(trust.trust(policy(), &digest, TODAY).is_err());
        }
    }
}

#[test]
fn a_link_is_neither_followed_nor_written_through() {
    let (folder, trust) = store();
    let digest = Digest::of(b"one");
    let (other_folder, other) = store();
    other.trust(policy(), &digest, TODAY).unwrap();
    let elsewhere = only_file(&other_folder);
    let before = fs::read(&elsewhere).unwrap();
    let name = elsewhere.file_name().unwrap();
    symlink(&elsewhere, folder.path().join(name)).unwrap();
    assert!(matches!(
        trust.status(policy(), &digest),
        Status::Odd { .. }
    ));
    trust.trust(policy(), &Digest::of(b"other"), TODAY).unwrap();
    assert_eq!(fs::read(&elsewhere).unwrap(), before);
    assert!(!only_file(&folder).is_symlink());
    // Nor removed, but the link is.
    fs::remove_file(only_file(&folder)).unwrap();
    symlink(&elsewhere, folder.path().join(name)).unwrap();
    assert!(trust.forget(policy()).unwrap());
    assert_eq!(fs::read(&elsewhere).unwrap(), before);
}

#[test]
fn a_path_is_a_whole_one() {
    let (_folder, trust) = store();
    let digest = Digest::of(b"one");
    let long = format!("/{}/bailiwick.toml", "x".repeat(60_000));
    trust.trust(Path::new(&long), &digest, TODAY).unwrap();
    assert!(trust.status(Path::new(&long), &digest).is_trusted());
    for path in [
        "",
        "/",
        "bailiwick.toml",
        "./a",
        "/a/../b",
        "/a/./b",
        "/a//b",
        "/a/",
        "/..",
        "~/a",
    ] {
        let path = Path::new(path);
        let error = trust.trust(path, &digest, TODAY).unwrap_err();
        assert!(matches!(error, TrustError::Path { .. }), "{path:?}");
        assert!(trust.forget(path).is_err(), "{path:?}");
        assert!(
            matches!(trust.status(path, &digest), Status::Odd { .. }),
            "{path:?}"
        );
    }
    let path = Path::new(OsStr::from_bytes(b"/a\xff"));
    let error = trust.trust(path, &digest, TODAY).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`/a\u{fffd}` cannot be trusted: its name is not UTF-8"
    );
    let error = trust.trust(policy(), &digest, "today").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`today` is not a day: expected one like `2026-11-23`"
    );
    let error = trust
        .trust(Path::new("a\u{202e}"), &digest, TODAY)
        .unwrap_err();
    let expected = "`a\\u{202e}` cannot be trusted: it is not the whole path of a file, links and dots resolved";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_folder_that_others_can_write_to_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for mode in [0o720, 0o702, 0o777] {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
        let dir = Dir::open_ambient_dir(folder.path(), ambient_authority()).unwrap();
        assert!(
            matches!(Trust::open(dir), Err(TrustError::Open)),
            "{mode:o}"
        );
    }
}

#[test]
fn what_is_half_written_is_no_record() {
    let (folder, trust) = store();
    let digest = Digest::of(b"one");
    trust.trust(policy(), &digest, TODAY).unwrap();
    let file = only_file(&folder);
    let aside = folder.path().join(format!(
        "{}.0123",
        file.file_name().unwrap().to_str().unwrap()
    ));
    fs::rename(&file, &aside).unwrap();
    fs::write(folder.path().join("README"), "").unwrap();
    assert_eq!(trust.status(policy(), &digest), Status::Unknown);
    assert_eq!(trust.list().unwrap(), Listing::default());
}

#[test]
fn many_at_once_leave_one_whole_file() {
    let (_folder, trust) = store();
    let digests: Vec<_> = (0..8_u8).map(|n| Digest::of(&[n])).collect();
    std::thread::scope(|scope| {
        for digest in &digests {
            scope.spawn(|| {
                for _ in 0..10 {
                    trust.trust(policy(), digest, TODAY).unwrap();
                    assert!(!matches!(
                        trust.status(policy(), digest),
                        Status::Odd { .. } | Status::Unknown
                    ));
                }
            });
        }
    });
    let listing = trust.list().unwrap();
    assert_eq!((listing.policies.len(), listing.odd.len()), (1, 0));
    assert_eq!(store::all_names(&trust.dir).unwrap().len(), 1);
}

#[test]
fn what_governs_is_both_files_and_where_one_ends() {
    let all = [
        governing_digest(b"", None),
        governing_digest(b"", Some(b"")),
        governing_digest(b"a", None),
        governing_digest(b"a", Some(b"")),
        governing_digest(b"", Some(b"a")),
        governing_digest(b"a", Some(b"b")),
        governing_digest(b"ab", None),
        governing_digest(b"ab", Some(b"")),
        governing_digest(b"a\x00l\x00\x00\x00\x00\x00\x00\x00\x00", None),
        governing_digest(b"al\x00\x00\x00\x00\x00\x00\x00\x00", None),
        Digest::of(b""),
    ];
    for (n, digest) in all.iter().enumerate() {
        assert!(!all[..n].contains(digest), "{n}");
    }
    assert_eq!(governing_digest(b"a", Some(b"b")), all[5]);
    // What is remembered on disks of users stays what it is.
    let expected = "sha256:8257fde12f06f0f42e6546477ba6fa658d4d71e3b7b96476fda7c7c51b7e57f2";
    assert_eq!(governing_digest(b"a", Some(b"b")).to_string(), expected);
}

#[test]
fn a_status_is_told_as_json() {
    let status = serde_json::to_value(trusted()).unwrap();
    assert_eq!(
        status,
        serde_json::json!({ "status": "trusted", "since": TODAY })
    );
    let status = serde_json::to_value(Status::Unknown).unwrap();
    assert_eq!(status, serde_json::json!({ "status": "unknown" }));
}
