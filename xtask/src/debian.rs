//! Debian's packages, for machines that reach their package mirror but not rustup's server.
//!
//! The compiler is installed with apt-get, since it has dependencies. `wasi-libc` is only unpacked: it is
//! architecture-independent, needs nothing, and the version that knows wasip2 is in a later suite than the machine's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use crate::project;
use crate::run::{self, say};
use crate::toolchain::{TARGET, at_least};

/// A compiler, and the source of its own standard library: the two always match.
pub(crate) const COMPILER_PACKAGES: [&str; 2] = ["rustc-web", "rust-web-src"];

/// What a linked guest needs of wasi-libc.
pub(crate) const LIBC_FILES: [&str; 3] = ["crt1-command.o", "crt1-reactor.o", "libc.a"];

const RUSTC: &str = "/usr/bin/rustc";
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Debian's compiler as installed.
pub(crate) struct Compiler {
    pub(crate) rustc: PathBuf,
    /// A line for each package: its name and version.
    pub(crate) versions: String,
}

/// wasi-libc as unpacked.
pub(crate) struct WasiLibc {
    /// The folder that holds [`LIBC_FILES`].
    pub(crate) folder: PathBuf,
    pub(crate) version: String,
}

/// The compiler, if all of its packages are installed.
pub(crate) fn compiler() -> Result<Option<Compiler>> {
    if project::on_path("dpkg-query").is_none() {
        return Ok(None);
    }
    let mut command = Command::new("dpkg-query");
    command.args([
        "--show",
        "--showformat=${Package} ${Version} ${db:Status-Status}\n",
    ]);
    // It fails when it knows one of them not at all, which is an answer too.
    let Ok(text) = run::output(command.args(COMPILER_PACKAGES)) else {
        return Ok(None);
    };
    let mut versions = String::new();
    for line in text.lines() {
        let Some(version) = line.strip_suffix(" installed") else {
            return Ok(None);
        };
        versions.push_str(version);
        versions.push('\n');
    }
    Ok(Some(Compiler {
        rustc: PathBuf::from(RUSTC),
        versions,
    }))
}

/// Installs the compiler.
pub(crate) fn install_compiler(oldest: &str) -> Result<Compiler> {
    for program in ["apt-get", "apt-cache", "dpkg"] {
        if project::on_path(program).is_none() {
            bail!("{program} is not on this machine, so Debian's packages cannot be used");
        }
    }
    let [name, _] = COMPILER_PACKAGES;
    let usable = |version: &Option<String>| version.as_ref().is_some_and(|v| at_least(v, oldest));
    let mut version = candidate(name)?;
    if !usable(&version) {
        update()?;
        version = candidate(name)?;
    }
    match &version {
        None => bail!(
            "apt-get knows no package {name}; add Debian 12 with its security suite to apt's sources"
        ),
        Some(found) if !usable(&version) => bail!(
            "apt-get offers {name} {found}, and guests need {oldest} or later; add Debian's security suite to apt's \
             sources",
        ),
        Some(_) => install(&COMPILER_PACKAGES)?,
    }
    compiler()?.ok_or_else(|| anyhow!("apt-get ended well, and {name} is not installed"))
}

/// Installs packages, and fetches the lists anew when they were stale.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    say(&format!(
        "installing {} with apt-get (up to a minute)",
        packages.join(" and ")
    ));
    if try_install(packages).is_ok() {
        return Ok(());
    }
    update()?;
    try_install(packages).with_context(|| {
        format!(
            "run as root: apt-get install --no-install-recommends {}",
            packages.join(" ")
        )
    })
}

fn try_install(packages: &[&str]) -> Result<()> {
    let mut command = as_root("apt-get")?;
    // A package of the user's that stands in the way stays; then apt-get fails and says so.
    command.args([
        "install",
        "--yes",
        "--no-install-recommends",
        "--no-remove",
        "-q",
    ]);
    command
        .args(["-o", "DPkg::Lock::Timeout=300"])
        .env("DEBIAN_FRONTEND", "noninteractive");
    run::run_quietly(command.args(packages))
}

fn update() -> Result<()> {
    say("fetching package lists with apt-get");
    run::run_quietly(as_root("apt-get")?.args(["update", "-q"]))
        .context("run as root: apt-get update")
}

/// The version of a package that apt-get would install.
fn candidate(package: &str) -> Result<Option<String>> {
    let text = run::output(
        Command::new("apt-cache")
            .args(["policy", package])
            .env("LC_ALL", "C"),
    )?;
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Candidate: "));
    Ok(line
        .filter(|version| *version != "(none)")
        .map(str::to_string))
}

/// A command that runs as root: directly, or through sudo.
fn as_root(program: &str) -> Result<Command> {
    if is_root()? {
        return Ok(Command::new(program));
    }
    if project::on_path("sudo").is_none() {
        bail!("{program} needs root, and there is no sudo");
    }
    let mut command = Command::new("sudo");
    // Output is captured, so a question for a password would not be seen.
    command.args(["--non-interactive", program]);
    Ok(command)
}

