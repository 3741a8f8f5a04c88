//! What goes to a terminal, a pipe, or a program that reads JSON.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _, stderr, stdout};

use bailiwick_host::{Change, ChangeKind, Outcome, visible};
use serde_json::Value;

/// One JSON document on stdout.
pub(crate) fn document(value: &Value) {
    let mut out = stdout().lock();
    // A reader that has gone is no failure of ours.
    let _ = writeln!(out, "{}", visible::json(&format!("{value:#}")));
}

/// Text on stdout, made visible, ending in a line break.
pub(crate) fn text(text: &str) {
    let text = visible::text(text);
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let _ = write!(stdout().lock(), "{text}{end}");
}

/// `error: …` and `help: …` on stderr, with colour where that is a terminal.
pub(crate) fn error(message: &str, hint: Option<&str>) {
    let mut out = stderr().lock();
    let (red, cyan, off) = if out.is_terminal() {
        ("\x1b[1;31m", "\x1b[1;36m", "\x1b[0m")
    } else {
        ("", "", "")
    };
    let _ = writeln!(out, "{red}error{off}: {}", visible::text(message));
    if let Some(hint) = hint {
        let _ = writeln!(out, " {cyan}help{off}: {}", visible::text(hint));
    }
}

/// Text on stderr that has been made visible already.
pub(crate) fn as_is(text: &str) {
    let _ = writeln!(stderr().lock(), "{}", text.trim_end());
}

/// Text on stderr, made visible: what a person reads before a question.
pub(crate) fn notes(text: &str) {
    let _ = writeln!(stderr().lock(), "{}", visible::text(text.trim_end()));
}

/// `note: …` on stderr.
pub(crate) fn note(message: &str) {
    let mut out = stderr().lock();
    let (cyan, off) = if out.is_terminal() {
        ("\x1b[1;36m", "\x1b[0m")
    } else {
        ("", "")
    };
    let _ = writeln!(out, "{cyan}note{off}: {}", visible::text(message));
}

/// Diffs, with colour where that is a terminal.
pub(crate) fn diff(diff: &str, out: &mut (impl std::io::Write + IsTerminal)) {
    let colours = out.is_terminal();
    for line in visible::text(diff).lines() {
        let colour = match line.as_bytes() {
            _ if !colours => "",
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => "\x1b[1m",
            [b'+', ..] => "\x1b[32m",
            [b'-', ..] => "\x1b[31m",
            [b'@', ..] => "\x1b[36m",
            _ => "",
        };
        let off = if colour.is_empty() { "" } else { "\x1b[0m" };
        let _ = writeln!(out, "{colour}{line}{off}");
    }
}

/// One line for each changed file: `created  /workspace/a.txt  +3 -0`.
pub(crate) fn changes(changes: &[Change]) -> String {
    let mut text = String::new();
    for change in changes {
        let kind = match change.kind {
            ChangeKind::Created => "created",
            ChangeKind::Modified => "modified",
            ChangeKind::Removed => "removed",
            ChangeKind::Renamed => "renamed",
        };
        let _ = write!(text, "{kind:<8} {}", visible::name(&change.path));
        if let Some(from) = &change.from {
            let _ = write!(text, " (was {})", visible::name(from));
        }
        if let (Some(added), Some(removed)) = (change.added, change.removed) {
            let _ = write!(text, "  +{added} -{removed}");
        }
        text.push('\n');
    }
    text
}

/// An outcome for people: what the tool said on stdout, or why not on stderr.
pub(crate) fn outcome(outcome: &Outcome) {
    for (name, captured) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
        for line in captured.text().lines() {
            let _ = writeln!(stderr().lock(), "[{name}] {}", visible::text(line));
        }
        if captured.dropped > 0 {
            let _ = writeln!(
                stderr().lock(),
                "[{name}] … {} bytes more",
                captured.dropped
            );
        }
    }
    match &outcome.failure {
        None => text(&outcome.text()),
        Some(failure) => {
            let mut message = format!("{}: ", outcome.code);
            if let Some(code) = &failure.code {
                let _ = write!(message, "{code}: ");
            }
            message.push_str(&failure.message);
            if let Some(value) = &failure.value {
                // All of it is in the document that `--json` prints.
                message.extend(": ".chars().chain(value.to_string().chars().take(2_000)));
            }
            error(&message, failure.hint.as_deref());
            if let Some(record) = &outcome.record {
                note(&format!("`bailiwick log tail --id {record}` says more"));
            }
        }
    }
    for conflict in &outcome.conflicts {
        let _ = write!(stderr().lock(), "{}", visible::text(&conflict.diff));
    }
    if !outcome.changes.is_empty() {
        let _ = write!(stderr().lock(), "{}", changes(&outcome.changes));
    }
    if !outcome.discarded.is_empty() {
        note("not kept, and not on disk:");
        let _ = write!(stderr().lock(), "{}", changes(&outcome.discarded));
    }
}

/// One line on stderr: how the call ended and what it used.
pub(crate) fn usage(outcome: &Outcome) {
    let usage = &outcome.usage;
    let _ = writeln!(
        stderr().lock(),
        "{}: {} fuel, {:.1} ms, {} KiB of memory, {} KiB read, {} KiB written, {} host calls",
        outcome.code,
        usage.fuel,
        usage.wall.as_secs_f64() * 1e3,
        usage.memory.div_ceil(1024),
        usage.read.div_ceil(1024),
        usage.written.div_ceil(1024),
        usage.host_calls
    );
}
