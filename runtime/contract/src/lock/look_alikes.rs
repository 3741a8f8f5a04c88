//! Names that a reader takes for one another.

use std::collections::HashMap;

use super::{Lock, LockError};
use crate::visible;

/// The names among these that look like one before them, each with the first that it looks like: the same name, or one
/// that differs only by case, by `-` and `_`, by digits that look like letters (`files` and `fi1es`, `tools` and
/// `t0ols`) or by Cyrillic and Greek letters that look like Latin ones.
pub fn look_alikes(names: &[&str]) -> Vec<(String, String)> {
    let mut seen = HashMap::new();
    let mut pairs = Vec::new();
    for name in names {
        let looks = [lower(name), capital(name)];
        let first = looks.iter().find_map(|look| seen.get(look).copied());
        match first {
            Some(first) => pairs.push((visible::name(first), visible::name(name))),
            None => seen.extend(looks.map(|look| (look, *name))),
        }
    }
    pairs
}

/// Refuses a lock in which names look alike.
pub(super) fn refuse(lock: &Lock) -> Result<(), LockError> {
    let names: Vec<_> = lock.tools.keys().map(String::as_str).collect();
    match look_alikes(&names).into_iter().next() {
        Some((first, second)) => Err(LockError::LookAlikes { first, second }),
        None => Ok(()),
    }
}

/// What it is when case does not matter.
fn lower(name: &str) -> String {
    name.chars()
        .map(letter)
        .flat_map(char::to_lowercase)
        .map(sign)
        .collect()
}

/// What it is when a capital I is meant to look like an l.
fn capital(name: &str) -> String {
    let latin = name
        .chars()
        .map(letter)
        .map(|c| if c == 'I' { 'l' } else { c });
    latin.flat_map(char::to_lowercase).map(sign).collect()
}

/// The Latin letter that it looks like.
fn letter(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'с' | 'ϲ' => 'c',
        'С' => 'C',
        'ԁ' => 'd',
        'е' => 'e',
        'Е' | 'Ε' => 'E',
        'һ' => 'h',
        'Н' | 'Η' => 'H',
        'і' | 'ι' => 'i',
        'І' | 'Ι' | 'Ӏ' => 'I',
        'ј' => 'j',
        'Ј' => 'J',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'о' | 'ο' => 'o',
        'О' | 'Ο' => 'O',
        'р' | 'ρ' => 'p',
        'Р' | 'Ρ' => 'P',
        'ѕ' => 's',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'у' => 'y',
        'ν' => 'v',
        'х' => 'x',
        'Х' | 'Χ' => 'X',
        'ӏ' => 'l',
        c => c,
    }
}

fn sign(c: char) -> char {
    match c {
        '-' | '‐' | '‑' | '–' => '_',
        '1' | '|' => 'l',
        '0' => 'o',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(names: &[&str]) -> Vec<String> {
        let pairs = look_alikes(names).into_iter();
        pairs.map(|(a, b)| format!("{a} {b}")).collect()
    }

    #[test]
    fn what_looks_alike_is_told_with_the_first() {
        assert_eq!(pairs(&["files", "Files"]), ["files Files"]);
        assert_eq!(pairs(&["my-tool", "my_tool"]), ["my-tool my_tool"]);
        assert_eq!(pairs(&["files", "edit", "fi1es"]), ["files fi1es"]);
        assert_eq!(pairs(&["fiIes", "files"]), ["fiIes files"]);
        assert_eq!(pairs(&["FILES", "fi1es"]), ["FILES fi1es"]);
        assert_eq!(
            pairs(&["t0ols", "tools", "TOOLS"]),
            ["t0ols tools", "t0ols TOOLS"]
        );
        assert_eq!(pairs(&["files", "files"]), ["files files"]);
        assert_eq!(pairs(&["py", "ру", "ρy"]), ["py ру", "py ρy"]);
        assert_eq!(
            pairs(&["a\u{202e}", "A\u{202e}"]),
            ["a\\u{202e} A\\u{202e}"]
        );
    }

    #[test]
    fn what_does_not_is_let_be() {
        assert_eq!(pairs(&[]), [""; 0]);
        let names = [
            "files", "file", "edit", "mail", "mall", "a-b", "ab", "1", "2", "é", "e",
        ];
        assert_eq!(pairs(&names), [""; 0]);
    }

    #[test]
    fn a_crowd_of_names_takes_no_time() {
        let names: Vec<_> = (0..20_000).map(|n| format!("tool{n:b}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        // `1` and `l` are one, but there is no `l` here.
        assert_eq!(look_alikes(&names), []);
        assert_eq!(look_alikes(&vec!["x"; 10_000]).len(), 9_999);
    }
}
