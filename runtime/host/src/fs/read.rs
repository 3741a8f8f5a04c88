//! `bailiwick:fs/read`.

use bailiwick_capfs as capfs;
use wasmtime::component::Resource;

use super::{Result, converted};
use crate::bindings::fs_read as wit;
use crate::state::State;

/// A directory that a guest holds.
#[derive(Debug)]
pub struct Dir {
    pub(crate) dir: capfs::ReadDir,
    /// Whether it counts against the guest's descriptors: arguments do not, since the guest did not choose them.
    counted: bool,
}

/// A file that a guest holds.
#[derive(Debug)]
pub struct File {
    pub(crate) file: capfs::ReadFile,
    counted: bool,
}

/// A walk of a guest's.
pub struct Walk {
    walker: capfs::Walker,
}

impl Dir {
    pub(crate) fn argument(dir: capfs::ReadDir) -> Self {
        Self {
            dir,
            counted: false,
        }
    }

    /// One that the guest opened.
    pub(crate) fn opened(dir: capfs::ReadDir, counted: bool) -> Self {
        Self { dir, counted }
    }
}

impl File {
    pub(crate) fn argument(file: capfs::ReadFile) -> Self {
        Self {
            file,
            counted: false,
        }
    }

    /// One that the guest opened.
    pub(crate) fn opened(file: capfs::ReadFile, counted: bool) -> Self {
        Self { file, counted }
    }
}

/// Descriptors that a walk is charged for: as many directories as it holds open.
const WALK: u32 = capfs::bounds::WALK_OPEN as u32;

impl wit::Host for State {}

impl wit::HostReadDir for State {
    fn name(&mut self, this: Resource<Dir>) -> wasmtime::Result<String> {
        self.io.enter()?;
        Ok(self.table.get(&this)?.dir.name().to_owned())
    }

    fn stat(&mut self, this: Resource<Dir>, path: String) -> Result<wit::Stat> {
        self.io.enter()?;
        Ok(converted(self.table.get(&this)?.dir.stat(&path)))
    }

    fn read_link(&mut self, this: Resource<Dir>, path: String) -> Result<String> {
        self.io.enter()?;
        Ok(self
            .table
            .get(&this)?
            .dir
            .read_link(&path)
            .map_err(Into::into))
    }

    fn walk(
        &mut self,
        this: Resource<Dir>,
        path: String,
        scope: wit::Scope,
    ) -> Result<Resource<Walk>> {
        self.io.enter()?;
        let scope = capfs::Scope {
            depth: scope.depth,
            globs: scope.globs,
            ignore: scope.ignore,
            hidden: scope.hidden,
        };
        let made = self.table.get(&this)?.dir.walk(&path, &scope);
        self.hand(made.map(|walker| Walk { walker }), WALK)
    }

    fn read_files(
        &mut self,
        this: Resource<Dir>,
        paths: Vec<String>,
        max: u32,
    ) -> wasmtime::Result<Vec<std::result::Result<wit::Chunk, wit::ErrorCode>>> {
        self.io.enter()?;
        let chunks = self.table.get(&this)?.dir.read_files(&paths, max);
        self.io.moved(
            chunks
                .iter()
                .flatten()
                .map(|chunk| chunk.bytes.len() as u64)
                .sum(),
        )?;
        Ok(chunks.into_iter().map(converted).collect())
    }

    fn open_dir(&mut self, this: Resource<Dir>, path: String) -> Result<Resource<Dir>> {
        self.io.enter()?;
        let made = self.table.get(&this)?.dir.open_dir(&path);
        self.hand(made.map(|dir| Dir { dir, counted: true }), 1)
    }

    fn open_file(&mut self, this: Resource<Dir>, path: String) -> Result<Resource<File>> {
        self.io.enter()?;
        let made = self.table.get(&this)?.dir.open_file(&path);
        self.hand(
            made.map(|file| File {
                file,
                counted: true,
            }),
            1,
        )
    }

    fn drop(&mut self, this: Resource<Dir>) -> wasmtime::Result<()> {
        if self.table.delete(this)?.counted {
            self.io.close(1);
        }
        Ok(())
    }
}

impl wit::HostReadFile for State {
    fn name(&mut self, this: Resource<File>) -> wasmtime::Result<String> {
        self.io.enter()?;
        Ok(self.table.get(&this)?.file.name().to_owned())
    }

    fn stat(&mut self, this: Resource<File>) -> Result<wit::Stat> {
        self.io.enter()?;
        Ok(converted(self.table.get(&this)?.file.stat()))
    }

    fn read(&mut self, this: Resource<File>, offset: u64, max: u32) -> Result<wit::Chunk> {
        self.io.enter()?;
        let chunk = self.table.get(&this)?.file.read(offset, max);
        if let Ok(chunk) = &chunk {
            self.io.moved(chunk.bytes.len() as u64)?;
        }
        Ok(converted(chunk))
    }

    fn drop(&mut self, this: Resource<File>) -> wasmtime::Result<()> {
        if self.table.delete(this)?.counted {
            self.io.close(1);
        }
        Ok(())
    }
}

impl wit::HostWalker for State {
    fn next(&mut self, this: Resource<Walk>, max: u32) -> Result<wit::Page> {
        self.io.enter()?;
        Ok(converted(self.table.get_mut(&this)?.walker.next(max)))
    }

    fn drop(&mut self, this: Resource<Walk>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        self.io.close(WALK);
        Ok(())
    }
}

impl From<capfs::Stat> for wit::Stat {
    fn from(stat: capfs::Stat) -> Self {
        let kind = match stat.kind {
            capfs::Kind::File => wit::Kind::File,
            capfs::Kind::Directory => wit::Kind::Directory,
            capfs::Kind::Symlink => wit::Kind::Symlink,
            capfs::Kind::Other => wit::Kind::Other,
        };
        Self {
            kind,
            size: stat.size,
            modified: stat.modified,
        }
    }
}

impl From<capfs::Chunk> for wit::Chunk {
    fn from(chunk: capfs::Chunk) -> Self {
        Self {
            bytes: chunk.bytes,
            size: chunk.size,
        }
    }
}

impl From<capfs::Page> for wit::Page {
    fn from(page: capfs::Page) -> Self {
        let entry = |entry: capfs::Entry| wit::Entry {
            path: entry.path,
            stat: entry.stat.into(),
        };
        Self {
            entries: page.entries.into_iter().map(entry).collect(),
            skipped: page.skipped,
            more: page.more,
        }
    }
}
