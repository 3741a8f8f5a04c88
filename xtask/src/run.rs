//! Runs commands: says what it runs, and an error names the command.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{env, fs, io};

use anyhow::{Context, Result, bail};

/// How many of the last lines of a failed quiet command are shown.
const TAIL: usize = 30;

/// Prints a line about progress. It goes to standard error, as cargo's own.
pub(crate) fn say(line: &str) {
    // A reader who closed the pipe does not want the rest.
    let _ = writeln!(io::stderr(), "{line}");
}

/// The cargo that runs xtask, without what it set for xtask alone.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name.as_ref());
        }
    }
    command
}

/// A command as a reader would type it, without its environment.
pub(crate) fn shown(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let mut text = program.file_name().map_or_else(
        || program.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&quoted(&argument.to_string_lossy()));
    }
    text
}

/// A word as a shell would read it back.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+./:,@%~".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Runs a command after saying it. Its output goes where xtask's goes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let place = command
        .get_current_dir()
        .and_then(|folder| folder.file_name())
        .map(|name| format!(" (in {})", name.to_string_lossy()))
        .unwrap_or_default();
    say(&format!("$ {}{place}", shown(command)));
    let status = command
        .status()
        .with_context(|| format!("failed to start `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}`{place} failed: {status}", shown(command));
    }
    Ok(())
}

/// Runs a command whose output matters only when it fails; then its last lines are part of the error.
pub(crate) fn run_quietly(command: &mut Command) -> Result<()> {
    output(command).map(|_| ())
}

/// Runs a command and gives its standard output. An error has the last lines of what it said.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let done = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("failed to start `{}`", shown(command)))?;
    if !done.status.success() {
        let said = [done.stdout, done.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        let lines: Vec<&str> = said.lines().collect();
        let tail = lines[lines.len().saturating_sub(TAIL)..].join("\n");
        bail!("`{}` failed: {}\n{tail}", shown(command), done.status);
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// Replaces a file as a whole: a reader sees the old one or the new one.
pub(crate) fn replace(from: &std::path::Path, to: &std::path::Path) -> Result<()> {
    fs::rename(from, to).with_context(|| {
        format!(
            "failed to rename `{}` to `{}`",
            from.display(),
            to.display()
        )
    })
}
