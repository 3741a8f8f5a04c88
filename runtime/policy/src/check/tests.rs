use std::collections::BTreeSet;

use bailiwick_contract::Digest;
use bailiwick_contract::audit::{
    Bounds, Class, Derived, FunctionFacts, HandleFacts, ImportFacts, ParamFacts,
};

use super::*;
use crate::policy::GrantPolicy;

/// The parameters of a function: `dir:r file:w? table:W`. Small letters are handles, capital ones paths that are
/// mounted; `?` for optional.
fn function(name: &str, params: &str) -> FunctionFacts {
    let params = params.split_whitespace().map(|param| {
        let (name, what) = param.split_once(':').unwrap();
        let handles = what.chars().filter(|c| *c != '?').map(|c| {
            let resource = match c {
                'r' => "bailiwick:fs/read@0.1.0#read-dir",
                'w' => "bailiwick:fs/write@0.1.0#write-file",
                'R' => "bailiwick:fs/paths@0.1.0#readable",
                'W' => "bailiwick:fs/paths@0.1.0#writable",
                'x' => "other:fs/read@0.1.0#read-dir",
                _ => panic!("{param}"),
            };
            HandleFacts {
                resource: resource.into(),
                may: String::new(),
                keeps: false,
                writes: c == 'w' || c == 'W',
            }
        });
        ParamFacts {
            name: name.into(),
            ty: String::new(),
            optional: what.ends_with('?'),
            docs: String::new(),
            handles: handles.collect(),
        }
    });
    FunctionFacts {
        name: name.into(),
        interface: None,
        signature: String::new(),
        docs: String::new(),
        params: params.collect(),
        input_schema: serde_json::Value::Null,
        output_schema: serde_json::Value::Null,
        examples: Vec::new(),
        handles: Vec::new(),
        derived: Derived {
            read_only: true,
            writes: false,
            closed_world: true,
            deterministic: true,
            stateful: false,
            claims_idempotent: false,
            claims_destructive: false,
        },
    }
}

fn audit(functions: &[(&str, &str)], imports: &[(&str, Class)]) -> Audit {
    let mounts = imports.iter().any(|(_, class)| *class == Class::Mounts);
    Audit {
        version: 1,
        name: "tool".into(),
        digest: Digest::of(b""),
        size: 0,
        tier: Tier::Pure,
        tier_mounted: mounts.then_some(Tier::Edits),
        tier_elsewhere: Tier::Pure,
        docs: String::new(),
        imports: imports
            .iter()
            .map(|(name, class)| ImportFacts {
                name: (*name).into(),
                functions: Vec::new(),
                class: *class,
                reaches: String::new(),
                tier: Tier::Pure,
                tier_elsewhere: Tier::Pure,
            })
            .collect(),
        functions: functions
            .iter()
            .map(|(name, params)| function(name, params))
            .collect(),
        extra: Vec::new(),
        producers: Vec::new(),
        language: None,
        bounds: Bounds::default(),
        findings: Vec::new(),
    }
}

const FILES: (&str, Class) = ("wasi:filesystem/preopens@0.2.6", Class::Mounts);

fn files() -> Audit {
    audit(&[("grep", "dir:r pattern:"), ("read", "file:r")], &[])
}

fn edit() -> Audit {
    audit(&[("write", "file:w content:"), ("replace", "file:w")], &[])
}

