//! What an audit says of a component: tiers, imports, handles, what follows for each function.

use bailiwick_contract::audit::{Audit, Class, Derived, Tier, class_of, given};
use bailiwick_contract::{Contract, Digest, Error};

use crate::audit_made::{packed, read, test_component};
use crate::component::files;

pub(crate) use crate::audit_made::with_section;

fn audit(body: &str) -> Audit {
    read(&test_component(body))
}

fn classes(audit: &Audit) -> Vec<(&str, Class, Tier, Tier)> {
    let facts = audit.imports.iter();
    facts
        .map(|import| {
            (
                &*import.name,
                import.class,
                import.tier,
                import.tier_elsewhere,
            )
        })
        .collect()
}

fn tiers(audit: &Audit) -> (Tier, Option<Tier>, Tier) {
    (audit.tier, audit.tier_mounted, audit.tier_elsewhere)
}

fn derived(audit: &Audit, function: &str) -> Derived {
    audit.function(function).unwrap().derived
}

#[test]
fn the_shipped_tool() {
    let bytes = files();
    let audit = Audit::read("files", &bytes).unwrap();
    let contract = Contract::read(&bytes).unwrap();
    assert_eq!((audit.version, &*audit.name), (1, "files"));
    assert_eq!(
        (audit.digest, audit.size),
        (Digest::of(&bytes), bytes.len() as u64)
    );
    assert_eq!(tiers(&audit), (Tier::Reads, None, Tier::Reads));
    assert_eq!(audit.docs, contract.docs);
    assert_eq!(
        classes(&audit),
        [
            (
                "bailiwick:fs/read@0.1.0",
                Class::Authority,
                Tier::Reads,
                Tier::Reads
            ),
            (
                "bailiwick:tool/types@0.1.0",
                Class::Types,
                Tier::Pure,
                Tier::Pure
            ),
            (
                "bailiwick:tool/progress@0.1.0",
                Class::Inert,
                Tier::Pure,
                Tier::Pure
            ),
        ]
    );
    let names: Vec<_> = audit
        .functions
        .iter()
        .map(|function| &*function.name)
        .collect();
    assert_eq!(names, ["read", "list", "find", "grep"]);
    let grep = audit.function("grep").unwrap();
    let of_contract = contract.function("grep").unwrap();
    assert_eq!(
        grep.interface.as_deref(),
        Some("bailiwick:files/files@0.1.0")
    );
    assert!(
        grep.signature
            .starts_with("grep: func(dir: borrow<read-dir>, pattern: string, ")
    );
    assert_eq!(grep.docs, of_contract.docs.text);
    assert_eq!(grep.input_schema, of_contract.input_schema());
    assert_eq!(grep.output_schema, of_contract.output_schema());
    assert_eq!(grep.examples, of_contract.docs.examples);
    let params: Vec<_> = grep
        .params
        .iter()
        .map(|param| {
            (
                &*param.name,
                &*param.ty,
                param.optional,
                param.handles.len(),
            )
        })
        .collect();
    assert_eq!(
        params,
        [
            ("dir", "borrow<read-dir>", false, 1),
            ("pattern", "string", false, 0),
            ("glob", "option<string>", true, 0),
            ("ignore_case", "option<bool>", true, 0),
            ("context", "option<u32>", true, 0),
            ("max_matches", "option<u32>", true, 0),
        ]
    );
    assert!(grep.params.iter().all(|param| !param.docs.is_empty()));
    let handle = &grep.params[0].handles[0];
    assert_eq!(handle.resource, "bailiwick:fs/read@0.1.0#read-dir");
    assert_eq!(handle.may, "looks at one directory and all below it");
    assert!(!handle.keeps && !handle.writes);
    for function in &audit.functions {
        let derived = function.derived;
        assert!(derived.read_only && derived.closed_world && derived.deterministic);
        assert!(!derived.writes && !derived.stateful && !derived.claims_destructive);
    }
}

#[test]
fn what_has_been_read_is_not_read_again() {
    let bytes = files();
    let contract = Contract::read(&bytes).unwrap();
    let json = |audit: &Audit| serde_json::to_string(audit).unwrap();
    let again = Audit::of("files", &contract, &bytes).unwrap();
    assert_eq!(json(&again), json(&Audit::read("files", &bytes).unwrap()));
}

#[test]
fn what_is_no_component_has_no_audit() {
    assert_eq!(Audit::read("x", b"").unwrap_err(), Error::Empty);
    let module = Audit::read("x", b"\0asm\x01\0\0\0").unwrap_err();
    assert_eq!(module, Error::CoreModule);
}

