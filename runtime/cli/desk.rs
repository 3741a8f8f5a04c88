//! A session with the one tool of a call, as the command line or a policy has it.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use bailiwick_host::compile::CompileLimits;
use bailiwick_host::policy::Standing;
use bailiwick_host::{
    Cache, Code, Engine, Governing, GrantOptions, Limits, LoadError, Metering, Session, Source,
    Tool, ToolTerms, Writes, ambient_authority,
};
use bailiwick_policy::{LimitsPolicy, MountedGrant, Policy, ToolPolicy};

use crate::cache;
use crate::commands::call::Args;
use crate::commands::verify;
use crate::exit::Refusal;
use crate::grants::GrantArg;
use crate::locate::{self, Located};
use crate::policy::{self, Found};
use crate::{log, output, state};

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
    let cache = cache::open();
    let source = located.source(cache.as_ref())?;
    let (limits, compiling) = under_owners(args, &located, &source)?;
    let writes = args.scratch || args.grants.iter().any(GrantArg::writes);
    let path = state::path(args.state.as_deref());
    // Nothing that a tool is given may hold what governs it.
    let mut governing = governing(path.as_ref().ok().cloned(), &located);
    // The policy that has no say here has one for the next call.
    if let Ok(Some(found)) = policy::find(args.policy.as_deref()) {
        protect(&mut governing, &found);
    }
    let session = if writes {
        let state = state::open(&path?)?;
        Session::with_state(limits, &state).map_err(|error| host(&error))?
    } else {
        Session::with_limits(limits)
    };
    log::attach(&session, !args.no_log);
    grant(args, &session, &governing)?;
    for name in mounts(args) {
        session
            .mount(name)
            .map_err(|error| unmounted(args, &error))?;
    }
    let engine = engine(compiling, Metering::Fuel, cache)?;
    announce(&engine, &source);
    let tool = Tool::load_source(&engine, &source).map_err(load)?;
    session.add(tool.clone()).map_err(load)?;
    Ok(Desk { session, tool })
}

/// Under a policy: trusted and locked, with what it grants the tool, and what the command line grants besides.
fn governed(args: &Args, mut found: Found) -> Result<Desk, Refusal> {
    let path = state::path(args.state.as_deref())?;
    // Which checks that it is nobody else's.
    let state = state::open(&path)?;
    found.trusted(&policy::store_in(&path)?)?;
    let lock = found.lock()?;
    let name = args.tool.as_str();
    let Some(located) = found.component(name) else {
        return Err(Refusal::usage(format!("the policy has no tool `{name}`")));
    };
    let cache = cache::open();
    let source = located.source(cache.as_ref())?;
    if policy::has_owner()? {
        let audit = source.audit();
        // What the command line gives besides is under the same ceilings; only the policy itself is what is granted by it.
        let mut asked = found.clone();
        ask(args, &mut asked.policy, name)?;
        let tiers = [(name.to_owned(), asked.tier(name, &audit))].into();
        asked.under_owners(&tiers)?;
        found.under_owners(&tiers)?;
    }

    let mut governing = governing(Some(path.clone()), &located);
    protect(&mut governing, &found);
    let home = policy::home();
    let standing = Standing {
        policy: &found.policy,
        folder: &found.folder,
        home: home.as_deref(),
        governing: &governing,
    };
    let session = Session::with_state(Limits::max(), &state).map_err(|error| host(&error))?;
    log::attach(&session, !args.no_log);
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
    let policy = &found.policy;
    session.set_budget(bailiwick_host::policy::budget_of(policy));
    let compiling = bailiwick_host::policy::compile_limits_of(policy, name);
    let metering = bailiwick_host::policy::metering_of(policy, name);
    let engine = engine(compiling, metering, cache)?;
    announce(&engine, &source);
    let tool = Tool::load_source_locked(&engine, &source, &lock, mounts, &today).map_err(load)?;
    session.add_with(tool.clone(), &terms).map_err(load)?;
    Ok(Desk { session, tool })
}

