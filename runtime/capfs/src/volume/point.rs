//! What is pending at a moment, to come back to.

use super::{CommitError, Volume, held};
use crate::layer::delta::Delta;

/// What was pending in a volume at a moment.
#[derive(Clone, Debug)]
pub struct PendingPoint(Delta);

impl Volume {
    /// What is pending now, to come back to.
    pub fn point(&self) -> PendingPoint {
        PendingPoint(held(&self.0.pending).delta.clone())
    }

    /// Drops what became pending since `point`, and what was accepted or dropped since is pending again only if it was at that moment.
    ///
    /// # Errors
    ///
    /// [`CommitError::Apply`] when the state folder fails, and [`Busy`](crate::ErrorCode::Busy) while a call writes. Nothing was
    /// changed then.
    pub fn restore(&self, point: &PendingPoint) -> Result<(), CommitError> {
        let _locked = self.lock_all()?;
        self.keep(point.0.clone())
    }
}
