//! What a reviewer should look at.

use std::collections::BTreeMap;

use super::texts::Reader;
use super::{
    AuditFinding, Bounds, Class, FunctionFacts, ImportFacts, Tier, findings, handles, hidden,
    instructions, look_alike, texts,
};
use crate::contract::Contract;
use crate::severity::Severity;
use crate::types::Function;
use crate::visible;

/// How many findings of each code are told one by one.
const MOST: usize = 32;

/// How many names are told in one finding.
const NAMES: usize = 8;

/// Findings, by code.
#[derive(Default)]
struct Gathered {
    by_code: BTreeMap<&'static str, Of>,
}

#[derive(Default)]
struct Of {
    messages: Vec<String>,
    more: usize,
}

impl Gathered {
    /// Each message is told once.
    fn add(&mut self, code: &'static str, message: impl Into<String>) {
        let (of, message) = (self.by_code.entry(code).or_default(), message.into());
        if of.messages.contains(&message) {
            return;
        }
        if of.messages.len() < MOST {
            of.messages.push(message);
        } else {
            of.more += 1;
        }
    }

    /// The worst first, then by code, then in the order of the component.
    fn into_findings(self) -> Vec<AuditFinding> {
        let mut found = Vec::new();
        for (code, mut of) in self.by_code {
            if of.more > 0 {
                of.messages.push(format!("and {} more of these", of.more));
            }
            // That every code is in the table is tested.
            let severity = findings::find(code).map_or(Severity::Error, |known| known.severity);
            found.extend(of.messages.into_iter().map(|message| AuditFinding {
                code,
                severity,
                message,
            }));
        }
        found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        found
    }
}

/// All findings about a component of which these are the facts.
pub(super) fn findings(
    contract: &Contract,
    imports: &[ImportFacts],
    functions: &[FunctionFacts],
    bounds: &Bounds,
) -> Vec<AuditFinding> {
    let mut gathered = Gathered::default();
    for finding in contract.findings.iter().chain(&contract.misleading) {
        gathered.add(finding.code, finding.message.as_str());
    }
    of_imports(&mut gathered, imports);
    of_texts(&mut gathered, contract);
    for (function, facts) in contract.functions.iter().zip(functions) {
        of_function(&mut gathered, function, facts);
    }
    let names = functions.iter().map(|function| &*function.name);
    for (one, other) in look_alike::pairs(names) {
        gathered.add(
            "look-alike-name",
            format!("the functions `{one}` and `{other}` look alike"),
        );
    }
    if functions.is_empty() {
        let exports = contract.extra.iter().map(|extra| &*extra.name);
        let message = match contract.extra.as_slice() {
            [] => "it exports nothing: loading fails".to_owned(),
            _ => format!(
                "nothing that it exports is a tool, loading fails: {}",
                list(exports)
            ),
        };
        gathered.add("no-tools", message);
    }
    if bounds.memories > 0 && bounds.memory_max.is_none() {
        gathered.add(
            "memory-unbounded",
            "its memory has no maximum of its own: only the limits of the host hold it",
        );
    }
    gathered.into_findings()
}

fn of_imports(gathered: &mut Gathered, imports: &[ImportFacts]) {
    for import in imports
        .iter()
        .filter(|import| import.class == Class::Unknown)
    {
        let message = format!("`{}`: {}", import.name, import.reaches);
        gathered.add("unknown-import", message);
    }
    let elsewhere = |network: bool| {
        let more = imports.iter().filter(move |import| {
            matches!(import.class, Class::Inert | Class::Mounts)
                && import.tier_elsewhere > import.tier
                && (import.tier_elsewhere >= Tier::Net) == network
        });
        more.map(|import| &*import.name)
    };
    if elsewhere(true).next().is_some() {
        gathered.add(
            "network-elsewhere",
            format!(
                "there is no network behind these here, and there may be on another host; seal it: {}",
                list(elsewhere(true))
            ),
        );
    }
    if elsewhere(false).next().is_some() {
        gathered.add(
            "authority-elsewhere",
            format!(
                "nothing is reached through these here, and may be on another host; seal it: {}",
                list(elsewhere(false))
            ),
        );
    }
}

fn of_texts(gathered: &mut Gathered, contract: &Contract) {
    texts::each(contract, &mut |text| {
        if let Some(message) = hidden::told(&text) {
            gathered.add("hidden-characters", message);
        }
        if text.reader == Reader::Model
            && let Some(message) = instructions::told(&text)
        {
            gathered.add("instructions-in-docs", visible::name(&message));
        }
    });
}

fn of_function(gathered: &mut Gathered, function: &Function, facts: &FunctionFacts) {
    let name = &facts.name;
    if facts.docs.is_empty() {
        gathered.add(
            "undocumented",
            format!("function `{name}` says nothing of what it does"),
        );
    }
    for param in &facts.params {
        for handle in &param.handles {
            if !handles::is_served(handle) {
                let message = format!(
                    "parameter `{}` of function `{name}` is a `{}`",
                    param.name, handle.resource
                );
                gathered.add("unknown-handle", message);
            }
            if handle.keeps {
                let message = format!(
                    "function `{name}` keeps what it is handed as `{}`, a `{}`",
                    param.name, handle.resource
                );
                gathered.add("keeps-handle", message);
            }
        }
    }
    if let Some(result) = &function.result {
        for handle in handles::within(result) {
            if !handles::is_served(&handle) {
                let message = format!("function `{name}` returns a `{}`", handle.resource);
                gathered.add("unknown-handle", message);
            }
        }
    }
    let params = facts.params.iter().map(|param| &*param.name);
    for (one, other) in look_alike::pairs(params) {
        gathered.add(
            "look-alike-name",
            format!("the parameters `{one}` and `{other}` of function `{name}` look alike"),
        );
    }
}

/// Names for a message.
fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    if names.len() > NAMES {
        let more = names.len() - NAMES;
        names.truncate(NAMES);
        names.push(format!("and {more} more"));
    }
    names.join(", ")
}
