//! `bailiwick seal TOOL --output FILE`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use bailiwick_host::Code;
use bailiwick_host::contract::audit::{Audit, Class};
use bailiwick_host::contract::known::FS_PATHS;
use bailiwick_seal::{SealError, Sealed, seal};
use serde_json::json;

use crate::exit::Refusal;
use crate::{locate, output, replace};

/// Close the imports that a component does not need.
///
/// What is closed is composed with stand-ins that do nothing, so that what is left to import is what it can do, on any host.
/// `bailiwick audit` says of each import which class it is of.
///
/// Without --keep, what carries authority under this host is kept (`authority`), what a policy can mount something for (`mounts`), and what
/// nobody here provides (`unknown`); the rest is closed. With --keep, only what is named is kept. In both cases also stays what the exports
/// and what is kept cannot do without. Where `wasi:io/streams` stays, standard input, output and error stay too: to print would end the call.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A component file, or the name of a tool.
    tool: String,
    /// An interface that stays imported, with or without its version: `bailiwick:fs/read`. All that is not named and not needed is closed.
    #[arg(long, value_name = "INTERFACE")]
    keep: Vec<String>,
    /// Close all that can be closed, also what carries authority or can be mounted.
    #[arg(long, conflicts_with = "keep")]
    keep_nothing: bool,
    /// Where to write it. A file that is there is replaced.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Print what was done as one JSON document.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  bailiwick seal ./tool.wasm -o sealed.wasm
  bailiwick seal ./tool.wasm --keep-nothing -o sealed.wasm
  bailiwick seal ./tool.wasm --keep bailiwick:fs/read --keep wasi:clocks/wall-clock -o sealed.wasm

A function that is called `ends the call` has no stand-in that could return anything: a program that calls it fails. Run it once.

Exit codes: 0 written; 2 no such tool, or what is to be kept is not imported; 4 it cannot be read as a component, or not be sealed.";

pub(crate) fn run(args: Args) -> ExitCode {
    match done(&args) {
        Ok(done) => {
            if args.json {
                output::document(&document(&args, &done));
            } else {
                output::text(&text(&args, &done));
                if let Some(note) = &done.note {
                    output::note(note);
                }
            }
            ExitCode::SUCCESS
        }
        Err(refusal) => refusal.exit("", args.json),
    }
}

/// What was done.
struct Done {
    sealed: Sealed,
    bytes_before: usize,
    /// What the component is likely to need and no longer has.
    note: Option<String>,
}

fn done(args: &Args) -> Result<Done, Refusal> {
    let located = locate::tool(&args.tool)?;
    let bytes = located.read()?;
    let failed = |error: &dyn std::fmt::Display| format!("failed to seal `{}`: {error}", args.tool);
    let unreadable = |error: &dyn std::fmt::Display| Refusal::new(Code::LoadFailed, failed(error));
    let audit = Audit::read(&located.name, &bytes).map_err(|error| unreadable(&error))?;
    let keep: Vec<&str> = if args.keep.is_empty() && !args.keep_nothing {
        let carries = |class| matches!(class, Class::Authority | Class::Mounts | Class::Unknown);
        let kept = audit.imports.iter();
        kept.filter(|import| carries(import.class))
            .map(|import| &*import.name)
            .collect()
    } else {
        args.keep.iter().map(String::as_str).collect()
    };
    let sealed = seal(&bytes, &keep).map_err(|error| match error {
        SealError::NotImported { .. } => Refusal::usage(failed(&error)),
        error => unreadable(&error),
    })?;
    replace::file(&args.output, &sealed.bytes)
        .map_err(|error| Refusal::usage(format!("`{}`: {error}", args.output.display())))?;
    Ok(Done {
        note: paths_closed(&audit, &sealed),
        bytes_before: bytes.len(),
        sealed,
    })
}

/// The interfaces through which a component opens the path that it is given.
const FILES: [&str; 2] = ["wasi:filesystem/types", "wasi:filesystem/preopens"];

/// Whether a function is given a path that it cannot open any more.
fn paths_closed(audit: &Audit, sealed: &Sealed) -> Option<String> {
    let is_file = |name: &String| FILES.contains(&name.split('@').next().unwrap_or_default());
    if !sealed.sealed.iter().any(is_file) {
        return None;
    }
    let mut takers = audit.functions.iter().filter_map(|function| {
        let handles = function.params.iter().flat_map(|param| &param.handles);
        let mut records = handles.filter_map(|handle| handle.resource.split_once('#'));
        let (_, record) = records.find(|(interface, _)| *interface == FS_PATHS)?;
        Some((&function.name, record))
    });
    let (function, record) = takers.next()?;
    let more = match takers.count() {
        0 => String::new(),
        more => format!(", and {more} more take one or the other"),
    };
    let [types, preopens] = FILES;
    Some(format!(
        "`{function}` takes a `{record}`{more}: keep {types} and {preopens}"
    ))
}

fn document(args: &Args, done: &Done) -> serde_json::Value {
    let sealed = &done.sealed;
    let because: Vec<_> = sealed
        .kept_because
        .iter()
        .map(|because| json!({ "name": because.name, "reason": because.reason }))
        .collect();
    json!({
        "output": args.output.display().to_string(),
        "closed": sealed.sealed,
        "kept": sealed.kept,
        "types": sealed.types,
        "kept_because": because,
        "traps": sealed.traps,
        "note": done.note,
        "bytes": sealed.bytes.len(),
        "bytes_before": done.bytes_before,
    })
}

fn text(args: &Args, done: &Done) -> String {
    let sealed = &done.sealed;
    let mut text = format!(
        "sealed {}: {} bytes (from {})\n",
        args.output.display(),
        sealed.bytes.len(),
        done.bytes_before
    );
    let _ = writeln!(text, "  closed: {}", listed(&sealed.sealed));
    if sealed.kept.is_empty() {
        text.push_str("  kept: nothing\n");
    }
    for (what, names) in [("kept", &sealed.kept), ("kept, only types", &sealed.types)] {
        for name in names {
            let mut because = sealed.kept_because.iter();
            let _ = match because.find(|because| because.name == *name) {
                Some(because) => writeln!(text, "  {what}: {name}, because {}", because.reason),
                None => writeln!(text, "  {what}: {name}"),
            };
        }
    }
    for trap in &sealed.traps {
        let _ = writeln!(text, "  ends the call: {trap}");
    }
    text
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}
