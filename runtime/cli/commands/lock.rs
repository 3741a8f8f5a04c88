//! `bailiwick lock [TOOL]…`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bailiwick_host::contract::audit::Tier;
use bailiwick_host::contract::lock::{Approval, Entry, Lock};
use serde_json::json;

use crate::exit::Refusal;
use crate::policy::{self, Found};
use crate::{output, replace};

/// Writes `bailiwick.lock` beside the policy: what each tool is now, so that whatever changes is seen in a review and refused before. Only
/// what is locked runs.
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

docs/lock.md describes the file. A policy that was trusted stays so when it is locked by who trusts it.";

pub(crate) fn run(args: Args) -> ExitCode {
    match locked(&args) {
        Ok(changed) => {
            if args.json {
                output::document(&json!({ "locked": changed }));
            } else if changed.is_empty() {
                output::text("the lock is up to date");
            } else {
                output::text(&format!("locked {}", changed.join(", ")));
            }
            ExitCode::SUCCESS
        }
        Err(refusal) => refusal.exit("", args.json),
    }
}

/// Writes the lock; the tools whose entries changed.
fn locked(args: &Args) -> Result<Vec<String>, Refusal> {
    let found = policy::needed(args.policy.as_deref())?;
    let approval = args.approve.as_ref().map(|by| Approval {
        by: by.clone(),
        until: args.until.clone(),
        max_tier: args.max_tier,
        note: args.note.clone(),
    });
    write(
        &found,
        &args.tools,
        approval.as_ref(),
        args.state.as_deref(),
    )
}

/// Locks these tools of a policy, or all when none is named, and forgets what the policy does not have any more.
pub(crate) fn write(
    found: &Found,
    tools: &[String],
    approval: Option<&Approval>,
    state: Option<&Path>,
) -> Result<Vec<String>, Refusal> {
    let named = if tools.is_empty() {
        found.policy.tools.keys().cloned().collect()
    } else {
        tools.to_vec()
    };
    let mut entries = Vec::new();
    for tool in named {
        let mut entry = Entry::of(&found.audit(&tool)?);
        entry.approval = approval.cloned();
        entries.push((tool, entry));
    }
    put(found, entries, state)
}

/// Forgets what the policy does not have any more, and locks nothing anew.
pub(crate) fn forget(found: &Found, state: Option<&Path>) -> Result<(), Refusal> {
    put(found, Vec::new(), state).map(drop)
}

fn put(
    found: &Found,
    entries: Vec<(String, Entry)>,
    state: Option<&Path>,
) -> Result<Vec<String>, Refusal> {
    let failed = |error: &dyn std::fmt::Display| Refusal::usage(format!("failed to lock: {error}"));
    let was_trusted = found.is_trusted(state);
    let old = found.lock()?;
    let mut new = old.clone();
    new.tools
        .retain(|name, _| found.policy.tools.contains_key(name));
    for (tool, entry) in entries {
        new.put(&tool, entry);
    }
    let differs = |name: &&String| old.tools.get(*name) != new.tools.get(*name);
    let names: BTreeSet<&String> = old.tools.keys().chain(new.tools.keys()).collect();
    let changed = names.into_iter().filter(differs).cloned().collect();
    let text = new.to_text().map_err(|error| failed(&error))?;
    // What a person wrote into it has to be what is read again.
    Lock::parse(&text).map_err(|error| failed(&error))?;
    if found.lock.as_deref() != Some(&text) {
        let path = found.folder.join(policy::LOCK);
        replace::file(&path, text.as_bytes())
            .map_err(|error| Refusal::usage(format!("`{}`: {error}", path.display())))?;
    }
    if was_trusted {
        Found::read(&found.path)?.trust(state)?;
    }
    Ok(changed)
}
