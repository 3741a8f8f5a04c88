//! The policy of the folder that a command is run in: found, read, and held to trust, lock and its owner's ceilings before anything of it
//! is believed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Read as _, stderr};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use bailiwick_host::contract::Digest;
use bailiwick_host::contract::audit::{Audit, Tier};
use bailiwick_host::contract::lock::{Lock, Mismatch};
use bailiwick_host::visible;
use bailiwick_policy::owner::{Ground, Owner};
use bailiwick_policy::trust::{self, Status, Trust};
use bailiwick_policy::{Policy, PolicyError};

use crate::exit::Refusal;
use crate::{locate, output, state};

/// What a policy's file is called.
pub(crate) const FILE: &str = "bailiwick.toml";

/// A path as it is told: in one line, with nothing hidden.
pub(crate) fn shown(path: &Path) -> String {
    visible::name(&path.display().to_string())
}

/// The longest file of these that is read.
const MOST: u64 = 4 << 20;

/// A policy that was found and read. It is not trusted yet.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// Without links.
    pub(crate) path: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) text: String,
    pub(crate) policy: Policy,
    /// The lock's text, if there is one.
    pub(crate) lock: Option<String>,
}

/// Where the policy of a command is: as it was said, or in this folder, or in one above it up to the one that has a `.git`. None when
/// there is none. Nothing is read.
pub(crate) fn path(said: Option<&Path>) -> Result<Option<PathBuf>, Refusal> {
    if let Some(said) = said {
        let path = if said.is_dir() {
            said.join(FILE)
        } else {
            said.to_path_buf()
        };
        if !path.is_file() {
            let path = path.display();
            return Err(Refusal::usage(format!("there is no policy `{path}`"))
                .hint("`bailiwick init` writes one"));
        }
        return Ok(Some(path));
    }
    let here = std::env::current_dir()
        .map_err(|error| Refusal::usage(format!("there is no current folder: {error}")))?;
    // Above a checkout others may have put one.
    let mut folders: Vec<&Path> = Vec::new();
    for folder in here.ancestors() {
        folders.push(folder);
        if folder.join(".git").exists() {
            break;
        }
    }
    let in_checkout = folders.last().is_some_and(|top| top.join(".git").exists());
    let near = if in_checkout { folders.len() } else { 1 };
    let found = folders.iter().take(near).map(|folder| folder.join(FILE));
    Ok(found.into_iter().find(|path| path.is_file()))
}

/// Finds the policy and reads it. None when there is none.
pub(crate) fn find(said: Option<&Path>) -> Result<Option<Found>, Refusal> {
    match path(said)? {
        Some(path) => Found::read(&path).map(Some),
        None => Ok(None),
    }
}

/// As [`find`], and there must be one.
pub(crate) fn needed(said: Option<&Path>) -> Result<Found, Refusal> {
    find(said)?.ok_or_else(|| {
        Refusal::usage(format!(
            "there is no {FILE} in this folder, nor above it in its checkout"
        ))
        .hint("`bailiwick init` writes one; or give --policy FILE")
    })
}

impl Found {
    pub(crate) fn read(path: &Path) -> Result<Self, Refusal> {
        let said = shown(path);
        let path = path
            .canonicalize()
            .map_err(|error| Refusal::usage(format!("`{said}`: {error}")))?;
        let text =
            text_of(&path)?.ok_or_else(|| Refusal::usage(format!("there is no `{said}`")))?;
        let mut found = Self::new(path, text)?;
        found.lock = text_of(&found.lock_path())?;
        Ok(found)
    }

    /// A policy of this text at a path without links, and without a lock.
    pub(crate) fn new(path: PathBuf, text: String) -> Result<Self, Refusal> {
        let policy =
            Policy::parse(&text).map_err(|errors| malformed(&shown(&path), &text, &errors))?;
        Ok(Self {
            folder: path.parent().unwrap_or(Path::new("/")).to_path_buf(),
            path,
            text,
            policy,
            lock: None,
        })
    }

    /// Where its lock is: beside it, `bailiwick.lock` for `bailiwick.toml`.
    pub(crate) fn lock_path(&self) -> PathBuf {
        self.path.with_extension("lock")
    }

    /// The lock, which is empty where there is none.
    pub(crate) fn lock(&self) -> Result<Lock, Refusal> {
        let Some(text) = &self.lock else {
            return Ok(Lock::default());
        };
        let path = shown(&self.lock_path());
        Lock::parse(text).map_err(|error| Refusal::usage(format!("{path}: {error}")))
    }

    /// What has to be trusted: the policy and what it holds its tools to.
    pub(crate) fn digest(&self) -> Digest {
        trust::governing_digest(
            self.text.as_bytes(),
            self.lock.as_deref().map(str::as_bytes),
        )
    }

