//! What is in a file of a layer, changed: its own copy is made at the first change, and again when a savepoint has it as well.

use super::charge::Charge;
use super::delta::FileNode;
use super::{Layer, Live};
use crate::facts::{SetTime, Times};
use crate::file_ref::Opening;
use crate::handles::Reach;
use crate::state::{Blob, Vault};
use crate::version::{Digest, Stamp, Time, Version};
use crate::{ErrorCode, bounds};
use cap_std::fs::{File, FileExt, PermissionsExt};
use std::sync::Arc;

/// The longest that a file can be, in bytes.
pub(crate) const LONGEST: u64 = i64::MAX as u64;

/// Bytes at an offset; none for the end of the file.
pub(crate) fn write(
    opening: &Opening,
    reach: &Arc<Reach>,
    offset: Option<u64>,
    bytes: &[u8],
) -> Result<(), ErrorCode> {
    if bytes.is_empty() {
        return Ok(());
    }
    change(opening, reach, |file| {
        let size = file.size()?;
        let offset = offset.unwrap_or(size);
        let end = end(offset, bytes)?;
        file.own(end.max(size))?;
        Ok(file.contents()?.write_all_at(bytes, offset)?)
    })
}

/// Cut, or lengthen with zeros.
pub(crate) fn set_size(opening: &Opening, reach: &Arc<Reach>, size: u64) -> Result<(), ErrorCode> {
    if size > LONGEST {
        return Err(ErrorCode::FileTooLarge);
    }
    if size == 0 {
        return replace(opening, reach, &[]);
    }
    change(opening, reach, |file| {
        if file.size()? == size {
            return Ok(());
        }
        file.own(size)?;
        Ok(file.contents()?.set_len(size)?)
    })
}

/// All contents at once.
pub(crate) fn replace(
    opening: &Opening,
    reach: &Arc<Reach>,
    bytes: &[u8],
) -> Result<(), ErrorCode> {
    change(opening, reach, |file| {
        let blob = file.vault.blob()?;
        file.charge(bytes.len() as u64)?;
        blob.file()?.write_all_at(bytes, 0)?;
        let version = match file.base()? {
            Some(base) => {
                let version = Version {
                    stamp: Stamp::of(&base.metadata()?),
                    // A guest must not make the host read whatever there is.
                    digest: Digest::of_small(base, bounds::DIGESTED)?,
                };
                Some((version, mode(base)?))
            }
            None => None,
        };
        file.take(blob, version)
    })
}

/// Set times of a file, whatever is in it.
pub(crate) fn set_times(
    opening: &Opening,
    reach: &Arc<Reach>,
    times: Times,
) -> Result<(), ErrorCode> {
    let layer = opening.layer();
    let (accessed, modified) = at(layer, times)?;
    layer.writes_with(reach);
    layer.change(|live| {
        let file = live.delta.file_mut(opening.id());
        let attributes = &mut file.ok_or(ErrorCode::BadDescriptor)?.attributes;
        attributes.accessed = accessed.or(attributes.accessed);
        attributes.modified = modified.or(attributes.modified);
        layer.moved(false);
        Ok(())
    })
}

/// Times to set as they will be: the clock is the filesystem's.
pub(crate) fn at(layer: &Layer, times: Times) -> Result<(Option<Time>, Option<Time>), ErrorCode> {
    let now = match (times.accessed, times.modified) {
        (SetTime::Now, _) | (_, SetTime::Now) => {
            let vault = layer.volume().vault().ok_or(ErrorCode::Access)?;
            Some(Stamp::of(&vault.blob()?.file()?.metadata()?).modified)
        }
        _ => None,
    };
    let time = |time| match time {
        SetTime::Keep => None,
        SetTime::Now => now,
        SetTime::At(time) => Some(time),
    };
    Ok((time(times.accessed), time(times.modified)))
}

/// Where writing these bytes ends.
pub(crate) fn end(offset: u64, bytes: &[u8]) -> Result<u64, ErrorCode> {
    let end = offset.checked_add(bytes.len() as u64);
    end.filter(|end| *end <= LONGEST)
        .ok_or(ErrorCode::FileTooLarge)
}

/// A file under change, behind the layer's lock.
struct Changing<'a> {
    live: &'a mut Live,
    opening: &'a Opening,
    reach: &'a Reach,
    vault: &'a Vault,
    /// The file of the base, opened again.
    base: Option<File>,
}

