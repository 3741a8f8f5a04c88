//! Finds the first of a few literals, 16 bytes at a time.
//!
//! A pattern like `todo|fixme`, and any word whose case is ignored, begins with one of a few literals. Where there
//! are vector instructions, ripgrep's libraries look for these with an algorithm called Teddy; their version of it
//! does not know those of WebAssembly, and what they do instead takes seven times as many. This is Teddy in its
//! simplest form: literals are spread over eight buckets, one bit each; for each of the first three bytes two tables
//! say, for either half of the byte, which buckets have a literal with such a byte there. Where a bucket is left
//! after all six, its literals are compared.

use regex_syntax::hir::Hir;
use regex_syntax::hir::literal::{Extractor, Literal};

use crate::lanes::Lanes;

/// More literals than this would leave some bucket almost everywhere.
const MOST: usize = 64;
/// How many bytes of a literal are looked up.
const LOOKED_UP: usize = 3;
/// How many bytes one step looks at.
const STEP: usize = 16 + LOOKED_UP - 1;

/// A few literals of two bytes or more.
pub(crate) struct Literals {
    buckets: [Vec<Box<[u8]>>; 8],
    /// For each of the first bytes, the buckets by its lower and by its upper half.
    tables: [(Lanes, Lanes); LOOKED_UP],
}

impl Literals {
    /// The literals of which one begins every match of `hir`, and whether each of them is a match by itself. None
    /// when there are no such literals, or when ripgrep's libraries do well with them.
    pub(crate) fn of(hir: &Hir) -> Option<(Self, bool)> {
        let mut found = Extractor::new().extract(hir);
        found.optimize_for_prefix_by_preference();
        let literals = found.literals()?;
        // One literal is looked for as such, and single bytes as a set.
        if !(2..=MOST).contains(&literals.len()) || found.min_literal_len()? < 2 {
            return None;
        }
        // A line break is in a class at most, from which the matcher takes it out.
        let in_one_line = |literal: &Literal| !literal.as_bytes().contains(&b'\n');
        let is_match = found.is_exact()
            && hir.properties().look_set().is_empty()
            && literals.iter().all(in_one_line);
        Some((
            Self::new(literals.iter().map(|literal| literal.as_bytes())),
            is_match,
        ))
    }

