//! Calls of every kind and every end, all mixed, over several sessions that read and write.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bailiwick_host::{
    Code, Event, Grant, Limits, Outcome, Rights, Session, State, ambient_authority,
};
use serde_json::json;
use tempfile::TempDir;

use crate::attacks::process;
use crate::guests::probe;

/// Sessions, and calls at one time.
const SESSIONS: usize = 8;
const AT_ONCE: u64 = 16;

/// How much more memory there may be in the end: what an allocator keeps in pieces, and not what a call leaves. A call that left its memory, its
/// store or its output would be far above: 100 KiB each are 200 MiB after 2,000.
pub(crate) const SLACK: u64 = 24 << 20;

/// How many threads more there may be: the library keeps as many for the next piece of work, for two seconds.
const KEPT: usize = 4;

/// How the calls ended, and what the process had before and after.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Calls that nobody waited for to the end.
    pub(crate) dropped: u64,
    pub(crate) codes: BTreeMap<String, u64>,
    pub(crate) before: Has,
    pub(crate) after: Has,
    /// Lines that good calls wrote, and lines that are there.
    pub(crate) written: u64,
    pub(crate) found: u64,
}

/// What a process has.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Has {
    pub(crate) descriptors: usize,
    pub(crate) threads: usize,
    /// In bytes.
    pub(crate) resident: u64,
}

impl Has {
    fn now() -> Self {
        Self {
            descriptors: process::descriptors(),
            threads: process::threads(),
            resident: process::resident(),
        }
    }
}

impl Report {
    /// What there is more than before, in words.
    pub(crate) fn leaks(&self) -> Vec<String> {
        let (before, after) = (&self.before, &self.after);
        let mut leaks = Vec::new();
        for (what, before, after, kept) in [
            ("descriptors", before.descriptors, after.descriptors, 0),
            ("threads", before.threads, after.threads, KEPT),
        ] {
            if after > before + kept {
                leaks.push(format!("{what}: {before} before, {after} after"));
            }
        }
        if after.resident > before.resident + SLACK {
            let mib = |bytes: u64| bytes >> 20;
            leaks.push(format!(
                "memory: {} MiB before, {} MiB after",
                mib(before.resident),
                mib(after.resident)
            ));
        }
        if self.found != self.written {
            leaks.push(format!(
                "changes: {} lines were written by calls that ended well, {} are there",
                self.written, self.found
            ));
        }
        leaks
    }
}

/// The sessions, each with a folder that it may write to.
pub(crate) struct Mixed {
    seed: u64,
    folder: TempDir,
    sessions: Vec<Session>,
    written: AtomicU64,
}

