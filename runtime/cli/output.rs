//! What goes to a terminal, a pipe, or a program that reads JSON.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _, stderr, stdout};

use bailiwick_host::Outcome;
use serde_json::Value;

/// One JSON document on stdout.
pub(crate) fn document(value: &Value) {
    let mut out = stdout().lock();
    // A reader that has gone is no failure of ours.
    let _ = serde_json::to_writer_pretty(&mut out, value);
    let _ = out.write_all(b"\n");
}

/// Text on stdout, made visible, ending in a line break.
pub(crate) fn text(text: &str) {
    let text = visible(text);
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
    let _ = writeln!(out, "{red}error{off}: {}", visible(message));
    if let Some(hint) = hint {
        let _ = writeln!(out, " {cyan}help{off}: {}", visible(hint));
    }
}

/// An outcome for people: what the tool said on stdout, or why not on stderr.
pub(crate) fn outcome(outcome: &Outcome) {
    for (name, captured) in [("stdout", &outcome.stdout), ("stderr", &outcome.stderr)] {
        for line in captured.text().lines() {
            let _ = writeln!(stderr().lock(), "[{name}] {}", visible(line));
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
                let _ = write!(message, ": {value}");
            }
            error(&message, failure.hint.as_deref());
        }
    }
}

/// One line on stderr: how the call ended and what it used.
pub(crate) fn usage(outcome: &Outcome) {
    let usage = &outcome.usage;
    let _ = writeln!(
        stderr().lock(),
        "{}: {} fuel, {:.1} ms, {} KiB of memory, {} KiB read, {} host calls",
        outcome.code,
        usage.fuel,
        usage.wall.as_secs_f64() * 1e3,
        usage.memory.div_ceil(1024),
        usage.read.div_ceil(1024),
        usage.host_calls
    );
}

/// Text with every character that a terminal would obey, or a reader not see, written out: control characters but line break
/// and tab, directional marks, zero-width characters and tags.
pub(crate) fn visible(text: &str) -> String {
    let hidden = |c: char| match c {
        '\n' | '\t' => false,
        '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        c => c.is_control(),
    };
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if hidden(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn what_a_terminal_obeys_is_written_out() {
        assert_eq!(visible("a\x1b[31mb\tc\n"), "a\\u{1b}[31mb\tc\n");
        assert_eq!(
            visible("x\u{202e}y\u{200b}z\u{e0041}"),
            "x\\u{202e}y\\u{200b}z\\u{e0041}"
        );
        assert_eq!(visible("\r\u{9b}é漢"), "\\u{d}\\u{9b}é漢");
    }
}
