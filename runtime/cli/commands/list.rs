//! `bailiwick list`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use crate::exit::Refusal;
use crate::{output, policy};

/// List the tools of this folder's policy.
///
/// What each can do, what it may be handed, and whether it is what was locked; nothing of them is run. `bailiwick tools` shows those that come
/// with this program.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
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
Examples:
  bailiwick list
  bailiwick list --policy ../other/bailiwick.toml --json

Exit codes: 0 listed, trusted or not and locked or not; 2 no policy, or one that cannot be read.";

pub(crate) fn run(args: Args) -> ExitCode {
    match listed(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => refusal.exit("", args.json),
    }
}

fn listed(args: &Args) -> Result<(), Refusal> {
    let found = policy::needed(args.policy.as_deref())?;
    let trusted = found.is_trusted(args.state.as_deref())?;
    let lock = found.lock()?;
    let mut rows = Vec::new();
    for name in found.policy.tools.keys() {
        // One that cannot be read is listed with why.
        let row = match found.audit(name) {
            Ok(audit) => {
                let mismatches = found.mismatches(&lock, name, &audit);
                json!({
                    "tool": name,
                    "tier": found.tier(name, &audit),
                    "functions": audit.functions.len(),
                    "locked": mismatches.is_empty(),
                    "digest": audit.digest.to_string(),
                })
            }
            Err(refusal) => json!({ "tool": name, "error": refusal.message() }),
        };
        rows.push(row);
    }
    if args.json {
        output::document(&json!({ "policy": found.path, "trusted": trusted, "tools": rows }));
        return Ok(());
    }
    let mut text = String::new();
    let is = if trusted { "trusted" } else { "not trusted" };
    let _ = writeln!(text, "{} ({is})", policy::shown(&found.path));
    for line in found
        .policy
        .summary(&found.folder, policy::home().as_deref())
    {
        let _ = writeln!(text, "  {line}");
    }
    for row in &rows {
        let name = row["tool"].as_str().unwrap_or_default();
        let _ = match row["error"].as_str() {
            Some(error) => writeln!(text, "  {name}: {error}"),
            None => writeln!(
                text,
                "  {name}: {}, {} functions, {}",
                row["tier"].as_str().unwrap_or_default(),
                row["functions"],
                if row["locked"] == true {
                    "as locked"
                } else {
                    "not as locked"
                }
            ),
        };
    }
    output::text(&text);
    Ok(())
}
