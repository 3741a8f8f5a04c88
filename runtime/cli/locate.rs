//! Where a tool's component is: a path, or a name of what stands in `tools/` beside this program.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use bailiwick_host::contract::names::nearest;
use bailiwick_host::limits::COMPONENT_BYTES;
use bailiwick_host::{Cache, Code, Source};

use crate::exit::Refusal;
use crate::{desk, output, policy};

/// A component on disk, and the name that it gets.
#[derive(Debug, Clone)]
pub(crate) struct Located {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

impl Located {
    /// The component's bytes.
    pub(crate) fn read(&self) -> Result<Vec<u8>, Refusal> {
        let mut bytes = Vec::new();
        let most = COMPONENT_BYTES as u64;
        self.open()?
            .take(most + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| self.failed(&error))?;
        if bytes.len() > COMPONENT_BYTES {
            return Err(self.failed(&format!(
                "it has more than {most} bytes, which is the most that is read"
            )));
        }
        Ok(bytes)
    }

    /// The component, read or known from the last time.
    pub(crate) fn source(&self, cache: Option<&Cache>) -> Result<Source, Refusal> {
        Source::read(&self.name, self.open()?, cache).map_err(desk::load)
    }

    fn open(&self) -> Result<File, Refusal> {
        // What is no file could keep one waiting for ever.
        if self.path.metadata().is_ok_and(|is| !is.is_file()) {
            return Err(self.failed(&"it is not a file"));
        }
        File::open(&self.path).map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &dyn std::fmt::Display) -> Refusal {
        let path = policy::shown(&self.path);
        let message = format!("failed to read `{path}`: {error}");
        Refusal::new(Code::LoadFailed, message)
    }
}

/// Finds what `said` means: a path when it has a `/` or ends in `.wasm`; otherwise a tool of this folder's policy, or one that comes with this
/// program. It is only to be looked at: a policy need not be trusted for that.
pub(crate) fn tool(said: &str) -> Result<Located, Refusal> {
    if !is_path(said)
        && let Some(found) = policy::find(None)?
        && let Some(located) = found.component(said)
    {
        output::note(&format!(
            "{said} is the one of {}",
            policy::shown(&found.path)
        ));
        return Ok(located);
    }
    component(said)
}

/// Whether it is a path, and not a name.
pub(crate) fn is_path(said: &str) -> bool {
    said.contains('/') || said.ends_with(".wasm")
}

/// As [`tool`], without any policy.
pub(crate) fn component(said: &str) -> Result<Located, Refusal> {
    if is_path(said) {
        let path = PathBuf::from(said);
        if !path.is_file() {
            let message = format!("there is no component `{said}`");
            return Err(Refusal::new(Code::UnknownTool, message));
        }
        return Ok(Located {
            name: name(&path),
            path,
        });
    }
    let shipped = shipped()?;
    if let Some(found) = shipped.iter().find(|located| located.name == said) {
        return Ok(found.clone());
    }
    let names: Vec<_> = shipped
        .iter()
        .map(|located| located.name.as_str())
        .collect();
    let hint = match nearest(said, names.iter().copied(), 3).as_slice() {
        [] if names.is_empty() => "give the path of a component".to_owned(),
        [] => format!(
            "there is: {}; or give the path of a component",
            names.join(", ")
        ),
        near => format!("did you mean {}?", near.join(", ")),
    };
    Err(Refusal::new(Code::UnknownTool, format!("there is no tool `{said}`")).hint(hint))
}

/// Where the tools stand that come with this program.
pub(crate) fn folder() -> Result<Option<PathBuf>, Refusal> {
    let program = std::env::current_exe().map_err(|error| {
        Refusal::new(
            Code::HostError,
            format!("failed to find this program's folder: {error}"),
        )
    })?;
    Ok(program.parent().map(|folder| folder.join("tools")))
}

/// The tools that stand beside this program, by name.
pub(crate) fn shipped() -> Result<Vec<Located>, Refusal> {
    let Some(folder) = folder()? else {
        return Ok(Vec::new());
    };
    // No folder is no tools: the program also works alone.
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(Vec::new());
    };
    let mut tools: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "wasm")
        })
        .map(|path| Located {
            name: name(&path),
            path,
        })
        .collect();
    tools.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(tools)
}

/// A file's name as a tool's: without its ending, and with `_` for what names of tools cannot have.
pub(crate) fn name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let fits = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    stem.chars().map(fits).collect()
}
