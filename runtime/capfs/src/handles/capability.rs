//! What a live handle stands for, and how a narrower one is made of it.

use super::HandleError;
use crate::guard::Guards;
use crate::ledger::{Amount, Ledger};
use crate::path::{self, GuestPath};
use crate::rights::Rights;
use crate::token::Token;
use crate::volume::Volume;
use std::path::Path;
use std::time::Instant;

/// What may be done with a handle, at most.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    pub(crate) rights: Rights,
    pub(crate) token: Token,
    pub(crate) guards: Guards,
    pub(crate) ledger: Ledger,
}

/// What a live handle stands for: a subtree or file of a volume. Cheap to clone. Everything opened through it dies
/// with it.
#[derive(Clone, Debug)]
pub struct Capability {
    /// The session's word for it: `/workspace`, `/workspace/src`.
    pub(crate) name: String,
    pub(crate) volume: Volume,
    /// Where in the volume.
    pub(crate) at: GuestPath,
    pub(crate) reach: Reach,
}

/// What to take away.
#[derive(Clone, Debug, Default)]
pub struct Attenuation {
    /// Only this subtree or file; empty for all of it.
    pub path: GuestPath,
    /// Only these rights; none for those that it has.
    pub rights: Option<Rights>,
    /// Hide these as well. Relative to `path`.
    pub hide: Vec<String>,
    /// Protect these as well. Relative to `path`.
    pub protect: Vec<String>,
    /// At most this much of the quota.
    pub quota: Option<Amount>,
    /// Only until then.
    pub expires: Option<Instant>,
}

impl Capability {
    /// Of a whole volume. It depends on nothing but itself.
    pub(super) fn whole(name: &str, volume: Volume) -> Self {
        let reach = Reach {
            rights: volume.grant().rights(),
            token: Token::new(),
            guards: volume.guards().clone(),
            ledger: volume.ledger().clone(),
        };
        Self {
            name: format!("/{}", name.trim_matches('/')),
            volume,
            at: GuestPath::default(),
            reach,
        }
    }

    /// The session's word for it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What may be done.
    pub fn rights(&self) -> Rights {
        self.reach.rights
    }

    /// Which volume it is in.
    pub fn volume(&self) -> &Volume {
        &self.volume
    }

    /// What may be written, and was.
    pub fn ledger(&self) -> &Ledger {
        &self.reach.ledger
    }

    /// Whether it still holds.
    pub fn token(&self) -> &Token {
        &self.reach.token
    }

    /// The same under another name.
    pub(super) fn called(mut self, name: &str) -> Self {
        self.name = format!("/{}", name.trim_matches('/'));
        self
    }

    /// Where `path`, seen from this capability, is in its volume. Nothing is looked at.
    pub fn place(&self, path: &GuestPath) -> GuestPath {
        self.at.join(path)
    }

    /// A host path that lies inside what this stands for, as a path seen from it. None when it is outside. As
    /// [`Grant::translate`](crate::Grant::translate), it compares names and touches no file.
    pub fn translate(&self, host_path: &Path) -> Option<String> {
        let inside = self.volume.grant().translate(host_path)?;
        let mut below = inside.split('/').filter(|name| !name.is_empty());
        for name in self.at.components() {
            if below.next() != Some(name) {
                return None;
            }
        }
        Some(below.collect::<Vec<_>>().join("/"))
    }

    /// A narrower one, for one call or for good. It can do nothing that this one cannot, and dies with it.
    ///
    /// # Errors
    ///
    /// [`Unknown`](HandleError::Unknown) when this one holds no more, [`Glob`](HandleError::Glob) when a glob does
    /// not parse.
    pub fn attenuate(&self, terms: &Attenuation) -> Result<Capability, HandleError> {
        (self.reach.token.check()).map_err(|_| HandleError::Unknown)?;
        let at = match terms.path.is_root() {
            // All of it: a file stays one.
            true => self.at.clone(),
            false => self.at.join(&terms.path),
        };
        let guards =
            (self.reach.guards).and(Path::new(at.as_str()), &terms.hide, &terms.protect)?;
        let mut name = self.name.clone();
        path::push(&mut name, terms.path.as_str());
        let own = self.reach.rights;
        Ok(Self {
            name,
            volume: self.volume.clone(),
            reach: Reach {
                rights: terms.rights.map_or(own, |rights| own.meet(rights)),
                token: self.reach.token.derive(terms.expires),
                guards,
                ledger: match terms.quota {
                    Some(limit) => self.reach.ledger.share(limit),
                    None => self.reach.ledger.clone(),
                },
            },
            at,
        })
    }
}
