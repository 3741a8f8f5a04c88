//! An open file of a layer, whatever its contents are in: the base, or what the layer made of it.

use crate::at;
use crate::facts::{Facts, MADE};
use crate::handles::Reach;
use crate::layer::{FileNode, Layer, NodeId};
use crate::place::Place;
use crate::read_file::{Chunk, read_at};
use crate::stat::Kind;
use crate::target::{Is, Target};
use crate::version::Stamp;
use crate::{ErrorCode, bounds};
use cap_std::fs::{File, Metadata};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// An open file, to look at.
pub(crate) struct FileRef {
    layer: Layer,
    reach: Arc<Reach>,
    it: It,
}

enum It {
    /// A file of the base, and its size for whoever reads first.
    Base(File, Option<Box<Seen>>, AtOpening),
    /// A file that the layer has a node for.
    Made(Opening),
    /// What a handle to change a file stands for. It may not exist yet.
    Target(Arc<Target>),
}

/// The size that a file had when it was opened: opening it had to ask, so the first read need not. A reader that comes
/// late sees the file as it was opened, and what was added since with its next read.
struct AtOpening(AtomicU64);

/// Where in the base a file was opened, for a layer that can change or for the session's memory.
struct Seen {
    path: PathBuf,
    /// Noted as a reader, so that the file goes on working when it is changed and then removed.
    noted: Option<(Layer, String)>,
    /// What was the layer's turn then.
    turn: u64,
}

/// As long as this is there, the layer keeps the node of a file, named or not.
pub(crate) struct Opening {
    layer: Layer,
    id: NodeId,
    /// The file of the base, open, when the node had nothing of its own at that time.
    base: Option<File>,
}

impl FileRef {
    /// The file of the base that was opened as `name` in `place`, and then had this size.
    pub(crate) fn of_base(place: &Place, name: &OsStr, file: File, size: u64) -> FileRef {
        let layer = place.layer.clone();
        let seen = (layer.sight().is_some() || !layer.is_plain()).then(|| {
            let path = place.home_of(name);
            let (noted, turn) = match path.to_str() {
                Some(path) if layer.can_change() => {
                    let turn = layer.change(|live| {
                        live.open_base(path);
                        // It can have been changed since it was opened: then there is no turn at which it is not.
                        live.copy_of(path).map_or(layer.turn(), |_| u64::MAX)
                    });
                    (Some((layer.clone(), path.to_owned())), turn)
                }
                _ => (None, 0),
            };
            Box::new(Seen { path, noted, turn })
        });
        Self {
            reach: Arc::clone(&place.reach),
            // What is written directly through another handle is seen at once.
            it: It::Base(file, seen, AtOpening::new(size, layer.is_direct())),
            layer,
        }
    }

    /// The file that the layer has this node for, seen with the reach of `place`.
    pub(crate) fn of_node(place: &Place, id: NodeId) -> Result<FileRef, ErrorCode> {
        Ok(Self {
            layer: place.layer.clone(),
            reach: Arc::clone(&place.reach),
            it: It::Made(Opening::new(&place.layer, id)?),
        })
    }

    /// What a handle to change a file stands for, to look at.
    pub(crate) fn of_target(target: &Arc<Target>) -> FileRef {
        let place = target.place();
        Self {
            layer: place.layer.clone(),
            reach: Arc::clone(&place.reach),
            it: It::Target(Arc::clone(target)),
        }
    }

    /// As [`ReadFile::read`](crate::ReadFile::read).
    pub(crate) fn read(&self, offset: u64, max: u32) -> Result<Chunk, ErrorCode> {
        let max = max.min(bounds::TRANSFER);
        self.reach.token.check()?;
        let chunk = match &self.it {
            It::Base(file, None, first) => first
                .read(file, offset, max)
                .unwrap_or_else(|| read_file(file, offset, max)),
            It::Base(file, Some(seen), _) => self.read_base(file, seen, offset, max),
            It::Made(opening) => opening.read(offset, max),
            It::Target(target) => match &*target.there()? {
                Is::Made(opening) => opening.read(offset, max),
                Is::Direct(file) => read_file(file, offset, max),
            },
        };
        self.reach.token.check()?;
        chunk
    }

