//! Where things are: the repository, the target folder, the cache, the two guest workspaces.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, anyhow};

/// The workspaces of guests. Each is built only if it is there.
pub(crate) const GUEST_WORKSPACES: [&str; 2] = ["guest-tools", "tests/probes"];

/// The folders of one checkout.
pub(crate) struct Project {
    /// The repository's root.
    pub(crate) root: PathBuf,
    /// Cargo's target folder of the host workspace.
    pub(crate) target: PathBuf,
}

/// A cargo profile of the host.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Dev,
    Release,
}

impl Profile {
    /// The name of its folder in the target folder.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

impl Project {
    /// Finds the checkout. Cargo says at run time where xtask's manifest is, so a moved checkout is found too.
    pub(crate) fn find() -> Result<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .parent()
            .ok_or_else(|| anyhow!("`{}` has no parent folder", manifest.display()))?
            .to_path_buf();
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(
            || Ok(root.join("target")),
            |folder| env::current_dir().map(|here| here.join(folder)),
        )?;
        Ok(Self { root, target })
    }

    /// The guest workspaces that exist.
    pub(crate) fn guest_workspaces(&self) -> Vec<PathBuf> {
        GUEST_WORKSPACES
            .iter()
            .map(|name| self.root.join(name))
            .filter(|folder| folder.join("Cargo.toml").is_file())
            .collect()
    }

    /// Cargo's target folder of the guests.
    pub(crate) fn guest_target(&self) -> PathBuf {
        self.target.join("guests")
    }

    /// The built host binary.
    pub(crate) fn bailiwick(&self, profile: Profile) -> PathBuf {
        self.target
            .join(profile.folder())
            .join(format!("bailiwick{}", env::consts::EXE_SUFFIX))
    }

    /// A path as a reader at the repository's root would type it.
    pub(crate) fn shown(&self, path: &Path) -> String {
        let short = path.strip_prefix(&self.root).unwrap_or(path);
        if short.as_os_str().is_empty() {
            ".".into()
        } else {
            short.display().to_string()
        }
    }
}

/// What is kept between checkouts: `$BAILIWICK_CACHE/bailiwick`, or the user's cache folder.
pub(crate) fn cache() -> Result<PathBuf> {
    let set = |name: &str| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let base = set("BAILIWICK_CACHE")
        .or_else(|| set("XDG_CACHE_HOME"))
        .or_else(|| set("HOME").map(|home| home.join(".cache")))
        .ok_or_else(|| anyhow!("no cache folder: set BAILIWICK_CACHE, XDG_CACHE_HOME or HOME"))?;
    let folder = base.join("bailiwick");
    create_folder(&folder)?;
    folder
        .canonicalize()
        .with_context(|| format!("failed to find `{}`", folder.display()))
}

/// Creates a folder and those above it.
pub(crate) fn create_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("failed to create `{}`", folder.display()))
}

/// What a folder holds.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = || format!("failed to list `{}`", folder.display());
    let entries = fs::read_dir(folder).with_context(failed)?;
    entries
        .map(|entry| entry.map(|entry| entry.path()).with_context(failed))
        .collect()
}

/// Finds a program on the search path.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
