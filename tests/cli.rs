//! Golden command lines: every line that begins with `$ ` in a file of `tests/cli` is run by `sh`, and what it prints is compared with
//! what stands below it.
//!
//! Below a command stand its lines on stdout, then those on stderr with `! ` in front, then `? CODE` where that is not 0. The
//! program is `bailiwick`; `$PROBES` is the folder of probes, `$WORK` an empty one for each file, where the state folder is as well, and the folder is `tests/cli`.
//! Everything else is prose. With `BLESS=1` the files are written anew.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::guests::{cache, probe_path};

fn run(command: &str, folder: &Path, work: &Path) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_bailiwick")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", program.display()))
        .env("PROBES", probe_path("echo").parent().unwrap())
        .env("WORK", work)
        .env("BAILIWICK_STATE", work.join("state"))
        .env("BAILIWICK_CACHE", cache())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let mut text = String::from_utf8(output.stdout).unwrap();
    for line in String::from_utf8(output.stderr).unwrap().lines() {
        writeln!(text, "! {line}").unwrap();
    }
    if output.status.code() != Some(0) {
        writeln!(text, "? {}", output.status.code().unwrap()).unwrap();
    }
    // What differs from run to run, or from machine to machine.
    text.lines()
        .map(|line| line.replace(work.to_str().unwrap(), "[WORK]"))
        .map(|line| format!("{}\n", steady(&line, folder)))
        .collect()
}

/// A line without times, and without the place of the checkout.
fn steady(line: &str, folder: &Path) -> String {
    let root = folder.ancestors().nth(2).unwrap().to_str().unwrap();
    let line = line.replace(root, "[ROOT]");
    if let Some((before, after)) = line.split_once(" s ago") {
        let before = before.trim_end_matches(|c: char| c.is_ascii_digit());
        return format!("{before}[SECONDS] s ago{after}");
    }
    match line.split_once("\"wall_ms\": ") {
        Some((before, after)) => {
            let rest = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
            format!("{before}\"wall_ms\": [TIME]{rest}")
        }
        None => line,
    }
}

/// A file as it is, and as it would be with what its commands print now.
fn replayed(file: &Path) -> (String, String) {
    let before = std::fs::read_to_string(file).unwrap();
    let work = tempfile::tempdir().unwrap();
    let work = work.path().canonicalize().unwrap();
    let mut after = String::new();
    let mut lines = before.lines().peekable();
    while let Some(line) = lines.next() {
        writeln!(after, "{line}").unwrap();
        let Some(command) = line.strip_prefix("$ ") else {
            continue;
        };
        // What stands below, up to the next empty line that is followed by prose or by a command.
        while lines.next_if(|line| !line.is_empty()).is_some() {}
        for line in run(command, file.parent().unwrap(), &work).lines() {
            // An empty line would end what stands below.
            writeln!(after, "{}", if line.is_empty() { "." } else { line }).unwrap();
        }
    }
    (before, after)
}

#[test]
fn golden() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let mut commands = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        let (before, after) = replayed(&file);
        commands += before.lines().filter(|line| line.starts_with("$ ")).count();
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&file, after).unwrap();
        } else {
            assert_eq!(after, before, "{} (BLESS=1 writes it anew)", file.display());
        }
    }
    assert!(commands > 20, "only {commands} commands were found");
}

#[test]
fn help_has_examples_and_completions_complete() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    for command in ["call", "changes", "log", "tools", "pack", "cache"] {
        assert!(run(&[command, "--help"]).contains("Example"), "{command}");
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            run(&["completions", shell]).contains("bailiwick"),
            "{shell}"
        );
    }
}

#[test]
fn the_shipped_tools_schema_is_described_in_the_words_of_its_wit() {
    let output = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
        .args(["tools", "files", "--json"])
        .output()
        .unwrap();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let functions = document["tools"][0]["functions"].as_array().unwrap();
    let names: Vec<_> = functions.iter().map(|function| &function["name"]).collect();
    assert_eq!(names, ["read", "list", "find", "grep"]);

    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("wit/files.wit");
    let wit = words(&std::fs::read_to_string(wit).unwrap().replace("///", ""));
    let grep = functions[3]["input_schema"]["properties"]
        .as_object()
        .unwrap();
    let keys: Vec<_> = grep.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "dir",
            "pattern",
            "glob",
            "ignore_case",
            "context",
            "max_matches"
        ]
    );
    for (key, schema) in grep {
        let said = words(schema["description"].as_str().unwrap());
        let item = format!("- `{}`: {said}", key.replace('_', "-"));
        assert!(wit.contains(&item), "{item}");
    }
}

/// Text with every run of white space as one space.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