    fn new<'a>(literals: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut buckets: [Vec<Box<[u8]>>; 8] = Default::default();
        let mut tables = [([0_u8; 16], [0_u8; 16]); LOOKED_UP];
        // Literals that differ only in case have the same lower halves, and make each other's bucket no more frequent.
        let mut keys = Vec::new();
        for literal in literals {
            let key: Vec<u8> = literal
                .iter()
                .take(LOOKED_UP)
                .map(|byte| byte & 0x0F)
                .collect();
            let at = keys
                .iter()
                .position(|known| *known == key)
                .unwrap_or_else(|| {
                    keys.push(key);
                    keys.len() - 1
                });
            let bucket = at % buckets.len();
            let bit = 1 << bucket;
            for (i, (low, high)) in tables.iter_mut().enumerate() {
                match literal.get(i) {
                    Some(byte) => {
                        low[usize::from(byte & 0x0F)] |= bit;
                        high[usize::from(byte >> 4)] |= bit;
                    }
                    // A literal that is shorter takes any byte there.
                    None => low.iter_mut().chain(high).for_each(|mask| *mask |= bit),
                }
            }
            buckets[bucket].push(literal.into());
        }
        let tables = tables.map(|(low, high)| (Lanes::new(&low), Lanes::new(&high)));
        Self { buckets, tables }
    }

    /// Where the first of the literals begins.
    pub(crate) fn find(&self, haystack: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(bytes) = haystack
            .get(at..)
            .and_then(|rest| rest.first_chunk::<STEP>())
        {
            let left = self.step(bytes);
            if left.any() {
                let found = self.compare(left, haystack, at);
                if found.is_some() {
                    return found;
                }
            }
            at += 16;
        }
        // The rest is shorter than a step, but it may have more than one step's worth of beginnings.
        let mut rest = [0; 16 + STEP];
        let left = haystack.get(at..)?;
        rest[..left.len()].copy_from_slice(left);
        [0, 16].into_iter().find_map(|offset| {
            let bytes = rest[offset..].first_chunk()?;
            self.compare(self.step(bytes), haystack, at + offset)
        })
    }

    /// For each of 16 places, the buckets that may have a literal there.
    #[inline(always)]
    fn step(&self, bytes: &[u8; STEP]) -> Lanes {
        let [first, second, third] = [0, 1, 2].map(|i| {
            let mut lanes = [0; 16];
            lanes.copy_from_slice(&bytes[i..i + 16]);
            let lanes = Lanes::new(&lanes);
            let (low, high) = self.tables[i];
            low.pick(lanes.low()).and(high.pick(lanes.high()))
        });
        first.and(second).and(third)
    }

    /// The first place, counted from `at`, where a literal of the buckets that are left really is.
    #[cold]
    fn compare(&self, left: Lanes, haystack: &[u8], at: usize) -> Option<usize> {
        for (i, mut bits) in left.bytes().into_iter().enumerate() {
            while bits != 0 {
                let bucket = bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let rest = haystack.get(at + i..)?;
                if self.buckets[bucket]
                    .iter()
                    .any(|literal| rest.starts_with(literal))
                {
                    return Some(at + i);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str) -> Option<(Literals, bool)> {
        Literals::of(&regex_syntax::parse(pattern).expect("a pattern"))
    }

    fn literals(pattern: &str) -> Literals {
        of(pattern).expect("a few literals").0
    }

    /// Bytes of a few values, always the same.
    fn noise(length: usize, values: &[u8]) -> Vec<u8> {
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            values[(state % values.len() as u64) as usize]
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn finds_what_comparing_everywhere_finds() {
        let sets: [&[&str]; 5] = [
            &["ab", "cd"],
            &["abc", "bca", "cab"],
            &["aa", "aaaa", "bbbbbbbbbbbb"],
            &[
                "abcd", "bbb", "cc", "dabc", "dd", "acab", "bcbc", "caca", "dbdb", "abab",
            ],
            &["zz", "zzz"],
        ];
        for set in sets {
            let finder = Literals::new(set.iter().map(|literal| literal.as_bytes()));
            for length in 0..120 {
                let haystack = noise(length, b"abcd\0");
                let naive = (0..length)
                    .find(|&at| set.iter().any(|l| haystack[at..].starts_with(l.as_bytes())));
                assert_eq!(finder.find(&haystack), naive, "{set:?} in {haystack:?}");
            }
        }
    }

    #[test]
    fn finds_a_literal_at_every_place() {
        let finder = literals("todo|fixme");
        for length in 5..80 {
            for at in 0..=length - 5 {
                let mut haystack = vec![b't'; length];
                haystack[at..at + 5].copy_from_slice(b"fixme");
                assert_eq!(finder.find(&haystack), Some(at), "{at} of {length}");
            }
        }
        assert_eq!(finder.find(b"tod"), None);
        assert_eq!(finder.find(b""), None);
    }

    #[test]
    fn padding_is_not_found() {
        assert_eq!(literals(r"a\x00|b\x00").find(b"xa"), None);
        assert_eq!(literals(r"a\x00|b\x00").find(b"xa\0"), Some(1));
    }

    #[test]
    fn ignoring_case_is_a_few_literals() {
        let finder = literals("(?i)unsafe");
        for text in ["unsafe", "UNSAFE", "uNsAfE", "un\u{17F}afe"] {
            assert_eq!(
                finder.find(format!("no {text}").as_bytes()),
                Some(3),
                "{text}"
            );
        }
        assert_eq!(finder.find(b"a safe place"), None);
    }

    #[test]
    fn a_literal_is_a_match_only_when_nothing_else_is_asked_for() {
        let is_match = |pattern| of(pattern).map(|(_, is_match)| is_match);
        assert_eq!(is_match("todo|fixme"), Some(true));
        assert_eq!(is_match(r"\b(todo|fixme)\b"), Some(false));
        assert_eq!(is_match(r"(todo|fixme)\d"), Some(false));
        assert_eq!(is_match("^(todo|fixme)"), Some(false));
        assert_eq!(is_match(r"a[\nb]c|xx"), Some(false));
    }

    #[test]
    fn what_others_do_well_is_left_to_them() {
        for pattern in [
            "todo",
            "a|b",
            r"\w+todo",
            "",
            "[a-z]+",
            "todo|",
            "(todo)?x|y",
        ] {
            assert!(of(pattern).is_none(), "{pattern}");
        }
    }
}
