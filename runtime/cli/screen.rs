//! An audit on one screen, for a person.

use std::fmt::Write as _;

use bailiwick_host::contract::Severity;
use bailiwick_host::contract::audit::{Audit, Class, FunctionFacts, Tier};

/// What a component can do at most, and what it tells a model.
pub(crate) fn audit(audit: &Audit) -> String {
    let mut text = String::new();
    head(&mut text, audit);
    touches(&mut text, audit);
    never(&mut text, audit);
    functions(&mut text, audit);
    told(&mut text, audit);
    findings(&mut text, audit);
    text
}

fn head(text: &mut String, audit: &Audit) {
    let _ = writeln!(text, "{}  {}", audit.name, audit.digest);
    let language = audit.language.as_deref().unwrap_or("language unknown");
    let _ = writeln!(text, "  {} bytes, {language}", audit.size);
    let _ = writeln!(text, "  tier: {}", audit.tier);
    if let Some(mounted) = audit.tier_mounted.filter(|mounted| *mounted != audit.tier) {
        let _ = writeln!(
            text,
            "        {mounted} when a policy mounts something writable for it"
        );
    }
    if audit.tier_elsewhere > audit.tier {
        let _ = writeln!(
            text,
            "        {} on a host that gives it all that it imports",
            audit.tier_elsewhere
        );
    }
    let bounds = &audit.bounds;
    let most = match bounds.memory_max {
        Some(most) => format!("at most {} KiB", most >> 10),
        None => "as far as its limit lets them".to_owned(),
    };
    let _ = writeln!(
        text,
        "  an instance: {} of core modules, {} memories from {} KiB ({most}), {} tables",
        bounds.core_instances,
        bounds.memories,
        bounds.memory_min >> 10,
        bounds.tables
    );
}

/// What it can touch: what it is handed, and what it imports.
fn touches(text: &mut String, audit: &Audit) {
    let _ = writeln!(text, "\nWhat it can touch");
    let mut nothing = true;
    for function in &audit.functions {
        for param in &function.params {
            for handle in &param.handles {
                nothing = false;
                let keeps = if handle.keeps {
                    ", and keeps it after the call"
                } else {
                    ""
                };
                let name = &function.name;
                let _ = writeln!(
                    text,
                    "  {name}({}): {}{keeps} ({})",
                    param.name, handle.may, handle.resource
                );
            }
        }
    }
    if nothing {
        let _ = writeln!(text, "  no file: none of its functions takes a handle");
    }
    let _ = writeln!(text, "  imports:");
    let imports: Vec<_> = audit
        .imports
        .iter()
        .filter(|import| import.class != Class::Types)
        .collect();
    if imports.is_empty() {
        let _ = writeln!(text, "    none");
    }
    let (inert, others): (Vec<_>, Vec<_>) = imports
        .into_iter()
        .partition(|import| import.class == Class::Inert);
    for import in others {
        let class = import.class.as_str();
        let _ = writeln!(text, "    {class:<9}  {}: {}", import.name, import.reaches);
    }
    if !inert.is_empty() {
        // Standard libraries bring dozens of them, and there is nothing to say of each.
        let _ = writeln!(text, "    inert      nothing is behind these:");
        for names in inert.chunks(4) {
            let names: Vec<_> = names.iter().map(|import| import.name.as_str()).collect();
            let _ = writeln!(text, "               {}", names.join(", "));
        }
    }
}

/// What it can never touch, whatever it does.
fn never(text: &mut String, audit: &Audit) {
    let _ = writeln!(text, "\nWhat it can never touch");
    if audit.tier == Tier::Unbounded {
        let _ = writeln!(
            text,
            "  nobody can tell: it imports what is not known, and this host does not load it"
        );
        return;
    }
    let mut lines = Vec::new();
    match (audit.tier, audit.tier_mounted) {
        (Tier::Pure, None) => lines.push("any file"),
        (Tier::Pure, Some(_)) => lines.push("any file that a policy does not mount for it"),
        (_, None) => lines.push("any file that it is not handed"),
        (_, Some(_)) => lines.push("any file that it is not handed and that is not mounted for it"),
    }
    if audit.tier == Tier::Reads {
        lines.push(match audit.tier_mounted {
            None => "the contents of what it is handed: it cannot change anything",
            Some(_) => {
                "the contents of what it is handed: it cannot change anything that is not mounted"
            }
        });
    }
    if audit.tier < Tier::Net {
        lines.push("a network");
    }
    lines.push("other processes, the host's environment, what other calls left in memory");
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}

fn functions(text: &mut String, audit: &Audit) {
    let _ = writeln!(text, "\nFunctions");
    if audit.functions.is_empty() {
        let _ = writeln!(text, "  none that can be called as a tool");
    }
    for function in &audit.functions {
        let _ = writeln!(text, "  {}", function.signature);
        let _ = writeln!(text, "    {}", derived(function));
    }
    for extra in &audit.extra {
        let _ = writeln!(text, "  not a tool: {}: {}", extra.name, extra.reason);
    }
}

/// What follows from the types, and what its author claims.
fn derived(function: &FunctionFacts) -> String {
    let facts = &function.derived;
    let mut words = vec![if facts.writes {
        "changes what it is handed"
    } else if facts.read_only {
        "read-only"
    } else {
        "changes something"
    }];
    words.push(if facts.closed_world {
        "closed world"
    } else {
        "open world"
    });
    words.push(if facts.deterministic {
        "deterministic"
    } else {
        "not deterministic"
    });
    if facts.stateful {
        words.push("keeps state");
    }
    if facts.claims_idempotent {
        words.push("its author says: idempotent");
    }
    if facts.claims_destructive {
        words.push("its author says: destructive");
    }
    words.join(", ")
}

/// The text that a model sees.
fn told(text: &mut String, audit: &Audit) {
    let _ = writeln!(text, "\nWhat the model is told");
    indented(text, 2, &audit.docs);
    for function in &audit.functions {
        let _ = writeln!(text, "  {}_{}", audit.name, function.name);
        indented(text, 4, &function.docs);
        for param in function
            .params
            .iter()
            .filter(|param| !param.docs.is_empty())
        {
            indented(text, 6, &format!("{}: {}", param.name, param.docs));
        }
        for example in &function.examples {
            indented(text, 6, &format!("example: {example}"));
        }
    }
}

fn indented(text: &mut String, by: usize, block: &str) {
    for line in block.lines() {
        let _ = writeln!(text, "{:by$}{line}", "");
    }
}

fn findings(text: &mut String, audit: &Audit) {
    let _ = writeln!(text, "\nFindings");
    if audit.findings.is_empty() {
        let _ = writeln!(text, "  none");
    }
    for finding in &audit.findings {
        let weight = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let _ = writeln!(text, "  {weight}: {}: {}", finding.code, finding.message);
    }
}