    /// Whether it may be believed: exit 3, with all that it would grant, when nobody trusted it as it is.
    pub(crate) fn trusted(&self, store: &Trust) -> Result<(), Refusal> {
        let why = match store.status(&self.path, &self.digest()) {
            Status::Trusted { .. } => return Ok(()),
            Status::Changed { .. } => {
                "has changed since it was trusted, or its lock has".to_owned()
            }
            Status::Unknown => "is not trusted".to_owned(),
            Status::Odd { reason } => format!("is not trusted: {reason}"),
        };
        let mut message = format!("the policy {} {why}; it would give:", shown(&self.path));
        for line in self.policy.summary(&self.folder, home().as_deref()) {
            let _ = write!(message, "\n  {line}");
        }
        Err(Refusal::gate(message)
            .hint("read it, then say `bailiwick trust`; nothing of it runs before"))
    }

    /// Makes it trusted as it is now.
    pub(crate) fn trust(&self, state: Option<&Path>) -> Result<(), Refusal> {
        store(state)?
            .trust(&self.path, &self.digest(), &today())
            .map_err(|error| Refusal::usage(error.to_string()))
    }

    /// Whether it is trusted as it is.
    pub(crate) fn is_trusted(&self, state: Option<&Path>) -> Result<bool, Refusal> {
        let status = store(state)?.status(&self.path, &self.digest());
        Ok(matches!(status, Status::Trusted { .. }))
    }

    /// Whether something is mounted for a tool.
    pub(crate) fn mounts(&self, tool: &str) -> bool {
        let tool = self.policy.tools.get(tool);
        tool.is_some_and(|tool| !tool.mounts.is_empty())
    }

    /// Lowers its limits to its owners' ceilings, and refuses what passes one that cannot be lowered. `tiers`: of the tools that are to run.
    pub(crate) fn under_owners(&mut self, tiers: &BTreeMap<String, Tier>) -> Result<(), Refusal> {
        let home = home();
        for (path, owner) in owners()? {
            owner.lower(&mut self.policy, &bailiwick_host::policy::defaults());
            // Where a path leads, links resolved: a ceiling is no help over a link that leads past it.
            let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
            let ground = Ground {
                folder: &self.folder,
                home: home.as_deref(),
                real: &real,
            };
            let mut asked = self.policy.clone();
            asked.tools.retain(|name, _| tiers.contains_key(name));
            let breaches = owner.check(&asked, &ground, tiers);
            let lock = self.lock()?;
            let mut forbidden: Vec<String> = breaches
                .iter()
                .map(|breach| format!("{}; {}", breach.message, breach.help))
                .collect();
            for tool in tiers.keys() {
                let entry = lock.tools.get(tool);
                if owner.require_lock && entry.is_none() {
                    forbidden.push(format!("`{tool}` is not locked"));
                }
                if owner.require_approval && entry.is_none_or(|entry| entry.approval.is_none()) {
                    forbidden.push(format!("nobody has approved `{tool}` in its lock"));
                }
            }
            if forbidden.is_empty() {
                continue;
            }
            let mut message = format!("the owner's policy {} forbids it:", shown(&path));
            for line in forbidden {
                let _ = write!(message, "\n  {line}");
            }
            return Err(Refusal::gate(message));
        }
        Ok(())
    }

    /// Where a tool's component is.
    pub(crate) fn component(&self, tool: &str) -> Option<locate::Located> {
        let of = self.policy.tools.get(tool)?;
        Some(locate::Located {
            name: tool.to_owned(),
            path: Policy::path_of(&self.folder, &of.component, home().as_deref()),
        })
    }

    /// The most that a tool can do as the policy has it.
    pub(crate) fn tier(&self, tool: &str, audit: &Audit) -> Tier {
        let mounted = audit.tier_mounted.filter(|_| self.mounts(tool));
        mounted.unwrap_or(audit.tier)
    }

    /// How a tool differs from what was locked, as the policy has it.
    pub(crate) fn mismatches(&self, lock: &Lock, tool: &str, audit: &Audit) -> Vec<Mismatch> {
        lock.verify(tool, audit, self.mounts(tool), &today())
    }

    /// What a tool can do, from its bytes.
    pub(crate) fn audit(&self, tool: &str) -> Result<Audit, Refusal> {
        let located = self
            .component(tool)
            .ok_or_else(|| Refusal::usage(format!("the policy has no tool `{tool}`")))?;
        let bytes = located.read()?;
        Audit::read(tool, &bytes).map_err(|error| {
            let message = format!("failed to read `{tool}`: {error}");
            Refusal::new(bailiwick_host::Code::LoadFailed, message)
        })
    }
}

