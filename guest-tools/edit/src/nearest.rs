//! What is there instead: the lines of a file that are most like a text that is not in it.
//!
//! Candidates are the places where lines of the two agree but for whitespace, and those of the lines that share most with the
//! longest line that is looked for; then whole windows are compared. The work is that of reading the file a few times, whatever is in it.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::differs::{differs, differs_in_part};

/// How many lines of the text are looked at.
const OLD: usize = 400;
/// How many candidates of each kind are compared whole.
const CANDIDATES: usize = 6;
/// In how many places at most a line of the text votes for a window.
const VOTES: usize = 8;
/// How like a window must be, from 0 to 1, to be shown.
const LIKE: f32 = 0.4;
/// How many lines are shown.
const SHOWN: usize = 40;
/// How many bytes of them.
const SHOWN_BYTES: usize = 2_000;
/// How many lines are said to differ, and in what.
const NAMED: usize = 3;

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// The argument `old`, which may begin and end within a line.
    Old,
    /// The old lines of a hunk, which are whole.
    Hunk,
}

impl Of {
    /// In words.
    fn name(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::Hunk => "the hunk",
        }
    }
}

/// Lines of a file that are like a text.
pub(crate) struct Nearest {
    /// The number of the first; the first of a file is 1.
    first: usize,
    /// The number of the last.
    last: usize,
    /// In what they differ: `line 3: …`.
    differences: Vec<String>,
    /// The lines, as far as they are shown.
    shown: String,
    /// Which lines are shown when that is not all of them.
    part: Option<(usize, usize)>,
}

impl Nearest {
    /// `line 3`, `lines 3 to 5`.
    pub(crate) fn place(&self) -> String {
        lines_from(self.first, self.last)
    }

    /// In what they differ, and the lines.
    pub(crate) fn text(&self) -> String {
        let differences = self.differences.join("; ");
        let these = match self.part {
            Some((first, last)) => format!("{} of the file are", lines_from(first, last)),
            None if self.first == self.last => "the file has".to_owned(),
            None => "the file has there".to_owned(),
        };
        format!("{differences}; {these}:\n{}", self.shown)
    }
}

fn lines_from(first: usize, last: usize) -> String {
    match first == last {
        true => format!("line {first}"),
        false => format!("lines {first} to {last}"),
    }
}

/// The lines of `body` that are most like `old`; none when nothing is.
pub(crate) fn nearest(body: &str, old: &str, of: Of) -> Option<Nearest> {
    let file: Vec<&str> = body.split_terminator('\n').collect();
    let all: Vec<&str> = old.split('\n').collect();
    // Empty lines at the edges are like too much.
    let start = all.iter().position(|line| !line.trim().is_empty())?;
    let end = all.iter().rposition(|line| !line.trim().is_empty())? + 1;
    let wanted = &all[start..end.min(start + OLD)];
    let sketches: Vec<Sketch> = wanted.iter().map(|line| Sketch::new(line)).collect();
    let mut best: Option<(f32, usize)> = None;
    for at in candidates(&file, wanted) {
        let like = likeness(&file[at..], wanted, &sketches);
        if best.is_none_or(|(most, _)| like > most) {
            best = Some((like, at));
        }
    }
    let (_, at) = best.filter(|&(like, _)| like >= LIKE)?;
    let length = (end - start).min(file.len() - at);
    let wanted = Wanted {
        lines: &all[start..end],
        text: old,
        of,
    };
    Some(compared(&file, at, length, &wanted, body))
}

