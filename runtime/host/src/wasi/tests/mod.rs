//! The functions of `wasi:filesystem`, called as the generated code calls them.

#![allow(
    clippy::disallowed_methods,
    reason = "tests make the folders that they grant"
)]

mod errors;
mod facts;
mod link;
mod listing;
mod mounts;
mod names;
mod open;
mod streams;

use std::path::Path;
use std::sync::Arc;

use bailiwick_capfs as capfs;
use capfs::{
    Amount, Grant, GuestPath, HandleId, Handles, Layer, Rights, Volume, VolumeOptions, Writes,
};
use tempfile::TempDir;
use wasmtime::component::Resource;

use super::bindings::preopens::Host as _;
use super::bindings::types::{
    self as wit, DescriptorFlags, ErrorCode, Host as _, HostDescriptor as _,
    HostDirectoryEntryStream as _, OpenFlags, PathFlags,
};
use super::descriptor::Descriptor;
use super::errors::FsError;
use crate::call::Reporter;
use crate::limits::Limits;
use crate::state::State;

/// Bytes that a guest of these tests may write.
const QUOTA: u64 = 64 << 10;

const FOLLOW: PathFlags = PathFlags::SYMLINK_FOLLOW;
const READ: DescriptorFlags = DescriptorFlags::READ;
const WRITE: DescriptorFlags = DescriptorFlags::WRITE;
const MUTATE: DescriptorFlags = DescriptorFlags::MUTATE_DIRECTORY;

fn none() -> OpenFlags {
    OpenFlags::empty()
}

fn nothing() -> DescriptorFlags {
    DescriptorFlags::empty()
}

/// A descriptor by its number, to be used any number of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fd(u32);

impl From<Fd> for Resource<Descriptor> {
    fn from(fd: Fd) -> Self {
        Self::new_borrow(fd.0)
    }
}

/// A guest that has a folder mounted at `/workspace`.
struct Guest {
    state: State,
    /// The mount.
    root: Fd,
    granted: Granted,
    folder: TempDir,
    /// Where its layer is, unless it writes at once.
    _kept: TempDir,
}

/// A folder with `file` (of `0123456789`), `dir` with `inner` in it, `link` to `file`, `way` to `dir`, and `out`, which leads out.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("file"), "0123456789").expect("a file");
    std::fs::create_dir(at("dir")).expect("a directory");
    std::fs::write(at("dir/inner"), "inner").expect("a file");
    for (target, name) in [("file", "link"), ("dir", "way"), ("../..", "out")] {
        std::os::unix::fs::symlink(target, at(name)).expect("a link");
    }
    folder
}

/// A folder in a session, and a call's view of it.
struct Granted {
    handles: Handles,
    id: HandleId,
    layer: Layer,
}

impl Granted {
    fn new(path: &Path, kept: &Path, rights: Rights, writes: Writes) -> Self {
        let authority = capfs::ambient_authority;
        let grant = Grant::open_ambient(path, rights, authority()).expect("it can be granted");
        let options = VolumeOptions {
            writes,
            quota: Amount {
                bytes: QUOTA,
                entries: 16,
            },
        };
        let (store, _) = capfs::State::open_ambient(kept, authority()).expect("a state folder");
        let volume = Volume::new("workspace", grant, options, Some(&store)).expect("a volume");
        let handles = Handles::default();
        let id = handles.grant("workspace", volume.clone());
        let all = GuestPath::default();
        let locked = rights.allows(Rights::READ_WRITE).then(|| {
            volume
                .try_lock(std::slice::from_ref(&all))
                .expect("nobody else")
        });
        let layer = volume.begin(locked);
        Self { handles, id, layer }
    }

    fn mount(&self, path: &str, writes: bool) -> capfs::Mount {
        let capability = self.handles.get(self.id).expect("it was just granted");
        let path = GuestPath::parse(path).expect("it is a path");
        let mount = self.layer.mount(&capability, &path, writes);
        mount.expect("it can be mounted")
    }
}

impl Guest {
    fn new(rights: Rights, writes: Writes, change: impl FnOnce(&mut Limits)) -> Self {
        let (folder, kept) = (folder(), tempfile::tempdir().expect("a folder"));
        let mut limits = Limits::default();
        change(&mut limits);
        let mut state = State::new(&limits, Reporter::new(Arc::default()));
        let granted = Granted::new(folder.path(), kept.path(), rights, writes);
        let mount = granted.mount("", rights.allows(Rights::READ_WRITE));
        state.preopens.mount(mount).expect("it is the first");
        let mut directories = state.get_directories().expect("it has room");
        let (root, name) = directories.pop().expect("there is one");
        assert_eq!((name.as_str(), directories.len()), ("/workspace", 0));
        let root = Fd(root.rep());
        Self {
            state,
            root,
            granted,
            folder,
            _kept: kept,
        }
    }

    /// One that may change everything, layered.
    fn writer() -> Self {
        Self::new(Rights::READ_WRITE, Writes::Apply, |_| {})
    }

    /// One that may change everything, at once and in layers.
    fn writers() -> [Self; 2] {
        [Writes::Direct, Writes::Apply].map(|writes| Self::new(Rights::READ_WRITE, writes, |_| {}))
    }

    fn reader() -> Self {
        Self::new(Rights::READ, Writes::Apply, |_| {})
    }

    /// The code that the guest gets.
    fn code<T>(&mut self, result: Result<T, FsError>) -> Result<T, ErrorCode> {
        result.map_err(|error| {
            self.state
                .convert_error_code(error)
                .expect("the call goes on")
        })
    }

    fn open_below(
        &mut self,
        base: Fd,
        path: &str,
        follow: PathFlags,
        how: OpenFlags,
        flags: DescriptorFlags,
    ) -> Result<Fd, ErrorCode> {
        let opened = self
            .state
            .open_at(base.into(), follow, path.to_owned(), how, flags);
        self.code(opened).map(|opened| Fd(opened.rep()))
    }

    fn open(
        &mut self,
        path: &str,
        how: OpenFlags,
        flags: DescriptorFlags,
    ) -> Result<Fd, ErrorCode> {
        self.open_below(self.root, path, FOLLOW, how, flags)
    }

    fn close(&mut self, fd: Fd) {
        wit::HostDescriptor::drop(&mut self.state, Resource::new_own(fd.0)).expect("it was open");
    }

    /// What is in the file of that name.
    fn contents(&mut self, path: &str) -> Result<String, ErrorCode> {
        let file = self.open(path, none(), READ)?;
        let read = self.state.read(file.into(), 1 << 20, 0);
        let (bytes, end) = self.code(read)?;
        assert!(end, "the files of these tests are short");
        self.close(file);
        Ok(String::from_utf8(bytes).expect("they are text"))
    }

    /// The names in a directory, as they are listed, with what they stand for.
    fn list(&mut self, dir: Fd) -> Vec<(String, wit::DescriptorType)> {
        let stream = self.state.read_directory(dir.into());
        let stream = self.code(stream).expect("it can be listed").rep();
        let mut names = Vec::new();
        loop {
            let next = self
                .state
                .read_directory_entry(Resource::new_borrow(stream));
            match self.code(next).expect("it goes on") {
                Some(entry) => names.push((entry.name, entry.type_)),
                None => break,
            }
        }
        wit::HostDirectoryEntryStream::drop(&mut self.state, Resource::new_own(stream))
            .expect("it was there");
        names
    }

    /// What is listed at the mount.
    fn names(&mut self) -> Vec<String> {
        let listed = self.list(self.root);
        listed.into_iter().map(|(name, _)| name).collect()
    }
}
