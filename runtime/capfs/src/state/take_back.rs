//! Taking records back, with words for the operator: paths of the host.

use super::{ApplyError, Record, State};
use std::path::PathBuf;

impl Record {
    /// The paths, each below its root on the host.
    pub fn names(&self) -> Vec<PathBuf> {
        let below = |(root, path): &(usize, String)| Some(self.roots.get(*root)?.join(path));
        self.paths.iter().filter_map(below).collect()
    }
}

impl State {
    /// Takes records back, as [`undo`](State::undo), and says by host path what stands in the way when something does.
    ///
    /// # Errors
    ///
    /// What changed since, or why it could not be done; nothing was changed then.
    pub fn take_back(&self, records: &[u64], label: &str) -> Result<Record, TakeBackError> {
        match self.undo(records, label) {
            Err(ApplyError::Conflict(changed)) => {
                let mut roots: Vec<PathBuf> = Vec::new();
                let history = self.history().map_err(ApplyError::State)?;
                for record in history
                    .iter()
                    .rev()
                    .filter(|record| records.contains(&record.id))
                {
                    let new = record.roots.iter().filter(|root| !roots.contains(root));
                    roots.extend(new.cloned().collect::<Vec<_>>());
                }
                let below = |(root, path): (usize, String)| Some(roots.get(root)?.join(path));
                Err(TakeBackError::Changed(
                    changed.into_iter().filter_map(below).collect(),
                ))
            }
            Err(error) => Err(TakeBackError::Apply(error)),
            Ok(record) => Ok(record),
        }
    }
}

/// Why records were not taken back. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum TakeBackError {
    /// These are not as the records left them: paths of the host, for the operator.
    #[error("{} files changed since", .0.len())]
    Changed(Vec<PathBuf>),
    /// No such record, or the folder or the disk failed.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}
