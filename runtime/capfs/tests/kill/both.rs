//! A call that changes a grant that is applied and one that is reviewed, by a process that ends on the way.

use bailiwick_capfs::state::Fault;
use bailiwick_capfs::{
    Amount, Expect, Grant, GuestPath, Handles, Layer, Rights, State, Volume, VolumeOptions, Writes,
    ambient_authority, commit,
};
use std::path::Path;
use std::process::{Command, Stdio};

/// End a process at each place where it can be told to. How often the next one found neither of the two changes, and
/// how often both.
pub(crate) fn everywhere(command: impl Fn() -> Command) -> (u32, u32) {
    let (mut kept, mut done) = (0, 0);
    for steps in 0.. {
        let folder = tempfile::tempdir().expect("a folder");
        for grant in ["applied", "reviewed"] {
            std::fs::create_dir(folder.path().join(grant)).expect("a directory");
            std::fs::write(folder.path().join(grant).join("f"), "old").expect("a file");
        }
        let ended = command()
            .arg(folder.path())
            .args([steps.to_string(), String::new()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("the process starts");
        let (state, _) = State::open_ambient(&folder.path().join("state"), ambient_authority())
            .expect("the state folder opens");
        let reviewed = volume(folder.path(), "reviewed", Writes::Review, &state);
        let text = std::fs::read_to_string(folder.path().join("applied/f")).expect("a file");
        match (text.as_str(), reviewed.pending().len()) {
            ("old", 0) => kept += 1,
            ("new", 1) => done += 1,
            torn => panic!("after {steps}: {torn:?}"),
        }
        if ended.success() {
            break;
        }
    }
    (kept, done)
}

/// The process that ends after so many steps.
pub(crate) fn child(folder: &Path, steps: u64) {
    let (state, _) = State::open_ambient(&folder.join("state"), ambient_authority())
        .expect("the state folder opens");
    let volumes = [("reviewed", Writes::Review), ("applied", Writes::Apply)];
    let volumes = volumes.map(|(name, writes)| volume(folder, name, writes, &state));
    let layers = volumes.iter().map(wrote).collect();
    state.fault(Fault::Abort(steps));
    commit(layers, "in both").expect("it ends well, if it comes so far");
}

fn volume(folder: &Path, name: &str, writes: Writes, state: &State) -> Volume {
    let grant = Grant::open_ambient(&folder.join(name), Rights::READ_WRITE, ambient_authority());
    let quota = Amount {
        bytes: 100,
        entries: 10,
    };
    let options = VolumeOptions { writes, quota };
    Volume::new(name, grant.expect("a grant"), options, Some(state)).expect("a volume")
}

/// A call's layer after it wrote the file.
fn wrote(volume: &Volume) -> Layer {
    let path = GuestPath::parse("f").expect("a path");
    let layer = volume.begin(volume.try_lock(std::slice::from_ref(&path)));
    let handles = Handles::default();
    let capability = handles
        .get(handles.grant(volume.name(), volume.clone()))
        .expect("it holds");
    let file = layer.write_file(&capability, &path, Expect::Existing);
    let file = file.expect("a file");
    file.replace(b"new").expect("it is written");
    drop(file);
    layer
}
