//! The lock. Audits are made by hand from components that are made from WIT.

mod format;
mod handles;
mod refusals;
mod verify;

use bailiwick_contract::audit::{
    Audit, AuditFinding, Bounds, Class, Derived, FunctionFacts, ImportFacts, ParamFacts, Tier,
};
use bailiwick_contract::{Field, Function, Severity};

use crate::component;

const WIT: &str = r#"
interface search {
    /// What to look at.
    record scope {
        /// How many levels.
        depth: option<u32>,
        hidden: bool,
    }

    /// One match.
    record found {
        /// From 1.
        line: u32,
        text: string,
    }

    /// How it ended.
    variant answer {
        /// Nothing was found.
        none,
        /// All that was found.
        some(list<found>),
    }

    /// Search files.
    ///
    /// All lines that fit are told.
    ///
    /// - `dir`: where to search.
    /// - `pattern`: what for.
    ///
    /// @example {"dir": ".", "pattern": "main"}
    /// @idempotent
    grep: func(dir: string, pattern: string, scope: option<scope>) -> result<answer, string>;

    count: func(text: string) -> u32;
}

world w {
    export search;
}
"#;

/// What can be said of the component that [`WIT`] describes.
fn audit() -> Audit {
    audit_of(WIT)
}

fn audit_of(wit: &str) -> Audit {
    let contract = component::documented(wit);
    let import = |name: &str, class, tier| ImportFacts {
        name: name.into(),
        functions: Vec::new(),
        class,
        reaches: String::new(),
        tier,
        tier_elsewhere: tier,
    };
    Audit {
        version: 1,
        name: "search".into(),
        digest: contract.digest,
        size: 1,
        tier: Tier::Reads,
        tier_mounted: None,
        tier_elsewhere: Tier::Reads,
        docs: "Searches.".into(),
        imports: vec![
            import("wasi:cli/exit@0.2.6", Class::Inert, Tier::Pure),
            import("bailiwick:fs/read@0.1.0", Class::Authority, Tier::Reads),
            import("bailiwick:tool/types@0.1.0", Class::Types, Tier::Pure),
        ],
        functions: contract.functions.iter().map(facts).collect(),
        extra: Vec::new(),
        producers: Vec::new(),
        language: None,
        bounds: Bounds::default(),
        findings: vec![
            finding("docs-problem"),
            finding("docs-problem"),
            finding("clock"),
        ],
    }
}

fn facts(function: &Function) -> FunctionFacts {
    let param = |param: &Field| ParamFacts {
        name: param.key.to_string(),
        ty: "string".into(),
        optional: false,
        docs: param.docs.clone(),
        handles: Vec::new(),
    };
    FunctionFacts {
        name: function.name.clone(),
        interface: function.interface.clone(),
        signature: function.signature(),
        docs: function.docs.text.clone(),
        params: function.params.iter().map(param).collect(),
        input_schema: function.input_schema(),
        output_schema: function.output_schema(),
        examples: function.docs.examples.clone(),
        handles: Vec::new(),
        derived: Derived {
            read_only: true,
            writes: false,
            closed_world: true,
            deterministic: true,
            stateful: false,
            claims_idempotent: function.docs.idempotent,
            claims_destructive: function.docs.destructive,
        },
    }
}

fn finding(code: &'static str) -> AuditFinding {
    AuditFinding {
        code,
        severity: Severity::Warning,
        message: String::new(),
    }
}
