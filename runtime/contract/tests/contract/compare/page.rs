//! `docs/diff.md` explains all of it.

use bailiwick_contract::compare::CODES;

const PAGE: &str = include_str!("../../../../../docs/diff.md");

/// The headings of a part of the page, and what is below each.
fn sections(part: &str) -> Vec<(&str, &str)> {
    let from = PAGE.split(&format!("\n## {part}\n")).nth(1).unwrap();
    let all = from.split("\n## ").next().unwrap();
    let sections = all.split("\n### ").skip(1);
    sections
        .map(|section| section.split_once('\n').unwrap())
        .collect()
}

#[test]
fn the_codes_are_sorted_and_unique_and_kebab_case() {
    assert!(CODES.is_sorted_by(|a, b| a < b));
    for code in CODES {
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
        assert!(code.split('-').all(is_word), "{code}");
    }
}

#[test]
fn the_page_explains_every_code_and_no_other() {
    let sections = sections("Codes");
    let headings: Vec<_> = sections.iter().map(|(heading, _)| *heading).collect();
    assert_eq!(headings, CODES);
    for (code, text) in sections {
        assert_eq!(text.matches("\n**Example.** ").count(), 1, "{code}");
        let impact = text.trim_start().split(" · ").next().unwrap();
        for word in impact.split(", ") {
            let known = ["`compatible`", "`breaking`", "`widens`"];
            assert!(known.contains(&word), "{code}: {impact}");
        }
    }
}

#[test]
fn the_page_explains_every_impact() {
    let sections = sections("Impacts");
    let headings: Vec<_> = sections.iter().map(|(heading, _)| *heading).collect();
    assert_eq!(headings, ["widens", "breaking", "compatible"]);
}

/// The impacts that stand there are those of the pairs in `tests/diff`: no more, no fewer.
#[test]
fn the_page_names_the_impacts_of_every_code() {
    let mut named = std::collections::BTreeSet::new();
    for (code, text) in sections("Codes") {
        let impacts = text.trim_start().split(" · ").next().unwrap();
        let words = impacts.split(", ");
        named.extend(words.map(|word| (code, word.trim_matches('`'))));
    }
    assert_eq!(named, super::golden::impacts());
}
