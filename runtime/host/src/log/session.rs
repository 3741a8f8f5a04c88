//! What a session writes to its log.

use bailiwick_capfs::{Capability, HandleId};

use crate::session::Session;

use super::record::Record;
use super::{Log, Recorder};

impl Session {
    /// Records in this log what is granted, added and called from now on. What the records have in common as their `session`, which is what
    /// tells them from those of another, is returned.
    ///
    /// A record that cannot be written changes nothing for the call: see [`Log::failures`].
    pub fn set_log(&self, log: Log) -> String {
        let recorder = Recorder::new(log);
        let session = recorder.session().to_owned();
        self.write(|inner| inner.recorder = Some(recorder));
        session
    }

    /// The log that it has.
    #[must_use]
    pub fn log(&self) -> Option<Log> {
        self.read(|inner| {
            inner
                .recorder
                .as_ref()
                .map(|recorder| recorder.log().clone())
        })
    }

    /// What a handle stands for, while it does.
    pub(crate) fn capability(&self, handle: HandleId) -> Option<Capability> {
        self.read(|inner| inner.namespace.handles().get(handle).ok())
    }

    /// Writes a record, if there is a log.
    pub(crate) fn note(&self, record: impl FnOnce() -> Record) {
        if let Some(recorder) = self.read(|inner| inner.recorder.clone()) {
            recorder.write(&record());
        }
    }
}
