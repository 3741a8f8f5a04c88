//! Asking a person what becomes of changes that are pending.

use std::io::{BufRead as _, IsTerminal as _, Write as _, stderr, stdin};

use bailiwick_host::{Code, Session};

use crate::commands::changes;
use crate::exit::Refusal;
use crate::output;

/// Shows what is pending, and asks; says how to go on where nobody can be asked.
pub(crate) fn ask(session: &Session) -> Result<(), Refusal> {
    let failed = |error: &dyn std::fmt::Display| Refusal::new(Code::HostError, error.to_string());
    let diff = session.pending_diff(&[]).map_err(|error| failed(&error))?;
    // Where the question is asked: the reply on stdout may be for a program.
    output::diff(&diff, &mut stderr().lock());
    if !(stdin().is_terminal() && stderr().is_terminal()) {
        output::note(
            "pending, not on disk: `bailiwick changes apply` writes it, `bailiwick changes drop` does not",
        );
        return Ok(());
    }
    loop {
        let _ = write!(
            stderr().lock(),
            "write these changes? [y]es, [n]o, [l]ater: "
        );
        let mut line = String::new();
        let read = stdin().lock().read_line(&mut line);
        match line.trim() {
            "y" | "yes" => {
                let applied = session
                    .apply(&[])
                    .map_err(|error| changes::refused(&error))?;
                output::note(&format!("written: {} files", applied.len()));
                return Ok(());
            }
            "n" | "no" => {
                let dropped = session
                    .drop_pending(&[])
                    .map_err(|error| changes::refused(&error))?;
                output::note(&format!("dropped: {} files", dropped.len()));
                return Ok(());
            }
            "l" | "later" => {
                output::note("pending, not on disk: go on with `bailiwick changes`");
                return Ok(());
            }
            // The end of the input is no answer.
            _ if read.is_ok_and(|bytes| bytes == 0) => return Ok(()),
            _ => {}
        }
    }
}
