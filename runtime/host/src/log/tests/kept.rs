//! A log to attack.

use super::super::*;
use std::fs;

use tempfile::TempDir;

/// A folder with a log of so many records, and its lines by file.
pub(super) struct Kept {
    pub(super) folder: TempDir,
    options: LogOptions,
}

impl Kept {
    pub(super) fn with(records: usize, options: LogOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let kept = Self { folder, options };
        kept.add(records);
        kept
    }

    pub(super) fn new(records: usize) -> Self {
        Self::with(records, LogOptions::default())
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// As another process has it.
    pub(super) fn open(&self) -> Log {
        Log::open_with(
            &self.path(),
            self.options,
            bailiwick_capfs::ambient_authority(),
        )
        .unwrap()
    }

    pub(super) fn add(&self, records: usize) {
        let log = self.open();
        for number in 0..records {
            assert!(
                log.write(Some("s"), &Record::mount(&format!("m{number}"))),
                "{:?}",
                log.failure()
            );
        }
    }

    pub(super) fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<_> = fs::read_dir(self.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ext| ext == "jsonl"))
            .collect();
        files.sort();
        files
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.files()[0]).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    pub(super) fn put(&self, lines: &[String]) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(&self.files()[0], text).unwrap();
    }

    pub(super) fn verified(&self) -> Verified {
        self.open().verify().unwrap()
    }

    /// The line of the first file at which it breaks.
    pub(super) fn broken(&self) -> u64 {
        self.breaks().line
    }

    pub(super) fn breaks(&self) -> Broken {
        match self.open().verify() {
            Err(VerifyError::Broken(broken)) => broken,
            other => panic!("{other:?}"),
        }
    }
}
