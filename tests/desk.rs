//! A session that may write: a folder to work in, a canary beside it, a state folder, tools.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use bailiwick_host::{
    Grant, GrantOptions, GrantTerms, HandleId, Limits, Outcome, Rights, Session, State, Writes,
    ambient_authority,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::guests::{probe, wait};

/// What nobody may read: it is in no output of any guest.
pub(crate) const CANARY: &str = "canary-9f1c";

/// What is hidden in the folder.
pub(crate) const HIDDEN: &str = "hidden-77ab";

/// What is protected in the folder, with what is in it.
const BAIT: [(&str, &str); 5] = [
    (".git/config", "[core]\n"),
    (".git/hooks/pre-commit", "#!/bin/sh\n"),
    (".mcp.json", "{}"),
    ("bailiwick.lock", "locked"),
    ("bailiwick.toml", ""),
];

/// Names that nothing may be given, in any case and at any depth: those that the guests try.
const PROTECTED: [&str; 7] = [
    ".git/config",
    ".git/hooks",
    ".mcp.json",
    ".vscode",
    "bailiwick.lock",
    "bailiwick.toml",
    ".bailiwick-",
];

/// A folder, and a session that works in it.
pub(crate) struct Desk {
    folder: TempDir,
    pub(crate) session: Session,
    pub(crate) state: State,
    pub(crate) handle: HandleId,
}

