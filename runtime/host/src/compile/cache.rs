//! Where compiled code is kept, so that a component is compiled once.
//!
//! Code in this folder runs with all the authority of the host, so it is taken from nobody else: the folder and every file in it must be the
//! user's own, and no other may write there. It is trusted by that, and not hashed again. What is odd in any way is taken away and compiled
//! anew. A file is named by the digest of the component and by what the code depends on: the version of the engine, its settings, the
//! machine.
//!
//! Beside the code stands what was read of components ([`facts`](super::facts)) and which component a file is ([`identity`](super::identity)), under the same rules.

use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bailiwick_capfs::AmbientAuthority;
use bailiwick_contract::Digest;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, Timespec, Timestamps, UTIME_NOW};
use rustix::io::Errno;
use wasmtime::component::Component;

/// How a file of code ends, one of facts, one of which component a file is, and one that is being written.
const CODE: &str = ".cwasm";
pub(super) const FACTS: &str = ".facts";
pub(super) const FILE: &str = ".file";
const PART: &str = ".part";

/// How many bytes of code are kept: what was not used for the longest goes first.
const MOST: u64 = 2 << 30;

/// How many files there are at most.
const FILES: usize = 4_096;

/// A folder of compiled code. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Cache(Arc<Folder>);

#[derive(Debug)]
struct Folder {
    path: PathBuf,
    dir: OwnedFd,
    parts: AtomicU64,
    program: Option<u64>,
}

/// The folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// The system says no.
    #[error("`{}`: {reason}", path.display())]
    System {
        /// The folder.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// Others own it, or may write to it, and so could give this program code to run.
    #[error("`{}` is not only yours: `chmod 700` it, or name another", .0.display())]
    NotPrivate(PathBuf),
}

/// One file of code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cached {
    /// The component's digest, in hexadecimal.
    pub digest: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was last used, in seconds since 1970.
    pub used: i64,
}

