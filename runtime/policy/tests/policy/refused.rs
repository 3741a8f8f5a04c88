//! Policies that are refused: `refused/NAME.toml`, and `NAME.txt` with what a person is told. Drop in another, and
//! `BLESS=1` writes what it comes to.

use std::path::Path;

use bailiwick_policy::{Code, Policy};

#[test]
fn each_is_refused_in_these_words() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy/refused");
    let mut seen = std::collections::BTreeSet::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let errors = Policy::read(&bytes).expect_err(&path.display().to_string());
        assert!(
            errors
                .iter()
                .rev()
                .skip(1)
                .rev()
                .is_sorted_by_key(|error| error.position(&text))
        );
        let mut said = String::new();
        for error in &errors {
            seen.insert(error.code);
            let place = error
                .position(&text)
                .map(|at| format!("{}:{}", at.line, at.column));
            said.push_str(&format!("[{}] {}\n", error.code, place.unwrap_or_default()));
            said.push_str(&error.render("bailiwick.toml", &text, false));
            said.push_str("\n\n");
        }
        let golden = path.with_extension("txt");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&golden, &said).unwrap();
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(
            said,
            expected,
            "{}: BLESS=1 writes what it comes to",
            golden.display()
        );
    }
    // Those that are left need long files: `hostile` has them.
    let unseen: Vec<_> = Code::ALL
        .iter()
        .filter(|code| !seen.contains(code))
        .collect();
    assert_eq!(unseen, [&Code::TooLarge, &Code::TooMany]);
}
