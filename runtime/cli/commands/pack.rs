//! `bailiwick pack COMPONENT --wit PATH… --world WORLD --output FILE`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bailiwick_host::Code;
use bailiwick_host::contract::pack::{Source, pack};
use serde_json::json;

use crate::exit::Refusal;
use crate::{output, replace};

/// Pack a built component: embed its WIT with documentation, check the examples, strip the rest.
///
/// It is checked against its WIT first, and the examples against the types. What is stripped is what nobody needs to run or to review it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The component that was built.
    component: PathBuf,
    /// A WIT file or a folder of them; several where one uses another's packages.
    #[arg(long, required = true, value_name = "PATH")]
    wit: Vec<PathBuf>,
    /// The world that it was built for: `bailiwick:files/tool`.
    #[arg(long)]
    world: String,
    /// Where to write it. A file that is there is replaced.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Print what was done as one JSON document.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Example:
  bailiwick pack target/wasm32-wasip2/release/my_tool.wasm --wit wit --world my:tool/tool -o my-tool.wasm";

pub(crate) fn run(args: Args) -> ExitCode {
    match packed(&args) {
        Ok(document) if args.json => {
            output::document(&document);
            ExitCode::SUCCESS
        }
        Ok(document) => {
            output::text(&format!(
                "packed {}: {} functions, {} examples checked, {} bytes (from {})",
                args.output.display(),
                document["functions"],
                document["examples"],
                document["bytes"],
                document["bytes_before"],
            ));
            ExitCode::SUCCESS
        }
        Err(refusal) => refusal.exit("", args.json),
    }
}

fn packed(args: &Args) -> Result<serde_json::Value, Refusal> {
    let read = |path: &Path| {
        std::fs::read(path)
            .map_err(|error| Refusal::usage(format!("`{}`: {error}", path.display())))
    };
    if !args.component.is_file() {
        let path = args.component.display();
        return Err(Refusal::usage(format!("there is no component `{path}`")));
    }
    let component = read(&args.component)?;
    let mut sources = Vec::new();
    for (group, path) in args.wit.iter().enumerate() {
        for file in wit_files(path)? {
            let text = String::from_utf8(read(&file)?)
                .map_err(|_| Refusal::usage(format!("`{}` is not UTF-8 text", file.display())))?;
            sources.push(Source {
                group,
                name: file.display().to_string(),
                text,
            });
        }
    }
    let packed = pack(&component, &sources, &args.world).map_err(|error| {
        let message = format!("`{}`: {error}", args.component.display());
        Refusal::new(Code::InvalidArguments, message)
    })?;
    replace::file(&args.output, &packed.bytes)
        .map_err(|error| Refusal::usage(format!("`{}`: {error}", args.output.display())))?;
    Ok(json!({
        "output": args.output.display().to_string(),
        "functions": packed.functions,
        "examples": packed.examples,
        "bytes": packed.bytes.len(),
        "bytes_before": component.len(),
    }))
}

fn wit_files(path: &Path) -> Result<Vec<PathBuf>, Refusal> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let failed = |error| Refusal::usage(format!("`{}`: {error}", path.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        if file.extension().is_some_and(|extension| extension == "wit") {
            files.push(file);
        }
    }
    if files.is_empty() {
        return Err(Refusal::usage(format!(
            "there is no .wit file in `{}`",
            path.display()
        )));
    }
    files.sort();
    Ok(files)
}
