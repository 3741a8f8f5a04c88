//! `bailiwick:fs/write`.

use bailiwick_capfs as capfs;
use wasmtime::component::Resource;

use super::{Dir, File, Result, converted};
use crate::bindings::fs_write as wit;
use crate::state::State;

/// A directory that a guest holds to change it.
#[derive(Debug)]
pub struct WriteDir {
    pub(crate) dir: capfs::WriteDir,
    /// Whether it counts against the guest's descriptors: arguments do not, since the guest did not choose them.
    counted: bool,
}

/// A file that a guest holds to change it.
#[derive(Debug)]
pub struct WriteFile {
    pub(crate) file: capfs::WriteFile,
    counted: bool,
}

impl WriteDir {
    pub(crate) fn argument(dir: capfs::WriteDir) -> Self {
        Self {
            dir,
            counted: false,
        }
    }
}

impl WriteFile {
    pub(crate) fn argument(file: capfs::WriteFile) -> Self {
        Self {
            file,
            counted: false,
        }
    }
}

impl State {
    /// The result of a change, with a quota that it did not fit noted: a guest that gives up over it failed at that bound.
    fn changed(&mut self, result: std::result::Result<(), capfs::ErrorCode>) -> Result<()> {
        self.io.note(&result);
        Ok(converted(result))
    }
}

impl wit::Host for State {}

impl wit::HostWriteDir for State {
    fn as_read(&mut self, this: Resource<WriteDir>) -> wasmtime::Result<Resource<Dir>> {
        self.io.enter()?;
        let dir = self.table.get(&this)?.dir.as_read();
        let counted = self.io.open(1);
        Ok(self.table.push(Dir::opened(dir, counted))?)
    }

    fn open_dir(&mut self, this: Resource<WriteDir>, path: String) -> Result<Resource<WriteDir>> {
        self.io.enter()?;
        let made = self.table.get(&this)?.dir.open_dir(&path);
        self.hand(made.map(|dir| WriteDir { dir, counted: true }), 1)
    }

    fn open_file(
        &mut self,
        this: Resource<WriteDir>,
        path: String,
        expect: wit::Expect,
    ) -> Result<Resource<WriteFile>> {
        self.io.enter()?;
        let expect = match expect {
            wit::Expect::Existing => capfs::Expect::Existing,
            wit::Expect::New => capfs::Expect::New,
            wit::Expect::Either => capfs::Expect::Either,
        };
        let made = self.table.get(&this)?.dir.open_file(&path, expect);
        let made = made.map(|file| WriteFile {
            file,
            counted: true,
        });
        self.hand(made, 1)
    }

    fn create_dir(&mut self, this: Resource<WriteDir>, path: String) -> Result<()> {
        self.io.enter()?;
        let result = self.table.get(&this)?.dir.create_dir(&path);
        self.changed(result)
    }

    fn rename(
        &mut self,
        this: Resource<WriteDir>,
        path: String,
        to: Resource<WriteDir>,
        to_path: String,
        replace: bool,
    ) -> Result<()> {
        self.io.enter()?;
        let (from, to) = (self.table.get(&this)?, self.table.get(&to)?);
        let result = from.dir.rename(&path, &to.dir, &to_path, replace);
        self.changed(result)
    }

    fn remove(&mut self, this: Resource<WriteDir>, path: String, tree: bool) -> Result<()> {
        self.io.enter()?;
        let result = self.table.get(&this)?.dir.remove(&path, tree);
        self.changed(result)
    }

    fn drop(&mut self, this: Resource<WriteDir>) -> wasmtime::Result<()> {
        if self.table.delete(this)?.counted {
            self.io.close(1);
        }
        Ok(())
    }
}

impl wit::HostWriteFile for State {
    fn as_read(&mut self, this: Resource<WriteFile>) -> wasmtime::Result<Resource<File>> {
        self.io.enter()?;
        let file = self.table.get(&this)?.file.as_read();
        let counted = self.io.open(1);
        Ok(self.table.push(File::opened(file, counted))?)
    }

    fn replace(&mut self, this: Resource<WriteFile>, bytes: Vec<u8>) -> Result<()> {
        self.io.enter()?;
        self.io.wrote(bytes.len() as u64)?;
        let result = self.table.get(&this)?.file.replace(&bytes);
        self.changed(result)
    }

    fn write(&mut self, this: Resource<WriteFile>, offset: u64, bytes: Vec<u8>) -> Result<()> {
        self.io.enter()?;
        self.io.wrote(bytes.len() as u64)?;
        let result = self.table.get(&this)?.file.write(offset, &bytes);
        self.changed(result)
    }

    fn append(&mut self, this: Resource<WriteFile>, bytes: Vec<u8>) -> Result<()> {
        self.io.enter()?;
        self.io.wrote(bytes.len() as u64)?;
        let result = self.table.get(&this)?.file.append(&bytes);
        self.changed(result)
    }

    fn set_size(&mut self, this: Resource<WriteFile>, size: u64) -> Result<()> {
        self.io.enter()?;
        let result = self.table.get(&this)?.file.set_size(size);
        self.changed(result)
    }

    fn drop(&mut self, this: Resource<WriteFile>) -> wasmtime::Result<()> {
        if self.table.delete(this)?.counted {
            self.io.close(1);
        }
        Ok(())
    }
}
