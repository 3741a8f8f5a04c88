//! `bailiwick remove TOOL`.

use std::path::PathBuf;
use std::process::ExitCode;

use bailiwick_policy::edit;
use serde_json::json;

use crate::commands::lock;
use crate::exit::Refusal;
use crate::policy::{self, Found};
use crate::{output, replace};

/// Takes a tool out of the policy of this folder and out of its lock. The component's file stays.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The tool, by its name in the policy.
    tool: String,
    /// The policy. The one of this folder if left out.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The state folder, in which trust is kept.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: Args) -> ExitCode {
    match removed(&args) {
        Ok(()) => {
            if args.json {
                output::document(&json!({ "removed": args.tool }));
            } else {
                output::text(&format!("removed {}", args.tool));
            }
            ExitCode::SUCCESS
        }
        Err(refusal) => refusal.exit("", args.json),
    }
}

fn removed(args: &Args) -> Result<(), Refusal> {
    let state = args.state.as_deref();
    let found = policy::needed(args.policy.as_deref())?;
    let text =
        edit::remove(&found.text, &args.tool).map_err(|error| Refusal::usage(error.to_string()))?;
    let was_trusted = found.is_trusted(state);
    replace::file(&found.path, text.as_bytes())
        .map_err(|error| Refusal::usage(format!("`{}`: {error}", found.path.display())))?;
    let found = Found::read(&found.path)?;
    if was_trusted {
        found.trust(state)?;
    }
    lock::forget(&found, state)
}
