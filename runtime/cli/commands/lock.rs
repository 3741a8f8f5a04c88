//! `bailiwick lock [TOOL]…`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use bailiwick_host::contract::Severity;
use bailiwick_host::contract::audit::Tier;
use bailiwick_host::contract::lock::{Approval, Entry, Mismatch};
use serde_json::json;

use crate::change::{self, Change};
use crate::commands::verify;
use crate::exit::Refusal;
use crate::{output, policy};

/// Write down what each tool of the policy is now, so that nothing else runs.
///
/// It goes to `bailiwick.lock` beside the policy: whatever changes is seen in a review, and refused before. Only what is locked runs.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Only these tools of the policy. All if left out.
    tools: Vec<String>,
    /// The policy. The one of this folder if left out.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Write into the lock that this person approves.
    #[arg(long, value_name = "WHO")]
    approve: Option<String>,
    /// The last day of the approval: 2027-01-31.
    #[arg(long, value_name = "DAY", requires = "approve")]
    until: Option<String>,
    /// The highest tier that the approval holds for.
    #[arg(long, value_name = "TIER", requires = "approve")]
    max_tier: Option<Tier>,
    /// Why it is approved.
    #[arg(long, value_name = "TEXT", requires = "approve")]
    note: Option<String>,
    /// Do not ask when something differs from what was locked.
    #[arg(long, short)]
    yes: bool,
    /// The state folder, in which trust is kept.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  bailiwick lock
  bailiwick lock files --approve ada --until 2027-01-31 --max-tier reads

docs/lock.md describes the file. A policy that was trusted stays so when it is locked by who trusts it.

Exit codes: 0 locked, or up to date; 2 no policy, no such tool in it, or usage; 3 nobody said yes to what differs, or nobody answers for a finding of
the weight `error`; 4 a component cannot be read.";

pub(crate) fn run(args: Args) -> ExitCode {
    match locked(&args) {
        Ok(changed) => {
            if args.json {
                let changed = changed.iter().map(|one| {
                    json!({
                        "tool": one.tool,
                        "mismatches": one.mismatches,
                        "approval_ended": one.approval_of,
                    })
                });
                output::document(&json!({ "locked": changed.collect::<Vec<_>>() }));
            } else if changed.is_empty() {
                output::text("the lock is up to date");
            } else {
                let names: Vec<_> = changed.iter().map(|one| one.tool.as_str()).collect();
                output::text(&format!("locked {}", names.join(", ")));
            }
            ExitCode::SUCCESS
        }
        Err(refusal) => refusal.exit("", args.json),
    }
}

/// A tool whose entry is another now.
#[derive(Debug)]
struct Changed {
    tool: String,
    /// How it differs from what was locked. Nothing for one that was not.
    mismatches: Vec<Mismatch>,
    /// Who had approved what was locked.
    approval_of: Option<String>,
}

/// Writes the lock; the tools whose entries changed.
fn locked(args: &Args) -> Result<Vec<Changed>, Refusal> {
    let found = policy::needed(args.policy.as_deref())?;
    let approval = args.approve.as_ref().map(|by| Approval {
        by: by.clone(),
        until: args.until.clone(),
        max_tier: args.max_tier,
        note: args.note.clone(),
    });
    let old = found.lock()?;
    let named: Vec<String> = if args.tools.is_empty() {
        found.policy.tools.keys().cloned().collect()
    } else {
        args.tools.clone()
    };
    let mut new = old.clone();
    new.tools
        .retain(|name, _| found.policy.tools.contains_key(name));
    let mut entries = Vec::new();
    let mut errors = String::new();
    for tool in named {
        let audit = found.audit(&tool)?;
        let mut entry = Entry::of(&audit);
        entry.approval.clone_from(&approval);
        new.put(&tool, entry.clone());
        if old.tools.get(&tool).map(|entry| &entry.digest) != Some(&entry.digest) {
            for finding in &audit.findings {
                if finding.severity == Severity::Error {
                    let _ = writeln!(errors, "{tool}: {}: {}", finding.code, finding.message);
                }
            }
        }
        entries.push((tool, audit, entry));
    }
    let mut changed = Vec::new();
    for (tool, audit, _) in &entries {
        if old.tools.get(tool) == new.tools.get(tool) {
            continue;
        }
        let before = old.tools.get(tool);
        // Of an approval, who gave it is what is told.
        let facts = before.map(|entry| Entry {
            approval: None,
            ..entry.clone()
        });
        let mismatches = facts.map_or_else(Vec::new, |facts| {
            facts.verify(tool, audit, found.mounts(tool), &policy::today())
        });
        let approval = before.and_then(|entry| entry.approval.as_ref());
        let is_kept = new
            .tools
            .get(tool)
            .is_some_and(|entry| entry.approval.is_some());
        changed.push(Changed {
            tool: tool.clone(),
            mismatches,
            approval_of: approval
                .filter(|_| !is_kept)
                .map(|approval| approval.by.clone()),
        });
    }
    let gone = old
        .tools
        .keys()
        .filter(|name| !found.policy.tools.contains_key(*name));
    changed.extend(gone.map(|tool| Changed {
        tool: tool.clone(),
        mismatches: Vec::new(),
        approval_of: None,
    }));
    agreed(args, &changed, &errors)?;
    let entries = entries.into_iter().map(|(tool, _, entry)| (tool, entry));
    let change = Change {
        entries: entries.collect(),
        ..Change::default()
    };
    change::write(&found, change, args.state.as_deref())?;
    Ok(changed)
}

/// Somebody has to say yes to what differs from what was locked, and has to approve by name what has a finding of the weight `error`.
fn agreed(args: &Args, changed: &[Changed], errors: &str) -> Result<(), Refusal> {
    if !errors.is_empty() && args.approve.is_none() {
        let message = format!(
            "what was found has to be approved by somebody:\n{}",
            errors.trim_end()
        );
        return Err(Refusal::gate(message)
            .hint("look at `bailiwick audit`; `--approve WHO` says who answers for it"));
    }
    let mut differs = String::new();
    for one in changed {
        if !one.mismatches.is_empty() {
            let _ = writeln!(differs, "{} is not what was locked:", one.tool);
            differs.push_str(&verify::mismatches(&one.mismatches));
        }
        if let Some(by) = &one.approval_of {
            let _ = writeln!(differs, "{}: the approval of {by} ends", one.tool);
        }
    }
    if differs.is_empty() || args.yes {
        return Ok(());
    }
    if !args.json {
        output::notes(&differs);
    }
    if policy::ask("lock it as it is now?") {
        return Ok(());
    }
    Err(Refusal::gate("nobody said yes, so what was locked stays")
        .hint("`--yes` says it where nobody can be asked"))
}