    /// As [`ReadFile::facts`](crate::ReadFile::facts).
    pub(crate) fn facts(&self) -> Result<Facts, ErrorCode> {
        self.reach.token.check()?;
        let facts = match &self.it {
            It::Base(file, seen, _) => match self.copy(seen.as_deref()) {
                Some(id) => facts_of(&self.layer, id, Some(file)),
                None => Ok(Facts::of(&file.metadata()?)),
            },
            It::Made(opening) => opening.facts(),
            It::Target(target) => match &*target.there()? {
                Is::Made(opening) => opening.facts(),
                Is::Direct(file) => Ok(Facts::of(&file.metadata()?)),
            },
        };
        self.reach.token.check()?;
        facts
    }

    fn read_base(
        &self,
        file: &File,
        seen: &Seen,
        offset: u64,
        max: u32,
    ) -> Result<Chunk, ErrorCode> {
        if let Some(id) = self.copy(Some(seen))
            && let Some(chunk) = read_blob(&self.layer, id, offset, max)
        {
            return chunk;
        }
        saw(&self.layer, &seen.path, file, offset, max)
    }

    /// The node of this very file, if the layer got one since it was opened.
    fn copy(&self, seen: Option<&Seen>) -> Option<NodeId> {
        let seen = seen.filter(|seen| self.layer.turn() != seen.turn)?;
        let (_, path) = seen.noted.as_ref()?;
        self.layer.look_at(|live| live.copy_of(path))
    }
}

impl AtOpening {
    /// No file is as large.
    const TAKEN: u64 = u64::MAX;

    fn new(size: u64, taken: bool) -> Self {
        Self(AtomicU64::new(if taken { Self::TAKEN } else { size }))
    }

    /// The first read, if that is what this is and all is there that was.
    fn read(&self, file: &File, offset: u64, max: u32) -> Option<Result<Chunk, ErrorCode>> {
        if self.0.load(Relaxed) == Self::TAKEN {
            return None;
        }
        let size = self.0.swap(Self::TAKEN, Relaxed);
        let want = size.checked_sub(offset)?.min(max.into());
        match read_at(file, size, offset, max) {
            Ok(bytes) if want == 0 || (bytes.len() as u64) < want => None,
            read => Some(read.map(|bytes| Chunk { bytes, size })),
        }
    }
}

impl Opening {
    /// Open a file that the layer has a node for.
    pub(crate) fn new(layer: &Layer, id: NodeId) -> Result<Self, ErrorCode> {
        let base = Self::base_of(layer, id)?;
        if layer.can_change() {
            layer.change(|live| {
                live.delta.file(id).ok_or(ErrorCode::BadDescriptor)?;
                live.open(id);
                Ok::<_, ErrorCode>(())
            })?;
        }
        Ok(Self::counted(layer, id, base))
    }

    /// The file of the base that has the contents of a node that has none of its own.
    pub(crate) fn base_of(layer: &Layer, id: NodeId) -> Result<Option<File>, ErrorCode> {
        let origin = layer.look_at(|live| match live.delta.file(id) {
            Some(file) if file.blob.is_some() => Ok(None),
            Some(file) => Ok(file.origin.as_ref().map(|origin| origin.path.clone())),
            None => Err(ErrorCode::BadDescriptor),
        })?;
        origin.map(|path| base_file(layer, &path)).transpose()
    }

    /// The file of the base of that path, opened anew.
    pub(crate) fn base_again(&self, path: &str) -> Result<File, ErrorCode> {
        base_file(&self.layer, path)
    }

    /// The same, when it is [counted](crate::layer::Live::open) as open already.
    pub(crate) fn counted(layer: &Layer, id: NodeId, base: Option<File>) -> Self {
        Self {
            layer: layer.clone(),
            id,
            base,
        }
    }

    pub(crate) fn layer(&self) -> &Layer {
        &self.layer
    }

    pub(crate) fn id(&self) -> NodeId {
        self.id
    }

    pub(crate) fn base(&self) -> Option<&File> {
        self.base.as_ref()
    }