/// Where windows may begin.
fn candidates(file: &[&str], wanted: &[&str]) -> Vec<usize> {
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (j, line) in wanted.iter().enumerate() {
        let key = squeezed(line);
        if !key.is_empty() {
            let places = places.entry(key).or_default();
            if places.len() < VOTES {
                places.push(j);
            }
        }
    }
    let longest = wanted
        .iter()
        .enumerate()
        .max_by_key(|(j, line)| (line.trim().len(), Reverse(*j)));
    let Some((pivot, line)) = longest else {
        return Vec::new();
    };
    let sketch = Sketch::new(line);
    let mut votes: HashMap<usize, usize> = HashMap::new();
    let mut alike: Vec<(f32, usize)> = Vec::new();
    for (i, line) in file.iter().enumerate() {
        let key = squeezed(line);
        for &j in places.get(&key).into_iter().flatten() {
            *votes.entry(i.saturating_sub(j)).or_default() += key.len().min(40);
        }
        let like = sketch.rough(line);
        if like > 0.2
            && (alike.len() < CANDIDATES || alike.last().is_some_and(|last| like > last.0))
        {
            let at = alike.partition_point(|&(other, _)| other >= like);
            alike.insert(at, (like, i.saturating_sub(pivot)));
            alike.truncate(CANDIDATES);
        }
    }
    let mut votes: Vec<(usize, usize)> = votes.into_iter().collect();
    votes.sort_unstable_by_key(|&(at, votes)| (Reverse(votes), at));
    let voted = votes.into_iter().take(CANDIDATES).map(|(at, _)| at);
    let mut all: Vec<usize> = voted.chain(alike.into_iter().map(|(_, at)| at)).collect();
    all.retain(|&at| at < file.len());
    all.sort_unstable();
    all.dedup();
    all
}

/// The line without whitespace.
fn squeezed(line: &str) -> String {
    line.split_whitespace().collect()
}

/// How like the lines are that `file` begins with, from 0 to 1. The first and last line may be parts of lines.
fn likeness(file: &[&str], wanted: &[&str], sketches: &[Sketch]) -> f32 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (j, sketch) in sketches.iter().enumerate() {
        let weight = 1.0 + sketch.grams.len() as f32;
        weights += weight;
        let Some(line) = file.get(j) else { continue };
        let at_edge = j == 0 || j + 1 == wanted.len();
        sum += weight * sketch.like(line, at_edge);
    }
    sum / weights
}

/// A line as its runs of three bytes, without whitespace and case.
struct Sketch {
    /// Sorted.
    grams: Vec<u32>,
    /// A bit for each, by a hash.
    bits: Box<[u64; 64]>,
    /// For a line that is too short to have any.
    whole: String,
}

impl Sketch {
    fn new(line: &str) -> Self {
        let mut grams: Vec<u32> = grams(line).collect();
        grams.sort_unstable();
        let mut bits = Box::new([0_u64; 64]);
        for &gram in &grams {
            let (word, bit) = bit(gram);
            bits[word] |= bit;
        }
        Self {
            grams,
            bits,
            whole: squeezed(line).to_lowercase(),
        }
    }

    /// How like `line` is, roughly: no more work than reading it.
    fn rough(&self, line: &str) -> f32 {
        if self.grams.is_empty() {
            return 0.0;
        }
        let (mut hits, mut all) = (0_usize, 0_usize);
        for gram in grams(line) {
            let (word, bit) = bit(gram);
            hits += usize::from(self.bits[word] & bit != 0);
            all += 1;
        }
        let hits = hits.min(self.grams.len()) as f32;
        // Mostly how much of this line is in the other: this may be a part of it.
        0.8 * hits / self.grams.len() as f32 + 0.2 * hits / all.max(1) as f32
    }

    /// How like `line` is, from 0 to 1.
    fn like(&self, line: &str, part: bool) -> f32 {
        if self.grams.is_empty() {
            let other = squeezed(line).to_lowercase();
            let same = other == self.whole || (part && other.contains(&self.whole));
            return f32::from(u8::from(same));
        }
        let mut other: Vec<u32> = grams(line).collect();
        other.sort_unstable();
        let shared = shared(&self.grams, &other) as f32;
        let (mine, theirs) = (self.grams.len() as f32, other.len() as f32);
        let dice = 2.0 * shared / (mine + theirs);
        match part {
            true => 0.7 * shared / mine + 0.3 * dice,
            false => dice,
        }
    }
}

/// A place for a gram among 4,096 bits.
fn bit(gram: u32) -> (usize, u64) {
    let hash = gram.wrapping_mul(0x9E37_79B1) >> 20;
    ((hash >> 6) as usize, 1 << (hash & 63))
}

