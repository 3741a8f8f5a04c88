//! Thirty-two good calls at one time, each in a session of its own, for what goes on beside them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bailiwick_host::{Code, Session};
use serde_json::json;
use tempfile::TempDir;

use crate::guests::{grant, probe, session};

/// Good calls at one time.
pub(crate) const CALLS: usize = 32;

/// Bytes of the file that is read.
const FILE: usize = 4 << 10;

/// Sessions with good calls to make: every other call is an `echo`, and the rest read a file of 4 KiB.
pub(crate) struct Crowd {
    _folder: TempDir,
    sessions: Vec<Session>,
}

impl Crowd {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let line = "a line of a file that is read again and again, 64 bytes long...\n";
        std::fs::write(folder.path().join("small"), line.repeat(FILE / line.len())).unwrap();
        let sessions = (0..CALLS).map(|_| good(folder.path())).collect();
        Self {
            _folder: folder,
            sessions,
        }
    }

    /// Makes good calls in 32 loops, at least `least` in each, until `stop` is set: how long each took, from when it was asked for to its end. Each
    /// is a task of its own, so that waiting for a thread is part of it.
    ///
    /// # Panics
    ///
    /// When one does not end well.
    pub(crate) async fn work(&self, least: usize, stop: Arc<AtomicBool>) -> Vec<Duration> {
        let loops: Vec<_> = self
            .sessions
            .iter()
            .map(|session| {
                let (session, stop) = (session.clone(), stop.clone());
                tokio::spawn(async move {
                    let mut times = Vec::new();
                    while times.len() < least || !stop.load(Ordering::Relaxed) {
                        times.push(one(&session, times.len()).await);
                    }
                    times
                })
            })
            .collect();
        let mut times = Vec::new();
        for one in loops {
            times.extend(one.await.unwrap());
        }
        times
    }
}

fn good(folder: &Path) -> Session {
    let session = session(probe("echo"));
    session.add(probe("files")).unwrap();
    grant(&session, "w", folder);
    session
}

async fn one(session: &Session, number: usize) -> Duration {
    let start = Instant::now();
    let call = match number % 2 {
        0 => session.call("echo_echo", json!({ "text": "good" })),
        _ => session.call("files_read", json!({ "file": "/w/small" })),
    };
    let outcome = tokio::spawn(call).await.unwrap();
    let time = start.elapsed();
    assert_eq!(outcome.code, Code::Ok, "a good call: {}", outcome.text());
    assert!(outcome.usage.fuel > 0);
    time
}