impl Mixed {
    pub(crate) fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let (state, _) = State::open_ambient(&state, ambient_authority()).unwrap();
        let sessions = (0..SESSIONS)
            .map(|number| {
                let place = folder.path().join(number.to_string());
                std::fs::create_dir(&place).unwrap();
                for name in ["a.txt", "b.txt", "c.txt"] {
                    std::fs::write(place.join(name), "as it was\n").unwrap();
                }
                let session = Session::with_state(Limits::default(), &state).unwrap();
                for tool in ["chatty", "echo", "files", "grow", "sleep", "spin", "writer"] {
                    session.add(probe(tool)).unwrap();
                }
                let grant = Grant::open_ambient(&place, Rights::READ_WRITE, ambient_authority());
                session.grant("w", grant.unwrap()).unwrap();
                session
            })
            .collect();
        Self {
            seed,
            folder,
            sessions,
            written: AtomicU64::new(0),
        }
    }

    /// Makes `first` calls, looks at what there is, and makes `calls` more.
    pub(crate) fn run(self, first: u64, calls: u64) -> Report {
        let mixed = Arc::new(self);
        mixed.clone().all(0, first);
        let before = Has::now();
        let mut report = mixed.clone().all(first, calls);
        report.before = before;
        report.after = Has::now();
        report.written = mixed.written.load(Ordering::Relaxed);
        report.found = (0..SESSIONS).map(|number| mixed.lines(number)).sum();
        report
    }

    fn log(&self, session: usize) -> PathBuf {
        self.folder.path().join(session.to_string()).join("log.txt")
    }

    fn lines(&self, session: usize) -> u64 {
        let text = std::fs::read_to_string(self.log(session)).unwrap_or_default();
        assert!(text.lines().all(|line| line == "a line"), "{text}");
        let place = self.folder.path().join(session.to_string());
        // The calls that failed left everything as it was.
        for name in ["a.txt", "b.txt", "c.txt"] {
            assert_eq!(
                std::fs::read_to_string(place.join(name)).unwrap(),
                "as it was\n"
            );
        }
        assert_eq!(
            std::fs::read_dir(place).unwrap().count(),
            3 + usize::from(!text.is_empty())
        );
        text.lines().count() as u64
    }

    /// Makes calls in a runtime of their own, whose threads are gone afterwards.
    fn all(self: Arc<Self>, from: u64, calls: u64) -> Report {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_time()
            .build()
            .unwrap();
        let next = Arc::new(AtomicU64::new(from));
        let outcomes = runtime.block_on(async {
            let loops: Vec<_> = (0..AT_ONCE)
                .map(|_| {
                    let (mixed, next) = (self.clone(), next.clone());
                    tokio::spawn(async move {
                        let mut ends = BTreeMap::new();
                        loop {
                            let number = next.fetch_add(1, Ordering::Relaxed);
                            if number >= from + calls {
                                return ends;
                            }
                            let end = mixed.one(number).await.map(Code::name);
                            *ends.entry(end).or_insert(0_u64) += 1;
                        }
                    })
                })
                .collect();
            let mut all = Vec::new();
            for one in loops {
                all.push(one.await.unwrap());
            }
            all
        });
        let mut report = Report::default();
        for (code, count) in outcomes.into_iter().flatten() {
            match code {
                Some(code) => *report.codes.entry(code.to_owned()).or_default() += count,
                None => report.dropped += count,
            }
        }
        report
    }

    /// One call, of a kind that follows from its number: how it ended. None when it was dropped.
    async fn one(&self, number: u64) -> Option<Code> {
        let chance = random(self.seed ^ number);
        let session = &self.sessions[(chance >> 32) as usize % SESSIONS];
        let mut limits = Limits::default();
        let mut call = |function: &str, arguments, change: &dyn Fn(&mut Limits)| {
            change(&mut limits);
            session.call_within(function, arguments, limits)
        };
        let same = |_: &mut Limits| {};
        let none = || json!({});
        let (call, expected) = match chance % 16 {
            0..=2 => (
                call("echo_echo", json!({ "text": "good" }), &same),
                Code::Ok,
            ),
            3 => (
                call("files_read", json!({ "file": "/w/a.txt" }), &same),
                Code::Ok,
            ),
            4 => {
                let arguments = json!({ "file": "/w/log.txt", "line": "a line" });
                let outcome = call("writer_append_line", arguments, &same).await;
                self.is(&outcome, Code::Ok);
                assert_eq!(outcome.changes.len(), 1, "{:?}", outcome.changes);
                assert_eq!(outcome.changes[0].path, "/w/log.txt");
                self.written.fetch_add(1, Ordering::Relaxed);
                return Some(outcome.code);
            }
            5 => (
                call("writer_edit_then_trap", json!({ "root": "/w" }), &same),
                Code::Trapped,
            ),
            6 => (
                call("spin_trap", json!({ "rounds": 1_000 }), &same),
                Code::Trapped,
            ),
            7 => {
                let arguments = json!({ "rounds": 1, "message": "no more" });
                (call("spin_panic", arguments, &same), Code::Trapped)
            }
            8 => (
                call("spin_forever", none(), &|l| l.fuel = 1_000_000),
                Code::FuelExhausted,
            ),
            9 => (
                call("sleep_forever", none(), &|l| {
                    l.deadline = Duration::from_millis(3)
                }),
                Code::DeadlineExceeded,
            ),
            10 => {
                let call = call("sleep_forever", none(), &same);
                let (mut events, cancel) = (call.events(), call.cancel());
                let cancelled = async {
                    assert_eq!(events.next().await, Some(Event::Started));
                    cancel.cancel();
                };
                let (outcome, ()) = tokio::join!(call, cancelled);
                self.is(&outcome, Code::Cancelled);
                return Some(outcome.code);
            }
            11 => {
                let mut call = call("sleep_forever", none(), &same);
                let mut events = call.events();
                tokio::select! {
                    biased;
                    event = events.next() => assert_eq!(event, Some(Event::Started)),
                    outcome = &mut call => panic!("it ended: {}", outcome.text()),
                }
                return None;
            }
            12 => (
                call("grow_allocate", json!({ "mib": 100 }), &|l| {
                    l.memory = 4 << 20
                }),
                Code::MemoryExceeded,
            ),
            13 => (
                call(
                    "files_read",
                    json!({ "file": "/w/../../etc/passwd" }),
                    &same,
                ),
                Code::Denied,
            ),
            14 => (
                call("echo_echo", json!({ "text": 1 }), &same),
                Code::InvalidArguments,
            ),
            _ => match chance / 16 % 3 {
                0 => (call("no_such", none(), &same), Code::UnknownTool),
                1 => (
                    call("files_read", json!({ "file": "/w/no" }), &same),
                    Code::UnknownHandle,
                ),
                _ => {
                    let arguments = json!({ "out": 100_000, "err": 100_000 });
                    (call("chatty_say", arguments, &same), Code::Ok)
                }
            },
        };
        let outcome = call.await;
        self.is(&outcome, expected);
        Some(outcome.code)
    }

    fn is(&self, outcome: &Outcome, code: Code) {
        assert_eq!(outcome.code, code, "{}: {}", outcome.tool, outcome.text());
        assert!(outcome.usage.fuel <= Limits::default().fuel);
    }
}

/// A number that follows from another (SplitMix64).
fn random(number: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