/// The user's home, which `~` means.
pub(crate) fn home() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    home.map(PathBuf::from)
}

/// Where the policies of the machine's owner and of this user are, or would be.
pub(crate) fn owners_paths() -> Vec<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let of_user = set("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| home().map(|home| home.join(".config")));
    let folders = [Some(PathBuf::from("/etc")), of_user];
    let folders = folders.into_iter().flatten();
    folders
        .map(|folder| folder.join("bailiwick/owner.toml"))
        .collect()
}

/// What stands there, which no other policy can pass.
fn owners() -> Result<Vec<(PathBuf, Owner)>, Refusal> {
    let mut owners = Vec::new();
    for path in owners_paths() {
        if let Some(text) = text_of(&path)? {
            let said = shown(&path);
            let owner = Owner::parse(&text).map_err(|errors| malformed(&said, &text, &errors))?;
            owners.push((path, owner));
        }
    }
    Ok(owners)
}

/// Whether there is an owner's policy, for which the tiers of tools have to be known.
pub(crate) fn has_owner() -> Result<bool, Refusal> {
    Ok(!owners()?.is_empty())
}

/// The text of a file. None when there is none.
pub(crate) fn text_of(path: &Path) -> Result<Option<String>, Refusal> {
    let failed =
        |error: &dyn std::fmt::Display| Refusal::usage(format!("`{}`: {error}", shown(path)));
    // What is no file could keep one waiting for ever.
    if path.metadata().is_ok_and(|is| !is.is_file()) {
        return Err(failed(&"it is not a file"));
    }
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&error)),
    };
    let mut bytes = Vec::new();
    file.take(MOST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(&error))?;
    if bytes.len() as u64 > MOST {
        return Err(failed(&format!("it has more than {MOST} bytes")));
    }
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| failed(&"it is not UTF-8 text"))
}

/// All that is wrong with a policy, each with its line.
pub(crate) fn malformed(file: &str, text: &str, errors: &[PolicyError]) -> Refusal {
    let colour = stderr().is_terminal();
    let shown: Vec<_> = errors
        .iter()
        .map(|error| error.render(file, text, colour))
        .collect();
    Refusal::shown(format!("`{file}` is no policy"), shown.join("\n"))
}

/// The store of trusted policies, in the state folder and so outside of every tree that a tool is granted.
pub(crate) fn store(state: Option<&Path>) -> Result<Trust, Refusal> {
    let path = state::path(state)?;
    // It makes the folder, if there is none, and checks that it is nobody else's.
    state::open(&path)?;
    store_in(&path)
}

/// The store in a state folder that has been opened.
pub(crate) fn store_in(path: &Path) -> Result<Trust, Refusal> {
    let failed =
        |error: &dyn std::fmt::Display| Refusal::usage(format!("`{}`: {error}", path.display()));
    let folder = path.join("trust");
    match std::os::unix::fs::DirBuilderExt::mode(&mut std::fs::DirBuilder::new(), 0o700)
        .create(&folder)
    {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(failed(&error));
        }
        _ => {}
    }
    let dir = cap_std::fs::Dir::open_ambient_dir(&folder, cap_std::ambient_authority())
        .map_err(|error| failed(&error))?;
    Trust::open(dir).map_err(|error| failed(&error))
}

/// The day in UTC, `2026-11-23`.
pub(crate) fn today() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let (year, month, day) = civil(seconds / 86_400);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Year, month and day of a day counted from 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn civil(days: u64) -> (u64, u64, u64) {
    let z = days + 719_468;
    let era = z / 146_097;
    let of_era = z % 146_097;
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (year + era * 400 + u64::from(month <= 2), month, day)
}

/// Asks a question that is answered by yes or no. No where nobody can be asked.
pub(crate) fn ask(question: &str) -> bool {
    use std::io::{BufRead as _, Write as _, stdin};
    if !(stdin().is_terminal() && stderr().is_terminal()) {
        return false;
    }
    let _ = write!(stderr().lock(), "{question} [y]es, [n]o: ");
    let mut line = String::new();
    let _ = stdin().lock().read_line(&mut line);
    let is_yes = matches!(line.trim(), "y" | "yes");
    if !is_yes {
        output::note("nothing was changed");
    }
    is_yes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (days, date) in [
            (0, (1970, 1, 1)),
            (58, (1970, 2, 28)),
            (59, (1970, 3, 1)),
            (11_016, (2000, 2, 29)),
            (20_780, (2026, 11, 23)),
            (20_819, (2027, 1, 1)),
        ] {
            assert_eq!(civil(days), date, "{days}");
        }
    }
}
