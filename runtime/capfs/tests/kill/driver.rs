//! A process that changes a tree again and again, one version to the next, and one that kills it and looks at the tree.
//!
//! Every version has all kinds of changes in it, and each file says which version it is of: the tree is whole exactly when
//! all of it is of one version.

use bailiwick_capfs::change_set::{Attributes, Content, Over, Put, Take, Was, What};
use bailiwick_capfs::state::{Fault, Vault, fingerprint};
use bailiwick_capfs::{ChangeSet, ErrorCode, Grant, Rights, State, Version, ambient_authority};
use cap_std::fs::{Dir, File};
use rustix::io::pwrite;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// What came of some kills.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Processes that were killed.
    pub(crate) kills: u64,
    /// Trees that were of no version afterwards.
    pub(crate) torn: u64,
    /// Transactions that the next process finished.
    pub(crate) finished: u64,
    /// Transactions that the next process took back.
    pub(crate) undone: u64,
}

/// A tree, and what came of it up to now.
struct Site {
    folder: tempfile::TempDir,
    random: Random,
    outcome: Outcome,
}

impl Site {
    fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let base = folder.path().join("base");
        std::fs::create_dir(&base).expect("a base");
        write(&base, 0);
        Self {
            folder,
            random: Random(seed | 1),
            outcome: Outcome::default(),
        }
    }

    /// A process that ends after `steps`, see [`child`].
    fn kill(&mut self, mut command: Command, steps: &str) {
        let abort = steps.parse::<u64>().is_ok();
        command
            .arg(self.folder.path())
            .arg(steps)
            .arg(self.random.next().to_string());
        end(command, abort, self.random.below(40_000));
        self.outcome.kills += 1;
    }

    /// Open the state folder and see what there is then.
    fn check(&mut self, fault: Fault) {
        let path = self.folder.path().join("state");
        let (_, recovered) =
            State::open_with(&path, ambient_authority(), fault).expect("the state folder opens");
        for recovered in &recovered {
            *if recovered.finished {
                &mut self.outcome.finished
            } else {
                &mut self.outcome.undone
            } += 1;
        }
        let found = read(&self.folder.path().join("base"));
        let version = found.get("version").and_then(|text| text.parse().ok());
        if version.map(expected).as_ref() != Some(&found) {
            eprintln!("torn: {found:#?} after {recovered:?}");
            self.outcome.torn += 1;
        }
    }
}

/// Kill `count` processes that `command` starts; it is given the folder, and where the process is to end by itself.
pub(crate) fn kill(count: u64, seed: u64, command: impl Fn() -> Command) -> Outcome {
    let mut site = Site::new(seed);
    while site.outcome.kills < count {
        // A third of them end by themselves between two steps, the others are killed from outside at any time, half of these on
        // what they take for a filesystem that cannot exchange names. Some are still busy with what the one before left.
        let steps = match site.random.below(3) {
            0 => site.random.below(90).to_string(),
            1 => "any".to_owned(),
            _ => "plain".to_owned(),
        };
        site.kill(command(), &steps);
        // Sometimes the next process is the one that recovers, and is killed as well; sometimes it cannot be finished.
        match site.random.below(6) {
            0 => {}
            1 | 2 => {
                let fault = Fault::Fail(site.random.below(20), ErrorCode::InsufficientSpace);
                site.check(fault);
            }
            _ => site.check(Fault::None),
        }
    }
    site.check(Fault::None);
    site.outcome
}

/// End a process at each place where it can be told to, twice: what it leaves can be finished once, and not the other time.
pub(crate) fn everywhere(places: u64, command: impl Fn() -> Command) -> Outcome {
    let mut site = Site::new(1);
    for place in 0..places {
        for fault in [Fault::None, Fault::Fail(place / 2, ErrorCode::Io)] {
            site.kill(command(), &place.to_string());
            site.check(fault);
        }
    }
    site.outcome
}

/// Start a process, and see it end.
fn end(mut command: Command, abort: bool, micros: u64) {
    let mut child: Child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the process starts");
    if !abort {
        let mut lines = BufReader::new(child.stdout.take().expect("it has an output")).lines();
        // It says so when it begins; after that any moment is as good as any other.
        let began = lines.any(|line| line.is_ok_and(|line| line.contains("begin")));
        if began {
            std::thread::sleep(Duration::from_micros(micros));
        }
        child.kill().expect("it can be killed");
    } else if let Some(output) = child.stdout.take() {
        BufReader::new(output).lines().for_each(drop);
    }
    child.wait().expect("it ends");
}

/// The process that is killed: changes the tree until then.
///
/// `steps` is a number to end after, `any`, or `plain`.
pub(crate) fn child(folder: &Path, steps: &str, seed: u64) {
    println!("begin");
    let fault = match steps {
        "any" => Fault::None,
        "plain" => Fault::Plain,
        steps => Fault::Abort(steps.parse().expect("a number")),
    };
    let (state, _) = State::open_with(&folder.join("state"), ambient_authority(), fault)
        .expect("the state folder opens");
    let base = folder.join("base");
    let grant = Grant::open_ambient(&base, Rights::READ, ambient_authority()).expect("a grant");
    let vault = state.vault(&grant).expect("a vault");
    let mut random = Random(seed | 1);
    loop {
        let last = state
            .history()
            .expect("a history")
            .first()
            .map(|record| record.id);
        match last {
            Some(last) if random.below(4) == 0 => {
                state.undo(&[last], "undo").expect("it can be undone");
            }
            _ => {
                let version: u64 = read(&base)["version"].parse().expect("a number");
                let set = next(&vault, &base, version);
                state
                    .apply(&[(&vault, &set)], "next")
                    .expect("it can be applied");
            }
        }
    }
}

