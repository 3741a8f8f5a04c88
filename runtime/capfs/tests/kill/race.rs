//! A directory exchanged for a link that leads out, while calls read, write and are applied below it.

use bailiwick_capfs::{
    Amount, Expect, Grant, GuestPath, Handles, Resolved, Rights, State, Volume, VolumeOptions,
    Writes, ambient_authority, commit, discard,
};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is outside, and must neither be read nor change.
const CANARY: &str = "canary";

/// What came of some rounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Race {
    /// Calls.
    pub(crate) rounds: u64,
    /// Calls that did something.
    pub(crate) done: u64,
    /// Calls that saw or changed what is outside.
    pub(crate) escapes: u64,
}

/// Run `rounds` calls, every other one of them on layers that are applied, the others writing at once.
pub(crate) fn race(rounds: u64) -> Race {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |path: &str| folder.path().join(path);
    for path in ["in/d", "out"] {
        std::fs::create_dir_all(at(path)).expect("a directory");
    }
    std::fs::write(at("in/d/secret"), "inside").expect("a file");
    std::fs::write(at("out/secret"), CANARY).expect("a file");
    std::os::unix::fs::symlink("../out", at("in/l")).expect("a link");
    let (state, _) =
        State::open_ambient(&at("state"), ambient_authority()).expect("a state folder");
    let calls = [Writes::Apply, Writes::Direct].map(|writes| Calls::new(&at("in"), writes, &state));
    let (stop, mut race) = (AtomicBool::new(false), Race::default());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (d, l) = (at("in/d"), at("in/l"));
            while !stop.load(Ordering::Relaxed) {
                // Both names are always there: what is applied is put below them.
                renameat_with(CWD, &d, CWD, &l, RenameFlags::EXCHANGE)
                    .expect("they can be exchanged");
            }
        });
        for (round, calls) in (0..rounds).zip(calls.iter().cycle()) {
            let read = calls.one(round);
            race.rounds += 1;
            race.done += u64::from(read.is_some());
            let escaped = read.as_deref() == Some(CANARY.as_bytes()) || !is_untouched(&at("out"));
            race.escapes += u64::from(escaped);
        }
        stop.store(true, Ordering::Relaxed);
    });
    race
}

/// Calls on one grant.
struct Calls {
    volume: Volume,
    handles: Handles,
    id: bailiwick_capfs::HandleId,
}

impl Calls {
    fn new(base: &Path, writes: Writes, state: &State) -> Self {
        let grant =
            Grant::open_ambient(base, Rights::READ_WRITE, ambient_authority()).expect("a grant");
        let quota = Amount {
            bytes: 64 << 20,
            entries: 4096,
        };
        let options = VolumeOptions { writes, quota };
        let volume = Volume::new("workspace", grant, options, Some(state)).expect("a volume");
        let handles = Handles::default();
        let id = handles.grant("workspace", volume.clone());
        Self {
            volume,
            handles,
            id,
        }
    }

    /// One call: what it read, if it came so far. Whether it is refused is the exchange's luck.
    fn one(&self, round: u64) -> Option<Vec<u8>> {
        let root = GuestPath::default();
        let capability = self.handles.get(self.id).expect("it is held");
        let locked = self
            .volume
            .try_lock(std::slice::from_ref(&root))
            .expect("nobody else writes");
        let layer = self.volume.begin(Some(locked));
        let dir = layer
            .write_dir(&capability, &root)
            .expect("the grant itself");
        let _ = match round % 3 {
            0 => dir
                .open_file("d/secret", Expect::Either)
                .and_then(|file| file.replace(b"changed")),
            1 => dir
                .create_file("d/new", Expect::Either, false)
                .and_then(|file| file.replace(b"new")),
            _ => dir.remove_file("d/new"),
        };
        let read = match layer.resolve_read(&capability, &root) {
            Ok(Resolved::Dir(look)) => look
                .open_file("d/secret")
                .and_then(|file| file.read(0, 99))
                .ok(),
            _ => None,
        };
        drop(dir);
        if round.is_multiple_of(5) {
            discard(vec![layer], None);
        } else {
            // A conflict or a success, by the exchange's luck.
            let _ = commit(vec![layer], "race");
        }
        read.map(|chunk| chunk.bytes)
    }
}

fn is_untouched(out: &Path) -> bool {
    let names = std::fs::read_dir(out).expect("it can be listed").count();
    names == 1 && std::fs::read_to_string(out.join("secret")).is_ok_and(|text| text == CANARY)
}
