//! Names that exist and are like one that does not: for "did you mean".

use crate::list::list;
use crate::path::{self, GuestPath};
use crate::place::Place;
use crate::walk::{Scope, Walker};
use crate::{ErrorCode, bounds, open, resolve};

/// See [`ReadDir::names_near`](crate::ReadDir::names_near). `root` is the session's name for `place`.
pub(crate) fn names(place: &Place, root: &str, wanted: &GuestPath, limit: usize) -> Vec<String> {
    let Some((above, missing)) = first_missing(place, wanted) else {
        return Vec::new();
    };
    let mut near = alike(place, &above, missing).unwrap_or_default();
    if near.len() < limit
        && let Some((_, last)) = wanted.split_last()
    {
        let elsewhere = same_name(place, last).unwrap_or_default();
        near.extend(
            elsewhere
                .into_iter()
                .filter(|path| !near.contains(path))
                .collect::<Vec<_>>(),
        );
    }
    near.truncate(limit);
    near.into_iter()
        .map(|below| {
            let mut name = root.to_owned();
            path::push(&mut name, &below);
            name
        })
        .collect()
}

/// The first name that is not there, and the directory that it is missing in.
fn first_missing<'a>(place: &Place, wanted: &'a GuestPath) -> Option<(GuestPath, &'a str)> {
    let mut above = GuestPath::default();
    let mut steps = 0;
    for name in wanted.components().take(bounds::WALK_DEPTH as usize) {
        let here = above.join(&GuestPath::parse(name).ok()?);
        match resolve::facts(place, &here, &mut steps) {
            _ if steps >= bounds::LOOKUPS => return None,
            Ok(_) => above = here,
            Err(ErrorCode::NoEntry) => return Some((above, name)),
            Err(_) => return None,
        }
    }
    None
}

/// Paths of what is in `above` and called something like `missing`, best first.
fn alike(place: &Place, above: &GuestPath, missing: &str) -> Result<Vec<String>, ErrorCode> {
    let above_place = resolve::directory(place, above)?;
    let listing = list(&open::listable_again(above_place)?)?;
    let mut scored: Vec<(usize, String)> = listing
        .names
        .into_iter()
        .filter_map(|it| Some((unlikeness(missing, &it.name)?, it.name)))
        .collect();
    scored.sort();
    Ok(scored
        .into_iter()
        .map(|(_, name)| {
            let mut path = above.to_string();
            path::push(&mut path, &name);
            path
        })
        .collect())
}

/// Paths of what is called the same and lies elsewhere, as far as one page of a walk sees.
fn same_name(place: &Place, name: &str) -> Result<Vec<String>, ErrorCode> {
    let scope = Scope {
        ignore: true,
        ..Scope::default()
    };
    let page = Walker::begin(place.fresh()?.into_owned(), "", &scope)?.next(bounds::PAGE)?;
    let paths = page.entries.into_iter().map(|entry| entry.path);
    Ok(paths
        .filter(|path| path.rsplit('/').next() == Some(name))
        .collect())
}

/// How unlike two names are: 0 when only the case differs, none when they have nothing to do with each other.
fn unlikeness(missing: &str, name: &str) -> Option<usize> {
    let (missing, name) = (missing.to_lowercase(), name.to_lowercase());
    if missing == name {
        return Some(0);
    }
    let stem = |name: &str| {
        name.rsplit_once('.')
            .map_or(name.len(), |(stem, _)| stem.len())
    };
    let (ours, theirs) = (&missing[..stem(&missing)], &name[..stem(&name)]);
    if ours == theirs && !ours.is_empty() {
        return Some(1);
    }
    let most = (missing.chars().count() / 3).max(1);
    if let Some(distance) = distance(&missing, &name, most) {
        return Some(1 + distance);
    }
    let begins = missing.len() >= 3 && name.starts_with(&missing);
    begins.then_some(2 + most)
}

/// The fewest insertions, deletions, replacements and swaps of neighbours that make one of the other; none over `most`.
fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        if row.iter().all(|distance| *distance > most) {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, most, wanted) in [
            ("main", "main", 2, Some(0)),
            ("mian", "main", 2, Some(1)),
            ("main", "man", 2, Some(1)),
            ("main", "mains", 2, Some(1)),
            ("main", "moin", 2, Some(1)),
            ("main", "lib", 2, None),
            ("", "ab", 2, Some(2)),
            ("kitten", "sitting", 3, Some(3)),
            ("kitten", "sitting", 2, None),
        ] {
            assert_eq!(distance(a, b, most), wanted, "{a} {b}");
            assert_eq!(distance(b, a, most), wanted, "{b} {a}");
        }
    }

    #[test]
    fn likeness_ranks() {
        assert_eq!(unlikeness("README.md", "readme.md"), Some(0));
        assert_eq!(unlikeness("main.rs", "main.py"), Some(1));
        assert_eq!(unlikeness("man.rs", "main.rs"), Some(2));
        assert_eq!(unlikeness("main", "main_loop.rs"), Some(3));
        assert_eq!(unlikeness("main.rs", "lib.rs"), None);
        assert_eq!(unlikeness(".env", ".gitignore"), None);
    }
}
