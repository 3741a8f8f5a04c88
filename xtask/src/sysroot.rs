//! Builds a sysroot for guests from Debian's packages, once a machine.
//!
//! It is kept in the cache folder under a key made of the compiler and the packages. It is put together beside its
//! place and renamed, so that what is in its place is whole; a lock keeps two set-ups from doing the same work.

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File, TryLockError};
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::debian;
use crate::project;
use crate::run::{self, say};
use crate::toolchain::{self, Compiler, OLDEST, TARGET, Toolchain, at_least, has_std};

/// Raised when the layout of a cached sysroot changes.
const LAYOUT: u32 = 1;

/// Debian's compiler with a sysroot of ours, and the linkers that rustup's toolchain brings.
pub(crate) struct Sysroot {
    pub(crate) rustc: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) linkers: PathBuf,
}

/// The sysroot that was built before, if Debian's compiler is here and still the same.
pub(crate) fn cached(store: &Path, linkers: &Path) -> Result<Option<Toolchain>> {
    let Some(compiler) = debian::compiler()? else {
        return Ok(None);
    };
    let compiler = Keyed::new(compiler)?;
    let folder = store.join(&compiler.key);
    Ok(has_std(&folder).then(|| compiler.toolchain(folder, linkers, "cached sysroot")))
}

/// Builds the sysroot, or takes the cached one once the compiler is installed.
pub(crate) fn from_packages(store: &Path, linkers: &Path) -> Result<Toolchain> {
    for program in ["wasm-component-ld", "gcc-ld/wasm-ld"] {
        if !linkers.join(program).is_file() {
            bail!(
                "`{}` lacks {program}; install Rust {OLDEST} or later with rustup",
                linkers.display()
            );
        }
    }
    project::create_folder(store)?;
    let _lock = lock(&store.join("lock"))?;
    let started = Instant::now();
    let installed = debian::compiler()?;
    let compiler = match installed.map(Keyed::new).transpose()? {
        Some(compiler) if at_least(&compiler.release, OLDEST) => compiler,
        _ => Keyed::new(debian::install_compiler(OLDEST)?)?,
    };
    let folder = store.join(&compiler.key);
    // Another set-up may have built it while this one waited, or the cache came from another machine.
    if has_std(&folder) {
        return Ok(compiler.toolchain(folder, linkers, "cached sysroot"));
    }
    remove_leftovers(store)?;
    let work = store.join(format!("{}.part", compiler.key));
    project::create_folder(&work)?;
    let libc = debian::wasi_libc(&work.join("wasi-libc"))?;
    let built = build_std(&compiler, &work.join("std"))?;
    let sysroot = work.join("sysroot");
    lay_out(&sysroot, &built, &libc)?;
    let versions = format!("{}wasi-libc {}\n", compiler.versions, libc.version);
    fs::write(sysroot.join("VERSIONS"), versions)
        .context("failed to write the sysroot's VERSIONS")?;
    run::replace(&sysroot, &folder)?;
    remove_leftovers(store)?;
    let way = format!(
        "sysroot built from Debian packages in {} s",
        started.elapsed().as_secs()
    );
    Ok(compiler.toolchain(folder, linkers, &way))
}

/// Debian's compiler, and the key of its sysroot.
struct Keyed {
    rustc: PathBuf,
    release: String,
    versions: String,
    key: String,
}

impl Keyed {
    fn new(packages: debian::Compiler) -> Result<Self> {
        let facts = Compiler::of(&mut Command::new(&packages.rustc))?;
        let mut hasher = DefaultHasher::new();
        (LAYOUT, &facts.text, &packages.versions).hash(&mut hasher);
        let key = format!("{}-{:016x}", facts.release, hasher.finish());
        Ok(Self {
            rustc: packages.rustc,
            release: facts.release,
            versions: packages.versions,
            key,
        })
    }

    fn toolchain(self, folder: PathBuf, linkers: &Path, way: &str) -> Toolchain {
        let sysroot = Sysroot {
            rustc: self.rustc,
            folder,
            linkers: linkers.to_path_buf(),
        };
        Toolchain {
            origin: format!("{way} (rustc {})", self.release),
            sysroot: Some(sysroot),
        }
    }
}

/// A lock that ends with the process, so that an interrupted set-up does not block the next.
fn lock(file: &Path) -> Result<File> {
    let failed = || format!("failed to lock `{}`", file.display());
    let lock = File::create(file).with_context(failed)?;
    match lock.try_lock() {
        Ok(()) => return Ok(lock),
        Err(TryLockError::WouldBlock) => say("guest toolchain: waiting for another set-up to end"),
        Err(TryLockError::Error(error)) => return Err(error).with_context(failed),
    }
    lock.lock().with_context(failed)?;
    Ok(lock)
}

/// Removes what an interrupted set-up left. Only called under the lock.
fn remove_leftovers(store: &Path) -> Result<()> {
    for path in project::entries(store)? {
        if path
            .extension()
            .is_some_and(|extension| extension == "part")
        {
            fs::remove_dir_all(&path)
                .with_context(|| format!("failed to remove `{}`", path.display()))?;
        }
    }
    Ok(())
}

/// Compiles the standard library in an empty crate and gives the folder of its `.rlib` files.
fn build_std(compiler: &Keyed, folder: &Path) -> Result<PathBuf> {
    say(&format!(
        "guest toolchain: building the standard library for {TARGET} with rustc {} (about 2 minutes, once)",
        compiler.release,
    ));
    project::create_folder(&folder.join("src"))?;
    let manifest = "[package]\nname = \"empty\"\nedition = \"2021\"\n\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::write(folder.join("src/lib.rs"), "")?;
    let mut command = run::cargo();
    toolchain::clean(&mut command);
    command
        .args([
            "build",
            "--release",
            "-Zbuild-std=std,panic_abort",
            "--target",
            TARGET,
        ])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("RUSTC", &compiler.rustc)
        .env("RUSTC_BOOTSTRAP", "1")
        // Without bitcode guests could not be built with LTO.
        .env("CARGO_ENCODED_RUSTFLAGS", "-Cembed-bitcode=yes");
    run::run(&mut command).context("the standard library for guests was not built")?;
    Ok(folder.join("target").join(TARGET).join("release/deps"))
}

/// Lays out a sysroot: the standard library, and what the linker takes from wasi-libc.
fn lay_out(sysroot: &Path, built: &Path, libc: &debian::WasiLibc) -> Result<()> {
    let libraries = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    let own = libraries.join("self-contained");
    project::create_folder(&own)?;
    for path in project::entries(built)? {
        let Some(name) = path.file_name() else {
            continue;
        };
        let text = name.to_string_lossy();
        if text.ends_with(".rlib") && !text.starts_with("libempty-") {
            copy(&path, &libraries.join(name))?;
        }
    }
    for name in debian::LIBC_FILES {
        copy(&libc.folder.join(name), &own.join(name))?;
    }
    if !has_std(sysroot) {
        bail!("cargo built no standard library in `{}`", built.display());
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("failed to copy `{}`", from.display()))?;
    Ok(())
}
