//! On a filesystem that finds files by aliases. Which ones do is told in `ambient`; here any is taken for one.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test makes its own files, and has failed when it cannot"
)]

use crate::{
    Amount, ErrorCode, Expect, Grant, GuestPath, Handles, Layer, Rights, Scope, State, Volume,
    VolumeOptions, WriteDir, Writes, ambient_authority,
};
use std::fs;
use tempfile::TempDir;

/// A call's handle on a directory with these files.
fn root(files: &[&str], writes: Writes, aliases: bool) -> (TempDir, Layer, WriteDir) {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("base");
    for file in files {
        let path = base.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    let (state, _) =
        State::open_ambient(&folder.path().join("state"), ambient_authority()).unwrap();
    let grant = Grant::open_ambient(&base, Rights::READ_WRITE, ambient_authority()).unwrap();
    let grant = if aliases { grant.with_aliases() } else { grant };
    let quota = Amount {
        bytes: 1 << 10,
        entries: 100,
    };
    let options = VolumeOptions { writes, quota };
    let volume = Volume::new("g", grant, options, Some(&state)).unwrap();
    let handles = Handles::default();
    let capability = handles.get(handles.grant("g", volume.clone())).unwrap();
    let all = GuestPath::default();
    let layer = volume.begin(volume.try_lock(std::slice::from_ref(&all)));
    let dir = layer.write_dir(&capability, &all).unwrap();
    (folder, layer, dir)
}

const FILES: &[&str] = &["GIT~1/config", "a~1.txt", "b.", "c ", "free", "d/x"];

#[test]
fn aliases_are_refused_where_the_filesystem_has_them() {
    for writes in [Writes::Apply, Writes::Review, Writes::Direct] {
        let (_folder, layer, root) = root(FILES, writes, true);
        let read = root.as_read();
        root.make_dir("new").unwrap();
        let no = ErrorCode::NotPermitted;
        for name in [
            "GIT~1",
            "GIT~1/config",
            "d/../GIT~1",
            "a~1.txt",
            "b.",
            "c ",
            "NONE~1",
            "none.",
            "d/NONE~1",
            "new/NONE~1",
            "new/none ",
        ] {
            assert_eq!(read.stat(name).unwrap_err(), no, "{name}");
            assert_eq!(read.open_file(name).unwrap_err(), no, "{name}");
            assert_eq!(read.open_dir(name).unwrap_err(), no, "{name}");
            assert_eq!(read.read_link(name).unwrap_err(), no, "{name}");
            for expect in [Expect::Existing, Expect::New, Expect::Either] {
                assert_eq!(root.open_file(name, expect).unwrap_err(), no, "{name}");
            }
            // Whether there is something is not said either.
            assert_eq!(root.make_dir(name), Err(no), "{name}");
            assert_eq!(root.make_link("free", name), Err(no), "{name}");
            assert_eq!(root.remove(name, true), Err(no), "{name}");
            assert_eq!(root.rename("free", &root, name, true), Err(no), "{name}");
            assert_eq!(root.rename(name, &root, "other", true), Err(no), "{name}");
        }
        root.rename("free", &root, "new/free~x", false).unwrap();
        root.make_dir("v1.0").unwrap();
        let page = read.walk("", &Scope::default()).unwrap().next(99).unwrap();
        let seen: Vec<_> = page.entries.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(seen, ["d", "d/x", "new", "new/free~x", "v1.0"]);
        assert_eq!(page.skipped, 4);
        drop(layer);
    }
}

#[test]
fn elsewhere_they_are_names_like_others() {
    let (_folder, _layer, root) = root(FILES, Writes::Apply, false);
    for name in ["GIT~1/config", "a~1.txt", "b.", "c "] {
        root.as_read().open_file(name).unwrap();
        root.remove_file(name).unwrap();
    }
    root.make_dir("NEW~1").unwrap();
}
