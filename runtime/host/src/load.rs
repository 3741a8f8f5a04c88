//! A component in a file, on its way to being a tool: read, or known from the last time.

use std::borrow::Cow;
use std::fs::File;
use std::io::{Read as _, Seek as _};

use bailiwick_contract::audit::Audit;
use bailiwick_contract::kept::Facts;
use bailiwick_contract::lock::Lock;
use bailiwick_contract::{Contract, Digest};
use rustix::fs::FileType;

use crate::compile::{Cache, Identity};
use crate::engine::Engine;
use crate::error::LoadError;
use crate::limits::COMPONENT_BYTES;
use crate::tool::Tool;

/// A component in a file, and what its bytes say of it. Nothing is compiled yet.
///
/// With a [`Cache`] a file that was read before and is as it was is not read again: what was read of it then is kept there. It is read after all when its code is not kept, and
/// refused when it is another one then.
#[derive(Debug)]
pub struct Source {
    name: String,
    facts: Facts,
    bytes: Bytes,
}

/// Where the bytes are.
#[derive(Debug)]
enum Bytes {
    Read(Vec<u8>),
    InFile(File, Identity, Cache),
}

impl Source {
    /// Reads a component, which is to be a tool of this name, from the beginning of a file that is open. `cache`: where it is kept what was read of it; that
    /// of the [`Engine`] which it is loaded with.
    ///
    /// # Errors
    ///
    /// [`LoadError::Read`], [`LoadError::TooLarge`], and [`LoadError::Contract`]: not a component that can be read.
    pub fn read(name: &str, file: File, cache: Option<&Cache>) -> Result<Self, LoadError> {
        let failed = |error| failed(name, error);
        let stat = rustix::fs::fstat(&file).map_err(|errno| failed(errno.into()))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(failed(std::io::Error::other("it is not a file")));
        }
        let Some(cache) = cache else {
            let bytes = bytes(name, &file)?;
            let facts = Facts::read(&bytes).map_err(|error| contract(name, error))?;
            return Ok(Self::of(name, facts, Bytes::Read(bytes)));
        };
        let identity = Identity::from(&stat);
        let known = cache.digest_of(&identity);
        if let Some(facts) = known.and_then(|digest| cache.facts(&digest)) {
            let bytes = Bytes::InFile(file, identity, cache.clone());
            return Ok(Self::of(name, facts, bytes));
        }
        let settled = Identity::settled(&file);
        let bytes = bytes(name, &file)?;
        let digest = Digest::of(&bytes);
        let facts = match cache.facts(&digest) {
            Some(facts) => facts,
            None => {
                let facts = Facts::read(&bytes).map_err(|error| contract(name, error))?;
                cache.keep_facts(&facts);
                facts
            }
        };
        // Of what was read, and only if that is all that there was meanwhile.
        if let Some(settled) = settled
            && Identity::of(&file).is_ok_and(|after| after == settled)
        {
            cache.note(&settled, &digest);
        }
        Ok(Self::of(name, facts, Bytes::Read(bytes)))
    }

    fn of(name: &str, facts: Facts, bytes: Bytes) -> Self {
        Self {
            name: name.to_owned(),
            facts,
            bytes,
        }
    }

    /// The name that the tool gets.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its bytes say of it.
    #[must_use]
    pub fn contract(&self) -> &Contract {
        &self.facts.contract
    }

    /// How many bytes it has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.facts.size
    }

    /// What it can do at most.
    #[must_use]
    pub fn audit(&self) -> Audit {
        self.facts.audit(&self.name)
    }

    /// The bytes that the facts are of.
    fn bytes(&self) -> Result<Cow<'_, [u8]>, LoadError> {
        let (file, identity, cache) = match &self.bytes {
            Bytes::Read(bytes) => return Ok(bytes.into()),
            Bytes::InFile(file, identity, cache) => (file, identity, cache),
        };
        let bytes = bytes(&self.name, file)?;
        if Digest::of(&bytes) == self.facts.contract.digest {
            return Ok(bytes.into());
        }
        cache.forget(identity);
        Err(LoadError::Changed {
            tool: self.name.clone(),
        })
    }
}

impl Tool {
    /// Loads a component from its file, as [`load`](Self::load) from its bytes.
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load), and [`LoadError::Changed`].
    pub fn load_source(engine: &Engine, source: &Source) -> Result<Self, LoadError> {
        let contract = source.facts.contract.clone();
        Self::of(engine, &source.name, contract, || source.bytes())
    }

    /// The same, if it is what was approved, as [`load_locked`](Self::load_locked).
    ///
    /// # Errors
    ///
    /// [`LoadError::Refused`] with all that differs, and nothing was compiled; otherwise those of [`load_source`](Self::load_source).
    pub fn load_source_locked(
        engine: &Engine,
        source: &Source,
        lock: &Lock,
        mounts: bool,
        today: &str,
    ) -> Result<Self, LoadError> {
        let mismatches = lock.verify(&source.name, &source.audit(), mounts, today);
        if mismatches.is_empty() {
            return Self::load_source(engine, source);
        }
        Err(LoadError::Refused {
            tool: source.name.clone(),
            mismatches,
        })
    }
}

/// All of a file, from its beginning.
fn bytes(name: &str, mut file: &File) -> Result<Vec<u8>, LoadError> {
    let failed = |error| failed(name, error);
    let size = file.metadata().map_err(failed)?.len();
    let most = COMPONENT_BYTES as u64;
    // So that it is not moved as it grows.
    let mut bytes = Vec::with_capacity(size.min(most) as usize + 1);
    file.rewind().map_err(failed)?;
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() > COMPONENT_BYTES {
        return Err(LoadError::TooLarge {
            tool: name.to_owned(),
            size: usize::try_from(size).unwrap_or(usize::MAX).max(bytes.len()),
            limit: COMPONENT_BYTES,
        });
    }
    Ok(bytes)
}

fn failed(name: &str, error: std::io::Error) -> LoadError {
    LoadError::Read {
        tool: name.to_owned(),
        reason: error.to_string(),
    }
}

fn contract(name: &str, source: bailiwick_contract::Error) -> LoadError {
    LoadError::Contract {
        tool: name.to_owned(),
        source,
    }
}
