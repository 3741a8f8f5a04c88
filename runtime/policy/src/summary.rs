//! What a policy grants, in lines for a person who decides whether to trust it.

use std::path::Path;

use bailiwick_contract::visible;

use crate::amount::{show_bytes, show_count};
use crate::policy::{
    BudgetPolicy, GrantPolicy, LimitsPolicy, Metering, Policy, Rights, ToolPolicy,
};

/// How many names a line lists.
const LISTED: usize = 8;

/// How long one name in a line is, in characters.
const LONG: usize = 200;

impl Policy {
    /// What it grants, and what each tool may be handed of that: a line each, safe to print. `folder` is where the
    /// policy's file is, and paths are as [`path_of`](Self::path_of) tells them: whoever decides sees where a grant
    /// leads, but for links.
    ///
    /// ```
    /// # use std::path::Path;
    /// let policy = bailiwick_policy::Policy::parse("[grants.docs]\npath = \"docs\"").unwrap();
    /// let lines = policy.summary(Path::new("/home/ada/site"), Some(Path::new("/home/ada")));
    /// assert_eq!(lines, ["grants /docs: /home/ada/site/docs (ro)", "no tools"]);
    /// ```
    #[must_use]
    pub fn summary(&self, folder: &Path, home: Option<&Path>) -> Vec<String> {
        let mut lines = Vec::new();
        for name in &self.order {
            if let Some(grant) = self.grants.get(name) {
                lines.push(self.grant_line(name, grant, folder, home));
            }
        }
        if lines.is_empty() {
            lines.push("grants nothing".to_owned());
        }
        if self.tools.is_empty() {
            lines.push("no tools".to_owned());
        }
        for (name, tool) in &self.tools {
            lines.push(self.tool_line(name, tool));
        }
        if self.limits != LimitsPolicy::default() {
            lines.push(format!(
                "every tool: limits {}",
                amounts(&self.limits.set())
            ));
        }
        if self.budget != BudgetPolicy::default() {
            lines.push(format!("a session: budget {}", amounts(&self.budget.set())));
        }
        lines
    }

    fn grant_line(
        &self,
        name: &str,
        grant: &GrantPolicy,
        folder: &Path,
        home: Option<&Path>,
    ) -> String {
        let path = Policy::path_of(folder, &grant.path, home);
        let mut line = format!(
            "grants /{}: {} (",
            shown(name),
            shown(&path.display().to_string())
        );
        line.push_str(grant.rights.as_str());
        if grant.rights == Rights::ReadWrite {
            line.push_str(&format!(", writes {}", grant.writes));
            let quota = [
                grant.quota.bytes.map(show_bytes),
                grant
                    .quota
                    .entries
                    .map(|entries| format!("{} names", show_count(entries))),
            ];
            let quota: Vec<String> = quota.into_iter().flatten().collect();
            if !quota.is_empty() {
                line.push_str(&format!(", quota {}", quota.join(" and ")));
            }
        }
        if grant.cross_mounts {
            line.push_str(", with what is mounted inside");
        }
        if grant.remote {
            line.push_str(", over the network too");
        }
        line.push(')');
        let plain = |path: &Path| Policy::path_of(path, Path::new("."), None);
        let home = home.map(plain);
        if path.parent().is_none() {
            line.push_str(", THE WHOLE DISK");
        } else if home.as_ref().is_some_and(|home| *home == path) {
            line.push_str(", YOUR HOME");
        } else if home.is_some_and(|home| home.starts_with(&path)) {
            line.push_str(", WHICH HOLDS YOUR HOME");
        } else if !path.starts_with(plain(folder)) {
            line.push_str(", outside of the policy's folder");
        }
        if self.order.len() > 1 && self.default_grant() == Some(name) {
            line.push_str(", the default");
        }
        for (verb, globs) in [("hides", &grant.hide), ("protects", &grant.protect)] {
            if !globs.is_empty() {
                line.push_str(&format!(", {verb} {}", listed(globs)));
            }
        }
        line
    }

    fn tool_line(&self, name: &str, tool: &ToolPolicy) -> String {
        let component = shown(&tool.component.display().to_string());
        let mut line = format!("tool {}: {component}, may be handed ", shown(name));
        let handed: Vec<String> = tool
            .grants
            .iter()
            .map(|handed| {
                let rights = self.rights_of(tool, &handed.grant).unwrap_or_default();
                format!("{} ({rights})", handed.grant)
            })
            .collect();
        line.push_str(&match handed.as_slice() {
            [] => "nothing".to_owned(),
            handed => listed(handed),
        });
        if !tool.mounts.is_empty() {
            line.push_str(&format!(", has mounted {}", listed(&tool.mounts)));
        }
        match tool.expose.as_deref() {
            None => {}
            Some([]) => line.push_str(", exposes nothing"),
            Some(exposed) => line.push_str(&format!(", exposes only {}", listed(exposed))),
        }
        if tool.limits != LimitsPolicy::default() {
            line.push_str(&format!(", limits {}", amounts(&tool.limits.set())));
        }
        if tool.metering == Metering::Time {
            line.push_str(", metered by time and not by fuel");
        }
        line
    }
}

fn amounts(set: &[(&str, String)]) -> String {
    let set: Vec<String> = set
        .iter()
        .map(|(key, amount)| format!("{key} {amount}"))
        .collect();
    set.join(", ")
}

fn listed(names: &[String]) -> String {
    let mut line: Vec<String> = names.iter().take(LISTED).map(|name| shown(name)).collect();
    if names.len() > LISTED {
        line.push(format!("and {} more", names.len() - LISTED));
    }
    line.join(", ")
}

fn shown(name: &str) -> String {
    let mut short: String = name.chars().take(LONG).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    visible::name(&short)
}
