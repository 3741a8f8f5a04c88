//! Tries to get beyond what a handle covers, and to use up handles and host calls: every escape must be an error code
//! that tells nothing of the host, and every excess an outcome of its own.

bailiwick_guest::tool!(reads {
    path: ["../../../wit", "wit"],
    world: "probe:handles/probe",
});

use bailiwick_guest::fs::read::{Chunk, ErrorCode, ReadDir, ReadFile, Scope};
use bindings::{Found, Walked};

struct Probe;

/// How much of a file is returned as text.
const SOME: u32 = 64 << 10;

fn code<T>(result: Result<T, ErrorCode>) -> Result<T, String> {
    result.map_err(|code| code.name().to_owned())
}

fn text(chunk: Chunk) -> String {
    String::from_utf8_lossy(&chunk.bytes).into_owned()
}

/// How many of `count` attempts give something, all of which are kept until the last.
fn keep<T>(count: u32, mut attempt: impl FnMut() -> Result<T, ErrorCode>) -> u32 {
    let kept: Vec<T> = (0..count).map_while(|_| attempt().ok()).collect();
    kept.len() as u32
}

impl bindings::Guest for Probe {
    fn dir_name(dir: &ReadDir) -> String {
        dir.name()
    }

    fn file_name(file: &ReadFile) -> String {
        file.name()
    }

    fn try_stat(dir: &ReadDir, path: String) -> Result<String, String> {
        let stat = code(dir.stat(&path))?;
        Ok(format!("{:?} {}", stat.kind, stat.size))
    }

    fn try_read_link(dir: &ReadDir, path: String) -> Result<String, String> {
        code(dir.read_link(&path))
    }

    fn try_open(dir: &ReadDir, path: String) -> Result<(String, String), String> {
        let file = code(dir.open_file(&path))?;
        Ok((file.name(), text(code(file.read(0, SOME))?)))
    }

    fn try_open_through(
        dir: &ReadDir,
        path: String,
        below: String,
    ) -> Result<(String, String), String> {
        let inner = code(dir.open_dir(&path))?;
        let file = code(inner.open_file(&below))?;
        Ok((inner.name(), file.name()))
    }

    fn try_walk(
        dir: &ReadDir,
        path: String,
        depth: Option<u32>,
        globs: Vec<String>,
        ignore: bool,
        hidden: bool,
        batch: u32,
    ) -> Result<Walked, String> {
        let scope = Scope {
            depth,
            globs,
            ignore,
            hidden,
        };
        let walker = code(dir.walk(&path, &scope))?;
        let mut walked = Walked {
            entries: Vec::new(),
            skipped: 0,
            pages: 0,
        };
        loop {
            let page = code(walker.next(batch))?;
            walked.pages += 1;
            walked.skipped += page.skipped;
            walked
                .entries
                .extend(page.entries.into_iter().map(|entry| Found {
                    path: entry.path,
                    kind: entry.stat.kind,
                    size: entry.stat.size,
                }));
            if !page.more {
                return Ok(walked);
            }
        }
    }

    fn try_read_files(
        dir: &ReadDir,
        paths: Vec<String>,
        max: u32,
    ) -> Vec<Result<(String, u64), String>> {
        let read = dir.read_files(&paths, max).into_iter();
        read.map(|result| code(result).map(|chunk| (chunk.size, text(chunk))))
            .map(|result| result.map(|(size, text)| (text, size)))
            .collect()
    }

    fn try_read(file: &ReadFile, offset: u64, max: u32) -> Result<(Vec<u8>, u64), String> {
        let chunk = code(file.read(offset, max))?;
        Ok((chunk.bytes, chunk.size))
    }

    fn open_many(dir: &ReadDir, path: String, count: u32) -> u32 {
        keep(count, || dir.open_file(&path))
    }

    fn open_many_dirs(dir: &ReadDir, path: String, count: u32) -> u32 {
        keep(count, || dir.open_dir(&path))
    }

    fn walk_many(dir: &ReadDir, count: u32) -> u32 {
        keep(count, || dir.walk("", &Scope::all()))
    }

    fn open_and_close(dir: &ReadDir, path: String, count: u32) -> u32 {
        let opened = (0..count).map_while(|_| dir.open_file(&path).ok().map(drop));
        opened.count() as u32
    }

    fn call_many(dir: &ReadDir, path: String, count: u32) -> u32 {
        (0..count).filter(|_| dir.stat(&path).is_ok()).count() as u32
    }

    fn read_many(file: &ReadFile, max: u32, count: u32) -> u64 {
        let read = (0..count).map_while(|_| file.read(0, max).ok());
        read.map(|chunk| chunk.bytes.len() as u64).sum()
    }

    fn both(dir: &ReadDir, file: &ReadFile) -> (String, String) {
        (dir.name(), file.name())
    }

    fn perhaps(dir: Option<&ReadDir>) -> Option<String> {
        dir.map(ReadDir::name)
    }

    fn progress(count: u64) {
        for done in 0..count {
            bailiwick_guest::progress::report(done, Some(count), "working");
        }
    }
}

bindings::export!(Probe);
