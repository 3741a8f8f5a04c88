//! `wasi:filesystem/preopens`: where a guest's files begin.

use std::sync::Arc;

use bailiwick_capfs as capfs;
use wasmtime::component::Resource;

use super::bindings::preopens;
use super::bindings::types::DescriptorFlags;
use super::descriptor::{Descriptor, Dir};
use crate::state::State;

/// A directory that is there from the beginning.
#[derive(Debug)]
pub(crate) struct Preopen {
    name: String,
    read: Arc<capfs::ReadDir>,
    write: Option<Arc<capfs::WriteDir>>,
}

impl Preopen {
    /// `name` is what the guest finds it at: `/workspace`.
    pub(crate) fn new(name: String, mount: capfs::Mount) -> Self {
        Self {
            name,
            read: Arc::new(mount.read),
            write: mount.write.map(Arc::new),
        }
    }

    /// Its descriptor. It costs nothing that is not there already, so it has no place among those that the guest may have.
    fn descriptor(&self) -> Descriptor {
        let mut flags = DescriptorFlags::READ;
        if self.write.is_some() {
            flags |= DescriptorFlags::MUTATE_DIRECTORY;
        }
        Descriptor::Dir(Dir {
            read: self.read.clone(),
            write: self.write.clone(),
            removes: self.write.clone(),
            flags,
            _slot: None,
        })
    }
}

impl preopens::Host for State {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        self.io.enter()?;
        let mut directories = Vec::with_capacity(self.preopens.len());
        for preopen in &self.preopens {
            let descriptor = self.table.push(preopen.descriptor())?;
            directories.push((descriptor, preopen.name.clone()));
        }
        Ok(directories)
    }
}
