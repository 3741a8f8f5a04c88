//! `bailiwick init`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use bailiwick_host::contract::audit::{Audit, Tier};
use bailiwick_host::contract::lock::Entry;
use bailiwick_policy::template::{self, Folder, Shipped};
use serde_json::json;

use crate::change::{self, Change};
use crate::exit::Refusal;
use crate::policy::{self, FILE, Found};
use crate::{locate, output, replace};

/// Write a policy for this folder.
///
/// It has comments: what is in the folder is granted to the tools that come with this program, and nothing else. They are copied to `tools/`,
/// locked, and the policy is trusted, since you wrote it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder. This one if left out.
    folder: Option<PathBuf>,
    /// Only write the policy: without tools.
    #[arg(long)]
    bare: bool,
    /// The state folder, in which trust is kept.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  bailiwick init
  bailiwick init ../other --bare

Exit codes: 0 written; 2 there is a policy already, or usage or bad input; 4 a tool that comes with this program cannot be read.";

pub(crate) fn run(args: Args) -> ExitCode {
    match made(&args) {
        Ok(found) => {
            let tools: Vec<_> = found.policy.tools.keys().collect();
            if args.json {
                output::document(&json!({ "policy": found.path, "tools": tools }));
            } else {
                output::text(&format!("wrote {}", policy::shown(&found.path)));
                for line in found
                    .policy
                    .summary(&found.folder, policy::home().as_deref())
                {
                    output::text(&format!("  {line}"));
                }
            }
            ExitCode::SUCCESS
        }
        Err(refusal) => refusal.exit("", args.json),
    }
}

fn made(args: &Args) -> Result<Found, Refusal> {
    let folder = args.folder.clone().unwrap_or_else(|| PathBuf::from("."));
    let failed = |path: &std::path::Path, error: std::io::Error| {
        Refusal::usage(format!("`{}`: {error}", path.display()))
    };
    let path = folder.join(FILE);
    if path.symlink_metadata().is_ok() {
        return Err(
            Refusal::usage(format!("there is `{}` already", path.display()))
                .hint("`bailiwick add` adds a tool to it"),
        );
    }
    let lock = path.with_extension("lock");
    if lock.symlink_metadata().is_ok() {
        // Somebody else's, with approvals that nobody here gave.
        return Err(Refusal::usage(format!(
            "there is `{}` already, without a policy",
            policy::shown(&lock)
        ))
        .hint("look at it, and move it away"));
    }
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(&folder).map_err(|error| failed(&folder, error))? {
        let entry = entry.map_err(|error| failed(&folder, error))?;
        names.extend(entry.file_name().into_string());
    }
    let mut tools = Vec::new();
    let mut copies = Vec::new();
    let mut entries = Vec::new();
    for located in if args.bare {
        Vec::new()
    } else {
        locate::shipped()?
    } {
        let bytes = located.read()?;
        let audit = Audit::read(&located.name, &bytes).map_err(|error| {
            let message = format!("failed to read `{}`: {error}", located.name);
            Refusal::new(bailiwick_host::Code::LoadFailed, message)
        })?;
        let component = format!("tools/{}.wasm", located.name);
        copies.push((folder.join(&component), bytes));
        entries.push((located.name.clone(), Entry::of(&audit)));
        tools.push(Shipped {
            name: located.name,
            component,
            writes: audit.tier >= Tier::Edits,
        });
    }
    let text = template::policy(&Folder { names, tools });
    if !copies.is_empty() {
        let tools = folder.join("tools");
        replace::own_folder(&tools).map_err(|error| failed(&tools, error))?;
    }
    for (copy, bytes) in copies {
        replace::new_file(&copy, &bytes).map_err(|error| failed(&copy, error))?;
    }
    replace::file(&path, text.as_bytes()).map_err(|error| failed(&path, error))?;
    let path = path.canonicalize().map_err(|error| failed(&path, error))?;
    let found = Found::new(path, text)?;
    // Of what was read here: what others put there meanwhile is not trusted.
    let change = Change {
        entries,
        trust: true,
        ..Change::default()
    };
    change::write(&found, change, args.state.as_deref())?;
    Ok(found)
}
