//! `bailiwick`: the command line.
//!
//! This is the edge: the one place, beside the build's own tools, that opens host paths, reads the environment and prints.
#![allow(
    clippy::disallowed_methods,
    reason = "ambient authority enters here and is handed on as arguments"
)]

mod arguments;
mod commands;
mod desk;
mod exit;
mod grants;
mod locate;
mod output;
mod policy;
mod replace;
mod review;
mod screen;
mod state;
mod units;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Runs an AI agent's tools as WebAssembly components, each with no more authority than its signature says.
#[derive(Debug, Parser)]
#[command(name = "bailiwick", version, propagate_version = true, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 ok; 1 the tool failed or a bound was hit; 2 usage or bad input; 3 a gate refused;
4 the host failed.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Call one function of a tool.
    Call(commands::call::Args),
    /// Show what calls changed; accept it, drop it, take it back.
    Changes(commands::changes::Args),
    /// Show tools: functions, schemas, and what they import.
    Tools(commands::tools::Args),
    /// Say what a component can do at most, and what it tells a model.
    Audit(commands::audit::Args),
    /// Say what changed from one component to another.
    Diff(commands::diff::Args),
    /// Close the imports that a component does not need.
    Seal(commands::seal::Args),
    /// Write a policy for this folder.
    Init(commands::init::Args),
    /// Add a tool to the policy: look at it, approve it, lock it.
    Add(commands::add::Args),
    /// Take a tool out of the policy.
    Remove(commands::remove::Args),
    /// List the tools of the policy.
    List(commands::list::Args),
    /// Write down what each tool of the policy is now, so that nothing else runs.
    Lock(commands::lock::Args),
    /// Compare the tools of the policy with what was locked, and with what they are given.
    Verify(commands::verify::Args),
    /// Trust the policy of this folder.
    Trust(commands::trust::Args),
    /// Pack a built component: embed its WIT with documentation, check the examples, strip the rest.
    Pack(commands::pack::Args),
    /// Print a completion script for a shell.
    Completions(commands::completions::Args),
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misused(&error),
    };
    match cli.command {
        Command::Call(args) => commands::call::run(args),
        Command::Changes(args) => commands::changes::run(args),
        Command::Tools(args) => commands::tools::run(args),
        Command::Audit(args) => commands::audit::run(args),
        Command::Diff(args) => commands::diff::run(args),
        Command::Seal(args) => commands::seal::run(args),
        Command::Init(args) => commands::init::run(args),
        Command::Add(args) => commands::add::run(args),
        Command::Remove(args) => commands::remove::run(args),
        Command::List(args) => commands::list::run(args),
        Command::Lock(args) => commands::lock::run(args),
        Command::Verify(args) => commands::verify::run(args),
        Command::Trust(args) => commands::trust::run(args),
        Command::Pack(args) => commands::pack::run(args),
        Command::Completions(args) => commands::completions::run(args),
    }
}

/// What clap says of a command line that it does not take, or of one that asks for help; as JSON where that was asked for.
fn misused(error: &clap::Error) -> ExitCode {
    let as_json = std::env::args_os().any(|word| word == "--json");
    if error.use_stderr() && as_json {
        let text = error.render().to_string();
        let message = text.lines().next().unwrap_or_default();
        let message = message.strip_prefix("error: ").unwrap_or(message);
        return exit::Refusal::usage(message).exit("", true);
    }
    // clap's own: the text to stdout or stderr, and its exit code.
    error.exit()
}