/// `workspace:rw docs:ro`, and of the tool `tool` its grants (`workspace:ro docs`), its mounts and what it exposes.
fn policy(granted: &str, handed: &str, mounts: &str, expose: Option<&str>) -> Policy {
    let words = |text: &str| {
        text.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let mut policy = Policy::default();
    for grant in words(granted) {
        let (name, rights) = grant.split_once(':').unwrap();
        policy.order.push(name.into());
        let grant = GrantPolicy {
            rights: Rights::of(rights).unwrap(),
            ..GrantPolicy::default()
        };
        policy.grants.insert(name.into(), grant);
    }
    let handed = words(handed)
        .into_iter()
        .map(|handed| match handed.split_once(':') {
            None => MountedGrant {
                grant: handed,
                rights: None,
            },
            Some((grant, rights)) => MountedGrant {
                grant: grant.into(),
                rights: Some(Rights::of(rights).unwrap()),
            },
        });
    let tool = ToolPolicy {
        grants: handed.collect(),
        mounts: words(mounts),
        expose: expose.map(words),
        ..ToolPolicy::default()
    };
    policy.tools.insert("tool".into(), tool);
    policy
}

/// What is told, each with its code in front; each code is of its kind.
fn told(policy: &Policy, audit: &Audit) -> Vec<String> {
    let lines = grants(policy, "tool", audit);
    assert!(lines.is_sorted_by_key(|line| line.kind));
    let known: BTreeSet<_> = CODES.iter().map(|known| (known.code, known.kind)).collect();
    assert!(
        lines
            .iter()
            .all(|line| known.contains(&(line.code, line.kind)))
    );
    lines
        .iter()
        .map(|line| format!("{} {line}", line.code))
        .collect()
}

#[test]
fn what_is_needed_and_granted_is_said_so() {
    let read = policy("workspace:rw", "workspace:ro", "", None);
    let expected = [
        "grant-used granted-and-needed: `workspace` (ro) may be handed to grep(`dir`), read(`file`)",
    ];
    assert_eq!(told(&read, &files()), expected);
    let write = policy("workspace:rw", "workspace", "", None);
    let expected = [
        "grant-used granted-and-needed: `workspace` (rw) may be handed to write(`file`), replace(`file`)",
    ];
    assert_eq!(told(&write, &edit()), expected);
    let none = policy("workspace:rw", "", "", None);
    assert_eq!(told(&none, &audit(&[("add", "a: b:")], &[])), [""; 0]);
}

#[test]
fn who_only_reads_needs_no_more() {
    let rw = policy("workspace:rw docs:ro", "docs workspace", "", None);
    let expected = [
        "rights-unused granted-not-needed: tool only reads: `workspace:ro` would do; write \
         `grants = [\"docs\", \"workspace:ro\"]` in `[tools.tool]`",
        "grant-used granted-and-needed: `docs` (ro) may be handed to grep(`dir`), read(`file`)",
    ];
    assert_eq!(told(&rw, &files()), expected);
}

#[test]
fn who_writes_and_may_not_is_told_which_line_would_let_it() {
    let denied = |granted, handed| {
        let policy = policy(granted, handed, "", None);
        let told = told(&policy, &edit());
        assert_eq!(told.len(), 1, "{told:?}");
        let told = told[0].strip_prefix(
            "writes-missing needed-not-granted: tool writes: no grant it gets is rw; \
             write(`file`), replace(`file`) will be denied; write ",
        );
        told.unwrap().to_owned()
    };
    let in_tool = |grants: &str| format!("`grants = [{grants}]` in `[tools.tool]`");
    assert_eq!(
        denied("workspace:rw", "workspace:ro"),
        in_tool("\"workspace\"")
    );
    assert_eq!(
        denied("docs:ro workspace:rw", "docs"),
        in_tool("\"docs\", \"workspace\"")
    );
    assert_eq!(denied("workspace:rw", ""), in_tool("\"workspace\""));
    assert_eq!(
        denied("docs:ro workspace:ro", "workspace"),
        "`rights = \"rw\"` in `[grants.workspace]`"
    );
    assert_eq!(
        denied("docs:ro", ""),
        "`rights = \"rw\"` in `[grants.docs]`"
    );
    assert_eq!(
        denied("", ""),
        "`workspace = { path = \".\", rights = \"rw\" }` in `[grants]`"
    );
}

#[test]
fn who_reads_and_gets_nothing_is_told() {
    let denied = |granted| {
        let told = told(&policy(granted, "", "", None), &files());
        assert_eq!(told.len(), 1, "{told:?}");
        let told = told[0].strip_prefix(
            "reads-missing needed-not-granted: tool reads: it gets no grant; \
             grep(`dir`), read(`file`) will be denied; write ",
        );
        told.unwrap().to_owned()
    };
    assert_eq!(
        denied("workspace:rw docs:ro"),
        "`grants = [\"workspace:ro\"]` in `[tools.tool]`"
    );
    assert_eq!(denied("docs:ro"), "`grants = [\"docs\"]` in `[tools.tool]`");
    assert_eq!(
        denied(""),
        "`workspace = { path = \".\", rights = \"ro\" }` in `[grants]`"
    );
}

#[test]
fn each_step_that_is_told_leads_on() {
    // Reads and writes, and gets nothing.
    let both = audit(&[("copy", "from:r to:w")], &[]);
    let codes = |policy: &Policy| -> Vec<_> {
        let lines = grants(policy, "tool", &both);
        lines.iter().map(|line| line.code).collect()
    };
    assert_eq!(
        codes(&policy("w:ro", "", "", None)),
        ["writes-missing", "reads-missing"]
    );
    assert_eq!(
        codes(&policy("w:rw", "", "", None)),
        ["writes-missing", "reads-missing"]
    );
    assert_eq!(
        codes(&policy("w:rw", "w:ro", "", None)),
        ["writes-missing", "grant-used"]
    );
    assert_eq!(codes(&policy("w:rw", "w", "", None)), ["grant-used"]);
}

#[test]
fn what_cannot_be_handed_to_anything_is_not_needed() {
    let pure = audit(&[("add", "a: b:")], &[]);
    let expected = [
        "grant-unused granted-not-needed: `a` (rw): no function that is exposed is handed files; write `grants = \
         [\"b:ro\"]` in `[tools.tool]`",
        "grant-unused granted-not-needed: `b` (ro): no function that is exposed is handed files; write `grants = \
         [\"a\"]` in `[tools.tool]`",
    ];
    assert_eq!(
        told(&policy("a:rw b:rw", "a b:ro", "", None), &pure),
        expected
    );
    // Only what can be changed can be handed to it.
    let expected = [
        "grant-unused granted-not-needed: `docs` (ro): no function that is exposed is handed something to look at; \
         write `grants = [\"a\"]` in `[tools.tool]`",
        "grant-used granted-and-needed: `a` (rw) may be handed to write(`file`), replace(`file`)",
    ];
    assert_eq!(
        told(&policy("a:rw docs:ro", "a docs", "", None), &edit()),
        expected
    );
}

#[test]
fn what_is_not_exposed_needs_nothing() {
    let both = audit(&[("read", "file:r"), ("write", "file:w")], &[]);
    let all = policy("w:rw", "w", "", None);
    let expected =
        ["grant-used granted-and-needed: `w` (rw) may be handed to read(`file`), write(`file`)"];
    assert_eq!(told(&all, &both), expected);
    let expected = [
        "rights-unused granted-not-needed: tool only reads: `w:ro` would do; write `grants = [\"w:ro\"]` in \
         `[tools.tool]`",
    ];
    assert_eq!(
        told(&policy("w:rw", "w", "", Some("read")), &both),
        expected
    );
    let told = told(&policy("w:rw", "w", "", Some("")), &both);
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("grant-unused "), "{told:?}");
}

