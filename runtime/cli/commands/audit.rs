//! `bailiwick audit TOOL`.

use std::process::ExitCode;

use bailiwick_host::Code;
use bailiwick_host::contract::audit::{Audit, Tier, findings};
use bailiwick_host::contract::names::nearest;
use bailiwick_host::contract::wit;

use crate::exit::{self, Refusal};
use crate::{locate, output, screen};

/// Say what a component can do at most, and what it tells a model.
///
/// From its bytes alone: nothing of it is run.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A component file, or the name of a tool.
    tool: String,
    /// Print one JSON document; docs/audit.schema.json describes it.
    #[arg(long)]
    json: bool,
    /// Print its WIT as a reviewer would write it, with its documentation.
    #[arg(long, conflicts_with = "json")]
    wit: bool,
    /// Refuse (exit 3) what can do more than this: pure, reads, edits, net, unbounded.
    #[arg(long, value_name = "TIER")]
    max_tier: Option<Tier>,
    /// Judge it as with something writable mounted for it.
    #[arg(long)]
    mounted: bool,
    /// Refuse (exit 3) what has a finding of this code; `error`, `warning` and `note` mean all of that weight and above.
    #[arg(long, value_name = "CODE", value_parser = denied)]
    deny: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  bailiwick audit files
  bailiwick audit ./tool.wasm --wit
  bailiwick audit ./tool.wasm --max-tier reads --deny warning

Exit codes: 0 ok; 2 no such tool; 3 the gate refused; 4 it cannot be read as a component.
docs/findings.md explains every finding.";

/// A code of a finding, or a weight.
fn denied(said: &str) -> Result<String, String> {
    if weight(said).is_some() || findings::CODES.iter().any(|known| known.code == said) {
        return Ok(said.to_owned());
    }
    let known = findings::CODES.iter().map(|known| known.code);
    let hint = match nearest(said, known, 1).first() {
        Some(near) => format!("did you mean `{near}`?"),
        None => "docs/findings.md lists them".to_owned(),
    };
    Err(format!("no finding has the code `{said}`; {hint}"))
}

fn weight(said: &str) -> Option<bailiwick_host::contract::Severity> {
    use bailiwick_host::contract::Severity;
    match said {
        "error" => Some(Severity::Error),
        "warning" => Some(Severity::Warning),
        "note" => Some(Severity::Note),
        _ => None,
    }
}

pub(crate) fn run(args: Args) -> ExitCode {
    match audited(&args) {
        Ok((audit, text)) => {
            if args.json {
                output::document(&serde_json::json!(audit));
            } else {
                output::text(&text);
            }
            let refusals = refusals(&args, &audit);
            for refusal in &refusals {
                output::error(refusal, None);
            }
            if refusals.is_empty() {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(exit::GATE)
            }
        }
        Err(refusal) => refusal.exit("", args.json),
    }
}

fn audited(args: &Args) -> Result<(Audit, String), Refusal> {
    let located = locate::tool(&args.tool)?;
    let bytes = located.read()?;
    let failed = |error: bailiwick_host::contract::Error| {
        let message = format!("failed to read `{}`: {error}", args.tool);
        Refusal::new(Code::LoadFailed, message)
    };
    let audit = Audit::read(&located.name, &bytes).map_err(failed)?;
    let text = if args.wit {
        wit::print(&bytes).map_err(failed)?
    } else {
        screen::audit(&audit)
    };
    Ok((audit, text))
}

/// Why the gate refuses; empty when it does not.
fn refusals(args: &Args, audit: &Audit) -> Vec<String> {
    let mut refusals = Vec::new();
    let tier = match audit.tier_mounted {
        Some(mounted) if args.mounted => mounted,
        _ => audit.tier,
    };
    if let Some(most) = args.max_tier.filter(|most| tier > *most) {
        refusals.push(format!(
            "`{}` is of the tier {tier}, and at most {most} is allowed",
            audit.name
        ));
    }
    for finding in &audit.findings {
        let is_denied = |said: &String| match weight(said) {
            Some(weight) => finding.severity >= weight,
            None => finding.code == said,
        };
        if args.deny.iter().any(is_denied) {
            refusals.push(format!(
                "`{}` has a finding that is denied: {}: {}",
                audit.name, finding.code, finding.message
            ));
        }
    }
    refusals
}