/// Every tier, by what is imported and by what is handed over.
#[test]
fn every_tier() {
    let tier = |body: &str| tiers(&audit(body));
    let only = |tier| (tier, None, tier);
    assert_eq!(
        tier("world w { include bailiwick:tool/pure@0.1.0; export f: func(); }"),
        only(Tier::Pure)
    );
    assert_eq!(
        tier(
            "interface i { use bailiwick:fs/read@0.1.0.{read-file}; f: func(x: borrow<read-file>); }
             world w { export i; }"
        ),
        only(Tier::Reads)
    );
    assert_eq!(
        tier(
            "interface i { use bailiwick:fs/write@0.1.0.{write-file}; f: func(x: list<option<borrow<write-file>>>); }
             world w { export i; }"
        ),
        only(Tier::Edits)
    );
    // What the binary could use on any handle that it gets.
    assert_eq!(
        tier("world w { include bailiwick:tool/reads@0.1.0; export f: func(); }"),
        only(Tier::Reads)
    );
    assert_eq!(
        tier("world w { include bailiwick:tool/edits@0.1.0; export f: func(); }"),
        only(Tier::Edits)
    );
    assert_eq!(
        tier("world w { import wasi:sockets/tcp@0.2.6; export f: func(); }"),
        (Tier::Pure, None, Tier::Net)
    );
    assert_eq!(
        tier("world w { import wasi:http/outgoing-handler@0.2.6; export f: func(); }"),
        (Tier::Unbounded, None, Tier::Net)
    );
    assert_eq!(
        tier("world w { import evil:box/open@1.0.0; export f: func(); }"),
        only(Tier::Unbounded)
    );
    assert_eq!(
        tier("world w { import launch: func(); export f: func(); }"),
        only(Tier::Unbounded)
    );
}

/// The records that ask for a mount are in the signature, and count like handles.
#[test]
fn a_record_that_asks_for_a_mount_is_a_handle() {
    for (record, tier, writes) in [
        ("readable", Tier::Reads, false),
        ("writable", Tier::Edits, true),
    ] {
        let body = format!(
            "interface i {{ use bailiwick:fs/paths@0.1.0.{{{record}}}; f: func(x: {record}); }} world w {{ export i; }}"
        );
        let audit = audit(&body);
        assert_eq!(tiers(&audit), (tier, None, tier));
        let handle = &audit.functions[0].params[0].handles[0];
        let resource = format!("bailiwick:fs/paths@0.1.0#{record}");
        assert_eq!((&handle.resource, handle.writes), (&resource, writes));
        assert!(!handle.keeps);
        assert_eq!(derived(&audit, "f").writes, writes);
        assert_eq!(derived(&audit, "f").read_only, !writes);
    }
}

#[test]
fn what_uses_files_by_itself_can_be_given_some() {
    let mounts = "import wasi:filesystem/preopens@0.2.6;";
    assert_eq!(
        tiers(&audit(&format!("world w {{ {mounts} export f: func(); }}"))),
        (Tier::Pure, Some(Tier::Edits), Tier::Edits)
    );
    assert_eq!(
        tiers(&audit(&format!(
            "world w {{ {mounts} import evil:box/open@1.0.0; export f: func(); }}"
        ))),
        (Tier::Unbounded, Some(Tier::Unbounded), Tier::Unbounded)
    );
    // Without the function that hands them out there is nothing to mount.
    assert_eq!(
        tiers(&audit(
            "world w { import wasi:filesystem/types@0.2.6; export f: func(); }"
        )),
        (Tier::Pure, None, Tier::Edits)
    );
}

#[test]
fn every_class() {
    let audit = audit(
        "world w {
           import wasi:cli/stdout@0.2.6;
           import wasi:filesystem/preopens@0.2.6;
           import wasi:clocks/wall-clock@0.2.6;
           import wasi:sockets/tcp@0.2.6;
           import evil:box/lid@1.0.0;
           import evil:box/open@1.0.0;
           use evil:box/names@1.0.0.{name};
           export f: func(x: name);
         }",
    );
    let found = classes(&audit);
    for expected in [
        ("evil:box/names@1.0.0", Class::Types, Tier::Pure, Tier::Pure),
        (
            "wasi:cli/stdout@0.2.6",
            Class::Inert,
            Tier::Pure,
            Tier::Pure,
        ),
        (
            "wasi:filesystem/types@0.2.6",
            Class::Mounts,
            Tier::Pure,
            Tier::Edits,
        ),
        (
            "wasi:filesystem/preopens@0.2.6",
            Class::Mounts,
            Tier::Pure,
            Tier::Edits,
        ),
        (
            "wasi:clocks/wall-clock@0.2.6",
            Class::Authority,
            Tier::Pure,
            Tier::Pure,
        ),
        (
            "wasi:sockets/tcp@0.2.6",
            Class::Inert,
            Tier::Pure,
            Tier::Net,
        ),
        // A resource without functions has to be given all the same.
        (
            "evil:box/lid@1.0.0",
            Class::Unknown,
            Tier::Unbounded,
            Tier::Unbounded,
        ),
        (
            "evil:box/open@1.0.0",
            Class::Unknown,
            Tier::Unbounded,
            Tier::Unbounded,
        ),
    ] {
        assert!(found.contains(&expected), "{expected:?} in {found:?}");
    }
    assert_eq!(found.len(), 8);
    for import in &audit.imports {
        assert!(!import.reaches.is_empty());
        let only_types = import.class == Class::Types;
        let meaning = class_of(&import.name, only_types);
        assert_eq!((meaning.class, meaning.tier), (import.class, import.tier));
    }
    assert!(given().all(|(interface, _)| !interface.contains('@')));
}

