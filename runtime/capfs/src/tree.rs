//! What a directory handle stands on: an open directory of a grant, and where in the grant it was found.

use crate::bounds;
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
    /// Plain names from the grant's root to the directory, links resolved. Only for the ignore files above it. None
    /// when they are more than [`bounds::TRAIL`].
    trail: Option<Vec<OsString>>,
}

impl Tree {
    /// The root of `grant`.
    pub(crate) fn new(grant: Grant, dir: Arc<Dir>) -> Self {
        Self {
            grant,
            dir,
            trail: Some(Vec::new()),
        }
    }

    /// A directory found below this one, by the plain names `behind`.
    pub(crate) fn below(&self, dir: Arc<Dir>, behind: Vec<OsString>) -> Self {
        let trail = self
            .trail
            .as_ref()
            .filter(|trail| trail.len() + behind.len() <= bounds::TRAIL);
        Self {
            grant: self.grant.clone(),
            dir,
            trail: trail.map(|trail| trail.iter().cloned().chain(behind).collect()),
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

    /// Plain names from the grant's root to the directory; none when they are too many to know.
    pub(crate) fn trail(&self) -> &[OsString] {
        self.trail.as_deref().unwrap_or_default()
    }
}
