//! `wasi:filesystem/types`: every function counts itself before it does anything.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::LazyLock;

use bailiwick_capfs as capfs;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream};

use super::bindings::types::{
    self as wit, Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry,
    ErrorCode, MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
};
use super::descriptor::{Descriptor, Entries, SELF};
use super::errors::{Failed, FsError, FsResult};
use super::open::Open;
use super::streams::{CHUNK, Input, Output, To};
use crate::counts::Slot;
use crate::state::State;

type This = Resource<Descriptor>;

impl State {
    /// Counts the call, and finds what a descriptor stands for.
    fn at(&self, this: &This) -> FsResult<&Descriptor> {
        self.io.enter()?;
        Ok(self.table.get(this)?)
    }

    /// A place among the guest's descriptors, or `quota`.
    fn slot(&self) -> FsResult<Slot> {
        self.io.slot().ok_or(ErrorCode::Quota.into())
    }

    fn output(&mut self, this: &This, to: To) -> FsResult<Resource<DynOutputStream>> {
        let file = self.at(this)?.file()?;
        let stream: DynOutputStream = Box::new(Output {
            file: file.write()?.clone(),
            to,
            syncs: file.syncs(),
            closed: false,
            counts: self.io.clone(),
            _slot: file.slot.clone(),
        });
        Ok(self.table.push(stream)?)
    }
}

impl wit::Host for State {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<ErrorCode> {
        match error {
            FsError::Code(code) => Ok(code),
            FsError::Capfs(code) => {
                self.io.note::<()>(&Err(code));
                Ok(code.into())
            }
            FsError::Trap(error) => Err(error),
        }
    }

    fn filesystem_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> wasmtime::Result<Option<ErrorCode>> {
        self.io.enter()?;
        let error = self.table.get(&error)?;
        Ok(error
            .downcast_ref::<Failed>()
            .map(|Failed(code)| (*code).into()))
    }
}

impl wit::HostDescriptor for State {
    fn read_via_stream(&mut self, this: This, offset: u64) -> FsResult<Resource<DynInputStream>> {
        let file = match self.at(&this)? {
            Descriptor::File(file) => file,
            Descriptor::Dir(_) => return Err(ErrorCode::IsDirectory.into()),
        };
        let stream: DynInputStream = Box::new(Input {
            file: file.read()?.clone(),
            offset,
            closed: false,
            counts: self.io.clone(),
            _slot: file.slot.clone(),
        });
        Ok(self.table.push(stream)?)
    }

    fn write_via_stream(&mut self, this: This, offset: u64) -> FsResult<Resource<DynOutputStream>> {
        self.output(&this, To::Offset(offset))
    }

    fn append_via_stream(&mut self, this: This) -> FsResult<Resource<DynOutputStream>> {
        self.output(&this, To::End)
    }

    /// Advice is not taken: it would be a system call for the guest to make without end, and changes nothing that it can see.
    fn advise(&mut self, this: This, _: u64, length: u64, _: Advice) -> FsResult<()> {
        self.at(&this)?.file()?;
        if i64::try_from(length).is_err() {
            return Err(ErrorCode::Invalid.into());
        }
        Ok(())
    }

    fn sync_data(&mut self, this: This) -> FsResult<()> {
        self.sync(this)
    }

    fn get_flags(&mut self, this: This) -> FsResult<DescriptorFlags> {
        Ok(self.at(&this)?.flags())
    }

    fn get_type(&mut self, this: This) -> FsResult<DescriptorType> {
        Ok(match self.at(&this)? {
            Descriptor::Dir(_) => DescriptorType::Directory,
            Descriptor::File(_) => DescriptorType::RegularFile,
        })
    }

    fn set_size(&mut self, this: This, size: u64) -> FsResult<()> {
        Ok(self.at(&this)?.file()?.write()?.set_size(size)?)
    }

