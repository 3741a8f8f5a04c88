//! `bailiwick`: the command line.
//!
//! This is the edge: the one place, beside the build's own tools, that opens host paths, reads the environment and prints.
#![allow(
    clippy::disallowed_methods,
    reason = "ambient authority enters here and is handed on as arguments"
)]

mod arguments;
mod cache;
mod change;
mod commands;
mod desk;
mod exit;
mod grants;
mod locate;
mod log;
mod output;
mod policy;
mod replace;
mod review;
mod screen;
mod state;

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
    Call(commands::call::Args),
    Changes(commands::changes::Args),
    Log(commands::log::Args),
    Measure(commands::measure::Args),
    Tools(commands::tools::Args),
    Audit(commands::audit::Args),
    Diff(commands::diff::Args),
    Seal(commands::seal::Args),
    Init(commands::init::Args),
    Add(commands::add::Args),
    Remove(commands::remove::Args),
    List(commands::list::Args),
    Lock(commands::lock::Args),
    Verify(commands::verify::Args),
    Trust(commands::trust::Args),
    Pack(commands::pack::Args),
    Completions(commands::completions::Args),
    Cache(commands::cache::Args),
    /// Compiles for a process of this program that waits for it.
    #[command(name = cache::COMPILE, hide = true)]
    Compile,
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misused(&error),
    };
    match cli.command {
        Command::Call(args) => commands::call::run(args),
        Command::Changes(args) => commands::changes::run(args),
        Command::Log(args) => commands::log::run(args),
        Command::Measure(args) => commands::measure::run(args),
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
        Command::Cache(args) => commands::cache::run(args),
        Command::Compile => {
            bailiwick_host::compile::serve(std::io::stdin().lock(), std::io::stdout().lock())
        }
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