#[test]
fn functions_that_do_not_exist_are_told_with_the_nearest() {
    let policy = policy("w:rw", "w:ro", "", Some("grpe read zebra"));
    let expected = [
        "unknown-function error: tool has no function `grpe`; did you mean `grep`?; write `expose = [\"grep\", \
         \"read\", \"zebra\"]` in `[tools.tool]`",
        "unknown-function error: tool has no function `zebra`; write `expose = [\"grpe\", \"read\"]` in `[tools.tool]`",
        "grant-used granted-and-needed: `w` (ro) may be handed to read(`file`)",
    ];
    assert_eq!(told(&policy, &files()), expected);
}

#[test]
fn what_can_be_left_out_is_no_need_but_a_use() {
    let optional = audit(&[("list", "dir:r?")], &[]);
    assert_eq!(told(&policy("w:rw", "", "", None), &optional), [""; 0]);
    let expected = ["grant-used granted-and-needed: `w` (ro) may be handed to list(`dir`)"];
    assert_eq!(told(&policy("w:ro", "w", "", None), &optional), expected);
    let optional = audit(&[("touch", "file:w?")], &[]);
    assert_eq!(told(&policy("w:rw", "", "", None), &optional), [""; 0]);
    let expected = ["grant-used granted-and-needed: `w` (rw) may be handed to touch(`file`)"];
    assert_eq!(told(&policy("w:rw", "w", "", None), &optional), expected);
}

