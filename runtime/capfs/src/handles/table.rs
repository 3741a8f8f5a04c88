//! The table itself: numbers with generations, and who was derived from whom.

use super::{Attenuation, Capability, HandleError};
use crate::volume::Volume;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A handle's number in its session's table, with a generation: what was revoked never comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HandleId {
    /// Which table of this process: another session's number means nothing here.
    table: u64,
    index: u32,
    generation: u32,
}

/// A session's table. Cheap to clone; clones are the same table.
#[derive(Clone)]
pub struct Handles(Arc<Mutex<Table>>);

struct Table {
    number: u64,
    slots: Vec<Slot>,
    /// Slots to use again.
    free: Vec<u32>,
}

#[derive(Default)]
struct Slot {
    generation: u32,
    entry: Option<Entry>,
}

struct Entry {
    capability: Capability,
    parent: Option<u32>,
    children: BTreeSet<u32>,
}

impl Handles {
    /// A handle of a whole volume, called `/name`.
    pub fn grant(&self, name: &str, volume: Volume) -> HandleId {
        self.enter().add(Capability::whole(name, volume), None)
    }

    /// A narrower one. It can do nothing that the first cannot, and dies with it.
    ///
    /// # Errors
    ///
    /// [`Unknown`](HandleError::Unknown) for a handle that is none or none any more; otherwise those of
    /// [`Capability::attenuate`].
    pub fn attenuate(&self, id: HandleId, terms: &Attenuation) -> Result<HandleId, HandleError> {
        // Compiling globs takes time that nobody else has to wait for.
        let narrower = self.get(id)?.attenuate(terms)?;
        let mut table = self.enter();
        // It may have been taken back meanwhile.
        table.find(id)?;
        Ok(table.add(narrower, Some(id.index)))
    }

    /// As [`attenuate`](Self::attenuate), under a name of its own: `/name`.
    ///
    /// # Errors
    ///
    /// Those of [`attenuate`](Self::attenuate).
    pub fn attenuate_as(
        &self,
        id: HandleId,
        name: &str,
        terms: &Attenuation,
    ) -> Result<HandleId, HandleError> {
        let narrower = self.get(id)?.attenuate(terms)?.called(name);
        let mut table = self.enter();
        table.find(id)?;
        Ok(table.add(narrower, Some(id.index)))
    }

    /// Take a handle back, with all that were derived from it; how many that were, itself included. When this returns, none of them
    /// can do anything any more, nor can what was opened through them, and nothing that they began goes on.
    ///
    /// It waits for direct writes and applies that are on their way, and must not be called from within one.
    ///
    /// # Errors
    ///
    /// [`Unknown`](HandleError::Unknown) for a handle that is none or none any more.
    pub fn revoke(&self, id: HandleId) -> Result<usize, HandleError> {
        let (count, token) = {
            let mut table = self.enter();
            let token = table.find(id)?.capability.token().clone();
            (table.remove(id.index), token)
        };
        // Without the lock: others may go on while this waits.
        token.revoke();
        Ok(count)
    }

    /// What a handle stands for.
    ///
    /// # Errors
    ///
    /// [`Unknown`](HandleError::Unknown) for a handle that is none or none any more.
    pub fn get(&self, id: HandleId) -> Result<Capability, HandleError> {
        let mut table = self.enter();
        let capability = table.find(id)?.capability.clone();
        if capability.token().check().is_err() {
            // Expired: what was derived from it has as well.
            table.remove(id.index);
            return Err(HandleError::Unknown);
        }
        Ok(capability)
    }

    fn enter(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn find(&self, id: HandleId) -> Result<&Entry, HandleError> {
        let slot = self.slots.get(id.index as usize);
        slot.filter(|slot| id.table == self.number && id.generation == slot.generation)
            .and_then(|slot| slot.entry.as_ref())
            .ok_or(HandleError::Unknown)
    }

    fn entry(&mut self, index: u32) -> Option<&mut Entry> {
        self.slots.get_mut(index as usize)?.entry.as_mut()
    }

    fn add(&mut self, capability: Capability, parent: Option<u32>) -> HandleId {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            // A table of 2³² handles does not fit into memory.
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        if let Some(parent) = parent.and_then(|parent| self.entry(parent)) {
            parent.children.insert(index);
        }
        let slot = &mut self.slots[index as usize];
        slot.entry = Some(Entry {
            capability,
            parent,
            children: BTreeSet::new(),
        });
        HandleId {
            table: self.number,
            index,
            generation: slot.generation,
        }
    }

    /// Forget a handle and all below it; how many they were.
    fn remove(&mut self, index: u32) -> usize {
        let parent = self.entry(index).and_then(|entry| entry.parent);
        if let Some(parent) = parent.and_then(|parent| self.entry(parent)) {
            parent.children.remove(&index);
        }
        let (mut count, mut left) = (0, vec![index]);
        while let Some(index) = left.pop() {
            let slot = &mut self.slots[index as usize];
            let Some(entry) = slot.entry.take() else {
                continue;
            };
            left.extend(entry.children);
            count += 1;
            // A slot that has run out of generations is not used again.
            if let Some(next) = slot.generation.checked_add(1) {
                slot.generation = next;
                self.free.push(index);
            }
        }
        count
    }
}

impl Default for Handles {
    fn default() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(Arc::new(Mutex::new(Table {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            slots: Vec::new(),
            free: Vec::new(),
        })))
    }
}

/// Shows how many handles there are.
impl fmt::Debug for Handles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.enter();
        f.debug_struct("Handles")
            .field("count", &(table.slots.len() - table.free.len()))
            .finish_non_exhaustive()
    }
}
