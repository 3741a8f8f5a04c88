//! What governs a session, and how it is kept from what the session grants.

use std::path::PathBuf;

use bailiwick_capfs::{GrantTerms, Rights, Shield};

/// Host paths of what governs a session. Nothing that a tool can reach may change them. They need not exist.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Governing {
    /// Where changes, caches and trust are kept: not seen through any grant, and no grant that can be written may hold it.
    pub state: Vec<PathBuf>,
    /// The policy, the lock, components and folders of them: seen, and never changed.
    pub protected: Vec<PathBuf>,
}

impl Governing {
    /// The terms of a grant of these rights.
    #[must_use]
    pub fn terms(&self, rights: Rights) -> GrantTerms {
        let mut terms = GrantTerms::new(rights);
        if rights.allows(Rights::READ_WRITE) {
            terms.governed.extend(self.state.iter().cloned());
        } else {
            let hidden = self.state.iter().cloned();
            terms
                .shielded
                .extend(hidden.map(|path| (path, Shield::Hide)));
        }
        let kept = self.protected.iter().cloned();
        terms
            .shielded
            .extend(kept.map(|path| (path, Shield::Protect)));
        terms
    }
}
