//! `[tools.NAME]`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use bailiwick_contract::names::snake_case;

use super::grants::Grants;
use super::names::{self, Names};
use super::section::{Named, Section};
use super::{NAMES, limits};
use crate::error::{Code, PolicyError, Problems};
use crate::keys::{RIGHTS, TOOL};
use crate::nearest;
use crate::policy::{Metering, MountedGrant, Rights, ToolPolicy};

pub(super) fn read(
    root: &Section<'_>,
    grants: &Grants,
    problems: &mut Problems,
) -> BTreeMap<String, ToolPolicy> {
    let mut tools = BTreeMap::new();
    let mut names = Names::new("tool", names::tool);
    for Named { name, span, value } in root.named("tools", NAMES, problems) {
        names.tell(&name, &span, problems);
        let what = format!("tool `{}`", nearest::quote(&name));
        let section = root.open(value, &TOOL, what, span, problems);
        tools.insert(name, tool(&section, grants, problems));
    }
    tools
}

fn tool(section: &Section<'_>, grants: &Grants, problems: &mut Problems) -> ToolPolicy {
    let component = section.path("component", problems);
    let handed = handed(section, grants, problems);
    ToolPolicy {
        component: component.map(|(path, _)| path).unwrap_or_default(),
        mounts: mounts(section, &handed, grants, problems),
        grants: handed,
        expose: expose(section, problems),
        limits: limits::read(section, problems),
        metering: section
            .word("metering", problems)
            .and_then(Metering::of)
            .unwrap_or_default(),
    }
}

/// `grants = ["workspace:ro"]`
fn handed(section: &Section<'_>, grants: &Grants, problems: &mut Problems) -> Vec<MountedGrant> {
    let mut handed: Vec<MountedGrant> = Vec::new();
    let mut seen = BTreeSet::new();
    for (said, span) in section.list("grants", problems).unwrap_or_default() {
        let (name, word) = match said.split_once(':') {
            Some((name, word)) => (name, Some(word)),
            None => (said.as_str(), None),
        };
        let is_own = name == names::SCRATCH;
        if !grants.known.contains_key(name) && !is_own && problems.skip() {
            continue;
        }
        let mut wrong = |code, message: String, help: String| {
            problems.push(PolicyError::new(code, span.clone(), message).help(help));
        };
        let rights = match word.map(|word| (word, Rights::of(word))) {
            None => None,
            Some((_, Some(rights))) => Some(rights),
            Some((word, None)) => {
                let message = format!(
                    "`{}` ends in rights that do not exist",
                    nearest::quote(&said)
                );
                wrong(
                    Code::UnknownWord,
                    message,
                    nearest::help(word, RIGHTS.iter().copied()),
                );
                None
            }
        };
        if !grants.known.contains_key(name) && !is_own {
            let message = unknown(section, name);
            wrong(
                Code::UnknownGrant,
                message,
                names::granted(name, &grants.order),
            );
            continue;
        }
        if !is_own && !grants.allow(name, rights) {
            let message = format!(
                "{} would get more than is granted: `{name}` is `ro`",
                section.what
            );
            let help = format!("write `{name}`, or `rights = \"rw\"` in `[grants.{name}]`");
            wrong(Code::MoreThanGranted, message, help);
        }
        if seen.insert(name.to_owned()) {
            let grant = name.to_owned();
            handed.push(MountedGrant { grant, rights });
        } else {
            let message = format!("{} has the grant `{name}` twice", section.what);
            wrong(Code::Duplicate, message, "leave one out".into());
        }
    }
    handed
}

/// `mounts = ["workspace"]`
fn mounts(
    section: &Section<'_>,
    handed: &[MountedGrant],
    grants: &Grants,
    problems: &mut Problems,
) -> Vec<String> {
    let mut mounts = Vec::new();
    let mut seen = BTreeSet::new();
    for (name, span) in section.list("mounts", problems).unwrap_or_default() {
        let is_known = name == names::SCRATCH || grants.known.contains_key(&name);
        if !is_known && problems.skip() {
            continue;
        }
        match mount(section, &name, handed, grants) {
            Err((code, message, help)) => {
                problems.push(PolicyError::new(code, span, message).help(help));
            }
            Ok(()) if seen.insert(name.clone()) => mounts.push(name),
            Ok(()) => {
                let message = format!("{} has the mount `{name}` twice", section.what);
                problems
                    .push(PolicyError::new(Code::Duplicate, span, message).help("leave one out"));
            }
        }
    }
    mounts
}

fn mount(
    section: &Section<'_>,
    said: &str,
    handed: &[MountedGrant],
    grants: &Grants,
) -> Result<(), names::Wrong> {
    if handed.iter().any(|handed| handed.grant == said) {
        return Ok(());
    }
    let (name, _) = said.split_once(':').unwrap_or((said, ""));
    if !grants.known.contains_key(name) && name != names::SCRATCH {
        let help = names::granted(name, &grants.order);
        return Err((Code::UnknownGrant, unknown(section, name), help));
    }
    if name != said {
        let message = format!(
            "a mount has no rights of its own: `{}`",
            nearest::quote(said)
        );
        let help = format!("write `{name}`; the rights are those in `grants`");
        return Err((Code::UnknownWord, message, help));
    }
    let message = format!(
        "`{name}` is mounted for {}, which may not be handed it",
        section.what
    );
    let help = format!("add `{name}` or `{name}:ro` to its `grants`");
    Err((Code::NotGranted, message, help))
}

fn unknown(section: &Section<'_>, name: &str) -> String {
    format!(
        "{} names the grant `{}`, and there is none",
        section.what,
        nearest::quote(name)
    )
}

/// `expose = ["grep"]`
fn expose(section: &Section<'_>, problems: &mut Problems) -> Option<Vec<String>> {
    let listed = section.list("expose", problems)?;
    let mut exposed = Vec::new();
    let mut seen = BTreeSet::new();
    for (name, span) in listed {
        if let Err((code, message, help)) = exposable(&name) {
            problems.push(PolicyError::new(code, span, message).help(help));
        } else if seen.insert(name.clone()) {
            exposed.push(name);
        } else {
            twice(&name, span, problems);
        }
    }
    Some(exposed)
}

fn exposable(name: &str) -> Result<(), names::Wrong> {
    if names::function(name) {
        return Ok(());
    }
    let meant = snake_case(name);
    let help = match names::function(&meant) {
        true => format!("did you mean `{}`?", nearest::quote(meant)),
        false => "a function is named as it is called, in snake case: `read_lines`".to_owned(),
    };
    let message = format!("no function can be called `{}`", nearest::quote(name));
    Err((Code::BadName, message, help))
}

fn twice(name: &str, span: Range<usize>, problems: &mut Problems) {
    let message = format!("`{}` is in `expose` twice", nearest::quote(name));
    problems.push(PolicyError::new(Code::Duplicate, span, message).help("leave one out"));
}
