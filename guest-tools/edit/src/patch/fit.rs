//! Where a hunk fits, as patch(1) looks for it: at its line, else at the nearest line before or after; then the same without its
//! outermost lines of context, and then without the outermost two.

use super::parse::{Hunk, HunkLine, Sign};
use crate::lines::Line;

/// How many lines of context may be ignored at either end.
const FUZZ: usize = 2;

/// Where a hunk fits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fit {
    /// The place, from 0, of the first line that is compared.
    pub(super) at: usize,
    /// How many lines of context are ignored at the beginning, and at the end.
    pub(super) ignored: (usize, usize),
    /// The most of the two that may be ignored there, as patch(1) counts.
    pub(super) fuzz: usize,
    /// In how many other places it fits as well; 0 when it is where it was expected.
    pub(super) others: usize,
}

/// The old lines of a hunk.
pub(super) fn old<'h, 'a>(hunk: &'h Hunk<'a>) -> impl Iterator<Item = &'h HunkLine<'a>> {
    hunk.lines.iter().filter(|line| line.sign != Sign::New)
}

/// The new lines of a hunk.
pub(super) fn new<'h, 'a>(hunk: &'h Hunk<'a>) -> impl Iterator<Item = &'h HunkLine<'a>> {
    hunk.lines.iter().filter(|line| line.sign != Sign::Old)
}

/// Where `hunk` fits in `file`, not before `done`, and best at `guess`, which is where its first line is expected.
pub(super) fn fit(file: &[Line<'_>], done: usize, guess: usize, hunk: &Hunk<'_>) -> Option<Fit> {
    let old: Vec<&HunkLine<'_>> = old(hunk).collect();
    if old.is_empty() {
        // Without lines there is nothing to look for: it is there or nowhere.
        return (done <= guess && guess <= file.len()).then_some(Fit {
            at: guess,
            ignored: (0, 0),
            fuzz: 0,
            others: 0,
        });
    }
    let context = |line: &&HunkLine<'_>| line.sign == Sign::Both;
    let before = hunk.lines.iter().take_while(context).count();
    let after = hunk.lines.iter().rev().take_while(context).count();
    let most = before.max(after);
    for fuzz in 0..=FUZZ.min(most) {
        // The shorter end was cut by the edge of the file, or by whoever wrote it: the longer one gives first.
        let ignored = (
            (fuzz + before).saturating_sub(most),
            (fuzz + after).saturating_sub(most),
        );
        let lines = &old[ignored.0..old.len() - ignored.1];
        let tells = |line: &&HunkLine<'_>| line.sign == Sign::Old || !line.text.trim().is_empty();
        if fuzz > 0 && !lines.iter().any(tells) {
            break;
        }
        if let Some((at, others)) = search(file, done, guess + ignored.0, lines) {
            return Some(Fit {
                at,
                ignored,
                fuzz,
                others,
            });
        }
    }
    None
}

/// The place nearest to `guess`, and in how many others the lines are when it is not there.
fn search(
    file: &[Line<'_>],
    done: usize,
    guess: usize,
    lines: &[&HunkLine<'_>],
) -> Option<(usize, usize)> {
    let last = file.len().checked_sub(lines.len())?;
    let fits = |at: usize| {
        file[at..]
            .iter()
            .zip(lines)
            .all(|(line, want)| line.text == bare(want.text))
    };
    if (done..=last).contains(&guess) && fits(guess) {
        return Some((guess, 0));
    }
    let found: Vec<usize> = (done..=last).filter(|&at| fits(at)).collect();
    let nearest = found
        .iter()
        .copied()
        // Of two as near, the later, as patch(1) does.
        .min_by_key(|&at| (at.abs_diff(guess), at < guess))?;
    Some((nearest, found.len() - 1))
}

/// The text of a hunk's line without a `\r` that belongs to what ends it.
pub(super) fn bare(text: &str) -> &str {
    text.strip_suffix('\r').unwrap_or(text)
}
