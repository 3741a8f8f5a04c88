//! `bailiwick diff OLD NEW`.

use std::fmt::Write as _;
use std::process::ExitCode;

use bailiwick_host::Code;
use bailiwick_host::contract::compare::{Comparison, Impact, Side, compare};
use serde_json::json;

use crate::exit::{self, Refusal};
use crate::{locate, output};

/// Say what changed from one component to another.
///
/// Each difference is one that breaks calls, one that is compatible, or one that widens authority; docs/diff.md explains them. Nothing is run.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A component file, or the name of a tool: as it was.
    old: String,
    /// As it is.
    new: String,
    /// Refuse (exit 3) what is at least this: `any` change, a `breaking` one, or one that `widens`.
    #[arg(long, value_name = "IMPACT")]
    fail_on: Option<FailOn>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  bailiwick diff approved.wasm new.wasm
  bailiwick diff approved.wasm new.wasm --fail-on widens

Exit codes: 0 ok; 2 no such tool; 3 a change of the kind of --fail-on; 4 one cannot be read as a component.";

/// From which impact on a comparison is refused. What widens is also refused where breaking is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    Any,
    Breaking,
    Widens,
}

impl FailOn {
    fn least(self) -> Impact {
        match self {
            FailOn::Any => Impact::Compatible,
            FailOn::Breaking => Impact::Breaking,
            FailOn::Widens => Impact::Widens,
        }
    }
}

pub(crate) fn run(args: Args) -> ExitCode {
    match compared(&args) {
        Ok((same_bytes, comparison)) => {
            if args.json {
                let mut document = json!(comparison);
                document["same_bytes"] = json!(same_bytes);
                output::document(&document);
            } else {
                output::text(&text(same_bytes, &comparison));
            }
            let refused = args
                .fail_on
                .is_some_and(|fail_on| comparison.impact >= Some(fail_on.least()));
            if refused {
                ExitCode::from(exit::GATE)
            } else {
                ExitCode::SUCCESS
            }
        }
        Err(refusal) => refusal.exit("", args.json),
    }
}

fn compared(args: &Args) -> Result<(bool, Comparison), Refusal> {
    let read = |said: &str| {
        let located = locate::tool(said)?;
        Side::read(&located.name, &located.read()?).map_err(|error| {
            Refusal::new(
                Code::LoadFailed,
                format!("failed to read `{said}`: {error}"),
            )
        })
    };
    let (old, new) = (read(&args.old)?, read(&args.new)?);
    let same_bytes = old.contract.digest == new.contract.digest;
    Ok((same_bytes, compare(&old, &new)))
}

fn text(same_bytes: bool, comparison: &Comparison) -> String {
    let mut text = String::new();
    let verdict = match comparison.impact {
        None if same_bytes => "the same bytes",
        None => "other bytes; nothing that the contract says has changed",
        Some(Impact::Compatible) => "compatible",
        Some(Impact::Breaking) => "breaking",
        Some(Impact::Widens) => "widens authority",
    };
    let _ = writeln!(text, "{verdict}");
    for difference in &comparison.differences {
        let impact = match difference.impact {
            Impact::Compatible => "compatible",
            Impact::Breaking => "breaking",
            Impact::Widens => "widens",
        };
        let _ = writeln!(text, "\n{impact}: {}: {}", difference.code, difference.at);
        for (mark, side) in [('-', &difference.old), ('+', &difference.new)] {
            for line in side.iter().flat_map(|side| side.lines()) {
                let _ = writeln!(text, "  {mark} {line}");
            }
        }
    }
    if comparison.more > 0 {
        let _ = writeln!(text, "\nand {} more, which are not told", comparison.more);
    }
    text
}
