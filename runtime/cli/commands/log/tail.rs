//! `bailiwick log tail`.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _, stdout};
use std::path::Path;
use std::time::Duration;

use bailiwick_host::log::Entry;
use bailiwick_host::{Log, visible};
use serde_json::{Value, json};

use super::{Only, failed};
use crate::exit::Refusal;
use crate::{output, policy};

/// How many records are shown when nobody says how many.
const SHOWN: usize = 20;

/// How often it is looked for more.
const PAUSE: Duration = Duration::from_millis(200);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How many.
    #[arg(short = 'n', value_name = "N", default_value_t = SHOWN)]
    count: usize,
    /// Go on with those that are written from now on, until it is interrupted.
    #[arg(long, short)]
    follow: bool,
    #[command(flatten)]
    only: Only,
}

impl Default for Args {
    fn default() -> Self {
        Self {
            count: SHOWN,
            follow: false,
            only: Only::default(),
        }
    }
}

pub(super) fn run(
    log: Option<&Log>,
    path: &Path,
    args: &Args,
    as_json: bool,
) -> Result<(), Refusal> {
    let mut last: VecDeque<Entry> = VecDeque::new();
    let mut reader = log.map(Log::reader);
    if let Some(reader) = &mut reader {
        while let Some(entry) = reader.next().map_err(|error| failed(&error))? {
            if wanted(args, &entry) {
                last.push_back(entry);
                if last.len() > args.count {
                    last.pop_front();
                }
            }
        }
    }
    if as_json && !args.follow {
        let records: Vec<Value> = last.iter().map(document).collect();
        output::document(&json!({ "folder": path, "records": records }));
        return Ok(());
    }
    if last.is_empty() && !args.follow {
        output::note(&format!("no such record is in {}", policy::shown(path)));
    }
    for entry in &last {
        show(entry, as_json).map_err(|error| failed(&error))?;
    }
    if !args.follow {
        return Ok(());
    }
    let Some(mut reader) = reader else {
        return Err(
            Refusal::usage(format!("there is no log in {}", policy::shown(path)))
                .hint("the first call makes it"),
        );
    };
    loop {
        while let Some(entry) = reader.next().map_err(|error| failed(&error))? {
            if wanted(args, &entry) && show(&entry, as_json).is_err() {
                // Nobody reads it any more.
                return Ok(());
            }
        }
        std::thread::sleep(PAUSE);
    }
}

/// Whether it is to be shown. What is no record is, unless something is wished for.
fn wanted(args: &Args, entry: &Entry) -> bool {
    args.only.has(entry.record.as_ref().unwrap_or(&Value::Null))
}

fn document(entry: &Entry) -> Value {
    match &entry.record {
        Some(record) => record.clone(),
        None => json!({ "file": entry.file, "line": entry.line, "odd": true }),
    }
}

fn show(entry: &Entry, as_json: bool) -> std::io::Result<()> {
    let mut out = stdout().lock();
    if as_json {
        let line = document(entry).to_string();
        return writeln!(out, "{}", visible::json(&line)).and_then(|()| out.flush());
    }
    let colour = out.is_terminal();
    writeln!(out, "{}", line(entry, colour)).and_then(|()| out.flush())
}

/// A record for people: one line, and one more for what would allow it. Nothing in it is believed to be harmless.
fn line(entry: &Entry, colour: bool) -> String {
    let Some(record) = &entry.record else {
        return format!("{}, line {}: this is no record", entry.file, entry.line);
    };
    let text = |key: &str| visible::name(record[key].as_str().unwrap_or("?"));
    let kind = text("kind");
    let is_call = kind == "call";
    let word = if is_call { text("code") } else { kind.clone() };
    let (on, off) = match word.as_str() {
        _ if !colour => ("", ""),
        "ok" => ("\x1b[32m", "\x1b[0m"),
        _ if is_call => ("\x1b[31m", "\x1b[0m"),
        _ => ("\x1b[36m", "\x1b[0m"),
    };
    let mut line = format!("{}  {on}{word:<18}{off}", text("time"));
    if is_call {
        call(&mut line, record);
    } else {
        other(&mut line, record);
    }
    line
}

fn call(line: &mut String, record: &Value) {
    let text = |value: &Value| value.as_str().map(visible::name);
    line.push_str(&text(&record["tool"]).unwrap_or_default());
    if let Some(function) = text(&record["function"]) {
        let _ = write!(line, " {function}");
    }
    let usage = &record["usage"];
    if let Some(wall) = usage["wall_ms"].as_f64() {
        let _ = write!(line, "  {wall:.1} ms");
    }
    if let Some(fuel) = usage["fuel"].as_u64() {
        let _ = write!(line, "  {fuel} fuel");
    }
    if let Some(changes) = record["changes"].as_u64() {
        let _ = write!(line, "  {changes} changed");
    }
    if record["dropped"] == true {
        line.push_str("  dropped by the caller");
    }
    let failure = &record["failure"];
    if let Some(message) = text(&failure["message"]) {
        let _ = write!(line, "  {message}");
    }
    if let (Some(used), Some(limit)) = (failure["used"].as_u64(), failure["limit"].as_u64()) {
        let _ = write!(line, " ({used} of {limit})");
    }
    for key in ["detail", "allow"] {
        let place = if key == "allow" { record } else { failure };
        if let Some(said) = text(&place[key]) {
            let _ = write!(line, "\n    {key}: {said}");
        }
    }
}

/// What is in the record beside what every record has.
fn other(line: &mut String, record: &Value) {
    const OF_ALL: [&str; 7] = ["v", "seq", "time", "prev", "session", "kind", "digest"];
    let fields = record.as_object().into_iter().flatten();
    for (key, value) in fields.filter(|(key, _)| !OF_ALL.contains(&key.as_str())) {
        let value = match value {
            Value::String(text) => visible::name(text),
            other => visible::name(&other.to_string()),
        };
        let _ = write!(line, "{}={value} ", visible::name(key));
    }
    line.truncate(line.trim_end().len());
}
