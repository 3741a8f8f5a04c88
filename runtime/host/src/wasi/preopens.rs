//! `wasi:filesystem/preopens`: where a guest's files begin.
//!
//! Libraries look for a path's mount by name and take one of those that fit, so there is one mount for a name, whatever was asked for.

use std::sync::Arc;

use bailiwick_capfs as capfs;
use wasmtime::component::Resource;

use super::bindings::preopens;
use super::bindings::types::DescriptorFlags;
use super::descriptor::{Descriptor, Dir};
use crate::state::State;

/// The directories that are there from the beginning.
#[derive(Debug)]
pub(crate) struct Preopens {
    all: Vec<Preopen>,
    /// How many mounts there may be: each holds a directory open.
    most: usize,
}

/// One name, and all that is seen there.
#[derive(Debug)]
struct Preopen {
    /// What the guest finds it at: `/workspace`.
    name: String,
    shown: Vec<Shown>,
}

/// A directory, or one file in it.
#[derive(Debug)]
struct Shown {
    read: Arc<capfs::ReadDir>,
    write: Option<Arc<capfs::WriteDir>>,
    /// The file, when it is one.
    only: Option<String>,
    /// It is there whatever the arguments say.
    stands: bool,
}

/// Why something cannot be mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unmountable {
    /// It is mounted already, to be changed where this is to be read, or the other way round. Under one name it can be only one of them.
    Otherwise,
    /// There are too many mounts.
    TooMany,
}

impl Preopens {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            all: Vec::new(),
            most,
        }
    }

    /// Mounts something for the whole session.
    pub(crate) fn mount(&mut self, mount: capfs::Mount) -> Result<(), Unmountable> {
        self.add(mount, true).map(drop)
    }

    /// Mounts an argument, unless what shows it is there; the path at which the guest finds it. It is the mount's own, whatever link
    /// was named.
    pub(crate) fn argument(&mut self, mount: capfs::Mount) -> Result<String, Unmountable> {
        self.add(mount, false)
    }

    fn add(&mut self, mount: capfs::Mount, stands: bool) -> Result<String, Unmountable> {
        let name = mount.read.name().to_owned();
        let path = match &mount.only {
            Some(only) => format!("{name}/{only}"),
            None => name.clone(),
        };
        let taken: usize = self.all.iter().map(|preopen| preopen.shown.len()).sum();
        let place = self.all.iter().position(|preopen| preopen.name == name);
        if let Some(preopen) = place.map(|place| &self.all[place]) {
            let mut shown = preopen.shown.iter();
            let same = |it: &&Shown| it.only == mount.only || (it.stands && it.only.is_none());
            if let Some(same) = shown.find(same) {
                // What the operator mounted may be changed there, whoever is handed it once more to be read.
                return match same.stands || same.write.is_some() == mount.write.is_some() {
                    true => Ok(path),
                    false => Err(Unmountable::Otherwise),
                };
            }
        }
        if taken == self.most {
            return Err(Unmountable::TooMany);
        }
        let shown = Shown {
            read: Arc::new(mount.read),
            write: mount.write.map(Arc::new),
            only: mount.only,
            stands,
        };
        match place {
            Some(place) => self.all[place].add(shown),
            None => self.all.push(Preopen {
                name,
                shown: vec![shown],
            }),
        }
        Ok(path)
    }
}

impl Preopen {
    /// The first is what the directory itself is: all of it rather than a file in it, and what can be changed rather than what cannot.
    fn add(&mut self, shown: Shown) {
        self.shown.push(shown);
        self.shown
            .sort_by_key(|shown| (shown.only.is_some(), shown.write.is_none()));
    }

    fn descriptor(&self) -> Option<Descriptor> {
        let (first, rest) = self.shown.split_first()?;
        let beside = rest
            .iter()
            .filter_map(|shown| Some((shown.only.clone()?, shown.dir(Arc::default()))));
        Some(Descriptor::Dir(first.dir(beside.collect())))
    }
}

impl Shown {
    /// Costs nothing that is not there already, so it has no place among those that the guest may have.
    fn dir(&self, beside: Arc<[(String, Dir)]>) -> Dir {
        let mut flags = DescriptorFlags::READ;
        if self.write.is_some() {
            flags |= DescriptorFlags::MUTATE_DIRECTORY;
        }
        Dir {
            read: self.read.clone(),
            write: self.write.clone(),
            removes: self.write.clone(),
            flags,
            beside,
            _slot: None,
        }
    }
}

impl preopens::Host for State {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        self.io.enter()?;
        let mut directories = Vec::with_capacity(self.preopens.all.len());
        for preopen in &self.preopens.all {
            if let Some(descriptor) = preopen.descriptor() {
                let descriptor = self.table.push(descriptor)?;
                directories.push((descriptor, preopen.name.clone()));
            }
        }
        Ok(directories)
    }
}