fn is_root() -> Result<bool> {
    Ok(run::output(Command::new("id").arg("-u"))?.trim() == "0")
}

/// Downloads and unpacks wasi-libc in a folder of its own. Nothing is installed.
pub(crate) fn wasi_libc(folder: &Path) -> Result<WasiLibc> {
    let (mirror, codename) = mirror()?;
    let mut reasons = String::new();
    for suite in [format!("{codename}-backports"), codename] {
        say(&format!(
            "guest toolchain: downloading wasi-libc from {suite}"
        ));
        match download(&folder.join(&suite), &mirror, &suite) {
            Ok(libc) => return Ok(libc),
            Err(error) => reasons.push_str(&format!("\n{suite}: {error:#}")),
        }
    }
    bail!("no wasi-libc for {TARGET} at apt's Debian mirror:{reasons}")
}

/// The mirror and the release that this machine's apt takes Debian itself from.
fn mirror() -> Result<(String, String)> {
    let format = "$(CREATED_BY)|$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(CODENAME)|$(REPO_URI)";
    let targets =
        || run::output(Command::new("apt-get").args(["indextargets", "--format", format]));
    let mut found = pick_mirror(&targets()?);
    if found.is_none() {
        update()?;
        found = pick_mirror(&targets()?);
    }
    found.ok_or_else(|| {
        anyhow!("apt's sources have no Debian release; add `deb MIRROR bookworm main`")
    })
}

fn pick_mirror(targets: &str) -> Option<(String, String)> {
    targets.lines().find_map(|line| {
        let fields: Vec<&str> = line.split('|').collect();
        // A codename with a hyphen is a suite beside the release: updates, backports.
        let &["Packages", "Debian", "Debian", "main", codename, mirror] = fields.as_slice() else {
            return None;
        };
        (!codename.contains('-')).then(|| (mirror.to_string(), codename.to_string()))
    })
}

fn download(folder: &Path, mirror: &str, suite: &str) -> Result<WasiLibc> {
    for name in ["lists/partial", "cache/archives/partial", "unpacked"] {
        project::create_folder(&folder.join(name))?;
    }
    let signed = if Path::new(KEYRING).is_file() {
        format!("[signed-by={KEYRING}] ")
    } else {
        String::new()
    };
    let sources = folder.join("sources.list");
    fs::write(&sources, format!("deb {signed}{mirror} {suite} main\n"))?;
    let options = [
        format!("Dir::Etc::SourceList={}", sources.display()),
        "Dir::Etc::SourceParts=/dev/null".to_string(),
        format!("Dir::State::Lists={}", folder.join("lists").display()),
        format!("Dir::Cache={}", folder.join("cache").display()),
        "Acquire::Languages=none".to_string(),
        // apt's own user may not look into this user's cache folder. Signatures are checked all the same.
        "APT::Sandbox::User=".to_string() + if is_root()? { "root" } else { "" },
    ];
    let apt = |words: &[&str]| {
        let mut command = Command::new("apt-get");
        for option in &options {
            command.arg("-o").arg(option);
        }
        run::run_quietly(command.args(words).current_dir(folder))
    };
    apt(&["update", "-q"])?;
    apt(&["download", "-q", "wasi-libc"])?;
    let package = fs::read_dir(folder)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .ok_or_else(|| anyhow!("apt-get download left no package"))?;
    let unpacked = folder.join("unpacked");
    run::run_quietly(Command::new("dpkg").arg("-x").arg(&package).arg(&unpacked))?;
    let libraries = unpacked.join("usr/lib").join(TARGET);
    if let Some(missing) = LIBC_FILES
        .iter()
        .find(|name| !libraries.join(name).is_file())
    {
        bail!("its wasi-libc has no {TARGET}/{missing}");
    }
    let version = run::output(
        Command::new("dpkg-deb")
            .arg("-f")
            .arg(&package)
            .arg("Version"),
    )?;
    Ok(WasiLibc {
        folder: libraries,
        version: version.trim().to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::pick_mirror;

    #[test]
    fn the_mirror_is_that_of_the_release_itself() {
        let targets = "Packages|Other|Other|main|bookworm|http://other.example/\n\
                       Packages|Debian|Debian-Security|main|bookworm-security|http://mirror.example/security/\n\
                       Packages|Debian|Debian|main|bookworm-updates|http://mirror.example/debian/\n\
                       DEP-11|Debian|Debian|main|bookworm|http://mirror.example/debian/\n\
                       Packages|Debian|Debian|main|bookworm|http://mirror.example/debian/\n";
        let expected = Some(("http://mirror.example/debian/".into(), "bookworm".into()));
        assert_eq!(pick_mirror(targets), expected);
        assert_eq!(
            pick_mirror("Packages|Ubuntu|Ubuntu|main|noble|http://mirror.example/\n"),
            None
        );
    }
}
