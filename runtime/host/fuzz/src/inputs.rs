//! The inputs, each of which follows from a seed and its number.

use std::fs;
use std::path::{Path, PathBuf};

use crate::random::Random;
use crate::{coded, mutate};

/// Larger files are left out: compiling them takes longer than what is found in them is worth.
const LARGEST: u64 = 96 << 10;

/// Components that inputs are made from.
pub(crate) struct Inputs {
    seed: u64,
    pool: Vec<Vec<u8>>,
}

impl Inputs {
    /// Made ones, and those of the files and folders.
    pub(crate) fn new(seed: u64, paths: &[PathBuf]) -> Inputs {
        let mut random = Random::new(seed, u64::MAX);
        let made = (0..48).filter_map(|_| coded::component(&mut random));
        let mut pool: Vec<Vec<u8>> = made.collect();
        pool.extend(
            components(paths, LARGEST)
                .iter()
                .filter_map(|path| read(path)),
        );
        Inputs { seed, pool }
    }

    /// One input, and what follows from it besides: the arguments of its calls. The same for the same seed, number and files.
    pub(crate) fn input(&self, number: u64) -> (Vec<u8>, Random) {
        let mut random = Random::new(self.seed, number);
        let made = match random.below(2) {
            0 => coded::component(&mut random),
            _ => None,
        };
        let bytes = match made {
            Some(bytes) => bytes,
            // As it is, too: what is good is called with what is not.
            None if random.one_in(4) || self.pool.is_empty() => self.any(&mut random).to_vec(),
            None => {
                let bytes = self.any(&mut random).to_vec();
                let other = self.any(&mut random).to_vec();
                mutate::change(&mut random, &bytes, &other)
            }
        };
        (bytes, random)
    }

    /// A component of the pool, small ones more often.
    fn any(&self, random: &mut Random) -> &[u8] {
        if self.pool.is_empty() {
            return &[];
        }
        loop {
            let bytes = random.of(&self.pool);
            if random.below(bytes.len() + 4_000) < 4_000 {
                return bytes;
            }
        }
    }
}

/// The bytes of a component file, also of one that is written as text.
pub(crate) fn read(path: &Path) -> Option<Vec<u8>> {
    wat::parse_file(path).ok()
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
    found.retain(|path| {
        let is_small = fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() <= most);
        is_small
            && path
                .extension()
                .is_some_and(|end| end == "wasm" || end == "wat")
    });
    found.sort();
    found.dedup();
    found
}
