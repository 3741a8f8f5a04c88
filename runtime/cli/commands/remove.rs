//! `bailiwick remove TOOL`.

use std::path::PathBuf;
use std::process::ExitCode;

use bailiwick_policy::edit;
use serde_json::json;

use crate::change::{self, Change};
use crate::exit::Refusal;
use crate::{output, policy};

/// Take a tool out of the policy.
///
/// It goes out of the lock, too. The component's file stays.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
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

const EXAMPLES: &str = "\
Example:
  bailiwick remove convert

Exit codes: 0 removed; 2 no policy, or no such tool in it; 3 the policy or its lock changed meanwhile.";

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
    let change = Change {
        policy: Some(&text),
        ..Change::default()
    };
    change::write(&found, change, state)
}
