//! What one call sees of the volumes that it touches, and what becomes of it when the call ends.

use bailiwick_capfs::{
    Capability, Change, CommitError, Committed, GuestPath, Layer, Locked, Salvage, Volume, Writes,
};

/// The layers of one call, one for each volume. Dropping them drops what was changed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layers(Vec<Layer>);

/// A place that a call may write in: the volume, and the plain path in it.
#[derive(Debug, Clone)]
pub(crate) struct WritePlace {
    pub(crate) volume: Volume,
    pub(crate) path: GuestPath,
}

impl Layers {
    /// Locks all places and begins a layer for each of their volumes; none when another call writes in one of them. All or nothing, so two
    /// calls cannot wait for each other.
    pub(crate) fn try_lock(places: &[WritePlace]) -> Option<Self> {
        let mut locked: Vec<(Volume, Locked)> = Vec::new();
        for place in places {
            if locked.iter().any(|(volume, _)| volume.is(&place.volume)) {
                continue;
            }
            let here = places.iter().filter(|other| other.volume.is(&place.volume));
            let paths: Vec<GuestPath> = here.map(|place| place.path.clone()).collect();
            locked.push((place.volume.clone(), place.volume.try_lock(&paths)?));
        }
        let layers = locked
            .into_iter()
            .map(|(volume, locked)| volume.begin(Some(locked)));
        Some(Self(layers.collect()))
    }

    /// The layer of the capability's volume; one to look at, when nothing is to be written there.
    pub(crate) fn of(&mut self, capability: &Capability) -> &Layer {
        let found = self.0.iter().position(|layer| layer.is_of(capability));
        let found = found.unwrap_or_else(|| {
            self.0.push(capability.volume().begin(None));
            self.0.len() - 1
        });
        &self.0[found]
    }

    /// Whether any of them can be written.
    pub(crate) fn can_write(&self) -> bool {
        self.0.iter().any(Layer::can_write)
    }

    /// Whether any of them has changes that would be dropped.
    pub(crate) fn has_changes(&self) -> bool {
        let layered = self.0.iter().filter(|layer| !is_direct(layer));
        layered.into_iter().any(|layer| !layer.changes().is_empty())
    }

    /// What was changed at once, and stays however the call ends.
    pub(crate) fn stays(&self) -> Vec<Change> {
        let direct = self.0.iter().filter(|layer| is_direct(layer));
        direct.flat_map(Layer::changes).collect()
    }

    /// What is charged, and the most that can be, in bytes or else in names: of the volume that is fullest.
    pub(crate) fn quota(&self) -> Option<(u64, u64)> {
        let ledgers = self.0.iter().filter(|layer| layer.can_write());
        let parts = ledgers.flat_map(|layer| {
            let ledger = layer.volume().ledger();
            let (used, limit) = (ledger.used(), ledger.limit());
            [(used.bytes, limit.bytes), (used.entries, limit.entries)]
        });
        // Shares of the limit are compared, in thousandths.
        parts.max_by_key(|(used, limit)| used.saturating_mul(1000) / (*limit).max(1))
    }

    /// Takes over what the call changed.
    pub(crate) fn commit(self, label: &str) -> Result<Committed, CommitError> {
        bailiwick_capfs::commit(self.0, label)
    }

    /// Drops what the call changed, and says what that was. What it had written goes below `into`.
    pub(crate) fn discard(self, into: Option<&mut Salvage<'_>>) -> Vec<Change> {
        bailiwick_capfs::discard(self.0, into)
    }
}

fn is_direct(layer: &Layer) -> bool {
    layer.volume().writes() == Writes::Direct
}