fn grams(line: &str) -> impl Iterator<Item = u32> {
    let bytes = line
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| byte.to_ascii_lowercase());
    let mut last = 0_u32;
    bytes.enumerate().filter_map(move |(i, byte)| {
        last = (last << 8 | u32::from(byte)) & 0x00FF_FFFF;
        (i >= 2).then_some(last)
    })
}

/// How many two sorted lists share.
fn shared(a: &[u32], b: &[u32]) -> usize {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                (i, j, shared) = (i + 1, j + 1, shared + 1);
            }
        }
    }
    shared
}

/// What was looked for.
struct Wanted<'a> {
    /// Without empty lines at the edges.
    lines: &'a [&'a str],
    /// All of it.
    text: &'a str,
    of: Of,
}

/// The window of `length` lines at `at` beside the lines that were wanted.
fn compared(file: &[&str], at: usize, length: usize, wanted: &Wanted<'_>, body: &str) -> Nearest {
    let mut differences = Vec::new();
    let mut first_difference = None;
    let mut more = 0;
    // Where the text itself has `\r`, so have the lines that are compared; otherwise they are no difference.
    let keeps = wanted.text.contains('\r');
    for (j, want) in wanted.lines.iter().enumerate() {
        let Some(line) = file.get(at + j) else {
            differences.push(format!("the file ends after line {}", file.len()));
            first_difference.get_or_insert(j);
            break;
        };
        let line = if keeps {
            line
        } else {
            line.strip_suffix('\r').unwrap_or(line)
        };
        let (first, last) = (j == 0, j + 1 == wanted.lines.len());
        let (first, last) = match wanted.of {
            Of::Old => (first, last),
            Of::Hunk => (false, false),
        };
        let is_same = match (first, last) {
            (true, true) => line.contains(want),
            (true, false) => line.ends_with(want),
            (false, true) => line.starts_with(want),
            (false, false) => line == *want,
        };
        if is_same {
            continue;
        }
        first_difference.get_or_insert(j);
        if differences.len() < NAMED {
            let who = wanted.of.name();
            let what = match first || last {
                true => differs_in_part(want, line, who),
                false => differs(want, line, who),
            };
            differences.push(format!("line {}: {what}", at + j + 1));
        } else {
            more += 1;
        }
    }
    if more > 0 {
        let lines = if more == 1 {
            "line differs"
        } else {
            "lines differ"
        };
        differences.push(format!("{more} more {lines}"));
    }
    if differences.is_empty() {
        differences.push(at_the_edges(body, wanted));
    }
    let (shown, part) = shown(file, at, length, first_difference.unwrap_or(0));
    Nearest {
        first: at + 1,
        last: at + length.max(1),
        differences,
        shown,
        part,
    }
}

/// In what a text differs whose lines are all there.
fn at_the_edges(body: &str, wanted: &Wanted<'_>) -> String {
    let who = wanted.of.name();
    if wanted.text.ends_with('\n') && !body.ends_with('\n') {
        return format!("{who} ends with a newline, and the file does not");
    }
    format!("empty lines at the beginning or the end of {who} differ")
}

/// The lines of the window, from a little before the first that differs when there is no room for all.
fn shown(
    file: &[&str],
    at: usize,
    length: usize,
    difference: usize,
) -> (String, Option<(usize, usize)>) {
    let skip = match length > SHOWN {
        true => difference.saturating_sub(3).min(length - SHOWN),
        false => 0,
    };
    let mut text = String::new();
    let mut count = 0;
    for line in file[at + skip..at + length].iter().take(SHOWN) {
        let room = SHOWN_BYTES.saturating_sub(text.len());
        if room == 0 {
            break;
        }
        let line = line.strip_suffix('\r').unwrap_or(line);
        if count > 0 {
            text.push('\n');
        }
        text.push_str(&line[..line.floor_char_boundary(room)]);
        count += 1;
    }
    let part = (count < length).then_some((at + skip + 1, at + skip + count));
    (text, part)
}

#[cfg(test)]
mod tests;
