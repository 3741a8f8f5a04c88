//! The names that no handle can change, whatever a policy says, and those that none can see.
//!
//! The list is of what makes *other* programs run code, or decides what they may, without anybody asking for it: when
//! somebody enters the directory, opens it in an editor, commits, or starts an agent there. What a person runs on
//! purpose (a build file, a script, a test) is not on it: reading what one runs is that person's part. Nor is text that
//! agents read as instructions, and what runs on other machines after a push. A bare repository cannot be told by its
//! name: `safe.bareRepository = explicit` in git's own settings is the answer to those.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What can be read and never be changed, in any directory, with all that is in it, in any spelling of the case. A `/`
/// stands between a name and the directory that it is in.
///
/// Besides these, a name `.git` itself cannot be made, removed, renamed or replaced, though most of what is in such a directory
/// can be changed: objects, references and the index are data. And no link can be made or moved to where a directory
/// of this list would be (`.cargo` for `.cargo/config`): whoever looks there would be led elsewhere.
pub const PROTECTED: &[&str] = &[
    // Our own: what a session may do, and what its tools are.
    "bailiwick.toml",
    "bailiwick.lock",
    // git: programs to run at its commands, and settings that name programs (`core.pager`, `core.fsmonitor`).
    ".git/hooks",
    ".git/config",
    ".git/config.worktree",
    // Attributes turn on the filters that settings define.
    ".git/info",
    // Where the settings and hooks of another worktree or submodule are, or to look for them.
    ".git/commondir",
    ".git/gitdir",
    ".git/modules",
    ".git/worktrees",
    // Addresses to fetch from and push to, in their old form.
    ".git/branches",
    ".git/remotes",
    // What is left to do of an interrupted command: a line of it can be `exec`.
    ".git/rebase-merge",
    ".git/rebase-apply",
    ".git/sequencer",
    ".gitmodules",
    ".gitconfig",
    ".config/git",
    // Hooks that live in the tree, and lists of them.
    ".githooks",
    ".husky",
    ".lefthook",
    ".lefthook.yml",
    "lefthook.yml",
    ".pre-commit-config.yaml",
    ".overcommit.yml",
    // Agents: servers to start, commands to run, what needs no asking.
    ".mcp.json",
    ".claude",
    ".claude.json",
    ".codex",
    ".cursor",
    ".gemini",
    ".windsurf",
    ".continue",
    ".roo",
    ".aider.conf.yml",
    // Editors: tasks, language servers, start-up files read from the directory itself.
    ".vscode",
    ".idea",
    ".vs",
    ".zed",
    ".fleet",
    ".helix",
    ".devcontainer",
    ".devcontainer.json",
    ".exrc",
    ".vimrc",
    ".nvimrc",
    ".nvim.lua",
    ".dir-locals.el",
    ".dir-locals-2.el",
    // Shells and what they run when somebody enters a directory or logs in.
    ".envrc",
    ".direnv",
    ".mise.toml",
    "mise.toml",
    ".mise",
    ".rvmrc",
    ".profile",
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".bash_logout",
    ".bash_aliases",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".zlogin",
    ".zlogout",
    ".config/fish",
    ".config/mise",
    ".config/autostart",
    ".config/systemd",
    ".xprofile",
    ".xsession",
    ".pam_environment",
    // Keys that let in, commands that connect.
    ".ssh",
    // Debuggers run these from the directory they are started in.
    ".gdbinit",
    ".lldbinit",
    ".pdbrc",
    // Settings of build tools that name programs, and that editors obey on opening.
    ".cargo/config",
    ".cargo/config.toml",
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    ".pnpmfile.cjs",
];

/// A workspace of an editor, with tasks and settings, is known by how its name ends.
const PROTECTED_ENDS: &[&str] = &[".code-workspace"];

/// A directory, or a file or link that says where it is.
const GIT: &str = ".git";

/// How the names of what we put into granted directories ourselves begin: the state folder of a filesystem that
/// needs one of its own, and files on their way to their place. No handle sees them, and none can make one.
pub(crate) const OURS: &str = ".bailiwick-";

/// The list by the first name of its entries.
static BY_FIRST: LazyLock<HashMap<&str, Vec<Vec<&str>>>> = LazyLock::new(|| {
    let mut map: HashMap<&str, Vec<Vec<&str>>> = HashMap::new();
    for entry in PROTECTED {
        let mut names = entry.split('/');
        if let Some(first) = names.next() {
            map.entry(first).or_default().push(names.collect());
        }
    }
    map
});

/// Whether a folded path is on the list, or in something that is.
pub(super) fn protects(path: &str) -> bool {
    let names: Vec<&str> = path.split('/').collect();
    let ends = |name: &str| PROTECTED_ENDS.iter().any(|end| name.ends_with(end));
    names.last() == Some(&GIT)
        || (0..names.len()).any(|at| {
            let (name, below) = (names[at], &names[at + 1..]);
            let listed = BY_FIRST.get(name);
            ends(name)
                || listed.is_some_and(|rests| rests.iter().any(|rest| below.starts_with(rest)))
        })
}

/// Whether a folded path is where a directory above something on the list would be.
pub(super) fn leads_to_protected(path: &str) -> bool {
    let names: Vec<&str> = path.split('/').collect();
    (0..names.len()).any(|at| {
        let (name, below) = (names[at], &names[at + 1..]);
        let listed = BY_FIRST.get(name);
        listed.is_some_and(|rests| {
            rests
                .iter()
                .any(|rest| rest.len() > below.len() && rest.starts_with(below))
        })
    })
}

/// Whether a folded name is one of ours.
pub(super) fn is_ours(name: &str) -> bool {
    name.starts_with(OURS)
}
