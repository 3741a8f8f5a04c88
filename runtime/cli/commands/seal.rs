//! `bailiwick seal TOOL --output FILE`.

use std::path::PathBuf;
use std::process::ExitCode;

use bailiwick_host::Code;
use bailiwick_host::contract::audit::{Audit, Class};
use bailiwick_seal::seal;
use serde_json::json;

use crate::exit::Refusal;
use crate::{locate, output, replace};

/// Closes the imports of a component with stand-ins that do nothing, so that what is left to import is what it can do, on any host.
///
/// Without --keep, what carries authority under this host is kept, and the rest is closed.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A component file, or the name of a tool.
    tool: String,
    /// An interface that stays imported, with or without its version: `bailiwick:fs/read`.
    #[arg(long, value_name = "INTERFACE")]
    keep: Vec<String>,
    /// Where to write it. A file that is there is replaced.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Print what was done as one JSON document.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  bailiwick seal ./tool.wasm -o sealed.wasm
  bailiwick seal ./tool.wasm --keep bailiwick:fs/read --keep wasi:clocks/wall-clock -o sealed.wasm";

pub(crate) fn run(args: Args) -> ExitCode {
    match sealed(&args) {
        Ok(document) => {
            if args.json {
                output::document(&document);
            } else {
                output::text(&format!(
                    "sealed {}: closed {}, kept {}, {} bytes (from {})",
                    args.output.display(),
                    listed(&document["closed"]),
                    listed(&document["kept"]),
                    document["bytes"],
                    document["bytes_before"],
                ));
            }
            ExitCode::SUCCESS
        }
        Err(refusal) => refusal.exit("", args.json),
    }
}

fn listed(names: &serde_json::Value) -> String {
    let names: Vec<_> = names
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str())
        .collect();
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

fn sealed(args: &Args) -> Result<serde_json::Value, Refusal> {
    let located = locate::tool(&args.tool)?;
    let bytes = located.read()?;
    let failed = |error: &dyn std::fmt::Display| {
        let message = format!("failed to seal `{}`: {error}", args.tool);
        Refusal::new(Code::LoadFailed, message)
    };
    let keep = if args.keep.is_empty() {
        let audit = Audit::read(&located.name, &bytes).map_err(|error| failed(&error))?;
        let carries = |class| matches!(class, Class::Authority | Class::Mounts | Class::Unknown);
        let kept = audit.imports.into_iter();
        kept.filter(|import| carries(import.class))
            .map(|import| import.name)
            .collect()
    } else {
        args.keep.clone()
    };
    let keep: Vec<&str> = keep.iter().map(String::as_str).collect();
    let sealed = seal(&bytes, &keep).map_err(|error| failed(&error))?;
    replace::file(&args.output, &sealed.bytes)
        .map_err(|error| Refusal::usage(format!("`{}`: {error}", args.output.display())))?;
    Ok(json!({
        "output": args.output.display().to_string(),
        "closed": sealed.sealed,
        "kept": sealed.kept,
        "bytes": sealed.bytes.len(),
        "bytes_before": bytes.len(),
    }))
}