#[test]
fn what_follows_from_imports() {
    let derived = |import: &str| {
        let audit = audit(&format!("world w {{ {import} export f: func(); }}"));
        derived(&audit, "f")
    };
    let pure = derived("");
    assert!(pure.read_only && pure.closed_world && pure.deterministic);
    assert!(!pure.writes && !pure.stateful && !pure.claims_idempotent);
    for import in ["wasi:clocks/wall-clock@0.2.6", "wasi:random/random@0.2.6"] {
        let derived = derived(&format!("import {import};"));
        assert!(!derived.deterministic && derived.read_only && derived.closed_world);
    }
    // A network that is not there, and files that nobody mounted.
    for import in ["wasi:sockets/tcp@0.2.6", "wasi:filesystem/preopens@0.2.6"] {
        assert_eq!(derived(&format!("import {import};")), pure, "{import}");
    }
    let unknown = derived("import evil:box/open@1.0.0;");
    assert!(!unknown.read_only && !unknown.closed_world && !unknown.deterministic);
}

/// Types of a clock are not a clock.
#[test]
fn types_alone_reach_nothing() {
    let audit = audit(
        "interface api { use wasi:clocks/timezone@0.2.6.{offset}; f: func(x: offset); } world w { export api; }",
    );
    let clock = audit
        .imports
        .iter()
        .find(|import| import.name.contains("clock"));
    assert_eq!(clock.map(|import| import.class), Some(Class::Types));
    assert!(derived(&audit, "f").deterministic);
}

#[test]
fn claims_are_the_authors() {
    let audit = read(&packed(
        "interface api {
           /// Removes it.
           /// @destructive
           remove: func();
           /// Sets it.
           /// @idempotent
           set: func();
         }
         /// About it.
         world w { export api; }",
    ));
    let claims = |name| {
        let derived = derived(&audit, name);
        (derived.claims_idempotent, derived.claims_destructive)
    };
    assert_eq!(
        (claims("remove"), claims("set")),
        ((false, true), (true, false))
    );
    assert_eq!(audit.docs, "About it.");
    assert_eq!(audit.function("remove").unwrap().docs, "Removes it.");
}

#[test]
fn a_command_has_no_tools_and_the_tier_of_its_imports() {
    let audit = audit(
        "world w {
           import wasi:cli/stdout@0.2.6;
           import wasi:filesystem/preopens@0.2.6;
           export wasi:cli/run@0.2.6;
         }",
    );
    assert!(audit.functions.is_empty());
    assert_eq!(audit.extra[0].name, "wasi:cli/run@0.2.6#run");
    assert_eq!(tiers(&audit), (Tier::Pure, Some(Tier::Edits), Tier::Edits));
    assert!(
        audit
            .findings
            .iter()
            .any(|finding| finding.code == "no-tools")
    );
}

#[test]
fn who_made_it() {
    let mut bytes = test_component("world w { export f: func(); }");
    let before = read(&bytes);
    assert!(
        before
            .producers
            .iter()
            .any(|said| said.name == "wit-component")
    );
    assert_eq!(before.language, None);
    let mut producers = wasm_encoder::ProducersSection::new();
    let mut languages = wasm_encoder::ProducersField::new();
    languages.value("COBOL", "");
    producers.field("language", &languages);
    let mut tools = wasm_encoder::ProducersField::new();
    tools.value(&"x".repeat(10_000), &"1".repeat(10_000));
    producers.field("processed-by", &tools);
    wasm_encoder::ComponentSection::append_to_component(
        &wasm_encoder::CustomSection {
            name: "producers".into(),
            data: section_data(&producers).into(),
        },
        &mut bytes,
    );
    let audit = read(&bytes);
    assert_eq!(audit.language.as_deref(), Some("COBOL"));
    let long = audit
        .producers
        .iter()
        .find(|said| said.name.starts_with('x'));
    let long = long.unwrap();
    assert!(long.name.len() < 300 && long.version.len() < 300);
    assert_eq!((&*long.field, &long.name[..3]), ("processed-by", "xxx"));
}

/// The contents of a section without its name and length.
fn section_data(producers: &wasm_encoder::ProducersSection) -> Vec<u8> {
    let mut component = wasm_encoder::Component::new();
    component.section(producers);
    let bytes = component.finish();
    let mut payloads = wasmparser::Parser::new(0).parse_all(&bytes);
    payloads
        .find_map(|payload| match payload.unwrap() {
            wasmparser::Payload::CustomSection(section) => Some(section.data().to_vec()),
            _ => None,
        })
        .unwrap()
}
