//! A call that writes, in each way in which writes can end.

use crate::tree::Tree;
use crate::view::{QUOTA, View};
use bailiwick_capfs::{
    Amount, Attenuation, Expect, Grant, GuestPath, Kind, Rights, State, Volume, VolumeOptions,
    WriteDir, Writes, ambient_authority,
};
use tempfile::TempDir;

/// A tree, and a call's view of it that may write.
pub(crate) struct Work {
    pub(crate) tree: Tree,
    pub(crate) writes: Writes,
    pub(crate) volume: Volume,
    pub(crate) view: View,
    /// The whole grant.
    pub(crate) root: WriteDir,
    _state: TempDir,
}

impl Work {
    pub(crate) fn new(tree: Tree, writes: Writes) -> Self {
        Self::with(tree, writes, QUOTA)
    }

    pub(crate) fn with(tree: Tree, writes: Writes, quota: Amount) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (state, _) =
            State::open_ambient(&folder.path().join("state"), ambient_authority()).unwrap();
        let grant =
            Grant::open_ambient(&tree.inside(), Rights::READ_WRITE, ambient_authority()).unwrap();
        let options = VolumeOptions { writes, quota };
        let volume = Volume::new("workspace", grant, options, Some(&state)).unwrap();
        let view = View::on(volume.clone(), true);
        let root = view
            .layer
            .write_dir(&view.capability, &GuestPath::default())
            .unwrap();
        Self {
            tree,
            writes,
            volume,
            view,
            root,
            _state: folder,
        }
    }

    /// Run a check for each way in which writes can end, on a tree of its own.
    pub(crate) fn each(tree: impl Fn() -> Tree, check: impl Fn(&Work)) {
        for writes in [Writes::Apply, Writes::Review, Writes::Direct] {
            let work = Work::new(tree(), writes);
            check(&work);
        }
    }

    /// A handle of the whole grant that is kept from some names.
    pub(crate) fn guarded(&self, hide: &[&str], protect: &[&str]) -> WriteDir {
        let owned = |globs: &[&str]| globs.iter().map(|glob| (*glob).to_owned()).collect();
        let terms = Attenuation {
            hide: owned(hide),
            protect: owned(protect),
            ..Attenuation::default()
        };
        self.attenuated(&terms)
    }

    pub(crate) fn attenuated(&self, terms: &Attenuation) -> WriteDir {
        let capability = self.view.capability.attenuate(terms).unwrap();
        let at = GuestPath::default();
        self.view.layer.write_dir(&capability, &at).unwrap()
    }

    /// What a file says in the call's view.
    pub(crate) fn read(&self, path: &str) -> String {
        read(&self.root, path)
    }

    /// Everything in the call's view, directories with a slash, files with what they say, links with where they lead.
    pub(crate) fn shown(&self) -> Vec<String> {
        let mut shown = Vec::new();
        below(&self.root, "", &mut shown);
        shown
    }
}

/// What a file says.
pub(crate) fn read(dir: &WriteDir, path: &str) -> String {
    let file = dir.as_read().open_file(path).unwrap();
    String::from_utf8(file.read(0, 1 << 20).unwrap().bytes).unwrap()
}

/// Write a whole file.
pub(crate) fn write(dir: &WriteDir, path: &str, text: &str) {
    let file = dir.create_file(path, Expect::Either, false).unwrap();
    file.replace(text.as_bytes()).unwrap();
}

fn below(root: &WriteDir, path: &str, shown: &mut Vec<String>) {
    let read_dir = root.as_read();
    let mut entries = read_dir.entries(path).unwrap();
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    for entry in entries {
        let path = match path {
            "" => entry.name,
            _ => format!("{path}/{}", entry.name),
        };
        match entry.kind {
            Kind::Directory => {
                shown.push(format!("{path}/"));
                below(root, &path, shown);
            }
            Kind::Symlink => {
                let leads = read_dir.read_link(&path).unwrap();
                shown.push(format!("{path} -> {leads}"));
            }
            _ => shown.push(format!("{path}: {}", read(root, &path))),
        }
    }
}