/// Adds to a policy what the command line gives a tool of it.
fn ask(args: &Args, policy: &mut Policy, name: &str) -> Result<(), Refusal> {
    let Some(tool) = policy.tools.get_mut(name) else {
        return Err(Refusal::usage(format!("the policy has no tool `{name}`")));
    };
    for grant in &args.grants {
        tool.grants.push(MountedGrant {
            grant: grant.name().to_owned(),
            rights: None,
        });
        policy.order.push(grant.name().to_owned());
        policy
            .grants
            .insert(grant.name().to_owned(), grant.policy(args.remote)?);
    }
    tool.mounts.extend(mounts(args).map(str::to_owned));
    Ok(())
}

/// The limits of a call that no policy has a say in: those of the command line, under the owners' ceilings.
fn under_owners(
    args: &Args,
    located: &Located,
    source: &Source,
) -> Result<(Limits, CompileLimits), Refusal> {
    let mut limits = Limits::default();
    limits.fuel = args.fuel.unwrap_or(limits.fuel);
    limits.deadline = args.deadline.unwrap_or(limits.deadline);
    limits.memory = args.memory.unwrap_or(limits.memory);
    if !policy::has_owner()? {
        return Ok((limits, CompileLimits::default()));
    }
    let name = located.name.as_str();
    let component = located.path.canonicalize();
    let mut found = Found::new(
        component.unwrap_or_else(|_| located.path.clone()),
        String::new(),
    )?;
    let tool = ToolPolicy {
        component: found.path.clone(),
        limits: LimitsPolicy {
            fuel: Some(limits.fuel),
            deadline: Some(limits.deadline),
            memory: Some(limits.memory),
            ..LimitsPolicy::default()
        },
        ..ToolPolicy::default()
    };
    found.policy.tools.insert(name.to_owned(), tool);
    ask(args, &mut found.policy, name)?;
    let tier = found.tier(name, &source.audit());
    found.under_owners(&[(name.to_owned(), tier)].into())?;
    let compiling = bailiwick_host::policy::compile_limits_of(&found.policy, name);
    let limits = limits.lowered(bailiwick_host::policy::limits_of(&found.policy, name));
    Ok((limits, compiling))
}

/// What a policy is made of is not changed by what it governs.
fn protect(governing: &mut Governing, found: &Found) {
    governing.protected.push(found.path.clone());
    governing.protected.push(found.lock_path());
    let tools = found.policy.tools.keys();
    let components = tools.filter_map(|tool| found.component(tool));
    governing
        .protected
        .extend(components.map(|located| located.path));
}

fn governing(state: Option<PathBuf>, located: &Located) -> Governing {
    let mut governing = Governing::default();
    // Trust is kept in all of them, whichever this call has.
    governing.protected.extend(state::paths());
    for path in policy::owners_paths() {
        governing.protected.extend(path.parent().map(PathBuf::from));
    }
    governing.state.extend(state);
    // Whoever writes there has code run.
    governing.state.extend(cache::path());
    // Nor is what was recorded of a tool for it to see, or to write.
    governing.state.extend(log::path(None));
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
        grant.open(session, governing, &options, args.remote)?;
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

fn engine(
    compiling: CompileLimits,
    metering: Metering,
    cache: Option<Cache>,
) -> Result<Engine, Refusal> {
    cache::engine(compiling, metering, cache).map_err(|error| host(&error))
}

/// Says on a terminal that somebody has to wait for the compiler, once for each component.
fn announce(engine: &Engine, source: &Source) {
    if std::io::stderr().is_terminal() && !engine.has_code(&source.contract().digest) {
        let (name, size) = (source.name(), source.size() as f64 / f64::from(1 << 20));
        output::note(&format!("compiling {name} ({size:.1} MiB), once"));
    }
}

fn host(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(Code::HostError, error.to_string())
}

/// Why a tool does not load. What is not as it was locked is a gate.
pub(crate) fn load(error: LoadError) -> Refusal {
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
