//! Taking back what was put into what is pending.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test makes its own files, and has failed when it cannot"
)]

use super::{Part, keep};
use crate::path::GuestPath;
use crate::{
    Amount, Expect, Grant, Handles, Layer, Rights, State, Volume, VolumeOptions, Writes,
    ambient_authority,
};
use std::fs;

fn path(path: &str) -> GuestPath {
    GuestPath::parse(path).unwrap()
}

/// A call's layer after it wrote one file.
fn wrote(volume: &Volume, file: &str) -> Layer {
    let layer = volume.begin(volume.try_lock(&[path(file)]));
    let handles = Handles::default();
    let capability = handles
        .get(handles.grant("workspace", volume.clone()))
        .unwrap();
    let file = layer.write_file(&capability, &path(file), Expect::Either);
    file.unwrap().replace(b"mine").unwrap();
    layer
}

#[test]
fn only_the_own_places_are_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("base");
    fs::create_dir_all(base.join("d")).unwrap();
    fs::write(base.join("d/x"), "x").unwrap();
    let (state, _) =
        State::open_ambient(&folder.path().join("state"), ambient_authority()).unwrap();
    let grant = Grant::open_ambient(&base, Rights::READ_WRITE, ambient_authority()).unwrap();
    let options = VolumeOptions {
        writes: Writes::Review,
        quota: Amount {
            bytes: 100,
            entries: 10,
        },
    };
    let volume = Volume::new("workspace", grant, options, Some(&state)).unwrap();
    for own in ["d/x", "d/new", "new"] {
        let (layer, other) = (wrote(&volume, own), wrote(&volume, "d/other"));
        let kept = keep(&Part::of(&layer)).unwrap();
        keep(&Part::of(&other)).unwrap();
        drop(other);
        kept.undo();
        drop(layer);
        let pending = volume.pending();
        let paths: Vec<&str> = pending.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(paths, ["/workspace/d/other"], "without {own}");
        let alone = Amount {
            bytes: 4,
            entries: 1,
        };
        assert_eq!(volume.ledger().used(), alone);
        volume.drop_pending(&[]).unwrap();
    }
}
