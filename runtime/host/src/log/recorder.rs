//! A session's way to its log, and the record of a call, which is written however the call ends.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;

use crate::outcome::{Code, Outcome};
use crate::run::Request;

use super::Log;
use super::record::{CallRecord, Record};

/// A session's way to its log.
#[derive(Debug, Clone)]
pub(crate) struct Recorder {
    log: Log,
    session: Arc<str>,
}

/// A call that is recorded when it ends, and also when it is dropped before.
#[derive(Debug)]
pub(crate) struct Recorded(Option<(Recorder, Box<CallRecord>)>);

impl Recorder {
    pub(crate) fn new(log: Log) -> Self {
        // The seed of a hasher is random in each process, and another one each time: names are told apart, and need not be secret.
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u32(std::process::id());
        let session = format!("{:016x}", hasher.finish()).into();
        Self { log, session }
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    /// What the records of the session have in common.
    pub(crate) fn session(&self) -> &str {
        &self.session
    }

    pub(crate) fn write(&self, record: &Record) -> bool {
        self.log.write(Some(&self.session), record)
    }
}

impl Recorded {
    /// A call that begins, or that was refused at once.
    pub(crate) fn begin(
        recorder: Option<Recorder>,
        request: &Result<Box<Request>, Box<Outcome>>,
    ) -> Self {
        Self(recorder.map(|recorder| {
            let record = match request {
                Ok(request) => CallRecord::begun(&recorder.session, request),
                Err(outcome) => CallRecord::asked(&outcome.tool),
            };
            (recorder, Box::new(record))
        }))
    }

    /// How it ended. Where the host failed, the outcome gets what finds it in the log.
    pub(crate) fn ended(mut self, mut outcome: Outcome) -> Outcome {
        let Some((recorder, mut record)) = self.0.take() else {
            return outcome;
        };
        record.end(&outcome);
        let id = record.id.clone();
        let written = recorder.write(&Record::Call(record));
        if written && outcome.code == Code::HostError {
            outcome.record = id;
        }
        outcome
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        if let Some((recorder, mut record)) = self.0.take() {
            if std::thread::panicking() {
                record.panicked();
            } else {
                record.dropped = true;
            }
            recorder.write(&Record::Call(record));
        }
    }
}