    fn read(&self, offset: u64, max: u32) -> Result<Chunk, ErrorCode> {
        if let Some(chunk) = read_blob(&self.layer, self.id, offset, max) {
            return chunk;
        }
        let path = self.layer.look_at(|live| {
            let file = live.delta.file(self.id)?;
            file.origin.as_ref().map(|origin| origin.path.clone())
        });
        match (&self.base, path) {
            (Some(base), Some(path)) => saw(&self.layer, Path::new(&path), base, offset, max),
            _ => Err(ErrorCode::BadDescriptor),
        }
    }

    fn facts(&self) -> Result<Facts, ErrorCode> {
        facts_of(&self.layer, self.id, self.base.as_ref())
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        if self.layer.can_change() {
            self.layer.change(|live| live.close(self.id));
        }
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        if let Some((layer, path)) = &self.noted {
            layer.change(|live| live.close_base(path));
        }
    }
}

/// Open a file of the base by where it was when its node was made.
fn base_file(layer: &Layer, path: &str) -> Result<File, ErrorCode> {
    let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
    let dir = layer.base_dir(above)?;
    match at::node(&dir, OsStr::new(name), layer.volume().grant().device())? {
        at::Opened::It(at::Node::File(file, _)) => Ok(file),
        // It was a file when the node was made.
        at::Opened::It(at::Node::Dir(_)) | at::Opened::Link(_) => Err(ErrorCode::Busy),
    }
}

/// Bytes of what the layer made of a file; none when that is still what is in the base.
fn read_blob(layer: &Layer, id: NodeId, offset: u64, max: u32) -> Option<Result<Chunk, ErrorCode>> {
    layer.look_at(|live| match live.delta.file(id) {
        Some(file) => {
            let blob = file.blob.as_ref()?;
            Some(blob.file().and_then(|file| read_file(&file, offset, max)))
        }
        None => Some(Err(ErrorCode::BadDescriptor)),
    })
}

fn read_file(file: &File, offset: u64, max: u32) -> Result<Chunk, ErrorCode> {
    // Nothing but the size is asked for, and that is cheaper than all facts.
    let size = at::size(&rustix::fs::fstat(file)?);
    Ok(Chunk {
        bytes: read_at(file, size, offset, max)?,
        size,
    })
}

/// Bytes of a file of the base, noted as seen.
fn saw(layer: &Layer, path: &Path, file: &File, offset: u64, max: u32) -> Result<Chunk, ErrorCode> {
    let metadata = file.metadata()?;
    // Judged before the bytes are read: a change in between must not look settled.
    let noted = layer.sight().map(|sight| (sight, Stamp::of(&metadata)));
    let bytes = read_at(file, metadata.len(), offset, max)?;
    if let Some((sight, stamp)) = noted {
        sight.saw(path, &stamp, offset, &bytes);
    }
    Ok(Chunk {
        bytes,
        size: metadata.len(),
    })
}

/// Facts about a file that the layer has a node for; `base` is the file of the base that it came from, if it is open.
fn facts_of(layer: &Layer, id: NodeId, base: Option<&File>) -> Result<Facts, ErrorCode> {
    layer.look_at(|live| {
        let node = live.delta.file(id).ok_or(ErrorCode::BadDescriptor)?;
        let metadata: Metadata = match &node.blob {
            Some(blob) => blob.file()?.metadata()?,
            None => base.ok_or(ErrorCode::BadDescriptor)?.metadata()?,
        };
        Ok(overlaid(Facts::of(&metadata), node, id))
    })
}

fn overlaid(mut facts: Facts, node: &FileNode, id: NodeId) -> Facts {
    facts.kind = Kind::File;
    facts.links = 1;
    facts.identity = match &node.origin {
        Some(origin) => (origin.version.stamp.device, origin.version.stamp.inode),
        None => (MADE, id),
    };
    let copied = node.origin.as_ref().filter(|_| node.blob.is_some());
    let copied = copied.and_then(|origin| origin.mode);
    if let Some(mode) = node.attributes.mode.or(copied) {
        facts.mode = mode;
    }
    if let Some(accessed) = node.attributes.accessed {
        facts.accessed = accessed;
    }
    if let Some(modified) = node.attributes.modified {
        facts.modified = modified;
    }
    facts
}
