//! `bailiwick trust`.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use crate::exit::Refusal;
use crate::{output, policy};

/// Trust the policy of this folder.
///
/// As it is now: what it grants and what it runs. Without it nothing of a policy that was found in a folder runs. When the policy or its lock
/// changes, it has to be said again.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The policy. The one of this folder if left out.
    policy: Option<PathBuf>,
    /// Take the trust back.
    #[arg(long, conflicts_with = "list")]
    forget: bool,
    /// List the policies that are trusted.
    #[arg(long, conflicts_with = "policy")]
    list: bool,
    /// Do not ask.
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
  bailiwick trust
  bailiwick trust --list
  bailiwick trust --forget

Exit codes: 0 trusted; 2 usage or bad input; 3 nobody said yes.";

pub(crate) fn run(args: Args) -> ExitCode {
    let done = if args.list { listed(&args) } else { one(&args) };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => refusal.exit("", args.json),
    }
}

fn listed(args: &Args) -> Result<(), Refusal> {
    let store = policy::store(args.state.as_deref())?;
    let listing = store
        .list()
        .map_err(|error| Refusal::usage(error.to_string()))?;
    if args.json {
        output::document(&json!(listing));
    } else {
        let mut text = String::new();
        for one in &listing.policies {
            text.push_str(&format!(
                "{}  since {}\n",
                policy::shown(&one.path),
                one.since
            ));
        }
        for odd in &listing.odd {
            text.push_str(&format!("{}: {}\n", odd.file, odd.reason));
        }
        if text.is_empty() {
            text.push_str("no policy is trusted\n");
        }
        output::text(&text);
    }
    Ok(())
}

fn one(args: &Args) -> Result<(), Refusal> {
    if args.forget {
        // What cannot be read any more can be forgotten all the same.
        let path = policy::path(args.policy.as_deref())?.ok_or_else(|| {
            Refusal::usage(format!("there is no {} in this folder", policy::FILE))
        })?;
        let path = path.canonicalize().unwrap_or(path);
        let was = policy::store(args.state.as_deref())?
            .forget(&path)
            .map_err(|error| Refusal::usage(error.to_string()))?;
        let said = if was {
            "not trusted any more"
        } else {
            "it was not trusted"
        };
        return said_of(args, &path, said);
    }
    let found = policy::needed(args.policy.as_deref())?;
    if found.is_trusted(args.state.as_deref())? {
        return said_of(args, &found.path, "trusted already");
    }
    let summary = found
        .policy
        .summary(&found.folder, policy::home().as_deref());
    if !args.yes {
        output::note(&format!("{} gives:", policy::shown(&found.path)));
        for line in &summary {
            output::note(&format!("  {line}"));
        }
        let lock = found.lock()?;
        for tool in found.policy.tools.keys() {
            let is = match found.audit(tool) {
                Err(refusal) => refusal.message().to_owned(),
                Ok(audit) => {
                    let mismatches = found.mismatches(&lock, tool, &audit);
                    let locked = if mismatches.is_empty() {
                        "as locked"
                    } else {
                        "not as locked, and does not run"
                    };
                    format!("{}, {locked}", found.tier(tool, &audit).as_str())
                }
            };
            output::note(&format!("  {tool}: {is}"));
        }
        if !policy::ask("trust it?") {
            return Err(Refusal::gate("nobody said yes, so it is not trusted")
                .hint("`--yes` says it where nobody can be asked"));
        }
    }
    found.trust(args.state.as_deref())?;
    said_of(args, &found.path, "trusted")
}

fn said_of(args: &Args, path: &std::path::Path, said: &str) -> Result<(), Refusal> {
    if args.json {
        output::document(&json!({ "path": path, "status": said }));
    } else {
        output::text(&format!("{}: {said}", policy::shown(path)));
    }
    Ok(())
}
