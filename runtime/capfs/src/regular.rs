//! A regular file that was found, before anybody holds it.

use crate::file_ref::FileRef;
use crate::layer::NodeId;
use crate::open::Node;
use crate::place::Place;
use crate::read_file::{Chunk, read_at};
use crate::version::Stamp;
use crate::{ErrorCode, at};
use cap_std::fs::File;
use rustix::fs::Stat;
use std::borrow::Cow;
use std::ffi::OsStr;

/// A regular file, open, and the name that it was found by.
pub(crate) struct Regular<'a> {
    what: What,
    place: Cow<'a, Place>,
    name: Cow<'a, OsStr>,
}

enum What {
    Base(File, Stat),
    Made(NodeId),
}

impl<'a> Regular<'a> {
    /// What was found as `name` in `place`. [`IsDirectory`](ErrorCode::IsDirectory) when it is one.
    pub(crate) fn of(
        node: Node,
        place: Cow<'a, Place>,
        name: Cow<'a, OsStr>,
    ) -> Result<Self, ErrorCode> {
        let what = match node {
            Node::Base(file, stat) => What::Base(file, stat),
            Node::Made(id) => What::Made(id),
            Node::Dir(_) => return Err(ErrorCode::IsDirectory),
        };
        Ok(Self { what, place, name })
    }

    /// To hold it.
    pub(crate) fn open(self) -> Result<FileRef, ErrorCode> {
        match self.what {
            What::Base(file, stat) => {
                let size = at::size(&stat);
                Ok(FileRef::of_base(&self.place, &self.name, file, size))
            }
            What::Made(id) => FileRef::of_node(&self.place, id),
        }
    }

    /// The first `max` bytes, and no more than `limit`. None when it has more than `limit` of them and all were wanted
    /// `whole`.
    pub(crate) fn read(
        self,
        max: u32,
        limit: u32,
        whole: bool,
    ) -> Result<Option<Chunk>, ErrorCode> {
        let fits = |size: u64| !whole || size.min(max.into()) <= limit.into();
        match self.what {
            // As a file that is held, without asking for its size once more.
            What::Base(file, stat) => {
                let size = at::size(&stat);
                if !fits(size) {
                    return Ok(None);
                }
                // Judged before the bytes are read: a change in between must not look settled.
                let sight = self.place.layer.sight();
                let noted = sight.map(|sight| (sight, Stamp::of_stat(&stat)));
                let bytes = read_at(&file, size, 0, max.min(limit))?;
                if let Some((sight, stamp)) = noted {
                    let path = self.place.home_of(&self.name);
                    sight.saw(&path, &stamp, 0, &bytes);
                }
                Ok(Some(Chunk { bytes, size }))
            }
            What::Made(id) => {
                let file = FileRef::of_node(&self.place, id)?;
                if !fits(file.facts()?.size) {
                    return Ok(None);
                }
                Ok(Some(file.read(0, max.min(limit))?))
            }
        }
    }
}
