//! The lines that a policy would need.

use bailiwick_contract::visible;
use toml::Value;

use super::{Change, Check};
use crate::policy::{MountedGrant, Rights};

/// What something is called that is granted to a tool when there is nothing yet.
const WORKSPACE: &str = "workspace";

impl Check<'_> {
    /// It exposes another function than `name`, or without one not that.
    pub(super) fn expose(&self, name: &str, near: Option<&str>) -> Change {
        let said = self.section.expose.iter().flatten().map(String::as_str);
        let mut names: Vec<&str> = Vec::new();
        for said in said {
            let said = if said == name { near } else { Some(said) };
            names.extend(said.filter(|said| !names.contains(said)));
        }
        self.tool_lines([list("expose", names)])
    }

    /// It may only look at a grant that it gets.
    pub(super) fn lowered(&self, grant: &str) -> Change {
        let mut handed = self.section.grants.clone();
        for handed in handed.iter_mut().filter(|handed| handed.grant == grant) {
            handed.rights = Some(Rights::Read);
        }
        self.tool_lines([grants(&handed)])
    }

    /// It does not get a grant.
    pub(super) fn without(&self, grant: &str) -> Change {
        let handed = self
            .section
            .grants
            .iter()
            .filter(|handed| handed.grant != grant);
        let handed = grants(&handed.cloned().collect::<Vec<_>>());
        let mut change = self.tool_lines([handed]);
        if self.section.mounts.iter().any(|mount| mount == grant) {
            change.lines.extend(self.unmounted(grant).lines);
        }
        change
    }

    /// A grant is not mounted for it.
    pub(super) fn unmounted(&self, grant: &str) -> Change {
        let mounts = self.section.mounts.iter().map(String::as_str);
        self.tool_lines([list("mounts", mounts.filter(|mount| *mount != grant))])
    }

    /// It gets something with these rights. One step of it where several are needed: what then is missing is told then.
    pub(super) fn granting(&self, rights: Rights) -> Change {
        let allows = |grant: &str| {
            self.policy
                .grants
                .get(grant)
                .is_some_and(|of| of.rights >= rights)
        };
        let mut handed = self.section.grants.clone();
        if let Some(lowered) = handed.iter_mut().find(|handed| allows(&handed.grant)) {
            lowered.rights = None;
            return self.tool_lines([grants(&handed)]);
        }
        let default = self.policy.default_grant().into_iter();
        let names: Vec<&str> = default
            .chain(self.policy.order.iter().map(String::as_str))
            .collect();
        if let Some(grant) = names.iter().find(|name| allows(name)) {
            handed.push(self.just(grant, rights));
            return self.tool_lines([grants(&handed)]);
        }
        let gets = handed.iter().map(|handed| handed.grant.as_str());
        let mut raised = gets
            .chain(names)
            .filter(|name| self.policy.grants.contains_key(*name));
        let (table, line) = match raised.next() {
            Some(grant) => (format!("grants.{grant}"), format!("rights = \"{rights}\"")),
            None => (
                "grants".to_owned(),
                format!("{WORKSPACE} = {{ path = \".\", rights = \"{rights}\" }}"),
            ),
        };
        Change {
            table: visible::name(&table),
            lines: vec![line],
        }
    }

    /// Something is mounted for it to look at. None when nothing is granted at all.
    pub(super) fn mounting(&self) -> Option<Change> {
        let known = |grant: &&str| self.policy.grants.contains_key(*grant);
        let mut gets = self
            .section
            .grants
            .iter()
            .map(|handed| handed.grant.as_str());
        if let Some(grant) = gets.find(known) {
            return Some(self.tool_lines([list("mounts", [grant])]));
        }
        let grant = self.policy.default_grant().filter(known)?;
        let mut handed = self.section.grants.clone();
        handed.push(self.just(grant, Rights::Read));
        Some(self.tool_lines([grants(&handed), list("mounts", [grant])]))
    }

    /// A grant with no more than these rights.
    fn just(&self, grant: &str, rights: Rights) -> MountedGrant {
        let most = self.policy.grants.get(grant).map(|of| of.rights);
        MountedGrant {
            grant: grant.to_owned(),
            rights: most.filter(|most| *most > rights).map(|_| rights),
        }
    }

    fn tool_lines<const N: usize>(&self, lines: [String; N]) -> Change {
        Change {
            table: visible::name(&format!("tools.{}", self.tool)),
            lines: lines.into(),
        }
    }
}

fn grants(handed: &[MountedGrant]) -> String {
    let words: Vec<_> = handed.iter().map(ToString::to_string).collect();
    list("grants", words.iter().map(String::as_str))
}

fn list<'a>(key: &str, words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<_> = words
        .into_iter()
        .map(|word| Value::from(word).to_string())
        .collect();
    visible::name(&format!("{key} = [{}]", words.join(", ")))
}
