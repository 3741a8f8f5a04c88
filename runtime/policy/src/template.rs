//! The policy that `bailiwick init` writes: for the folder that it is run in, with no more than the tools that there
//! are can use.

use std::collections::BTreeSet;

use crate::parse::names;

/// What is known of the folder, and of the tools.
#[derive(Debug, Clone, Default)]
pub struct Folder {
    /// The names of what is in it.
    pub names: BTreeSet<String>,
    /// The tools to begin with.
    pub tools: Vec<Shipped>,
}

/// A tool to begin with.
#[derive(Debug, Clone)]
pub struct Shipped {
    /// Its name. One that no tool can have is left out, and so is one that looks like another.
    pub name: String,
    /// Where its component is, as the policy is to have it: relative to the folder, or absolute.
    pub component: String,
    /// Whether it changes what it is handed.
    pub writes: bool,
}

/// Files in which secrets are, wherever they stand.
const SECRETS: &[&str] = &[
    "**/.env*",
    "**/*.pem",
    "**/*.key",
    "**/id_rsa*",
    "**/id_ed25519*",
    "**/.netrc",
];

/// What else hides secrets, by what tells that it may be there.
const MORE_SECRETS: &[(&[&str], &str)] = &[
    (&["Cargo.toml"], "**/.cargo/credentials*"),
    (&["package.json"], "**/.npmrc"),
    (
        &["pyproject.toml", "setup.py", "requirements.txt"],
        "**/.pypirc",
    ),
    (&["terraform.tfstate", "main.tf"], "**/*.tfstate*"),
    (
        &["Dockerfile", "compose.yaml", "docker-compose.yml"],
        "**/.docker/config.json",
    ),
];

/// What tools make and people review: by itself protected where it is.
const MADE: &[&str] = &[
    "Cargo.lock",
    "package-lock.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "bun.lock",
    "poetry.lock",
    "uv.lock",
    "go.sum",
    "flake.lock",
    "CODEOWNERS",
];

/// What runs elsewhere after a push: a folder or file at the top.
const RUNS: &[&str] = &[".github", ".gitlab-ci.yml", ".circleci", "Jenkinsfile"];

/// The text of the policy. It parses.
#[must_use]
pub fn policy(folder: &Folder) -> String {
    let tools = tools(folder);
    let writes = tools.iter().any(|tool| tool.writes);
    let mut text = String::from(
        "# What an agent's tools may do here. Nothing that is not written in this file is granted.\n\
         # What a tool can do at most: `bailiwick audit NAME`.\n\n",
    );
    text.push_str(&grant(folder, writes));
    for tool in &tools {
        text.push_str(&block(tool));
    }
    if tools.is_empty() {
        text.push_str(
            "\n# A tool is a component, and gets what it is handed:\n\
             # [tools.files]\n\
             # component = \"tools/files.wasm\"\n\
             # grants    = [\"workspace:ro\"]\n",
        );
    }
    text.push_str(
        "\n# The limits of one call of any tool; what is absent is the default.\n\
         # A tool can have its own: `limits = { … }`.\n\
         # [limits]\n\
         # fuel     = \"1G\"\n\
         # deadline = \"10s\"\n\
         # memory   = \"64MiB\"\n\
         \n# What all calls of a session may use together.\n\
         # [budget]\n\
         # fuel  = \"100G\"\n\
         # calls = 1000\n",
    );
    text
}

/// Those that can be in one policy.
fn tools(folder: &Folder) -> Vec<&Shipped> {
    let mut known = names::Names::new("tool", names::tool);
    let fits = |tool: &&Shipped| {
        let path = &tool.component;
        !path.trim().is_empty() && !path.contains('\0') && known.check(&tool.name).is_ok()
    };
    folder.tools.iter().filter(fits).collect()
}