#[test]
fn paths_that_are_mounted_for_a_call_need_grants_and_no_mounts() {
    let convert = audit(&[("convert", "from:R to:W")], &[FILES]);
    let expected =
        ["grant-used granted-and-needed: `w` (rw) may be handed to convert(`from`), convert(`to`)"];
    assert_eq!(told(&policy("w:rw", "w", "", None), &convert), expected);
    let told = told(&policy("w:ro", "", "", None), &convert);
    let codes: Vec<_> = told
        .iter()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(codes, ["writes-missing", "reads-missing"]);
}

#[test]
fn mounts_are_for_who_opens_files_by_itself() {
    let desk = audit(&[("run", "code:")], &[FILES]);
    let expected =
        ["mount-used granted-and-needed: `w` (rw) is mounted: tool opens files by itself"];
    assert_eq!(told(&policy("w:rw", "w", "w", None), &desk), expected);
    // What is not mounted is not seen.
    let expected = [
        "grant-unused granted-not-needed: `docs` (ro): no function that is exposed is handed files; write `grants = \
         [\"w\"]` in `[tools.tool]`",
        "mount-used granted-and-needed: `w` (rw) is mounted: tool opens files by itself",
    ];
    assert_eq!(
        told(&policy("w:rw docs:ro", "w docs", "w", None), &desk),
        expected
    );
    // It has no function that changes anything.
    let mut looks = desk.clone();
    looks.tier_mounted = Some(Tier::Reads);
    let expected = [
        "rights-unused granted-not-needed: tool only reads: `w:ro` would do; write `grants = [\"w:ro\"]` in \
         `[tools.tool]`",
        "mount-used granted-and-needed: `w` (rw) is mounted: tool opens files by itself",
    ];
    assert_eq!(told(&policy("w:rw", "w", "w", None), &looks), expected);
    // Nothing of files is imported.
    let expected = [
        "mount-unused granted-not-needed: `w` is mounted, and tool cannot open files by itself; write `mounts = []` \
         in `[tools.tool]`",
        "grant-used granted-and-needed: `w` (ro) may be handed to grep(`dir`), read(`file`)",
    ];
    assert_eq!(told(&policy("w:ro", "w", "w", None), &files()), expected);
    let pure = audit(&[("add", "a: b:")], &[]);
    let expected = [
        "grant-unused granted-not-needed: `w` (ro): no function that is exposed is handed files; write `grants = []` \
         and `mounts = []` in `[tools.tool]`",
    ];
    assert_eq!(told(&policy("w:ro", "w", "w", None), &pure), expected);
}

#[test]
fn who_opens_files_by_itself_and_has_no_mount_is_told() {
    let desk = audit(&[("run", "code:")], &[FILES]);
    let missing = "mount-missing needed-not-granted: tool imports `wasi:filesystem/preopens@0.2.6`, and nothing is \
                   mounted: if it opens files, it finds none";
    let expected = [format!(
        "{missing}; write `grants = [\"w:ro\"]` and `mounts = [\"w\"]` in `[tools.tool]`"
    )];
    assert_eq!(told(&policy("w:rw", "", "", None), &desk), expected);
    assert_eq!(told(&policy("", "", "", None), &desk), [missing]);
    let told_with = told(&policy("w:rw", "w", "", None), &desk);
    assert_eq!(
        told_with[0],
        format!("{missing}; write `mounts = [\"w\"]` in `[tools.tool]`")
    );
    // Every Rust and Python component imports that; who is handed files needs no mount.
    let handed = audit(&[("grep", "dir:r")], &[FILES]);
    let told = told(&policy("w:ro", "w", "", None), &handed);
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("grant-used "), "{told:?}");
}