fn change(
    opening: &Opening,
    reach: &Arc<Reach>,
    act: impl FnOnce(&mut Changing) -> Result<(), ErrorCode>,
) -> Result<(), ErrorCode> {
    let layer = opening.layer();
    let vault = layer.volume().vault().ok_or(ErrorCode::Access)?;
    layer.writes_with(reach);
    layer.change(|live| {
        let mut changing = Changing {
            live,
            opening,
            reach,
            vault,
            base: None,
        };
        let done = act(&mut changing);
        changing.settle(done.is_ok());
        done
    })
}

impl Changing<'_> {
    fn node(&self) -> Result<&FileNode, ErrorCode> {
        let node = self.live.delta.file(self.opening.id());
        node.ok_or(ErrorCode::BadDescriptor)
    }

    fn node_mut(&mut self) -> Result<&mut FileNode, ErrorCode> {
        let node = self.live.delta.file_mut(self.opening.id());
        node.ok_or(ErrorCode::BadDescriptor)
    }

    /// What it has of its own.
    fn contents(&self) -> Result<Arc<File>, ErrorCode> {
        let blob = self.node()?.blob.as_ref();
        blob.ok_or(ErrorCode::BadDescriptor)?.file()
    }

    /// The file of the base, when it has nothing of its own.
    fn base(&mut self) -> Result<Option<&File>, ErrorCode> {
        if self.node()?.blob.is_some() {
            return Ok(None);
        }
        if let Some(base) = self.opening.base() {
            return Ok(Some(base));
        }
        if self.base.is_none() {
            self.base = match &self.node()?.origin {
                Some(origin) => Some(self.opening.base_again(&origin.path)?),
                None => None,
            };
        }
        Ok(self.base.as_ref())
    }

    fn size(&mut self) -> Result<u64, ErrorCode> {
        match self.base()? {
            Some(base) => Ok(base.metadata()?.len()),
            None => Ok(self.contents()?.metadata()?.len()),
        }
    }

    /// Charge as much as it needs with so many bytes.
    fn charge(&mut self, bytes: u64) -> Result<(), ErrorCode> {
        let ledger = &self.reach.ledger;
        let node = self.live.delta.file_mut(self.opening.id());
        let node = node.ok_or(ErrorCode::BadDescriptor)?;
        match &mut node.charge {
            Some(charge) => charge.resize(ledger, bytes),
            None => {
                node.charge = Some(Charge::new(ledger, bytes, 0)?);
                Ok(())
            }
        }
    }

    /// Have contents of its own that nobody else has, and so many bytes charged.
    fn own(&mut self, bytes: u64) -> Result<(), ErrorCode> {
        let size = self.size()?;
        self.charge(bytes.max(size))?;
        let vault = self.vault;
        if let Some(base) = self.base()? {
            let mode = mode(base)?;
            let (blob, version) = vault.copy(base)?;
            return self.take(blob, Some((version, mode)));
        }
        let shared = match &self.node_mut()?.blob {
            // Another clone has it, or it is pending or in place: whoever looks at it there must not see this.
            Some(blob) => (Arc::strong_count(blob) > 1 || blob.is_kept()).then(|| Arc::clone(blob)),
            None => return Err(ErrorCode::BadDescriptor),
        };
        if let Some(blob) = shared {
            let (copy, _) = vault.copy(&*blob.file()?)?;
            self.node_mut()?.blob = Some(Arc::new(copy));
        }
        Ok(())
    }

    /// Take new contents. `version` is what the base has in their place, when it had the contents up to now.
    fn take(&mut self, blob: Blob, version: Option<(Version, u32)>) -> Result<(), ErrorCode> {
        let node = self.node_mut()?;
        node.blob = Some(Arc::new(blob));
        if let Some((version, mode)) = version {
            if let Some(origin) = &mut node.origin {
                origin.version = version;
                origin.mode = Some(mode);
            }
            self.opening.layer().moved(false);
        }
        Ok(())
    }

    /// What is charged is what is there, whether all went well or not; and a change is one of now.
    fn settle(&mut self, done: bool) {
        let owned = matches!(self.node(), Ok(node) if node.blob.is_some());
        if owned {
            if let Ok(size) = self.size() {
                // It was charged before, so this gives back at most.
                let _ = self.charge(size);
            }
        } else if let Ok(node) = self.node_mut() {
            node.charge = None;
        }
        if let Ok(node) = self.node_mut()
            && done
        {
            node.attributes.modified = None;
        }
    }
}

/// Its permissions.
pub(crate) fn mode(file: &File) -> Result<u32, ErrorCode> {
    let metadata = file.metadata()?;
    Ok(metadata.permissions().mode() & 0o777)
}
