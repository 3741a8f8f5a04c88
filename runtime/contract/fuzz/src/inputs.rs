//! The inputs, each of which follows from a seed and its number.

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use crate::component::files;
use crate::random::Random;
use crate::{mutate, smith, wit};

/// Larger files are left out: changing them takes longer than what is found in them is worth.
const LARGEST: u64 = 2 << 20;

/// Components that inputs are made from.
pub(crate) struct Inputs {
    seed: u64,
    pool: Vec<Vec<u8>>,
}

/// What is read, and what it is compared with.
pub(crate) struct Input {
    pub(crate) before: Vec<u8>,
    pub(crate) bytes: Vec<u8>,
}

impl Inputs {
    /// Made ones, and those of the files and folders.
    pub(crate) fn new(seed: u64, paths: &[PathBuf]) -> Inputs {
        let mut pool = vec![files()];
        let mut random = Random::new(seed, u64::MAX);
        pool.extend((0..24).filter_map(|_| made(&mut random)));
        for path in components(paths, LARGEST) {
            pool.extend(fs::read(&path).ok());
        }
        Inputs { seed, pool }
    }

    /// One input. The same for the same seed, number and files.
    pub(crate) fn input(&self, number: u64) -> Input {
        let mut random = Random::new(self.seed, number);
        let other = self.any(&mut random);
        let made = match random.below(8) {
            0 => made(&mut random),
            _ => None,
        };
        if let Some(bytes) = &made
            && random.one_in(2)
        {
            return Input {
                before: other.to_vec(),
                bytes: bytes.clone(),
            };
        }
        let before = made.unwrap_or_else(|| self.any(&mut random).to_vec());
        let bytes = mutate::change(&mut random, &before, other);
        Input { before, bytes }
    }

    /// A component of the pool, small ones more often.
    fn any(&self, random: &mut Random) -> &[u8] {
        loop {
            let bytes = random.of(&self.pool);
            if random.below(bytes.len() + 20_000) < 20_000 {
                return bytes;
            }
        }
    }
}

fn made(random: &mut Random) -> Option<Vec<u8>> {
    let is_smith = random.one_in(2);
    // A generator's own panic is not what is looked for.
    let made = panic::catch_unwind(AssertUnwindSafe(|| match is_smith {
        true => smith::component(random),
        false => Some(wit::component_of(random)),
    }));
    made.ok().flatten()
}

/// The component files among the paths and in the folders among them, sorted, with at most so many bytes.
pub(crate) fn components(paths: &[PathBuf], most: u64) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in paths {
        match fs::read_dir(path) {
            Ok(entries) => found.extend(entries.flatten().map(|entry| entry.path())),
            Err(_) => found.push(path.clone()),
        }
    }
    let is_small =
        |path: &Path| fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() <= most);
    found.retain(|path| path.extension().is_some_and(|end| end == "wasm") && is_small(path));
    found.sort();
    found.dedup();
    found
}
