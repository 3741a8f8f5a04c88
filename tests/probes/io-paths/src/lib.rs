//! Reads small files often and a large one once with the standard library. Nothing is done with the bytes but to count
//! them, so what the bench sees is what the mount costs.
#![allow(
    clippy::disallowed_methods,
    reason = "files by path are what it is about"
)]

#[allow(clippy::all, missing_docs, unreachable_pub)]
mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "probe:io-paths/probe" });
}

use std::fs::File;
use std::hint::black_box;
use std::io::{self, Read as _};

struct Probe;

/// As much as there is, up to the length of `piece`.
fn fill(file: &mut File, piece: &mut [u8]) -> io::Result<u64> {
    let mut read = 0;
    while read < piece.len() {
        match file.read(&mut piece[read..])? {
            0 => break,
            some => read += some,
        }
    }
    black_box(&*piece);
    Ok(read as u64)
}

fn open(path: &str, count: u32, max: u32) -> io::Result<u64> {
    let mut piece = vec![0; max as usize];
    (0..count).try_fold(0, |sum, _| {
        Ok(sum + fill(&mut File::open(path)?, &mut piece)?)
    })
}

fn read(path: &str, piece: u32) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut piece = vec![0; piece as usize];
    let mut sum = 0;
    loop {
        match fill(&mut file, &mut piece)? {
            0 => return Ok(sum),
            some => sum += some,
        }
    }
}

impl bindings::Guest for Probe {
    fn open_often(path: String, count: u32, max: u32) -> Result<u64, String> {
        open(&path, count, max).map_err(|error| error.to_string())
    }

    fn read_through(path: String, piece: u32) -> Result<u64, String> {
        read(&path, piece).map_err(|error| error.to_string())
    }
}

bindings::export!(Probe with_types_in bindings);
