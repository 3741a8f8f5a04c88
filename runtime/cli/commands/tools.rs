//! `bailiwick tools [TOOL]…`.

use std::fmt::Write as _;
use std::process::ExitCode;

use bailiwick_host::Code;
use bailiwick_host::contract::{Contract, Function};
use serde_json::{Value, json};

use crate::exit::Refusal;
use crate::locate::{self, Located};
use crate::output;

/// Show the tools that come with this program, or any: functions, schemas, and what they import.
///
/// From their bytes alone: nothing of them is run. `bailiwick list` lists those of this folder's policy.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Component files, or names of tools. All that stand beside this program if left out.
    tools: Vec<String>,
    /// Print one JSON document, with the schemas.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  bailiwick tools
  bailiwick tools files --json
  bailiwick tools ./my-tool.wasm";

pub(crate) fn run(args: Args) -> ExitCode {
    match contracts(&args) {
        Ok(contracts) if args.json => {
            let tools: Vec<_> = contracts
                .iter()
                .map(|(name, of)| tool_json(name, of))
                .collect();
            output::document(&json!({ "tools": tools }));
            ExitCode::SUCCESS
        }
        Ok(contracts) => {
            let mut text = String::new();
            for (name, contract) in &contracts {
                tool_text(&mut text, name, contract);
            }
            output::text(&text);
            ExitCode::SUCCESS
        }
        Err(refusal) => refusal.exit("", args.json),
    }
}

fn contracts(args: &Args) -> Result<Vec<(String, Contract)>, Refusal> {
    let located = if args.tools.is_empty() {
        locate::shipped()?
    } else {
        args.tools
            .iter()
            .map(|said| locate::tool(said))
            .collect::<Result<_, _>>()?
    };
    let read = |located: Located| {
        let contract = Contract::read(&located.read()?).map_err(|error| {
            let message = format!("failed to read `{}`: {error}", located.name);
            Refusal::new(Code::LoadFailed, message)
        })?;
        Ok((located.name, contract))
    };
    located.into_iter().map(read).collect()
}

fn tool_json(name: &str, contract: &Contract) -> Value {
    let functions: Vec<_> = contract
        .functions
        .iter()
        .map(|function| function_json(name, function))
        .collect();
    let producers: Vec<_> = contract
        .producers
        .iter()
        .map(|(field, name, version)| json!({ "field": field, "name": name, "version": version }))
        .collect();
    json!({
        "name": name,
        "digest": contract.digest.to_string(),
        "description": contract.docs,
        "functions": functions,
        "imports": contract.imports,
        "extra_exports": contract.extra,
        "findings": contract.findings,
        "producers": producers,
    })
}

fn function_json(tool: &str, function: &Function) -> Value {
    json!({
        "name": function.name,
        "model_name": format!("{tool}_{}", function.name),
        "signature": function.signature(),
        "description": function.docs.text,
        "input_schema": function.input_schema(),
        "output_schema": function.output_schema(),
        "examples": function.docs.examples,
        "idempotent": function.docs.idempotent,
        "destructive": function.docs.destructive,
    })
}

fn tool_text(text: &mut String, name: &str, contract: &Contract) {
    let _ = writeln!(text, "{name}  {}", contract.digest);
    for line in contract.docs.lines() {
        let _ = writeln!(text, "  {line}");
    }
    for function in &contract.functions {
        let _ = writeln!(text, "\n  {}", function.signature());
        for line in function.docs.text.lines() {
            let _ = writeln!(text, "    {line}");
        }
        for param in &function.params {
            if !param.docs.is_empty() {
                let _ = writeln!(
                    text,
                    "      {}: {}",
                    param.key,
                    param.docs.replace('\n', " ")
                );
            }
        }
    }
    let _ = writeln!(text, "\n  imports:");
    for import in contract
        .imports
        .iter()
        .filter(|import| !import.functions.is_empty())
    {
        let _ = writeln!(text, "    {}", import.name);
    }
    for extra in &contract.extra {
        let _ = writeln!(text, "  not a tool: `{}`, {}", extra.name, extra.reason);
    }
    for finding in &contract.findings {
        let _ = writeln!(text, "  finding: {}: {}", finding.code, finding.message);
    }
    text.push('\n');
}