#[test]
fn what_nobody_provides_is_told_whatever_is_granted() {
    let net = audit(
        &[],
        &[
            ("wasi:http/outgoing-handler@0.2.6", Class::Unknown),
            ("wasi:cli/exit@0.2.6", Class::Inert),
        ],
    );
    let expected = [
        "import-unknown needed-not-granted: tool imports `wasi:http/outgoing-handler@0.2.6`, which nobody provides: \
         it cannot be loaded",
    ];
    assert_eq!(told(&policy("", "", "", None), &net), expected);
}

#[test]
fn what_the_policy_does_not_have_is_told() {
    let policy = policy("workspace:rw", "workspcae", "", None);
    let lines = told(&policy, &files());
    assert_eq!(
        lines[0],
        "unknown-grant error: nothing is granted by the name of `workspcae`; did you mean `workspace`?; write \
         `grants = []` in `[tools.tool]`"
    );
    assert!(lines[1].starts_with("reads-missing "), "{lines:?}");
    let lines = grants(&policy, "tolo", &files());
    assert_eq!(lines.len(), 1);
    assert_eq!(
        lines[0].to_string(),
        "error: the policy has no tool `tolo`; did you mean `tool`?"
    );
    assert_eq!(lines[0].code, "unknown-tool");
}

/// The session's own directory is granted by nobody, and it is there.
#[test]
fn scratch_is_no_unknown_grant() {
    let expected = [
        "grant-used granted-and-needed: `scratch` (rw) may be handed to write(`file`), replace(`file`)",
    ];
    assert_eq!(told(&policy("", "scratch", "", None), &edit()), expected);
    let expected = [
        "grant-used granted-and-needed: `scratch` (ro) may be handed to grep(`dir`), read(`file`)",
    ];
    assert_eq!(
        told(&policy("w:rw", "scratch:ro", "", None), &files()),
        expected
    );
    let lines = told(&policy("", "scratch", "", None), &files());
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with("rights-unused "), "{lines:?}");
    let lines = told(&policy("", "scratc", "", None), &edit());
    assert!(lines[0].starts_with("unknown-grant "), "{lines:?}");
}

#[test]
fn handles_of_others_are_not_what_a_grant_is_for() {
    let other = audit(&[("f", "dir:x")], &[]);
    assert_eq!(told(&policy("w:ro", "", "", None), &other), [""; 0]);
    assert!(told(&policy("w:ro", "w", "", None), &other)[0].starts_with("grant-unused "));
}

#[test]
fn a_line_is_short_and_hides_nothing() {
    let many: Vec<_> = (0..1_000)
        .map(|n| (format!("f\u{202e}{n}"), "dir:rw"))
        .collect();
    let many: Vec<_> = many
        .iter()
        .map(|(name, params)| (name.as_str(), *params))
        .collect();
    let lines = told(&policy("w:rw", "w", "", None), &audit(&many, &[]));
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].ends_with("f\\u{202e}1(`dir`) and 1996 more"),
        "{lines:?}"
    );
    assert!(lines[0].len() < 200, "{lines:?}");
}

#[test]
fn it_is_told_as_json() {
    let lines = grants(
        &policy("workspace:rw", "workspace", "", None),
        "tool",
        &files(),
    );
    let expected = serde_json::json!([{
        "kind": "granted-not-needed",
        "code": "rights-unused",
        "message": "tool only reads: `workspace:ro` would do",
        "change": { "table": "tools.tool", "lines": ["grants = [\"workspace:ro\"]"] },
    }]);
    assert_eq!(serde_json::to_value(lines).unwrap(), expected);
}
