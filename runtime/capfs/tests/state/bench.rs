//! A granted directory and a state folder.

use crate::driver;
use bailiwick_capfs::change_set::{Over, Put, Take, Was, What};
use bailiwick_capfs::state::{ApplyError, Record, Vault, fingerprint};
use bailiwick_capfs::{ChangeSet, Grant, Rights, State, ambient_authority};
use cap_std::fs::Dir;
use std::collections::BTreeMap;
use std::path::PathBuf;

pub(crate) struct Bench {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) state: State,
    pub(crate) vault: Vault,
    pub(crate) at: Dir,
}

impl Bench {
    /// With these files; a path that ends in `/` is a directory.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let base = folder.path().join("base");
        std::fs::create_dir(&base).expect("a base");
        for (path, text) in files {
            let at = base.join(path);
            if path.ends_with('/') {
                std::fs::create_dir_all(at).expect("a directory");
            } else {
                std::fs::create_dir_all(at.parent().expect("a parent")).expect("a directory");
                std::fs::write(at, text).expect("a file");
            }
        }
        let (state, _) =
            State::open_ambient(&folder.path().join("state"), ambient_authority()).expect("opens");
        let grant = Grant::open_ambient(&base, Rights::READ, ambient_authority()).expect("a grant");
        let vault = state.vault(&grant).expect("a vault");
        let at = Dir::open_ambient_dir(&base, ambient_authority()).expect("the base");
        Self {
            folder,
            state,
            vault,
            at,
        }
    }

    /// What another process has.
    pub(crate) fn other(&self) -> (State, Vault) {
        let (state, _) =
            State::open_ambient(&self.state_path(), ambient_authority()).expect("opens");
        let grant =
            Grant::open_ambient(&self.base(), Rights::READ, ambient_authority()).expect("a grant");
        let vault = state.vault(&grant).expect("a vault");
        (state, vault)
    }

    pub(crate) fn base(&self) -> PathBuf {
        self.folder.path().join("base")
    }

    pub(crate) fn state_path(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub(crate) fn tree(&self) -> BTreeMap<String, String> {
        driver::read(&self.base())
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        std::fs::write(self.base().join(path), text).expect("it can be written");
    }

    /// What stands in the vaults' slots, the journal and the history.
    pub(crate) fn kept(&self, what: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut list = |folder: PathBuf| {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                found.push(
                    entry
                        .expect("an entry")
                        .file_name()
                        .into_string()
                        .expect("UTF-8"),
                );
            }
        };
        if what == "slots" {
            for vault in std::fs::read_dir(self.state_path().join("vaults")).expect("vaults") {
                list(vault.expect("an entry").path().join("slots"));
            }
        } else {
            list(self.state_path().join(what));
        }
        found.sort();
        found
    }

    pub(crate) fn set(&self) -> Set<'_> {
        let set = ChangeSet::default();
        Set { bench: self, set }
    }

    pub(crate) fn apply(&self, set: &ChangeSet) -> Result<Record, ApplyError> {
        self.state.apply(&[(&self.vault, set)], "test")
    }
}

/// A change set in the making.
pub(crate) struct Set<'a> {
    bench: &'a Bench,
    pub(crate) set: ChangeSet,
}

impl Set<'_> {
    pub(crate) fn take(mut self, path: &str) -> Self {
        let at = &self.bench.at;
        let metadata = at.symlink_metadata(path).expect("it is there");
        let was = if metadata.is_dir() {
            Was::Dir(Some(
                fingerprint(&at.open_dir(path).expect("a directory")).expect("it can be read"),
            ))
        } else if metadata.is_symlink() {
            Was::Link(
                at.read_link_contents(path)
                    .expect("a link")
                    .into_os_string()
                    .into_string()
                    .expect("UTF-8"),
            )
        } else {
            Was::File(driver::seen(
                &self.bench.vault,
                &at.open(path).expect("a file"),
            ))
        };
        self.set.takes.push(Take {
            path: path.to_owned(),
            was,
        });
        self
    }

    pub(crate) fn put(mut self, path: &str, what: What) -> Self {
        self.set.puts.push(Put {
            path: path.to_owned(),
            what,
            over: None,
        });
        self
    }

    pub(crate) fn create(self, path: &str, text: &str) -> Self {
        let content = driver::content(&self.bench.vault, text);
        self.put(path, What::File(content))
    }

    /// `old` is where the file is in the base.
    pub(crate) fn over(mut self, old: &str, path: &str, what: What) -> Self {
        let version = driver::seen(&self.bench.vault, &self.bench.at.open(old).expect("a file"));
        self.set.puts.push(Put {
            path: path.to_owned(),
            what,
            over: Some(Over {
                path: old.to_owned(),
                version,
            }),
        });
        self
    }

    pub(crate) fn replace(self, path: &str, text: &str) -> Self {
        let content = driver::content(&self.bench.vault, text);
        self.over(path, path, What::File(content))
    }

    pub(crate) fn rename(mut self, from: &str, to: &str) -> Self {
        self = self.take(from);
        let index = self.set.takes.len() - 1;
        if let Some(Take {
            was: was @ Was::Dir(_),
            ..
        }) = self.set.takes.last_mut()
        {
            *was = Was::Dir(None);
        }
        self.put(to, What::Moved(index))
    }
}

/// The paths of a conflict.
pub(crate) fn conflict(error: ApplyError) -> Vec<String> {
    match error {
        ApplyError::Conflict(paths) => paths.into_iter().map(|(_, path)| path).collect(),
        other => panic!("no conflict: {other:?}"),
    }
}
