//! Bailiwick's tasks, run as `cargo xtask TASK`.
//!
//! It does not depend on the host's crates, so that it is there in seconds and can prepare what they need.
// xtask is an edge: it exists to run programs and to move files.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod bench;
mod build;
mod debian;
mod demo;
mod fuzz;
mod guests;
mod licences;
mod project;
mod pypi;
mod python;
mod run;
mod sbom;
mod soak;
mod spdx;
mod sysroot;
mod test;
mod toolchain;
mod transcript;
mod wit;

use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};

use crate::project::{Profile, Project};

const HELP: &str = "\
Bailiwick's tasks.

Usage: cargo xtask TASK

Tasks:
  build [--release]       Build the host and the guests; the tools land in `tools/` beside the executable
  demo                    Build for release, and run a scripted agent's turn over the project's own source
  test [FILTER]           All checks: format, licences, build, demo, lints, python, tests, contracts, documentation.
                          With FILTER: build, and run only the tests whose name contains it
  test --step STEP        One of them: format, licences, build, demo, lints, python, tests, guest-tests, contracts,
                          documentation
  bench [audit|beside|call|cold|fs|grep|log|seal]
                          Build for release, and measure against wasm-tools (audit), the same calls without an attack
                          beside them (beside), raw wasmtime (call), native processes
                          (cold), its own files (fs), ripgrep (grep), calls without a log (log), and
                          tools that are not sealed (seal)
  fuzz contract|run [--seconds N] [--seed S]
                          Read (contract) or run (run) components that nobody would write: made ones, and changed ones.
                          What is found is kept
  soak [calls [N]|fs]     Minutes of what the tests do in seconds: N calls of every kind and every end, 100,000 when
                          nothing is said (calls); kills, races, random operations (fs)
  sbom                    Write bills of materials (CycloneDX) of the host and the tools into target/sbom
  licences                Check the licence and the source of every dependency
  toolchain               Set up the compiler for guests (target wasm32-wasip2); build does it too
  guest WORKSPACE WORD…   Run cargo in a guest workspace as build does: `guest guest-tools build --release`

Options:
  -h, --help              Print this

Environment:
  BAILIWICK_CACHE         Where the guest toolchain is kept; default $XDG_CACHE_HOME or ~/.cache
  RUSTUP_AUTO_INSTALL=0   Do not let rustup download the guest target
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match task(&words.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            run::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn task(words: &[&str]) -> Result<()> {
    if words.iter().any(|word| matches!(*word, "-h" | "--help")) && words[0] != "guest" {
        print!("{HELP}");
        return Ok(());
    }
    let project = Project::find()?;
    match words {
        ["build"] => build::build(&project, Profile::Dev),
        ["build", "--release"] => build::build(&project, Profile::Release),
        ["demo"] => demo::demo(&project),
        ["test"] => test::test(&project),
        ["test", "--step", name] => test::step(&project, name),
        ["test", filter] if !filter.starts_with('-') => test::only(&project, filter),
        ["bench"] => bench::bench(&project, &bench::NAMES),
        ["bench", name] => {
            let name = bench::NAMES
                .iter()
                .find(|known| *known == name)
                .ok_or_else(|| {
                    anyhow!("no bench `{name}`; there are {}", bench::NAMES.join(", "))
                })?;
            bench::bench(&project, &[name])
        }
        ["fuzz", name, options @ ..] => fuzz::fuzz(&project, name, options),
        ["soak", words @ ..] => soak::soak(&project, words),
        ["sbom"] => sbom::sbom(&project),
        ["licences"] => licences::licences(&project),
        ["toolchain"] => toolchain::prepare(&project).map(|toolchain| toolchain.announce()),
        ["guest", workspace, cargo @ ..] if !cargo.is_empty() => {
            guests::cargo(&project, workspace, cargo)
        }
        [] => bail!("which task? `cargo xtask --help` lists them"),
        _ => bail!(
            "`{}` is not a task; `cargo xtask --help` lists them",
            words.join(" ")
        ),
    }
}
