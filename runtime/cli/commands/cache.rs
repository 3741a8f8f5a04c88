//! `bailiwick cache [list|clear]`.

use std::fmt::Write as _;
use std::process::ExitCode;

use bailiwick_host::{Code, ambient_authority};
use serde_json::json;

use crate::exit::Refusal;
use crate::{cache, output, policy};

/// Shows or clears the compiled code of tools.
///
/// A component is compiled when it is called for the first time, and its code is kept, with what was read of the component and by which file it is known again. What has not been used for the longest goes when there are
/// more than 2 GiB; clearing costs no more than compiling again.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Print one JSON document.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Clone, Copy, clap::Subcommand)]
enum Command {
    /// Show what is kept: digests, sizes. What is done when nothing is said.
    List,
    /// Take all of it away.
    Clear,
}

const EXAMPLES: &str = "\
Examples:
  bailiwick cache
  bailiwick cache clear

It is below BAILIWICK_CACHE, or in your cache directory. Exit codes: 0 ok; 4 the folder cannot be used.";

pub(crate) fn run(args: Args) -> ExitCode {
    match done(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => refusal.exit("", args.json),
    }
}

fn done(args: &Args) -> Result<(), Refusal> {
    let failed = |error: &dyn std::fmt::Display| Refusal::new(Code::HostError, error.to_string());
    let path = cache::path().ok_or_else(|| {
        Refusal::usage("there is no place for compiled code").hint("set BAILIWICK_CACHE")
    })?;
    let cache = bailiwick_host::Cache::open_ambient(&path, ambient_authority())
        .map_err(|error| failed(&error))?;
    let shown = policy::shown(cache.path());
    if let Some(Command::Clear) = args.command {
        let (files, bytes) = cache.clear().map_err(|error| failed(&error))?;
        if args.json {
            output::document(&json!({ "folder": cache.path(), "removed": files, "bytes": bytes }));
        } else {
            output::text(&format!(
                "removed {files} files, {} from {shown}",
                mib(bytes)
            ));
        }
        return Ok(());
    }
    let all = cache.list().map_err(|error| failed(&error))?;
    if args.json {
        let code = all.iter().map(|one| {
            json!({ "digest": format!("sha256:{}", one.digest), "bytes": one.bytes, "used": one.used })
        });
        output::document(&json!({ "folder": cache.path(), "code": code.collect::<Vec<_>>() }));
        return Ok(());
    }
    let mut text = String::new();
    for one in &all {
        let _ = writeln!(text, "sha256:{}  {}", one.digest, mib(one.bytes));
    }
    let sum = all.iter().map(|one| one.bytes).sum();
    let _ = writeln!(text, "{} components, {} in {shown}", all.len(), mib(sum));
    output::text(&text);
    Ok(())
}

fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}
