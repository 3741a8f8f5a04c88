//! All checks, the quick ones first. What passes here passes on the build server, which runs the same.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::build;
use crate::demo;
use crate::guests;
use crate::licences;
use crate::project::{Profile, Project};
use crate::python;
use crate::run::{self, say};
use crate::wit;

type Step = (&'static str, fn(&Project) -> Result<()>);

const STEPS: [Step; 10] = [
    ("format", format),
    ("licences", licences::licences),
    ("build", |project| build::build(project, Profile::Release)),
    // Before the tests, which build the program again with the features of their own dependencies.
    ("demo", demo::demo),
    ("lints", lints),
    ("python", python::build),
    ("tests", |project| host_tests(project, None)),
    ("guest-tests", guest_tests),
    ("contracts", wit::check),
    ("documentation", documentation),
];

/// Runs every step, and stops at the first that fails.
pub(crate) fn test(project: &Project) -> Result<()> {
    components(project)?;
    let started = Instant::now();
    for (place, step) in STEPS.iter().enumerate() {
        say(&format!(
            "\n== {} ({} of {})",
            step.0,
            place + 1,
            STEPS.len()
        ));
        timed(project, step)?;
    }
    say(&format!(
        "\ntest: all {} steps passed in {}",
        STEPS.len(),
        seconds(started.elapsed())
    ));
    Ok(())
}

/// Runs one step.
pub(crate) fn step(project: &Project, name: &str) -> Result<()> {
    let Some(step) = STEPS.iter().find(|step| step.0 == name) else {
        let names: Vec<&str> = STEPS.iter().map(|step| step.0).collect();
        bail!("no step `{name}`; there are {}", names.join(", "));
    };
    timed(project, step)
}

fn timed(project: &Project, (name, step): &Step) -> Result<()> {
    let started = Instant::now();
    step(project)
        .with_context(|| format!("test: {name} failed after {}", seconds(started.elapsed())))?;
    say(&format!("== {name}: {}", seconds(started.elapsed())));
    Ok(())
}

/// Builds, and runs only the tests whose name contains `filter`.
pub(crate) fn only(project: &Project, filter: &str) -> Result<()> {
    build::build(project, Profile::Release)?;
    python::build(project)?;
    host_tests(project, Some(filter))
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// Looks for rustfmt and clippy before minutes are spent on the rest.
fn components(project: &Project) -> Result<()> {
    let missing: Vec<&str> = [("fmt", "rustfmt"), ("clippy", "clippy")]
        .into_iter()
        .filter(|(word, _)| {
            run::output(
                run::cargo()
                    .args([word, "--version"])
                    .current_dir(&project.root),
            )
            .is_err()
        })
        .map(|(_, component)| component)
        .collect();
    if !missing.is_empty() {
        bail!(
            "missing: {0}; install with `rustup component add {0}`",
            missing.join(" ")
        );
    }
    Ok(())
}

fn format(project: &Project) -> Result<()> {
    run::run(
        run::cargo()
            .args(["fmt", "--all", "--", "--check"])
            .current_dir(&project.root),
    )?;
    for workspace in project.guest_workspaces() {
        run::run(
            run::cargo()
                .args(["fmt", "--all", "--", "--check"])
                .current_dir(workspace),
        )?;
    }
    Ok(())
}

fn lints(project: &Project) -> Result<()> {
    let mut command = run::cargo();
    command.args([
        "clippy",
        "--release",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]);
    run::run(command.current_dir(&project.root))?;
    for workspace in project.guest_workspaces() {
        let mut command = on_the_host(project, &workspace, "clippy");
        command.args(["--all-targets", "--", "-D", "warnings"]);
        if workspace.ends_with("probes") {
            // Probes reach for what they must not get.
            command.args([
                "-A",
                "clippy::disallowed-methods",
                "-A",
                "clippy::disallowed-types",
            ]);
        }
        run::run(&mut command)?;
    }
    Ok(())
}

/// All but xtask in the profile of the build, and xtask in its own: with it, features of dependencies would be others than in the
/// build, and wasmtime would be compiled again.
fn host_tests(project: &Project, filter: Option<&str>) -> Result<()> {
    let host = ["--release", "--workspace", "--exclude", "xtask"];
    for packages in [&host[..], &["--package", "xtask"]] {
        let mut command = run::cargo();
        command
            .args(["test", "--locked"])
            .args(packages)
            .args(filter);
        run::run(command.current_dir(&project.root))?;
    }
    Ok(())
}

/// The guests' own unit tests, compiled for this machine: they test what does not need the host.
fn guest_tests(project: &Project) -> Result<()> {
    for workspace in project.guest_workspaces() {
        run::run(&mut on_the_host(project, &workspace, "test"))?;
    }
    Ok(())
}

/// Cargo in a guest workspace, for this machine and with its own compiler. Without optimisation, since the guests'
/// release profile is made for size and takes minutes.
fn on_the_host(project: &Project, workspace: &Path, word: &str) -> Command {
    let mut command = run::cargo();
    command
        .args([word, "--workspace"])
        .args(guests::locked(workspace))
        .current_dir(workspace)
        .env("CARGO_TARGET_DIR", project.guest_target());
    command
}

fn documentation(project: &Project) -> Result<()> {
    let mut command = run::cargo();
    command.args(["doc", "--no-deps", "--release", "--workspace", "--locked"]);
    run::run(
        command
            .env("RUSTDOCFLAGS", "-Dwarnings")
            .current_dir(&project.root),
    )
}
