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

/// Compare the tools of the policy with what was locked, and with what they are given.
///
/// What differs from the lock is told, and what a tool needs and does not get, or gets and does not need. Nothing is run.
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

Exit codes: 0 every tool is what was locked; 2 usage or bad input; 3 one is not, or the policy names what is not there; 4 one cannot be read.
docs/lock.md explains what is compared.";

/// What is said of one tool.
struct Verified {
    tool: String,
    found: Result<Compared, Refusal>,
}

/// A component that could be read.
struct Compared {
    mismatches: Vec<Mismatch>,
    grants: Vec<Line>,
}

impl Verified {
    /// Whether it would be refused: it is not what was locked, or the policy names what is not there.
    fn is_refused(&self) -> bool {
        let Ok(found) = &self.found else { return false };
        let wrong = |line: &Line| line.kind == Kind::Error;
        !found.mismatches.is_empty() || found.grants.iter().any(wrong)
    }
}

pub(crate) fn run(args: Args) -> ExitCode {
    match verified(&args) {
        Ok(all) => {
            if args.json {
                let tools: Vec<_> = all
                    .iter()
                    .map(|one| match &one.found {
                        Ok(found) => json!({ "tool": one.tool, "mismatches": found.mismatches, "grants": found.grants }),
                        Err(refusal) => json!({ "tool": one.tool, "error": refusal.message() }),
                    })
                    .collect();
                output::document(&json!({ "tools": tools }));
            } else {
                output::text(&text(&all));
            }
            if all.iter().any(Verified::is_refused) {
                ExitCode::from(exit::GATE)
            } else if all.iter().any(|one| one.found.is_err()) {
                ExitCode::from(exit::HOST)
            } else {
                ExitCode::SUCCESS
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
        if !found.policy.tools.contains_key(&tool) {
            return Err(Refusal::usage(format!("the policy has no tool `{tool}`")));
        }
        let compared = found.audit(&tool).map(|audit| {
            tiers.insert(tool.clone(), found.tier(&tool, &audit));
            Compared {
                mismatches: found.mismatches(&lock, &tool, &audit),
                grants: check::grants(&found.policy, &tool, &audit),
            }
        });
        all.push(Verified {
            found: compared,
            tool,
        });
    }
    found.under_owners(&tiers)?;
    Ok(all)
}

fn text(all: &[Verified]) -> String {
    let mut text = String::new();
    for one in all {
        let found = match &one.found {
            Ok(found) => found,
            Err(refusal) => {
                let _ = writeln!(text, "{}: {}", one.tool, refusal.message());
                continue;
            }
        };
        let verdict = if one.is_refused() {
            "refused"
        } else {
            "as locked"
        };
        let _ = writeln!(text, "{}: {verdict}", one.tool);
        text.push_str(&mismatches(&found.mismatches));
        for line in found
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