    fn set_times(
        &mut self,
        this: This,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> FsResult<()> {
        let descriptor = self.at(&this)?;
        let times = times(accessed, modified)?;
        match descriptor {
            Descriptor::Dir(dir) => dir.write()?.set_times(SELF, true, times)?,
            Descriptor::File(file) => match &file.write {
                Some(write) => write.set_times(times)?,
                None => return Err(ErrorCode::NotPermitted.into()),
            },
        }
        Ok(())
    }

    fn read(&mut self, this: This, length: u64, offset: u64) -> FsResult<(Vec<u8>, bool)> {
        let file = self.at(&this)?.file()?;
        let max = u32::try_from(length.min(CHUNK as u64)).unwrap_or(u32::MAX);
        let chunk = file.read()?.read(offset, max)?;
        let got = chunk.bytes.len() as u64;
        self.io.moved(got)?;
        // Nothing at all is the end, also for who asked for nothing: libraries take no bytes and no end for an interrupt.
        let end = got == 0 || offset.saturating_add(got) >= chunk.size;
        Ok((chunk.bytes, end))
    }

    fn write(&mut self, this: This, bytes: Vec<u8>, offset: u64) -> FsResult<u64> {
        let length = bytes.len() as u64;
        let file = self.at(&this)?.file()?;
        let (write, syncs) = (file.write()?.clone(), file.syncs());
        if length == 0 {
            return Ok(0);
        }
        // Counted first: what is over the bound is not written.
        self.io.wrote(length)?;
        write.write(offset, &bytes)?;
        if syncs {
            write.sync()?;
        }
        Ok(length)
    }

    fn read_directory(&mut self, this: This) -> FsResult<Resource<Entries>> {
        self.at(&this)?.dir()?;
        let slot = self.slot()?;
        let entries = Entries::of(self.table.get(&this)?.dir()?, slot)?;
        Ok(self.table.push(entries)?)
    }

    fn sync(&mut self, this: This) -> FsResult<()> {
        match self.at(&this)? {
            Descriptor::File(file) => match &file.write {
                Some(write) => Ok(write.sync()?),
                None => Ok(()),
            },
            Descriptor::Dir(_) => Ok(()),
        }
    }

    fn create_directory_at(&mut self, this: This, path: String) -> FsResult<()> {
        let dir = self.at(&this)?.dir_of(&path)?;
        Ok(dir.write()?.make_dir(given(&path)?)?)
    }

    fn stat(&mut self, this: This) -> FsResult<DescriptorStat> {
        Ok(stat(&self.at(&this)?.facts()?))
    }

    fn stat_at(&mut self, this: This, flags: PathFlags, path: String) -> FsResult<DescriptorStat> {
        let dir = self.at(&this)?.dir_of(&path)?;
        Ok(stat(&dir.read.facts(given(&path)?, follows(flags))?))
    }

    fn set_times_at(
        &mut self,
        this: This,
        flags: PathFlags,
        path: String,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> FsResult<()> {
        let write = self.at(&this)?.dir_of(&path)?.write()?;
        let times = times(accessed, modified)?;
        Ok(write.set_times(given(&path)?, follows(flags), times)?)
    }

    /// Never: a second name of a file would stand for it where other rules hold.
    fn link_at(
        &mut self,
        this: This,
        _: PathFlags,
        _: String,
        to: This,
        _: String,
    ) -> FsResult<()> {
        self.at(&this)?.dir()?;
        self.table.get(&to)?.dir()?;
        Err(ErrorCode::NotPermitted.into())
    }

    fn open_at(
        &mut self,
        this: This,
        path_flags: PathFlags,
        path: String,
        how: OpenFlags,
        flags: DescriptorFlags,
    ) -> FsResult<Resource<Descriptor>> {
        self.at(&this)?.dir()?;
        let open = Open::new(path_flags, &path, how, flags)?;
        let slot = self.slot()?;
        let base = self.table.get(&this)?.dir_of(&path)?;
        let opened = open.at(base, slot)?;
        Ok(self.table.push(opened)?)
    }

    fn readlink_at(&mut self, this: This, path: String) -> FsResult<String> {
        let dir = self.at(&this)?.dir_of(&path)?;
        Ok(dir.read.read_link(given(&path)?)?)
    }

    fn remove_directory_at(&mut self, this: This, path: String) -> FsResult<()> {
        let dir = self.at(&this)?.dir_of(&path)?;
        Ok(dir.removes()?.remove_dir(given(&path)?)?)
    }

    fn rename_at(&mut self, this: This, path: String, to: This, to_path: String) -> FsResult<()> {
        self.io.enter()?;
        let from = self.table.get(&this)?.dir_of(&path)?;
        let to = self.table.get(&to)?.dir_of(&to_path)?;
        let (from, to) = (from.write()?, to.write()?);
        Ok(from.rename(given(&path)?, to, given(&to_path)?, true)?)
    }

    fn symlink_at(&mut self, this: This, target: String, path: String) -> FsResult<()> {
        let write = self.at(&this)?.dir_of(&path)?.write()?;
        Ok(write.make_link(given(&target)?, given(&path)?)?)
    }

    fn unlink_file_at(&mut self, this: This, path: String) -> FsResult<()> {
        let dir = self.at(&this)?.dir_of(&path)?;
        Ok(dir.removes()?.remove_file(given(&path)?)?)
    }

    fn is_same_object(&mut self, this: This, other: This) -> wasmtime::Result<bool> {
        self.io.enter()?;
        let (this, other) = (self.table.get(&this)?, self.table.get(&other)?);
        // What has no facts any more is the same as nothing.
        Ok(match (this.facts(), other.facts()) {
            (Ok(a), Ok(b)) => which(this.name(), &a) == which(other.name(), &b),
            _ => false,
        })
    }

    fn metadata_hash(&mut self, this: This) -> FsResult<MetadataHashValue> {
        let this = self.at(&this)?;
        Ok(hash(this.name(), &this.facts()?))
    }

    fn metadata_hash_at(
        &mut self,
        this: This,
        flags: PathFlags,
        path: String,
    ) -> FsResult<MetadataHashValue> {
        let read = &self.at(&this)?.dir_of(&path)?.read;
        let facts = read.facts(given(&path)?, follows(flags))?;
        Ok(hash(read.name(), &facts))
    }

    fn drop(&mut self, this: This) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl wit::HostDirectoryEntryStream for State {
    fn read_directory_entry(
        &mut self,
        this: Resource<Entries>,
    ) -> FsResult<Option<DirectoryEntry>> {
        self.io.enter()?;
        let entry = self.table.get_mut(&this)?.next()?;
        Ok(entry.map(|entry| DirectoryEntry {
            type_: kind(entry.kind),
            name: entry.name,
        }))
    }

    fn drop(&mut self, this: Resource<Entries>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

/// A path that is there: capfs takes the empty one for the directory itself, POSIX for no name at all.
fn given(path: &str) -> Result<&str, ErrorCode> {
    if path.is_empty() {
        return Err(ErrorCode::NoEntry);
    }
    Ok(path)
}

fn follows(flags: PathFlags) -> bool {
    flags.contains(PathFlags::SYMLINK_FOLLOW)
}

fn kind(kind: capfs::Kind) -> DescriptorType {
    match kind {
        capfs::Kind::File => DescriptorType::RegularFile,
        capfs::Kind::Directory => DescriptorType::Directory,
        capfs::Kind::Symlink => DescriptorType::SymbolicLink,
        capfs::Kind::Other => DescriptorType::Unknown,
    }
}

fn stat(facts: &capfs::Facts) -> DescriptorStat {
    DescriptorStat {
        type_: kind(facts.kind),
        link_count: facts.links,
        size: facts.size,
        data_access_timestamp: datetime(facts.accessed),
        data_modification_timestamp: datetime(facts.modified),
        status_change_timestamp: datetime(facts.changed),
    }
}

/// None before 1970, which WASI has no numbers for.
fn datetime((seconds, nanoseconds): capfs::Time) -> Option<Datetime> {
    let seconds = u64::try_from(seconds).ok()?;
    Some(Datetime {
        seconds,
        nanoseconds,
    })
}

fn times(accessed: NewTimestamp, modified: NewTimestamp) -> Result<capfs::Times, ErrorCode> {
    Ok(capfs::Times {
        accessed: time(accessed)?,
        modified: time(modified)?,
    })
}

/// `overflow` for what the system has no numbers for. More than a second's worth of nanoseconds is carried over.
fn time(new: NewTimestamp) -> Result<capfs::SetTime, ErrorCode> {
    const SECOND: u32 = 1_000_000_000;
    Ok(match new {
        NewTimestamp::NoChange => capfs::SetTime::Keep,
        NewTimestamp::Now => capfs::SetTime::Now,
        NewTimestamp::Timestamp(time) => {
            let seconds = time
                .seconds
                .checked_add(u64::from(time.nanoseconds / SECOND))
                .and_then(|seconds| i64::try_from(seconds).ok())
                .ok_or(ErrorCode::Overflow)?;
            capfs::SetTime::At((seconds, time.nanoseconds % SECOND))
        }
    })
}

/// Which file it is, of all that a call can reach. Identities are a layer's own, so the grant's name, the first in `name`, belongs to it.
fn which<'a>(name: &'a str, facts: &capfs::Facts) -> (&'a str, (u64, u64)) {
    let grant = name.trim_start_matches('/').split('/').next();
    (grant.unwrap_or_default(), facts.identity)
}

/// Libraries make the number of the file from it, so it is of the file and not of what is in it. The key is this process's secret:
/// the guest does not learn the host's numbers.
fn hash(name: &str, facts: &capfs::Facts) -> MetadataHashValue {
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    let which = which(name, facts);
    MetadataHashValue {
        lower: KEY.hash_one((0_u8, which)),
        upper: KEY.hash_one((1_u8, which)),
    }
}