impl Cache {
    /// Opens the folder, and makes it when it is not there.
    ///
    /// # Ambient authority
    ///
    /// The path is one of the host's.
    ///
    /// # Errors
    ///
    /// [`CacheError`]: it cannot be made or opened, or it is not only this user's.
    #[allow(
        clippy::disallowed_methods,
        reason = "the edge: this is what the authority argument stands for"
    )]
    pub fn open_ambient(path: &Path, _: AmbientAuthority) -> Result<Self, CacheError> {
        let system = |reason: std::io::Error| CacheError::System {
            path: path.to_path_buf(),
            reason,
        };
        if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
            std::fs::create_dir_all(above).map_err(system)?;
        }
        match rustix::fs::mkdir(path, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(system(errno.into())),
        }
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let dir = rustix::fs::open(path, flags, Mode::empty()).map_err(|e| system(e.into()))?;
        let stat = rustix::fs::fstat(&dir).map_err(|errno| system(errno.into()))?;
        if !is_own(&stat) {
            return Err(CacheError::NotPrivate(path.to_path_buf()));
        }
        Ok(Self(Arc::new(Folder {
            path: path.to_path_buf(),
            dir,
            parts: AtomicU64::default(),
            program: super::facts::program(),
        })))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Which program this is. None where that cannot be told.
    pub(super) fn program(&self) -> Option<u64> {
        self.0.program
    }

    /// The code of a component, if it is there and nothing is odd about it.
    pub(super) fn load(&self, engine: &wasmtime::Engine, digest: &Digest) -> Option<Component> {
        let name = name(engine, digest);
        let file = match self.open(&name) {
            Ok(Some(file)) => file,
            Ok(None) => return None,
            // A link, or something that cannot be read.
            Err(_) => {
                self.remove(&name);
                return None;
            }
        };
        let component = mapped(engine, &file);
        if component.is_none() {
            self.remove(&name);
        } else {
            let now = Timespec {
                tv_sec: 0,
                tv_nsec: UTIME_NOW,
            };
            let times = Timestamps {
                last_access: now,
                last_modification: now,
            };
            // When it was used decides only what goes first.
            let _ = rustix::fs::futimens(&file, &times);
        }
        component
    }

    /// Whether there is something under the name of that code.
    pub(crate) fn has(&self, engine: &wasmtime::Engine, digest: &Digest) -> bool {
        matches!(self.open(&name(engine, digest)), Ok(Some(_)))
    }

    /// Keeps code, whole or not at all.
    pub(super) fn keep(
        &self,
        engine: &wasmtime::Engine,
        digest: &Digest,
        code: &[u8],
    ) -> std::io::Result<()> {
        self.put(&name(engine, digest), code)
    }

    /// Puts a file there, whole or not at all.
    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        let number = self.0.parts.fetch_add(1, Ordering::Relaxed);
        let part = format!("{}-{number}{PART}", std::process::id());
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let dir = self.0.dir.as_fd();
        let file =
            rustix::fs::openat(dir, &part, flags | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR)?;
        let mut file = File::from(file);
        let written = file
            .write_all(bytes)
            .and_then(|()| file.sync_all())
            .and_then(|()| Ok(rustix::fs::renameat(dir, &part, dir, name)?));
        if written.is_err() {
            self.remove(&part);
        }
        self.prune(name);
        written
    }

    /// What is in a file, if it is there, nothing is odd about it, and it has no more than so many bytes. What is odd is taken away.
    pub(super) fn read(&self, name: &str, most: u64) -> Option<Vec<u8>> {
        let file = match self.open(name) {
            Ok(file) => file?,
            Err(_) => {
                self.remove(name);
                return None;
            }
        };
        let size = file.metadata().ok()?.len();
        let mut bytes = Vec::with_capacity(size.min(most) as usize + 1);
        let read = file.take(most + 1).read_to_end(&mut bytes);
        (read.is_ok() && bytes.len() as u64 <= most).then_some(bytes)
    }

    /// What is kept, the last used first.
    ///
    /// # Errors
    ///
    /// The folder cannot be listed.
    pub fn list(&self) -> std::io::Result<Vec<Cached>> {
        let mut all: Vec<_> = self
            .files()?
            .into_iter()
            .filter_map(|(name, stat)| {
                let (digest, _) = name.strip_suffix(CODE)?.split_once('-')?;
                Some(Cached {
                    digest: digest.to_owned(),
                    bytes: stat.st_size as u64,
                    used: stat.st_mtime,
                })
            })
            .collect();
        all.sort_by_key(|cached| std::cmp::Reverse(cached.used));
        Ok(all)
    }

    /// Takes all of it away: how many files, and how many bytes.
    ///
    /// # Errors
    ///
    /// The folder cannot be listed.
    pub fn clear(&self) -> std::io::Result<(usize, u64)> {
        let files = self.files()?;
        for (name, _) in &files {
            self.remove(name);
        }
        let bytes = files.iter().map(|(_, stat)| stat.st_size as u64).sum();
        Ok((files.len(), bytes))
    }

    /// Takes away what was not used for the longest, and what somebody began and did not end.
    fn prune(&self, keep: &str) {
        let Ok(mut files) = self.files() else { return };
        files.sort_by_key(|(_, stat)| std::cmp::Reverse(stat.st_mtime));
        let mut bytes = 0;
        for (place, (name, stat)) in files.into_iter().enumerate() {
            bytes += stat.st_size as u64;
            if (bytes > MOST || place >= FILES) && name != keep {
                self.remove(&name);
            }
        }
    }

    /// The files that are kept, and those that are being written.
    fn files(&self) -> std::io::Result<Vec<(String, Stat)>> {
        let mut files = Vec::new();
        for entry in Dir::read_from(&self.0.dir)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else {
                continue;
            };
            if [CODE, FACTS, FILE, PART]
                .iter()
                .any(|end| name.ends_with(end))
            {
                let stat = rustix::fs::statat(&self.0.dir, name, AtFlags::SYMLINK_NOFOLLOW);
                files.extend(stat.ok().map(|stat| (name.to_owned(), stat)));
            }
        }
        Ok(files)
    }

    /// A file that only this user can have written. None when there is none.
    fn open(&self, name: &str) -> std::io::Result<Option<File>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(&self.0.dir, name, flags, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(errno.into()),
        };
        let stat = rustix::fs::fstat(&file)?;
        let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        if is_file && stat.st_nlink == 1 && is_own(&stat) {
            return Ok(Some(file.into()));
        }
        Err(std::io::ErrorKind::PermissionDenied.into())
    }

    pub(super) fn remove(&self, name: &str) {
        // What cannot be taken away is not used either.
        let _ = rustix::fs::unlinkat(&self.0.dir, name, AtFlags::empty());
    }
}

/// Whether it is this user's, and no other can write to it.
fn is_own(stat: &Stat) -> bool {
    stat.st_uid == rustix::process::geteuid().as_raw() && stat.st_mode & 0o022 == 0
}

/// The name of the code of a component for an engine.
fn name(engine: &wasmtime::Engine, digest: &Digest) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{}-{:016x}{CODE}", hex(digest), hasher.finish())
}

/// A digest in a name.
pub(super) fn hex(digest: &Digest) -> String {
    digest.to_string().replace("sha256:", "")
}

/// A component of code in a file, which is mapped and not read.
#[allow(unsafe_code, reason = "only here code comes from a file")]
fn mapped(engine: &wasmtime::Engine, file: &File) -> Option<Component> {
    // The very file that was looked at, whatever its name leads to by now.
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    // SAFETY: the file lies in a folder that only this user can write to, is this user's, has no other name, and can be written by nobody else;
    // what this program puts there is what `Engine::precompile_component` returned, under a name that stands for this engine, and is never
    // changed afterwards: it is replaced whole.
    unsafe { Component::deserialize_file(engine, path) }.ok()
}
