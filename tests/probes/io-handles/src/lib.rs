//! Reads small files often and a large one once through handles, and changes files. Nothing is done with the bytes but to count
//! them, so what the bench sees is what the handles cost.

bailiwick_guest::tool!(edits {
    path: ["../../../wit", "wit"],
    world: "probe:io-handles/probe",
});

use std::hint::black_box;

use bailiwick_guest::fs::read::{ErrorCode, ReadDir, ReadFile};
use bailiwick_guest::fs::write::{Expect, WriteDir};

struct Probe;

fn name(code: ErrorCode) -> String {
    code.name().to_owned()
}

impl bindings::Guest for Probe {
    fn open_often(dir: &ReadDir, path: String, count: u32, max: u32) -> Result<u64, String> {
        (0..count).try_fold(0, |sum, _| {
            let file = dir.open_file(&path).map_err(name)?;
            let chunk = file.read(0, max).map_err(name)?;
            Ok(sum + black_box(chunk.bytes).len() as u64)
        })
    }

    fn whole_often(dir: &ReadDir, path: String, count: u32, max: u32) -> Result<u64, String> {
        let paths = [path];
        (0..count).try_fold(0, |sum, _| {
            let mut chunks = dir.read_files(&paths, max);
            let chunk = chunks.pop().ok_or("nothing came")?.map_err(name)?;
            Ok(sum + black_box(chunk.bytes).len() as u64)
        })
    }

    fn read_through(file: &ReadFile, piece: u32) -> Result<u64, String> {
        let mut at = 0;
        loop {
            let chunk = file.read(at, piece).map_err(name)?;
            match black_box(chunk.bytes).len() as u64 {
                0 => return Ok(at),
                some => at += some,
            }
        }
    }

    fn change(dir: &WriteDir, paths: Vec<String>, text: String) -> Result<(), String> {
        paths.iter().try_for_each(|path| {
            let file = dir.open_file(path, Expect::Existing).map_err(name)?;
            file.replace(text.as_bytes()).map_err(name)
        })
    }
}

bindings::export!(Probe);
