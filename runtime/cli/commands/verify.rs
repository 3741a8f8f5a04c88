//! `bailiwick verify`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use bailiwick_host::contract::lock::Mismatch;
use bailiwick_policy::check::{self, Kind, Line};
use serde_json::json;

use crate::exit::{self, Refusal};
use crate::{output, policy};

/// Compares every tool of the policy with its lock, and says what differs; compares what each needs with what the policy gives it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Only these tools of the policy. All if left out.
    tools: Vec<String>,
    /// The policy. The one of this folder if left out.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Example:
  bailiwick verify && bailiwick call files grep dir=/workspace pattern=TODO

Exit codes: 0 every tool is what was locked; 2 usage or bad input; 3 one is not; 4 one cannot be read.
docs/lock.md explains what is compared.";

/// What is said of one tool.
struct Verified {
    tool: String,
    mismatches: Vec<Mismatch>,
    grants: Vec<Line>,
}

pub(crate) fn run(args: Args) -> ExitCode {
    match verified(&args) {
        Ok(all) => {
            if args.json {
                let tools: Vec<_> = all
                    .iter()
                    .map(|one| json!({ "tool": one.tool, "mismatches": one.mismatches, "grants": one.grants }))
                    .collect();
                output::document(&json!({ "tools": tools }));
            } else {
                output::text(&text(&all));
            }
            if all.iter().all(|one| one.mismatches.is_empty()) {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(exit::GATE)
            }
        }
        Err(refusal) => refusal.exit("", args.json),
    }
}

fn verified(args: &Args) -> Result<Vec<Verified>, Refusal> {
    let mut found = policy::needed(args.policy.as_deref())?;
    let lock = found.lock()?;
    let named: Vec<String> = if args.tools.is_empty() {
        found.policy.tools.keys().cloned().collect()
    } else {
        args.tools.clone()
    };
    let mut all = Vec::new();
    let mut tiers = BTreeMap::new();
    for tool in named {
        let audit = found.audit(&tool)?;
        tiers.insert(tool.clone(), found.tier(&tool, &audit));
        all.push(Verified {
            mismatches: lock.verify(&tool, &audit, &policy::today()),
            grants: check::grants(&found.policy, &tool, &audit),
            tool,
        });
    }
    found.under_owners(&tiers)?;
    Ok(all)
}

fn text(all: &[Verified]) -> String {
    let mut text = String::new();
    for one in all {
        let verdict = if one.mismatches.is_empty() {
            "as locked"
        } else {
            "refused"
        };
        let _ = writeln!(text, "{}: {verdict}", one.tool);
        text.push_str(&mismatches(&one.mismatches));
        for line in one
            .grants
            .iter()
            .filter(|line| line.kind != Kind::GrantedAndNeeded)
        {
            let _ = writeln!(text, "  {}: {}", line.kind.as_str(), line.message);
            if let Some(change) = &line.change {
                let _ = writeln!(
                    text,
                    "    in [{}]: {}",
                    change.table,
                    change.lines.join(" ")
                );
            }
        }
    }
    if all.is_empty() {
        text.push_str("the policy has no tools\n");
    }
    text
}

/// What differs, with both sides.
pub(crate) fn mismatches(mismatches: &[Mismatch]) -> String {
    let mut text = String::new();
    for mismatch in mismatches {
        let _ = writeln!(text, "  {}: {}", mismatch.code, mismatch.message);
        for (mark, side) in [('-', &mismatch.locked), ('+', &mismatch.found)] {
            for line in side.iter().flat_map(|side| side.lines()) {
                let _ = writeln!(text, "    {mark} {line}");
            }
        }
    }
    text
}
