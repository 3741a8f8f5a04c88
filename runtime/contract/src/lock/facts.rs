//! What is approved of a component.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Entry, LockedFunction, texts};
use crate::audit::{Audit, Class, Derived, FunctionFacts};
use crate::digest::Digest;

pub(super) fn entry(audit: &Audit) -> Entry {
    let imports = audit.imports.iter();
    let imports: BTreeSet<_> = imports
        .filter(|import| import.class != Class::Types)
        .map(|import| format!("{} {}", import.name, class(import.class)))
        .collect();
    let findings: BTreeSet<_> = audit
        .findings
        .iter()
        .map(|finding| finding.code.to_owned())
        .collect();
    let functions = audit.functions.iter();
    Entry {
        digest: audit.digest.to_string(),
        tier: audit.tier,
        docs: audit.docs.clone(),
        imports: imports.into_iter().collect(),
        findings: findings.into_iter().collect(),
        approval: None,
        functions: functions
            .map(|facts| (facts.name.clone(), function(facts)))
            .collect(),
    }
}

fn class(class: Class) -> &'static str {
    match class {
        Class::Types => "types",
        Class::Inert => "inert",
        Class::Mounts => "mounts",
        Class::Authority => "authority",
        Class::Unknown => "unknown",
    }
}

fn function(facts: &FunctionFacts) -> LockedFunction {
    let (input, mut params) = texts::split(&facts.input_schema);
    let (output, returns) = texts::split(&facts.output_schema);
    for param in facts.params.iter().filter(|param| !param.docs.is_empty()) {
        texts::add(&mut params, &param.name, &param.docs);
    }
    let schemas = json!({ "input": input, "output": output });
    let examples = facts.examples.iter();
    LockedFunction {
        signature: facts.signature.clone(),
        facts: words(&facts.derived),
        handles: facts.handles.clone(),
        docs: facts.docs.clone(),
        params,
        returns,
        examples: examples.map(ToString::to_string).collect(),
        schema: Digest::of(texts::canonical(&schemas).to_string().as_bytes()).to_string(),
    }
}

fn words(derived: &Derived) -> Vec<String> {
    let Derived {
        read_only,
        writes,
        closed_world,
        deterministic,
        stateful,
        claims_idempotent,
        claims_destructive,
    } = *derived;
    let all = [
        ("claims-destructive", claims_destructive),
        ("claims-idempotent", claims_idempotent),
        ("closed-world", closed_world),
        ("deterministic", deterministic),
        ("read-only", read_only),
        ("stateful", stateful),
        ("writes", writes),
    ];
    all.into_iter()
        .filter(|(_, holds)| *holds)
        .map(|(word, _)| word.to_owned())
        .collect()
}
