//! What is pending at a moment, to come back to.

use super::{CommitError, Held, Volume, held};
use crate::ErrorCode;
use crate::layer::delta::Delta;
use crate::path::GuestPath;
use crate::state::ApplyError;

/// What was pending in a volume at a moment.
#[derive(Clone, Debug)]
pub struct PendingPoint(Delta);

impl Volume {
    /// What is pending now, to come back to.
    pub fn point(&self) -> PendingPoint {
        PendingPoint(self.now_pending().0)
    }

    /// From here on no call writes in it, as long as what is returned is there: taken before something is done that must not be left
    /// half done because [`restore`](Self::restore) is refused.
    ///
    /// # Errors
    ///
    /// [`Busy`](ErrorCode::Busy) while a call writes; [`StateError::Pending`](crate::state::StateError::Pending) when another process
    /// changed what is pending since it was last looked at here: look again.
    pub fn hold_all(&self) -> Result<Held, CommitError> {
        let busy = CommitError::Apply(ApplyError::Failed(ErrorCode::Busy));
        let all = self.try_lock(&[GuestPath::default()]).ok_or(busy)?;
        self.check(&mut held(&self.0.pending))
            .map_err(ApplyError::from)?;
        Ok(Held::new(all))
    }

    /// Drops what became pending since `point`, and what was accepted or dropped since is pending again only if it was at that moment.
    ///
    /// # Errors
    ///
    /// [`CommitError::Apply`] when the state folder fails; [`Busy`](ErrorCode::Busy) when `held` is another volume's. Nothing was changed
    /// then.
    pub fn restore(&self, point: &PendingPoint, held: &Held) -> Result<(), CommitError> {
        if !held.is_of(&self.0.locks) {
            return Err(CommitError::Apply(ApplyError::Failed(ErrorCode::Busy)));
        }
        let mut pending = super::held(&self.0.pending);
        // The same directory can be a session's twice: what was restored by way of the other is no reason to fail half way.
        self.refresh(&mut pending).map_err(ApplyError::from)?;
        self.keep(&mut pending, point.0.clone())?;
        Ok(())
    }
}
