//! The demo's second act: an agent changes files, a person decides what becomes of it, and a turn is taken back.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::project::{Profile, Project};
use crate::run;
use crate::transcript::cut;

/// A copy of part of the project, and a state folder, in a folder that is removed at the end.
struct Act<'a> {
    project: &'a Project,
    folder: PathBuf,
}

/// Plays it.
pub(crate) fn play(project: &Project) -> Result<()> {
    let folder = project
        .guest_target()
        .join(format!("demo-{}", std::process::id()));
    let act = Act { project, folder };
    let played = act.play();
    let removed = fs::remove_dir_all(&act.folder);
    played?;
    removed.with_context(|| format!("failed to remove `{}`", project.shown(&act.folder)))
}

impl Act<'_> {
    fn play(&self) -> Result<()> {
        let tree = self.folder.join("tree");
        copy(&self.project.root.join("wit"), &tree.join("wit"))?;
        let file = tree.join("wit/files.wit");
        let before = read(&file)?;
        println!(
            "\nAnother agent may change files: a copy of this project's contracts, as /workspace. It edits one, in review."
        );
        let edit = [
            "call",
            "edit",
            "replace",
            "file=wit/files.wit",
            "old=/// Read a text file, page by page.",
            "new=/// Read a text file, one page at a time.",
            "--grant",
            "workspace=tree:rw",
            "--review",
        ];
        let shown = self.bailiwick(&edit, 0)?;
        check(
            shown.contains("+  /// Read a text file, one page at a time."),
            "the diff is shown",
        )?;
        check(
            shown.contains("pending, not on disk"),
            "it is said that it is pending",
        )?;
        check(read(&file)? == before, "the file on disk is as it was")?;

        println!("\nA person looks, and drops it.");
        let listed = self.bailiwick(&["changes"], 0)?;
        check(listed.contains("wit/files.wit"), "the file is listed")?;
        self.bailiwick(&["changes", "drop"], 0)?;
        check(read(&file)? == before, "the file on disk is as it was")?;

        println!("\nThe agent does it again, and now it is accepted.");
        self.bailiwick(&edit, 0)?;
        self.bailiwick(&["changes", "apply", "tree/wit/files.wit"], 0)?;
        let applied = read(&file)?;
        check(
            applied != before && applied.contains("one page at a time"),
            "the file on disk is changed",
        )?;

        println!("\nWhat was written can still be taken back, by its number or the last of all.");
        self.bailiwick(&["changes"], 0)?;
        self.bailiwick(&["changes", "undo"], 0)?;
        check(
            read(&file)? == before,
            "the file on disk is as it was, byte for byte",
        )?;

        println!("\nWhat runs at the next commit is not for tools, whatever was granted.");
        fs::create_dir_all(tree.join(".git/hooks"))?;
        let hook = [
            "call",
            "edit",
            "write",
            "file=.git/hooks/pre-commit",
            "content=#!/bin/sh",
            "--grant",
            "workspace=tree:rw",
        ];
        let denied = self.bailiwick(&hook, 1)?;
        check(denied.contains("denied"), "it is denied")?;
        self.turn()
    }

    /// The turn of an agent in a host of its own: `examples/turn.rs`.
    fn turn(&self) -> Result<()> {
        println!(
            "\nThe same as a library: a host gives an agent tools that edit, and one that opens files by itself."
        );
        let folder = self.folder.join("turn");
        fs::create_dir_all(&folder)?;
        for (name, text) in [
            ("notes.txt", "first\nsecond\nthird\n"),
            ("more.txt", "more\n"),
            ("a.txt", "a\n"),
            ("b.txt", "b\n"),
            ("c.txt", "c\n"),
        ] {
            fs::write(folder.join(name), text)?;
        }
        let target = self.project.guest_target();
        let tools = self.project.bailiwick(Profile::Release);
        let tools = tools.parent().unwrap_or(Path::new("."));
        let words: [OsString; 5] = [
            tools.join("tools/edit.wasm").into(),
            tools.join("tools/files.wasm").into(),
            target.join("probes/writer.wasm").into(),
            target.join("probes/filesystem.wasm").into(),
            folder.into(),
        ];
        println!("$ cargo run --release --example turn …");
        run::run(
            run::cargo()
                .args([
                    "run",
                    "--quiet",
                    "--release",
                    "--locked",
                    "--example",
                    "turn",
                    "--",
                ])
                .args(words)
                .current_dir(&self.project.root),
        )
    }

    /// Shows a command line, runs it in the folder, shows what it printed, and wants that exit code.
    fn bailiwick(&self, words: &[&str], exit: i32) -> Result<String> {
        let line: Vec<String> = words.iter().map(|word| run::quoted(word)).collect();
        println!("$ bailiwick {}", line.join(" "));
        let binary = self.project.bailiwick(Profile::Release);
        let done = Command::new(&binary)
            .args(words)
            .current_dir(&self.folder)
            .env("BAILIWICK_STATE", self.folder.join("state"))
            .output()
            .with_context(|| format!("failed to start `{}`", binary.display()))?;
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr)
        );
        let text = text.replace(&self.folder.display().to_string(), "…");
        print!("{}", cut(&text));
        check(
            done.status.code() == Some(exit),
            &format!("it exits {exit}, not {:?}", done.status.code()),
        )?;
        Ok(text)
    }
}

fn check(holds: bool, claim: &str) -> Result<()> {
    if !holds {
        bail!("the demo did not go as it must: it does not hold that {claim}");
    }
    Ok(())
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("failed to read `{}`", file.display()))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
