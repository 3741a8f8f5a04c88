//! Whether what is pending is still what the state folder has: other processes can change it.

use super::{Pending, Volume, Writes, held};
use crate::layer::delta::{Delta, FileNode, Node};
use crate::layer::{contents, load};
use crate::state::{StateError, Vault};
use std::sync::Arc;

impl Volume {
    /// What is pending now, and its age, for a call that begins.
    pub(super) fn now_pending(&self) -> (Delta, u64) {
        let mut pending = held(&self.0.pending);
        // What cannot be read is looked at as it was known, and is not written over.
        let _ = self.refresh(&mut pending);
        (pending.delta.clone(), pending.age)
    }

    /// Have what another process made of it, if one did. Whether one did: calls that began before cannot end well any more.
    pub(super) fn refresh(&self, pending: &mut Pending) -> Result<bool, StateError> {
        let Some(vault) = self.reviewed() else {
            return Ok(false);
        };
        if pending.known && vault.knows_pending()? {
            return Ok(false);
        }
        self.load(pending, vault)?;
        Ok(true)
    }

    /// Refuse when another process changed it, and have that from now on: what people decided was about something else.
    pub(super) fn check(&self, pending: &mut Pending) -> Result<(), StateError> {
        if self.refresh(pending)? {
            return Err(self.outdated());
        }
        Ok(())
    }

    /// Load what another process left pending.
    pub(super) fn load_pending(&self) -> Result<(), StateError> {
        match self.reviewed() {
            Some(vault) => self.load(&mut held(&self.0.pending), vault),
            None => Ok(()),
        }
    }

    pub(super) fn outdated(&self) -> StateError {
        StateError::Pending {
            root: self.grant().host_path().to_path_buf(),
        }
    }

    fn reviewed(&self) -> Option<&Vault> {
        self.vault().filter(|_| self.writes() == Writes::Review)
    }

    fn load(&self, pending: &mut Pending, vault: &Vault) -> Result<(), StateError> {
        pending.known = false;
        pending.age += 1;
        let set = vault.pending()?;
        // Its quota is given back before it is charged again, as far as nobody else has it.
        drop(pending.set(Delta::default()));
        let delta = load::delta(&set, self.ledger(), || self.next_node());
        let damaged = || StateError::Damaged {
            path: self.name().into(),
            reason: "what is pending fits no directory".to_owned(),
        };
        let mut delta = delta.ok_or_else(damaged)?;
        self.find_modes(&mut delta);
        pending.set(delta);
        pending.known = true;
        Ok(())
    }

    /// Permissions of files that stay in place are not written down.
    fn find_modes(&self, delta: &mut Delta) {
        for node in delta.nodes.values_mut() {
            if let Node::File(FileNode {
                origin: Some(origin),
                blob: Some(_),
                ..
            }) = Arc::make_mut(node)
                && let Ok(Some((file, _))) = self.base_file(&origin.path)
            {
                origin.mode = contents::mode(&file).ok();
            }
        }
    }
}
