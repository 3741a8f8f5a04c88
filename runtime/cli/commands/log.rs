//! `bailiwick log [tail|stats|verify]`.

mod stats;
mod tail;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bailiwick_host::log::{Broken, Verified, VerifyError};
use bailiwick_host::{Code, Log, ambient_authority};
use serde_json::{Value, json};

use crate::exit::Refusal;
use crate::{log, output, policy};

/// Show what was called and granted, how calls ended, and whether the log is as it was written.
///
/// Each record says the hash of the one before, so that what was changed, taken out or put in afterwards is found.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// The folder of the log. BAILIWICK_LOG, or bailiwick-log in your state directory, if left out.
    #[arg(long, value_name = "DIR", global = true)]
    log: Option<PathBuf>,
    /// Print one JSON document; with --follow, one for each record.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show the last records. What is done when nothing is said.
    Tail(tail::Args),
    /// Count calls by tool and function: how often they failed, how, and what they used.
    Stats(Only),
    /// Look whether the log is as it was written.
    Verify,
}

/// Which calls.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Only {
    /// Only calls of this tool.
    #[arg(long, value_name = "TOOL")]
    tool: Option<String>,
    /// Only calls that ended with this code.
    #[arg(long, value_name = "CODE", value_parser = code)]
    code: Option<Code>,
    /// Only the call that a message names so.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  bailiwick log
  bailiwick log tail -n 5 --code denied
  bailiwick log tail --follow --tool files
  bailiwick log stats
  bailiwick log verify

What a denial needed is below it, as a line of a policy. Exit codes: 0 ok; 2 usage; 3 the log is not as it was written; 4 it cannot be read.";

pub(crate) fn run(args: Args) -> ExitCode {
    match done(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => refusal.exit("", args.json),
    }
}

fn done(args: &Args) -> Result<(), Refusal> {
    let path = log::path(args.log.as_deref()).ok_or_else(|| {
        Refusal::usage("there is no place for the log").hint(format!("set {}", log::VARIABLE))
    })?;
    let log = open(&path)?;
    match &args.command {
        None => tail::run(log.as_ref(), &path, &tail::Args::default(), args.json),
        Some(Command::Tail(tail)) => tail::run(log.as_ref(), &path, tail, args.json),
        Some(Command::Stats(only)) => stats::run(log.as_ref(), &path, only, args.json),
        Some(Command::Verify) => verify(log.as_ref(), &path, args.json),
    }
}

/// The log, to read. None when there is none: looking makes none.
fn open(path: &Path) -> Result<Option<Log>, Refusal> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        _ => {}
    }
    let log = Log::open_ambient(path, ambient_authority());
    log.map(Some).map_err(|error| failed(&error))
}

fn failed(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(Code::HostError, error.to_string())
}

fn code(said: &str) -> Result<Code, String> {
    let found = Code::ALL.iter().find(|code| code.name() == said);
    found.copied().ok_or_else(|| {
        let names: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
        format!("expected one of {}", names.join(", "))
    })
}

impl Only {
    /// Whether it is one of these. Without a wish all records are.
    fn has(&self, record: &Value) -> bool {
        let is = |key: &str, wanted: &str| record[key] == *wanted;
        self.tool.as_deref().is_none_or(|tool| is("tool", tool))
            && self.code.is_none_or(|code| is("code", code.name()))
            && self.id.as_deref().is_none_or(|id| is("id", id))
    }
}

fn verify(log: Option<&Log>, path: &Path, as_json: bool) -> Result<(), Refusal> {
    let verified = match log.map(Log::verify) {
        None => Verified::default(),
        Some(Ok(verified)) => verified,
        Some(Err(VerifyError::Broken(Broken {
            file, line, reason, ..
        }))) => {
            let at = policy::shown(&path.join(&file));
            let at = match line {
                0 => at,
                line => format!("{at}, line {line}"),
            };
            return Err(
                Refusal::gate(format!("the log is not as it was written: {at}: {reason}")).done(
                    "broken",
                    json!({ "file": file, "line": line, "reason": reason }),
                ),
            );
        }
        Some(Err(error)) => return Err(failed(&error)),
    };
    if as_json {
        output::document(&json!({
            "folder": path,
            "records": verified.records,
            "files": verified.files,
            "first": verified.first,
            "lost": verified.lost,
            "cut": verified.cut,
            "unvouched": verified.unvouched,
            "torn_bytes": verified.torn,
        }));
        return Ok(());
    }
    output::text(&told(&verified, &policy::shown(path)));
    Ok(())
}

fn told(verified: &Verified, folder: &str) -> String {
    let counted = |count: u64, what: &str| match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    };
    let mut text = format!(
        "{} in {} of {folder}, as they were written\n",
        counted(verified.records, "record"),
        counted(verified.files, "file")
    );
    let mut note = |count: u64, what: &str| {
        if count > 0 {
            let _ = writeln!(text, "{count} {what}");
        }
    };
    note(
        verified.first.saturating_sub(1),
        "older ones are not kept any more",
    );
    note(
        verified.lost,
        "could not be written when they should have been",
    );
    note(
        verified.cut,
        "were cut off by a kill while they were written",
    );
    note(
        verified.unvouched,
        "were written by a process that was killed before it counted them",
    );
    note(
        verified.torn,
        "bytes at the end are part of a record whose process was killed",
    );
    text
}
