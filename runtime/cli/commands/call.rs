//! `bailiwick call TOOL FUNCTION [ARGUMENTS]`.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use bailiwick_host::contract::Function;
use bailiwick_host::contract::names::nearest;
use bailiwick_host::{Call, Code, Event, Limits, Outcome, Session, Tool, visible};
use bailiwick_policy::amount;

use crate::desk::{self, Desk};
use crate::exit::{self, Refusal};
use crate::grants::GrantArg;
use crate::{arguments, grants, locate, log, output, review};

/// Call one function of a tool.
///
/// It runs in a fresh instance and under limits. What it returns is printed.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A component file, or the name of a tool.
    pub(crate) tool: String,
    /// The function, as `bailiwick tools` shows it.
    function: String,
    /// The arguments: one JSON object, or key=value words, or - for JSON on stdin.
    #[arg(value_name = "JSON | key=value… | -")]
    arguments: Vec<String>,
    /// The policy that the tool is taken from, with what it may be handed. The one of this folder if left out, when it has the tool.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Give the session a name for a directory or a file, read-only without `:rw`. The first is the default, which relative
    /// paths are in.
    #[arg(long = "grant", value_name = "NAME=PATH[:ro|:rw]", value_parser = grants::parse)]
    pub(crate) grants: Vec<GrantArg>,
    /// Take grants also where a server or another program answers for the files: NFS, SMB, FUSE.
    #[arg(long)]
    pub(crate) remote: bool,
    /// Let a tool that opens files by itself see a granted name, under `/NAME`.
    #[arg(long = "mount", value_name = "NAME")]
    pub(crate) mounts: Vec<String>,
    /// Give the session `/scratch`, an empty directory to write in that goes away with it.
    #[arg(long)]
    pub(crate) scratch: bool,
    /// Show what the call changes and ask before it is written; where nobody can be asked, leave it pending.
    #[arg(long)]
    pub(crate) review: bool,
    /// Where changes are kept to be reviewed and undone: a folder of your own. BAILIWICK_STATE, or bailiwick in your state
    /// directory, if left out.
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Work that the tool may do, in units of fuel: 1G if left out.
    #[arg(long, value_name = "N", value_parser = amount::count)]
    pub(crate) fuel: Option<u64>,
    /// Wall time that the call may take: 10s if left out, at most 120s.
    #[arg(long, value_name = "TIME", value_parser = amount::deadline)]
    pub(crate) deadline: Option<Duration>,
    /// Memory that the tool may take, summed over its instances: 64MiB if left out.
    #[arg(long, value_name = "BYTES", value_parser = amount::bytes)]
    pub(crate) memory: Option<u64>,
    /// Do not record the call in the log.
    #[arg(long)]
    pub(crate) no_log: bool,
    /// Print one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print what the call used, on stderr.
    #[arg(long)]
    usage: bool,
}

const EXAMPLES: &str = "\
Examples:
  bailiwick call files grep '{\"dir\": \"/src\", \"pattern\": \"fn main\"}' --grant src=.:ro
  bailiwick call files read file=README.md max_lines=20 --grant src=.
  bailiwick call edit replace file=README.md old=teh new=the --grant src=.:rw --review
  bailiwick call ./my-tool.wasm convert - --fuel 100M --deadline 2s --json < arguments.json";

pub(crate) fn run(args: Args) -> ExitCode {
    match outcome(&args) {
        Ok(Ended { outcome, session }) => {
            if args.json {
                output::document(&outcome.to_json());
            } else {
                output::outcome(&outcome);
            }
            if args.usage {
                output::usage(&outcome);
            }
            log::told(&session);
            if outcome.pending
                && !args.json
                && let Err(refusal) = review::ask(&session)
            {
                return refusal.exit(&outcome.tool, false);
            }
            exit::of(outcome.code)
        }
        Err(refusal) => {
            let name = model_name(&args);
            log::refused(&name, &refusal, !args.no_log);
            refusal.exit(&name, args.json)
        }
    }
}

/// A call that ended, and its session, which knows what is pending.
struct Ended {
    outcome: Outcome,
    session: Session,
}

/// How the words of a command line become arguments, of the function that they are for.
type Reading<T> = dyn Fn(&[String], Option<&Function>) -> Result<T, Refusal>;

/// The function that is meant, and its arguments as they are read.
pub(crate) fn meant<T>(
    args: &Args,
    tool: &Tool,
    read: &Reading<T>,
) -> Result<(String, T), Refusal> {
    let function = args.function.replace('-', "_");
    let known = tool.contract().function(&function);
    let arguments = read(&args.arguments, known)?;
    if known.is_none() {
        return Err(unknown(&args.function, tool));
    }
    Ok((function, arguments))
}

/// What a call is waited for in.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Refusal> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| Refusal::new(Code::HostError, error.to_string()))
}

fn outcome(args: &Args) -> Result<Ended, Refusal> {
    let Desk { session, tool } = desk::open(args)?;
    let (function, arguments) = meant(args, &tool, &arguments::read)?;
    let runtime = runtime()?;
    let limits = wished(args);
    let call = session.call_within(&format!("{}_{function}", tool.name()), arguments, limits);
    let show = !args.json && stderr().is_terminal();
    let outcome = if show {
        runtime.block_on(watched(call))
    } else {
        runtime.block_on(call)
    };
    // Code and pool go with the process, which is about to end: the system is quicker than taking them apart is.
    std::mem::forget(tool);
    Ok(Ended { outcome, session })
}

/// What is asked for on the command line, which can only lower what the tool has.
pub(crate) fn wished(args: &Args) -> Limits {
    let mut limits = Limits::max();
    limits.fuel = args.fuel.unwrap_or(limits.fuel);
    limits.deadline = args.deadline.unwrap_or(limits.deadline);
    limits.memory = args.memory.unwrap_or(limits.memory);
    limits
}

/// What a model would call it, also where there is no such thing.
fn model_name(args: &Args) -> String {
    let tool = locate::name(Path::new(&args.tool));
    format!("{tool}_{}", args.function.replace('-', "_"))
}

/// Names functions as they are typed here, and not as models see them.
fn unknown(function: &str, tool: &Tool) -> Refusal {
    let names: Vec<_> = tool
        .contract()
        .functions
        .iter()
        .map(|known| known.name.as_str())
        .collect();
    let hint = match nearest(function, names.iter().copied(), 3).as_slice() {
        [] => format!("there is: {}", names.join(", ")),
        near => format!("did you mean {}?", near.join(", ")),
    };
    let message = format!("there is no function `{function}` in `{}`", tool.name());
    Refusal::new(Code::UnknownTool, message).hint(hint)
}

/// A call with its progress on the terminal, in one line that is taken away at the end.
async fn watched(mut call: Call) -> Outcome {
    let mut events = call.events();
    loop {
        tokio::select! {
            outcome = &mut call => {
                let _ = write!(stderr().lock(), "\r\x1b[K");
                return outcome;
            }
            Some(event) = events.next() => {
                if let Event::Progress { done, total, message } = event {
                    let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
                    let line = visible::text(&message).replace('\n', " ");
                    let _ = write!(stderr().lock(), "\r\x1b[K{done}{of} {line}");
                }
            }
        }
    }
}
