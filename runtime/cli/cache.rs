//! Where compiled code is kept, and the engine that compiles.

use std::path::{Path, PathBuf};

use bailiwick_host::compile::{Child, CompileLimits, Compiler};
use bailiwick_host::{Cache, Compiling, Engine, EngineOptions, Metering, ambient_authority};

use crate::output;

/// The word by which this program is told to compile for another process of its own.
pub(crate) const COMPILE: &str = "compile-for-parent";

/// The folder of compiled code: below `BAILIWICK_CACHE`, or where the system keeps such things. None where there is no such place.
pub(crate) fn path() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let base = set("BAILIWICK_CACHE")
        .or_else(|| set("XDG_CACHE_HOME"))
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|home| Path::new(&home).join(".cache")))?;
    Some(base.join("bailiwick/code"))
}

/// The folder, open. None, with a note, where it cannot be used.
pub(crate) fn open() -> Option<Cache> {
    let path = path()?;
    match Cache::open_ambient(&path, ambient_authority()) {
        Ok(cache) => Some(cache),
        Err(error) => {
            output::note(&format!("compiled code is not kept: {error}"));
            None
        }
    }
}

/// An engine for one call, which compiles in a process of its own, within these bounds, and keeps the code.
pub(crate) fn engine(
    limits: CompileLimits,
    metering: Metering,
    cache: Option<Cache>,
) -> Result<Engine, String> {
    let program =
        std::env::current_exe().map_err(|error| format!("failed to find this program: {error}"))?;
    let child = Child::new(program, vec![COMPILE.into()], limits);
    let mut compiling = Compiling::default();
    compiling.compiler = Compiler::Child(child);
    compiling.cache = cache;
    let options = EngineOptions::from(compiling).metering(metering).calls(1);
    Engine::with(options).map_err(|error| error.to_string())
}
