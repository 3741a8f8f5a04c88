//! A session with the one tool of a call, as the command line or a policy has it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bailiwick_host::contract::audit::Audit;
use bailiwick_host::policy::Standing;
use bailiwick_host::{
    Code, Engine, Governing, GrantOptions, Limits, LoadError, Session, Tool, ToolTerms, Writes,
    ambient_authority,
};

use crate::commands::call::Args;
use crate::commands::verify;
use crate::exit::Refusal;
use crate::grants::GrantArg;
use crate::locate::{self, Located};
use crate::policy::{self, Found};
use crate::state;

/// A session, and the tool in it.
pub(crate) struct Desk {
    pub(crate) session: Session,
    pub(crate) tool: Tool,
}

/// Opens what is granted, and loads the tool.
pub(crate) fn open(args: &Args) -> Result<Desk, Refusal> {
    match of_policy(args)? {
        Some(found) => governed(args, found),
        None => free(args),
    }
}

/// The policy that the tool is taken from. Without --policy one that has no such tool has no say.
fn of_policy(args: &Args) -> Result<Option<Found>, Refusal> {
    if args.policy.is_none() {
        if locate::is_path(&args.tool) {
            return Ok(None);
        }
        let found = policy::find(None)?;
        return Ok(found.filter(|found| found.policy.tools.contains_key(&args.tool)));
    }
    let found = policy::needed(args.policy.as_deref())?;
    if found.policy.tools.contains_key(&args.tool) {
        return Ok(Some(found));
    }
    let names: Vec<_> = found.policy.tools.keys().map(String::as_str).collect();
    let message = format!("the policy has no tool `{}`", args.tool);
    Err(Refusal::new(Code::UnknownTool, message).hint(format!("there is: {}", names.join(", "))))
}

/// Without a policy: what the command line grants.
fn free(args: &Args) -> Result<Desk, Refusal> {
    let located = locate::component(&args.tool)?;
    let mut limits = Limits::default();
    limits.fuel = args.fuel.unwrap_or(limits.fuel);
    limits.deadline = args.deadline.unwrap_or(limits.deadline);
    limits.memory = args.memory.unwrap_or(limits.memory);
    let writes = args.scratch || args.grants.iter().any(GrantArg::writes);
    let path = state::path(args.state.as_deref());
    // Nothing that a tool is given may hold what governs it.
    let governing = governing(path.as_ref().ok().cloned(), &located);
    let session = if writes {
        let state = state::open(&path?)?;
        Session::with_state(limits, &state).map_err(|error| host(&error))?
    } else {
        Session::with_limits(limits)
    };
    grant(args, &session, &governing)?;
    for name in mounts(args) {
        session
            .mount(name)
            .map_err(|error| unmounted(args, &error))?;
    }
    let bytes = located.read()?;
    let tool = Tool::load(&engine()?, &located.name, &bytes).map_err(load)?;
    session.add(tool.clone()).map_err(load)?;
    Ok(Desk { session, tool })
}

/// Under a policy: trusted and locked, with what it grants the tool, and what the command line grants besides.
fn governed(args: &Args, mut found: Found) -> Result<Desk, Refusal> {
    let state_path = args.state.as_deref();
    found.trusted(state_path)?;
    let lock = found.lock()?;
    let name = args.tool.as_str();
    let Some(located) = found.component(name) else {
        return Err(Refusal::usage(format!("the policy has no tool `{name}`")));
    };
    let bytes = located.read()?;
    let tier = |found: &Found| {
        let audit = Audit::read(name, &bytes).map_err(|error| {
            let message = format!("failed to read `{name}`: {error}");
            Refusal::new(Code::LoadFailed, message)
        })?;
        Ok(found.tier(name, &audit))
    };
    let mut tiers = BTreeMap::new();
    if policy::has_owner()? {
        tiers.insert(name.to_owned(), tier(&found)?);
    }
    found.under_owners(&tiers)?;

    let path = state::path(state_path)?;
    let mut governing = governing(Some(path.clone()), &located);
    governing.protected.push(found.path.clone());
    governing.protected.push(found.folder.join(policy::LOCK));
    let others = found.policy.tools.keys();
    let others = others.filter_map(|other| found.component(other));
    governing
        .protected
        .extend(others.map(|located| located.path));
    let home = policy::home();
    let standing = Standing {
        policy: &found.policy,
        folder: &found.folder,
        home: home.as_deref(),
        governing: &governing,
    };
    let state = state::open(&path)?;
    let session = Session::with_state(Limits::max(), &state).map_err(|error| host(&error))?;
    // A policy says how it is written; the command line can ask for a review.
    let writes = args.review.then_some(Writes::Review);
    let refused = |error: bailiwick_host::policy::PolicyError| Refusal::usage(error.to_string());
    standing
        .grant(&session, &[name], writes, ambient_authority())
        .map_err(refused)?;
    grant(args, &session, &governing)?;
    let mut terms: ToolTerms = standing.terms(name).map_err(refused)?;
    if let Some(grants) = &mut terms.grants {
        grants.extend(
            args.grants
                .iter()
                .map(|grant| (grant.name().to_owned(), None)),
        );
        if args.scratch && !grants.iter().any(|(known, _)| known == "scratch") {
            grants.push(("scratch".to_owned(), None));
        }
    }
    if let Some(mounted) = &mut terms.mounts {
        mounted.extend(mounts(args).map(str::to_owned));
    }
    let mounts = terms
        .mounts
        .as_ref()
        .is_some_and(|mounts| !mounts.is_empty());
    let today = policy::today();
    let tool = Tool::load_locked(&engine()?, name, &bytes, &lock, mounts, &today).map_err(load)?;
    session.add_with(tool.clone(), &terms).map_err(load)?;
    Ok(Desk { session, tool })
}

fn governing(state: Option<PathBuf>, located: &Located) -> Governing {
    let mut governing = Governing::default();
    governing.state.extend(state);
    governing.protected.push(located.path.clone());
    // One that is changed today runs tomorrow.
    governing.protected.extend(locate::folder().ok().flatten());
    governing
}

/// What the command line grants.
fn grant(args: &Args, session: &Session, governing: &Governing) -> Result<(), Refusal> {
    let options = GrantOptions::default().writes(if args.review {
        Writes::Review
    } else {
        Writes::Apply
    });
    for grant in &args.grants {
        grant.open(session, governing, &options)?;
    }
    if args.scratch && session.handle("scratch").is_none() {
        session.scratch().map_err(|error| host(&error))?;
    }
    Ok(())
}

fn mounts(args: &Args) -> impl Iterator<Item = &str> {
    args.mounts.iter().map(|name| name.trim_start_matches('/'))
}

fn unmounted(args: &Args, error: &dyn std::fmt::Display) -> Refusal {
    let names: Vec<_> = args.grants.iter().map(GrantArg::name).collect();
    Refusal::usage(format!("--mount: {error}"))
        .hint(format!("mount what is granted: {}", names.join(", ")))
}

fn engine() -> Result<Engine, Refusal> {
    Engine::new().map_err(|error| host(&error))
}

fn host(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(Code::HostError, error.to_string())
}

/// Why a tool does not load. What is not as it was locked is a gate.
fn load(error: LoadError) -> Refusal {
    match &error {
        LoadError::Refused { tool, mismatches } => {
            let differs = verify::mismatches(mismatches);
            Refusal::gate(format!(
                "`{tool}` is not what was locked:\n{}",
                differs.trim_end()
            ))
            .hint("look at what changed; `bailiwick lock` approves it as it is now")
        }
        _ => Refusal::new(Code::LoadFailed, error.to_string()),
    }
}
