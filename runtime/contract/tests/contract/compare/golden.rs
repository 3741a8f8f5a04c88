//! Pairs in files: `tests/diff/NAME.txt` has the WIT of an old and of a new component, and what is said of them. Drop in another, and
//! `BLESS=1` writes what it comes to.
//!
//! A side is packed with its documentation; `, not packed` behind its heading leaves that out, and `, with a section` adds bytes that say
//! nothing.
#![allow(
    clippy::disallowed_methods,
    reason = "the files of the tests are opened where they are"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bailiwick_contract::compare::{CODES, Comparison, Impact};

use super::{built, compared, packed, with_nothing, word};

struct Pair {
    path: PathBuf,
    old: Vec<u8>,
    new: Vec<u8>,
    /// All of the file before what is expected.
    given: String,
    expected: String,
}

fn pairs() -> Vec<Pair> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diff");
    let entries = std::fs::read_dir(&folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "txt"));
    paths.sort();
    paths.into_iter().map(pair).collect()
}

fn pair(path: PathBuf) -> Pair {
    let text = std::fs::read_to_string(&path).unwrap();
    let mut parts = text.split("\n=== ");
    let mut part = |name: &str| {
        let part = parts.next().unwrap_or_default();
        let (heading, body) = part.split_once('\n').unwrap_or((part, ""));
        let options = heading.strip_prefix(name);
        let options = options.unwrap_or_else(|| panic!("{}: no `{name}`", path.display()));
        (options.to_owned(), format!("{body}\n"))
    };
    let _prose = part("");
    let sides = [part("old"), part("new")].map(|(options, wit)| side(&options, &wit));
    let (_, expected) = part("comparison");
    let end = text.find("=== comparison").unwrap();
    let [old, new] = sides;
    Pair {
        old,
        new,
        given: text[..end].to_owned(),
        expected: expected.trim_end().to_owned(),
        path,
    }
}

fn side(options: &str, wit: &str) -> Vec<u8> {
    match options {
        "" => packed(wit),
        ", not packed" => built(wit),
        ", with a section" => with_nothing(packed(wit)),
        _ => panic!("no such option: {options}"),
    }
}

/// The impact, then each difference in one line.
fn said(comparison: &Comparison) -> String {
    let mut said = comparison.impact.map_or("nothing", word).to_owned();
    if !comparison.differences.is_empty() {
        said.push('\n');
    }
    for difference in &comparison.differences {
        let text = |side: &Option<String>| match side {
            Some(text) => text.replace('\n', "\\n"),
            None => "(nothing)".into(),
        };
        said.push_str(&format!(
            "\n{}: {}: {}: {} => {}",
            word(difference.impact),
            difference.code,
            difference.at,
            text(&difference.old),
            text(&difference.new)
        ));
    }
    said
}

/// Each code that a pair reaches, with each of its impacts.
pub(super) fn impacts() -> BTreeSet<(&'static str, &'static str)> {
    let mut impacts = BTreeSet::new();
    for pair in pairs() {
        let comparison = compared(&pair.old, &pair.new);
        let differences = comparison.differences.iter();
        impacts.extend(differences.map(|found| (found.code, word(found.impact))));
    }
    impacts
}

#[test]
fn each_pair_is_told_so() {
    let pairs = pairs();
    assert!(pairs.len() >= 25);
    let mut wrong = Vec::new();
    for pair in pairs {
        let said = said(&compared(&pair.old, &pair.new));
        if std::env::var_os("BLESS").is_some() {
            let text = format!("{}=== comparison\n{said}\n", pair.given);
            std::fs::write(&pair.path, text).unwrap();
        } else if said != pair.expected {
            let expected = &pair.expected;
            wrong.push(format!(
                "{}: expected\n{expected}\n--- but it is\n{said}",
                pair.path.display()
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\nBLESS=1 writes what they come to",
        wrong.join("\n\n")
    );
}

#[test]
fn every_impact_and_every_code_is_reached() {
    let mut impacts = BTreeSet::new();
    let mut codes = BTreeSet::new();
    for pair in pairs() {
        let comparison = compared(&pair.old, &pair.new);
        impacts.insert(comparison.impact);
        codes.extend(super::codes(&comparison));
        for difference in &comparison.differences {
            assert_ne!(difference.old, difference.new, "{}", pair.path.display());
        }
    }
    let all = [
        None,
        Some(Impact::Compatible),
        Some(Impact::Breaking),
        Some(Impact::Widens),
    ];
    assert_eq!(Vec::from_iter(impacts), all);
    assert_eq!(Vec::from_iter(codes), CODES);
}

#[test]
fn what_is_compared_with_itself_has_no_difference() {
    for pair in pairs() {
        for side in [&pair.old, &pair.new] {
            let comparison = compared(side, side);
            let path = pair.path.display();
            assert_eq!(said(&comparison), "nothing", "{path}");
        }
    }
}
