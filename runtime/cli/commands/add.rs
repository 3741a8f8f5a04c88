//! `bailiwick add COMPONENT`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bailiwick_host::Code;
use bailiwick_host::contract::Severity;
use bailiwick_host::contract::audit::Audit;
use bailiwick_host::contract::lock::Entry;
use bailiwick_policy::edit::{self, EditError};
use bailiwick_policy::{MountedGrant, Rights, ToolPolicy};
use serde_json::json;

use crate::change::{self, Change};
use crate::exit::Refusal;
use crate::locate::Located;
use crate::policy::{self, Found};
use crate::{locate, output, replace, screen};

/// Add a tool to the policy: look at it, approve it, lock it.
///
/// Its audit is shown before anything is asked, and nothing is written before somebody says yes, or --yes does. A component from elsewhere is copied to `tools/` beside the policy, so that what was approved stays.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A component file, or the name of a tool that comes with this program.
    component: String,
    /// What it is called. The file's name if left out.
    #[arg(long)]
    name: Option<String>,
    /// A grant of the policy that it may be handed. Nothing if left out.
    #[arg(long = "grant", value_name = "GRANT[:ro|:rw]")]
    grants: Vec<String>,
    /// A grant that is mounted for it; it must be among its grants.
    #[arg(long = "mount", value_name = "GRANT")]
    mounts: Vec<String>,
    /// The policy. The one of this folder if left out.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Do not ask. A component that has findings of the weight `error` is then refused.
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
  bailiwick add files --grant workspace:ro
  bailiwick add ./convert.wasm --name convert --yes

Exit codes: 0 added; 2 usage or bad input; 3 nobody said yes, or it has a finding that nobody can approve unseen; 4 not a component.";

pub(crate) fn run(args: Args) -> ExitCode {
    match added(&args) {
        Ok(document) => {
            if args.json {
                output::document(&document);
            } else {
                let name = document["tool"].as_str().unwrap_or_default();
                output::text(&format!("added {name}, and locked it"));
            }
            ExitCode::SUCCESS
        }
        Err(refusal) => refusal.exit("", args.json),
    }
}

fn added(args: &Args) -> Result<serde_json::Value, Refusal> {
    let found = policy::needed(args.policy.as_deref())?;
    let located = locate::component(&args.component)?;
    let name = args.name.clone().unwrap_or_else(|| located.name.clone());
    let bytes = located.read()?;
    let audit = Audit::read(&name, &bytes).map_err(|error| {
        let message = format!("failed to read `{}`: {error}", args.component);
        Refusal::new(Code::LoadFailed, message)
    })?;
    let component = place(&found, &name, &located);
    let tool = ToolPolicy {
        component: component.said.clone().into(),
        grants: args
            .grants
            .iter()
            .map(|said| handed(said))
            .collect::<Result<_, _>>()?,
        mounts: args.mounts.clone(),
        ..ToolPolicy::default()
    };
    // All that can be wrong with the policy's text, before anything is written.
    let text = edit::add(&found.text, &name, &tool).map_err(|error| refused(&found, error))?;

    agreed(args, &audit)?;

    let failed = |path: &Path, error: std::io::Error| {
        Refusal::usage(format!("`{}`: {error}", policy::shown(path)))
    };
    if let Some(copy) = &component.copy {
        if let Some(folder) = copy.parent() {
            replace::own_folder(folder).map_err(|error| failed(folder, error))?;
        }
        replace::new_file(copy, &bytes).map_err(|error| failed(copy, error))?;
    }
    // What was looked at is what is locked, whatever stands there by now.
    let change = Change {
        policy: Some(&text),
        entries: vec![(name.clone(), Entry::of(&audit))],
        trust: false,
    };
    change::write(&found, change, args.state.as_deref())?;
    Ok(json!({
        "tool": name,
        "component": component.said,
        "digest": audit.digest.to_string(),
        "tier": audit.tier,
    }))
}

/// What is wrong with the policy, with its lines.
fn refused(found: &Found, error: EditError) -> Refusal {
    let file = policy::shown(&found.path);
    match error {
        EditError::Policy { errors } => policy::malformed(&file, &found.text, &errors),
        EditError::Result { errors, text } => policy::malformed(&file, &text, &errors),
        error => Refusal::usage(error.to_string()),
    }
}

/// `workspace`, `workspace:ro`.
fn handed(said: &str) -> Result<MountedGrant, Refusal> {
    let (grant, rights) = match said.rsplit_once(':') {
        Some((grant, "ro")) => (grant, Some(Rights::Read)),
        Some((grant, "rw")) => (grant, Some(Rights::ReadWrite)),
        Some(_) => {
            return Err(Refusal::usage(format!("`{said}` is no grant"))
                .hint("expected GRANT, GRANT:ro or GRANT:rw"));
        }
        None => (said, None),
    };
    Ok(MountedGrant {
        grant: grant.to_owned(),
        rights,
    })
}

/// Shows the audit, and asks.
fn agreed(args: &Args, audit: &Audit) -> Result<(), Refusal> {
    if args.yes {
        let error = audit
            .findings
            .iter()
            .find(|finding| finding.severity == Severity::Error);
        return match error {
            None => Ok(()),
            Some(finding) => Err(Refusal::gate(format!(
                "`{}` has a finding that nobody can approve unseen: {}: {}",
                audit.name, finding.code, finding.message
            ))
            .hint("look at `bailiwick audit`, and add it without --yes")),
        };
    }
    output::notes(&screen::audit(audit));
    if policy::ask("add it?") {
        return Ok(());
    }
    Err(Refusal::gate("nobody said yes, so it is not added")
        .hint("`--yes` says it where nobody can be asked"))
}

/// Where the component of a tool is to be.
struct Placed {
    /// As the policy says it.
    said: String,
    /// Where it has to be copied to first.
    copy: Option<PathBuf>,
}

fn place(found: &Found, name: &str, located: &Located) -> Placed {
    let path = located.path.canonicalize();
    let inside = path
        .as_ref()
        .ok()
        .and_then(|path| path.strip_prefix(&found.folder).ok())
        .and_then(Path::to_str);
    if let Some(inside) = inside {
        return Placed {
            said: inside.to_owned(),
            copy: None,
        };
    }
    let said = format!("tools/{name}.wasm");
    Placed {
        copy: Some(found.folder.join(&said)),
        said,
    }
}