impl Desk {
    /// With `/workspace`, written as `writes` says, and these tools.
    pub(crate) fn new(writes: Writes, tools: &[&'static str]) -> Self {
        Self::with(GrantOptions::default().writes(writes), tools)
    }

    pub(crate) fn with(options: GrantOptions, tools: &[&'static str]) -> Self {
        Self::within(Limits::default(), options, tools)
    }

    pub(crate) fn within(limits: Limits, options: GrantOptions, tools: &[&'static str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("workspace")).unwrap();
        fs::create_dir(folder.path().join("outside")).unwrap();
        fs::write(folder.path().join("outside/canary.txt"), CANARY).unwrap();
        let state = folder.path().join("state");
        let (state, recovered) = State::open_ambient(&state, ambient_authority()).unwrap();
        assert!(recovered.is_empty());
        let session = Session::with_state(limits, &state).unwrap();
        for tool in tools {
            session.add(probe(tool)).unwrap();
        }
        let mut terms = GrantTerms::new(Rights::READ_WRITE);
        terms.hide = vec!["hidden/".to_owned(), "*.env".to_owned()];
        let grant = folder.path().join("workspace");
        let grant = Grant::open_with(&grant, &terms, ambient_authority()).unwrap();
        let handle = session.grant_with("workspace", grant, &options).unwrap();
        Self {
            folder,
            session,
            state,
            handle,
        }
    }

    /// Below the folder that is granted.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join("workspace").join(below)
    }

    /// Beside it.
    pub(crate) fn beside(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn put(&self, below: &str, text: &str) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, below: &str) -> String {
        fs::read_to_string(self.path(below)).unwrap()
    }

    pub(crate) fn call(&self, function: &str, arguments: Value) -> Outcome {
        wait(self.session.call(function, arguments))
    }

    /// Grants a folder beside it, read-only, as `/docs`.
    pub(crate) fn grant_docs(&self) {
        fs::create_dir_all(self.beside("docs")).unwrap();
        fs::write(self.beside("docs/doc.txt"), "a document").unwrap();
        let grant = Grant::open_ambient(&self.beside("docs"), Rights::READ, ambient_authority());
        self.session.grant("docs", grant.unwrap()).unwrap();
    }

    /// What attacks look for.
    pub(crate) fn lay_bait(&self) {
        self.put("inside.txt", "inside");
        self.put("hidden/secret.env", HIDDEN);
        for (name, text) in BAIT {
            self.put(name, text);
        }
        fs::create_dir_all(self.path("links")).unwrap();
        let outside = self.beside("outside");
        for (name, target) in [
            ("absolute", outside.clone()),
            ("up", PathBuf::from("../../outside")),
            ("chain", PathBuf::from("up")),
            ("loop", PathBuf::from("loop")),
            ("folder", PathBuf::from("../../outside/canary.txt")),
            ("git", PathBuf::from("../.git")),
        ] {
            symlink(target, self.path("links").join(name)).unwrap();
        }
        let made = Command::new("mkfifo").arg(self.path("fifo")).status();
        assert!(made.unwrap().success());
    }

    /// Checks that nothing of what an attack reported was seen outside or in what is hidden, that no attempt at what is outside went
    /// well, and that nothing changed there or in what is protected, whatever its case and wherever it is.
    pub(crate) fn is_unharmed(&self, report: &Value) {
        let text = report.to_string();
        for kept in [CANARY, HIDDEN, "root:"] {
            assert!(!text.contains(kept), "{kept} in {text}");
        }
        let host = self.folder.path().to_str().unwrap();
        let outside = self.beside("outside");
        // What it was told to look for it may say; nothing else of the host.
        let said = text.replace(outside.to_str().unwrap(), "");
        assert!(!said.contains(host), "{said}");
        for tried in report.as_array().into_iter().flatten() {
            let (what, came) = (tried[0].as_str().unwrap(), tried[1].as_str().unwrap());
            let path = what.split_whitespace().next_back().unwrap_or_default();
            let ways = [
                "/",
                "..",
                "root/..",
                "links/absolute/",
                "links/up/",
                "links/chain/",
            ];
            let leaves = ways.iter().any(|way| path.starts_with(way)) || path.contains('\0');
            assert!(!(leaves && came.starts_with("ok")), "{what}: {came}");
        }
        let names = |tree: BTreeMap<PathBuf, Option<Vec<u8>>>| tree.into_keys().collect::<Vec<_>>();
        assert_eq!(names(tree(&outside)), [PathBuf::from("canary.txt")]);
        assert_eq!(
            fs::read_to_string(outside.join("canary.txt")).unwrap(),
            CANARY
        );
        assert_eq!(self.read("hidden/secret.env"), HIDDEN);
        assert_eq!(
            names(tree(&self.path("hidden"))),
            [PathBuf::from("secret.env")]
        );
        let mut kept = 0;
        for (path, contents) in tree(&self.path("")) {
            let folded = format!("/{}", path.to_str().unwrap().to_lowercase());
            if !PROTECTED
                .iter()
                .any(|name| folded.contains(&format!("/{name}")))
            {
                continue;
            }
            let bait = BAIT.iter().find(|(name, _)| Path::new(name) == path);
            match (bait, contents) {
                (Some((_, text)), Some(contents)) => {
                    assert_eq!(String::from_utf8_lossy(&contents), *text, "{path:?}");
                    kept += 1;
                }
                // The directories that the bait is in.
                (None, None) if path == Path::new(".git/hooks") => {}
                _ => panic!("{path:?} was made"),
            }
        }
        assert_eq!(kept, BAIT.len(), "something protected is gone");
        for entry in fs::read_dir(self.beside("")).unwrap() {
            let name = entry.unwrap().file_name();
            assert!(
                ["workspace", "outside", "state", "docs"].contains(&name.to_str().unwrap()),
                "{name:?} was made outside"
            );
        }
    }
}

/// All that is in a folder, with what is in the files; none for a directory.
pub(crate) fn tree(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut ahead = vec![folder.to_owned()];
    while let Some(here) = ahead.pop() {
        for entry in fs::read_dir(&here).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_owned();
            let metadata = fs::symlink_metadata(&path).unwrap();
            if metadata.is_dir() {
                ahead.push(path);
                found.insert(name, None);
            } else if metadata.is_file() {
                found.insert(name, Some(fs::read(&path).unwrap()));
            } else {
                found.insert(name, None);
            }
        }
    }
    found
}
