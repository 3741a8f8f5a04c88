//! The compiler for guests: where the target `wasm32-wasip2` comes from on this machine.
//!
//! In this order: the installed target; a sysroot that was built before; `rustup target add`, unless
//! `RUSTUP_AUTO_INSTALL=0` says that rustup is not to download; Debian's packages.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, iter};

use anyhow::{Context, Result, anyhow, bail};

use crate::debian;
use crate::project::{self, Project};
use crate::run::{self, say};
use crate::sysroot::{self, Sysroot};

/// The target of every guest.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// The oldest compiler that can build the guests: that of the workspace.
pub(crate) const OLDEST: &str = env!("CARGO_PKG_RUST_VERSION");

/// A compiler that can build guests.
pub(crate) struct Toolchain {
    /// Which way it came, for one line.
    pub(crate) origin: String,
    /// Set when the compiler is not rustup's own.
    pub(crate) sysroot: Option<Sysroot>,
}

impl Toolchain {
    /// Says in one line what guests are built with.
    pub(crate) fn announce(&self) {
        say(&format!("guest toolchain: {}", self.origin));
    }

    /// Makes a cargo command build guests. Nothing of the host's flags leaks in.
    ///
    /// Paths of this machine are taken out of what panics say: they are nobody's business, and would make a guest's digest differ from
    /// machine to machine.
    pub(crate) fn apply(&self, project: &Project, command: &mut Command) -> Result<()> {
        let mut flags = vec![
            OsString::from("-Ctarget-feature=+simd128"),
            remapped(&cargo_home()?.join("registry/src"), "crates"),
            remapped(&project.root, "bailiwick"),
        ];
        clean(command);
        if let Some(sysroot) = &self.sysroot {
            let mut flag = OsString::from("--sysroot=");
            flag.push(&sysroot.folder);
            flags.push(flag);
            command
                .env("RUSTC", &sysroot.rustc)
                .env("PATH", with_linkers(&sysroot.linkers)?);
        }
        // The encoded form, since a cache folder may have a space in its name.
        command.env(
            "CARGO_ENCODED_RUSTFLAGS",
            flags.join(OsString::from("\x1f").as_os_str()),
        );
        Ok(())
    }
}

fn remapped(from: &Path, to: &str) -> OsString {
    let mut flag = OsString::from("--remap-path-prefix=");
    flag.push(from);
    flag.push("=");
    flag.push(to);
    flag
}

fn cargo_home() -> Result<PathBuf> {
    if let Some(home) = env::var_os("CARGO_HOME") {
        return Ok(PathBuf::from(home));
    }
    let home = env::var_os("HOME").context("HOME is not set, so cargo's folder cannot be found")?;
    Ok(Path::new(&home).join(".cargo"))
}

fn with_linkers(linkers: &Path) -> Result<OsString> {
    let old = env::var_os("PATH").unwrap_or_default();
    let new = [linkers.to_path_buf(), linkers.join("gcc-ld")];
    env::join_paths(new.into_iter().chain(env::split_paths(&old)))
        .context("failed to put the linkers on PATH")
}

/// Takes out what the caller's environment says about building the host.
pub(crate) fn clean(command: &mut Command) {
    for name in [
        "RUSTFLAGS",
        "CARGO_BUILD_RUSTFLAGS",
        "CARGO_BUILD_TARGET",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "CARGO_BUILD_RUSTC_WRAPPER",
        "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
    ] {
        command.env_remove(name);
    }
}

/// Finds the compiler for guests, or sets it up.
///
/// # Errors
///
/// Every way failed; the message says what to install.
pub(crate) fn prepare(project: &Project) -> Result<Toolchain> {
    let rustc = Compiler::of(Command::new("rustc").current_dir(&project.root))
        .context("Rust is needed; install it with rustup")?;
    let mut command = Command::new("rustc");
    let root = run::output(
        command
            .args(["--print", "sysroot"])
            .current_dir(&project.root),
    )?;
    let root = PathBuf::from(root.trim());
    if has_std(&root) {
        let origin = format!("installed target {TARGET} (rustc {})", rustc.release);
        return Ok(Toolchain {
            origin,
            sysroot: None,
        });
    }
    let linkers = root.join("lib/rustlib").join(&rustc.host).join("bin");
    let store = project::cache()?.join("guest-toolchain");
    if let Some(toolchain) = sysroot::cached(&store, &linkers)? {
        return Ok(toolchain);
    }
    let Err(rustup) = add_with_rustup(&root) else {
        let origin = format!(
            "added target {TARGET} with rustup (rustc {})",
            rustc.release
        );
        return Ok(Toolchain {
            origin,
            sysroot: None,
        });
    };
    sysroot::from_packages(&store, &linkers).with_context(|| {
        format!(
            "no compiler for {TARGET}: install the target with `rustup target add {TARGET}` ({rustup:#}), or on \
             Debian 12 the packages {}",
            debian::COMPILER_PACKAGES.join(" and "),
        )
    })
}

/// Whether a sysroot has a standard library for guests.
pub(crate) fn has_std(sysroot: &Path) -> bool {
    let folder = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    let is_std = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with("libstd-");
    fs::read_dir(folder).is_ok_and(|entries| entries.flatten().any(|entry| is_std(&entry)))
}

/// `rustup target add`, where the owner of the machine has not said no.
fn add_with_rustup(sysroot: &Path) -> Result<()> {
    if env::var_os("RUSTUP_AUTO_INSTALL").is_some_and(|value| value == "0") {
        bail!("not tried here: RUSTUP_AUTO_INSTALL=0");
    }
    if project::on_path("rustup").is_none() {
        bail!("not tried here: rustup is not installed");
    }
    say(&format!(
        "guest toolchain: adding target {TARGET} with rustup"
    ));
    run::run_quietly(Command::new("rustup").args(["target", "add", TARGET]))?;
    if !has_std(sysroot) {
        bail!("rustup added it to another toolchain than the one in use");
    }
    Ok(())
}

/// What `rustc -vV` says.
pub(crate) struct Compiler {
    pub(crate) text: String,
    pub(crate) host: String,
    pub(crate) release: String,
}

impl Compiler {
    pub(crate) fn of(command: &mut Command) -> Result<Self> {
        let text = run::output(command.arg("-vV"))?;
        let field = |name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
                .map(str::to_string)
                .ok_or_else(|| anyhow!("`rustc -vV` does not say its {name}"))
        };
        Ok(Self {
            host: field("host")?,
            release: field("release")?,
            text,
        })
    }
}

/// Whether one version is another or later, number by number.
pub(crate) fn at_least(version: &str, oldest: &str) -> bool {
    let numbers = |text: &str| -> Vec<u64> {
        text.split(|c: char| !c.is_ascii_digit())
            .map_while(|part| part.parse().ok())
            .collect()
    };
    let (version, oldest) = (numbers(version), numbers(oldest));
    let padded = version.iter().copied().chain(iter::repeat(0));
    padded.take(oldest.len()).ge(oldest)
}

#[cfg(test)]
mod tests {
    use super::at_least;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(at_least("1.96.0", "1.95"));
        assert!(at_least("1.95.0", "1.95"));
        assert!(at_least("1.100.0", "1.95"));
        assert!(at_least("2.0", "1.95"));
        assert!(!at_least("1.85.0+dfsg3-1", "1.95"));
        assert!(!at_least("1", "1.95"));
    }
}
