//! What was read of a component, kept by its digest: it takes longer to read one than to call it.
//!
//! Facts are what this very program read, and no other is believed: another version of it may read the same bytes otherwise. They are trusted as code is, by
//! who can write to the folder.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use bailiwick_contract::Digest;
use bailiwick_contract::kept::Facts;

use super::cache::{Cache, FACTS, hex};

/// The most that is read of them: more than a contract may have.
const MOST: u64 = 128 << 20;

impl Cache {
    /// What is kept of a component.
    pub(crate) fn facts(&self, digest: &Digest) -> Option<Facts> {
        let name = self.facts_name(digest)?;
        let bytes = self.read(&name, MOST)?;
        let facts = Facts::from_bytes(&bytes).filter(|facts| facts.contract.digest == *digest);
        if facts.is_none() {
            self.remove(&name);
        }
        facts
    }

    /// Keeps what was read of a component. What cannot be kept is read again the next time.
    pub(crate) fn keep_facts(&self, facts: &Facts) {
        if let Some(name) = self.facts_name(&facts.contract.digest) {
            let _ = self.put(&name, &facts.to_bytes());
        }
    }

    /// The name of the facts of a component for this program. None where it cannot be told which program this is.
    fn facts_name(&self, digest: &Digest) -> Option<String> {
        Some(format!("{}-{:016x}{FACTS}", hex(digest), self.program()?))
    }
}

/// A number for the program that runs here: another for another one, and for the same one once it was built again.
pub(super) fn program() -> Option<u64> {
    // The file that runs, also when its name leads to another by now.
    let stat = rustix::fs::stat("/proc/self/exe").ok()?;
    let mut hasher = DefaultHasher::new();
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    (stat.st_dev, stat.st_ino, stat.st_size).hash(&mut hasher);
    (stat.st_mtime, stat.st_mtime_nsec).hash(&mut hasher);
    (stat.st_ctime, stat.st_ctime_nsec).hash(&mut hasher);
    Some(hasher.finish())
}
