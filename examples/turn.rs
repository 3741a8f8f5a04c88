//! An agent's turn as a host sees it: what it changes is one step to take back, and what goes wrong changes nothing.
//!
//! `cargo run --release --example turn -- EDIT.wasm FILES.wasm WRITER.wasm FILESYSTEM.wasm FOLDER`: the tools `edit` and `files`, a program
//! that edits three files and then never ends, one that opens files by itself, and a folder with some text files in it, which is
//! changed. Every claim is checked; the first that does not hold ends it.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "an example is a program: it opens paths and prints"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bailiwick_host::{
    ChangeKind, Code, Engine, Grant, Limits, Outcome, Rights, Session, State, Tool,
    ambient_authority,
};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The files of a folder and below, with what is in them.
type Tree = BTreeMap<PathBuf, Vec<u8>>;

fn main() -> Result<()> {
    let words: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [edit, files, writer, script, folder] = words.as_slice() else {
        return Err("expected EDIT.wasm FILES.wasm WRITER.wasm FILESYSTEM.wasm FOLDER".into());
    };
    let state = tempfile::tempdir()?;
    let (state, _) = State::open_ambient(&state.path().join("state"), ambient_authority())?;
    let engine = Engine::new()?;
    let session = Session::with_state(Limits::default(), &state)?;
    for (name, path) in [
        ("edit", edit),
        ("files", files),
        ("writer", writer),
        ("script", script),
    ] {
        session.add(Tool::load(&engine, name, &fs::read(path)?)?)?;
    }
    let grant = Grant::open_ambient(folder, Rights::READ_WRITE, ambient_authority())?;
    session.grant("workspace", grant)?;
    session.mount("workspace")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    runtime.block_on(async {
        a_turn(&session, folder).await?;
        out_of_fuel(&session, folder).await?;
        in_parallel(&session, folder).await?;
        behind_its_back(&session, folder).await
    })
}

/// Five calls, one of them a program that writes files by itself, and all of them taken back.
async fn a_turn(session: &Session, folder: &Path) -> Result<()> {
    println!("A turn of five calls:");
    let before = tree(folder)?;
    let checkpoint = session.checkpoint();
    for (name, arguments) in [
        (
            "edit_write",
            json!({ "file": "plan.md", "content": "# Plan\n\n1. Look.\n2. Edit.\n" }),
        ),
        (
            "edit_insert",
            json!({ "file": "plan.md", "text": "3. Run the script." }),
        ),
        (
            "edit_replace",
            json!({ "file": "notes.txt", "old": "second", "new": "2nd" }),
        ),
        ("script_check", json!({ "root": "/workspace" })),
        (
            "edit_move",
            json!({ "dir": ".", "from": "more.txt", "to": "old/more.txt" }),
        ),
    ] {
        let outcome = session.call(name, arguments).await;
        ended(&outcome, Code::Ok)?;
        println!("  {name}: {}", changes(&outcome));
    }
    let changed = tree(folder)?;
    ensure(changed != before, "the turn changed files")?;
    let names = session.restore(&checkpoint)?;
    ensure(
        tree(folder)? == before,
        "the folder is as it was before the turn",
    )?;
    println!(
        "taken back as one: {} names; the folder is as it was, byte for byte\n",
        names.len()
    );
    Ok(())
}

/// A tool edits three files, and then never ends.
async fn out_of_fuel(session: &Session, folder: &Path) -> Result<()> {
    let before = tree(folder)?;
    let outcome = session
        .call("writer_edit_then_spin", json!({ "root": "/workspace" }))
        .await;
    ended(&outcome, Code::FuelExhausted)?;
    let edited = outcome
        .discarded
        .iter()
        .filter(|change| change.kind == ChangeKind::Modified);
    ensure(edited.count() == 3, "three files had been edited")?;
    ensure(tree(folder)? == before, "all three are as they were")?;
    println!(
        "A tool that edits three files and then spins: {}",
        outcome.text()
    );
    let kept = outcome.kept.unwrap_or_default();
    println!("all three are as they were; what it had written is in {kept}\n");
    Ok(())
}

/// Five edits of one file at one time.
async fn in_parallel(session: &Session, folder: &Path) -> Result<()> {
    let calls: Vec<_> = (1..=5)
        .map(|number| {
            let arguments =
                json!({ "file": "notes.txt", "text": format!("line of call {number}") });
            tokio::spawn(session.call("edit_insert", arguments))
        })
        .collect();
    for call in calls {
        ended(&call.await?, Code::Ok)?;
    }
    let text = fs::read_to_string(folder.join("notes.txt"))?;
    for number in 1..=5 {
        let line = format!("line of call {number}\n");
        ensure(text.matches(&line).count() == 1, "every line is there once")?;
    }
    println!("Five edits of one file at one time: all ok, and all five lines are in it\n");
    Ok(())
}

/// A file is changed by another program after the session read it.
async fn behind_its_back(session: &Session, folder: &Path) -> Result<()> {
    let outcome = session
        .call("files_read", json!({ "file": "notes.txt" }))
        .await;
    ended(&outcome, Code::Ok)?;
    let file = folder.join("notes.txt");
    let theirs = fs::read_to_string(&file)?.replace("first", "FIRST (by somebody else)");
    fs::write(&file, &theirs)?;
    let edit = json!({ "file": "notes.txt", "old": "second", "new": "2nd" });
    let outcome = session.call("edit_replace", edit.clone()).await;
    ended(&outcome, Code::Conflict)?;
    ensure(fs::read_to_string(&file)? == theirs, "nothing was written")?;
    println!(
        "A file that another program changed meanwhile: {}",
        outcome.text()
    );
    for conflict in &outcome.conflicts {
        ensure(
            conflict.diff.contains("+FIRST (by somebody else)"),
            "the diff shows what they changed",
        )?;
    }
    ensure(!outcome.conflicts.is_empty(), "the file is named")?;
    session
        .call("files_read", json!({ "file": "notes.txt" }))
        .await;
    ended(&session.call("edit_replace", edit).await, Code::Ok)?;
    println!("read again, the same edit is ok");
    Ok(())
}

fn ended(outcome: &Outcome, code: Code) -> Result<()> {
    if outcome.code == code {
        return Ok(());
    }
    Err(format!("expected {code}, got {}", outcome.text()).into())
}

fn ensure(holds: bool, claim: &str) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(format!("it does not hold that {claim}").into())
    }
}

fn changes(outcome: &Outcome) -> String {
    let document = json!(outcome.changes);
    let all = document.as_array().map(Vec::as_slice).unwrap_or_default();
    let shown = all.iter().take(3).map(|change| {
        let word = |key: &str| change[key].as_str().unwrap_or_default();
        format!("{} {}", word("kind"), word("path"))
    });
    let more = match all.len().saturating_sub(3) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    shown.collect::<Vec<_>>().join(", ") + &more
}

fn tree(folder: &Path) -> Result<Tree> {
    let mut found = Tree::new();
    let mut ahead = vec![folder.to_path_buf()];
    while let Some(here) = ahead.pop() {
        for entry in fs::read_dir(&here)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                found.insert(entry.path(), Value::Null.to_string().into_bytes());
                ahead.push(entry.path());
            } else {
                found.insert(entry.path(), fs::read(entry.path())?);
            }
        }
    }
    Ok(found)
}