fn grant(folder: &Folder, writes: bool) -> String {
    let there = |name: &&&str| folder.names.contains(**name);
    let mut hide: Vec<&str> = SECRETS.to_vec();
    for (signs, glob) in MORE_SECRETS {
        if signs.iter().any(|sign| folder.names.contains(*sign)) {
            hide.push(glob);
        }
    }
    let mut protect: Vec<String> = MADE
        .iter()
        .filter(there)
        .map(|name| format!("/{name}"))
        .collect();
    if folder.names.contains(".git") {
        protect.extend(RUNS.iter().filter(there).map(|name| format!("/{name}")));
    }
    let mut text = String::from(
        "# A model sees this folder as /workspace.\n[grants.workspace]\npath    = \".\"\n",
    );
    let rights = if writes { "rw" } else { "ro" };
    text.push_str(&format!(
        "rights  = \"{rights}\"    # ro: to look at; rw: to look at and to change\n"
    ));
    text.push_str("# Not listed, not opened, not revealed: secrets. Globs as in a .gitignore.\n");
    text.push_str(&format!("hide    = {}\n", list(&hide)));
    if writes {
        text.push_str("# Readable and not writable, beside a built-in list (this file, .git/hooks, .vscode, …).\n");
        let protect: Vec<&str> = protect.iter().map(String::as_str).collect();
        text.push_str(&format!("protect = {}\n", list(&protect)));
        text.push_str(
            "# apply: to the disk when a call ends well, and it can be undone. review: pending until you accept it.\n\
             writes  = \"apply\"\n\
             quota   = { bytes = \"64MiB\", entries = 4096 }\n",
        );
    }
    text
}

fn block(tool: &Shipped) -> String {
    let component = toml::Value::String(tool.component.clone());
    let (comment, grants) = match tool.writes {
        true => ("It changes files, where it is told to.", "workspace"),
        false => ("It looks at files.", "workspace:ro"),
    };
    format!(
        "\n# {comment}\n[tools.{}]\ncomponent = {component}\ngrants    = [\"{grants}\"]\n",
        tool.name
    )
}

/// A list of texts, one line each when they are many.
fn list(texts: &[&str]) -> String {
    let texts: Vec<String> = texts
        .iter()
        .map(|text| toml::Value::from(*text).to_string())
        .collect();
    let line = format!("[{}]", texts.join(", "));
    if line.len() <= 80 {
        return line;
    }
    let lines: String = texts.iter().map(|text| format!("    {text},\n")).collect();
    format!("[\n{lines}]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Policy, Rights, Writes};

    fn shipped(name: &str, writes: bool) -> Shipped {
        let component = format!("/opt/bailiwick/tools/{name}.wasm");
        Shipped {
            name: name.into(),
            component,
            writes,
        }
    }

    fn folder(names: &[&str], tools: Vec<Shipped>) -> Folder {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Folder { names, tools }
    }

    fn parsed(folder: &Folder) -> Policy {
        let text = policy(folder);
        Policy::parse(&text).unwrap_or_else(|errors| panic!("{errors:?}\n{text}"))
    }

    #[test]
    fn grants_what_the_tools_can_use() {
        let tools = vec![shipped("files", false), shipped("edit", true)];
        let policy = parsed(&folder(
            &[".git", "Cargo.toml", "Cargo.lock", ".github"],
            tools,
        ));
        let workspace = &policy.grants["workspace"];
        assert_eq!(
            (workspace.rights, workspace.writes),
            (Rights::ReadWrite, Writes::Apply)
        );
        assert_eq!(workspace.protect, ["/Cargo.lock", "/.github"]);
        assert!(workspace.hide.contains(&"**/.env*".to_owned()));
        assert!(
            workspace
                .hide
                .contains(&"**/.cargo/credentials*".to_owned())
        );
        assert!(!workspace.hide.contains(&"**/.npmrc".to_owned()));
        assert_eq!(
            policy.rights_of(&policy.tools["files"], "workspace"),
            Some(Rights::Read)
        );
        assert_eq!(
            policy.rights_of(&policy.tools["edit"], "workspace"),
            Some(Rights::ReadWrite)
        );
    }

    #[test]
    fn without_a_tool_that_writes_nothing_can_be_written() {
        let policy = parsed(&folder(&["package.json"], vec![shipped("files", false)]));
        assert_eq!(policy.grants["workspace"].rights, Rights::Read);
        assert!(
            policy.grants["workspace"]
                .hide
                .contains(&"**/.npmrc".to_owned())
        );
    }

    #[test]
    fn any_facts_give_a_policy_that_parses() {
        let hostile = Shipped {
            name: "x".into(),
            component: "a\"\n[grants.evil]\npath = \"/\" '''\\ \u{1b}".into(),
            writes: true,
        };
        let no_name = Shipped {
            name: "x]\n[grants.evil".into(),
            ..hostile.clone()
        };
        let tools = vec![
            hostile.clone(),
            no_name,
            shipped("X", false),
            shipped("y", false),
        ];
        let policy = parsed(&folder(&["\"]\n[evil]"], tools));
        assert_eq!(policy.order, ["workspace"]);
        assert_eq!(policy.tools.keys().collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(
            policy.tools["x"].component.to_str(),
            Some(hostile.component.as_str())
        );
        assert!(parsed(&Folder::default()).tools.is_empty());
    }
}