/// What all of a tree is, by path: contents, a link's target after `-> `, `/` for a directory.
pub(crate) fn expected(version: u64) -> BTreeMap<String, String> {
    let dir = format!("dir{}", version % 3);
    let mut tree = BTreeMap::new();
    let mut put = |path: String, text: String| drop(tree.insert(path, text));
    put("version".into(), version.to_string());
    put(dir.clone(), "/".into());
    for n in 0..4 {
        put(format!("{dir}/in{n}"), format!("{version} in {n}"));
    }
    put(format!("{dir}/same"), "same".into());
    put(format!("moved{}", version % 2), "moved".into());
    put(format!("file{}", version % 5), format!("file {version}"));
    put(format!("made{}", version % 4), "/".into());
    put(format!("made{}/in", version % 4), format!("made {version}"));
    put("link".into(), format!("-> version-{version}"));
    tree
}

/// The changes from one version to the next.
pub(crate) fn next(vault: &Vault, base: &Path, version: u64) -> ChangeSet {
    let at = Dir::open_ambient_dir(base, ambient_authority()).expect("the base");
    let (old, new) = (expected(version), expected(version + 1));
    let seen = |path: &str| seen(vault, &at.open(path).expect("a file"));
    let (from, to) = (
        format!("dir{}", version % 3),
        format!("dir{}", (version + 1) % 3),
    );
    let mut set = ChangeSet::default();
    let mut take = |path: String, was| {
        set.takes.push(Take { path, was });
        set.takes.len() - 1
    };
    let dir = take(from.clone(), Was::Dir(None));
    let moved = format!("moved{}", version % 2);
    let moved = take(moved.clone(), Was::File(seen(&moved)));
    let file = format!("file{}", version % 5);
    take(file.clone(), Was::File(seen(&file)));
    let made = format!("made{}", version % 4);
    let print = fingerprint(&at.open_dir(&made).expect("a directory")).expect("it can be read");
    take(made, Was::Dir(Some(print)));
    take("link".into(), Was::Link(format!("version-{version}")));
    let mut put = |path: &str, what, over| {
        let path = path.to_owned();
        set.puts.push(Put { path, what, over });
    };
    let file = |path: &str| What::File(content(vault, &new[path]));
    let over = |path: &str| {
        assert!(old.contains_key(path), "{path} was there");
        Some(Over {
            path: path.to_owned(),
            version: seen(path),
        })
    };
    put(&to, What::Moved(dir), None);
    for n in 0..4 {
        let path = format!("{to}/in{n}");
        put(&path, file(&path), over(&format!("{from}/in{n}")));
    }
    put("version", file("version"), over("version"));
    put(
        &format!("moved{}", (version + 1) % 2),
        What::Moved(moved),
        None,
    );
    let path = format!("file{}", (version + 1) % 5);
    put(&path, file(&path), None);
    let made = format!("made{}", (version + 1) % 4);
    put(&made, What::Dir(0o750), None);
    let path = format!("{made}/in");
    put(&path, file(&path), None);
    put("link", What::Link(format!("version-{}", version + 1)), None);
    set
}

/// Contents on their way.
pub(crate) fn content(vault: &Vault, text: &str) -> Content {
    let blob = vault.blob().expect("a blob");
    let file = blob.file().expect("it is open");
    pwrite(&*file, text.as_bytes(), 0).expect("it can be written");
    Content {
        blob: Arc::new(blob),
        attributes: Attributes::default(),
    }
}

/// What a file is.
pub(crate) fn seen(vault: &Vault, file: &File) -> Version {
    vault.copy(file).expect("it can be copied").1
}

fn write(base: &Path, version: u64) {
    for (path, text) in expected(version) {
        let at = base.join(path);
        match text.strip_prefix("-> ") {
            Some(target) => std::os::unix::fs::symlink(target, at).expect("a link"),
            None if text == "/" => std::fs::create_dir(at).expect("a directory"),
            None => std::fs::write(at, text).expect("a file"),
        }
    }
}

/// What all of a tree is.
pub(crate) fn read(base: &Path) -> BTreeMap<String, String> {
    let mut tree = BTreeMap::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(base.join(&folder)).expect("it can be listed") {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("UTF-8");
            let path = if folder.is_empty() {
                name
            } else {
                format!("{folder}/{name}")
            };
            let kind = entry.file_type().expect("a type");
            let text = if kind.is_dir() {
                folders.push(path.clone());
                "/".to_owned()
            } else if kind.is_symlink() {
                let target = std::fs::read_link(entry.path()).expect("a link");
                format!("-> {}", target.display())
            } else {
                std::fs::read_to_string(entry.path()).expect("text")
            };
            tree.insert(path, text);
        }
    }
    tree
}

/// Numbers that can be had again from their seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
