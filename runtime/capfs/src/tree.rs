//! What a directory handle stands on: an open directory of a grant, and where in the grant it was found.

use crate::grant::Grant;
use crate::open::Device;
use cap_std::fs::Dir;
use std::ffi::OsString;
use std::sync::Arc;

/// A directory of a grant, open.
#[derive(Clone)]
pub(crate) struct Tree {
    grant: Grant,
    dir: Arc<Dir>,
    /// Plain names from the grant's root to the directory, links resolved. Only for the ignore files above it.
    trail: Vec<OsString>,
}

impl Tree {
    pub(crate) fn new(grant: Grant, dir: Arc<Dir>, trail: Vec<OsString>) -> Self {
        Self { grant, dir, trail }
    }

    /// A directory found below this one, by the plain names `behind`.
    pub(crate) fn below(&self, dir: Arc<Dir>, behind: Vec<OsString>) -> Self {
        let mut trail = self.trail.clone();
        trail.extend(behind);
        Self {
            grant: self.grant.clone(),
            dir,
            trail,
        }
    }

    pub(crate) fn dir(&self) -> &Arc<Dir> {
        &self.dir
    }

    pub(crate) fn device(&self) -> Device {
        self.grant.device()
    }

    pub(crate) fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Plain names from the grant's root to the directory.
    pub(crate) fn trail(&self) -> &[OsString] {
        &self.trail
    }
}
