//! What a policy says.

use std::path::PathBuf;
use std::time::Duration;

use bailiwick_policy::{
    BudgetPolicy, GrantPolicy, LimitsPolicy, Metering, MountedGrant, Policy, Quota, Rights,
    ToolPolicy, Writes,
};

const WHOLE: &str = r#"
default = "workspace"

[grants.docs]
path = "~/docs"
cross-mounts = true

[grants.workspace]
path    = "."
rights  = "rw"
hide    = ["**/.env*"]
protect = ["Cargo.lock"]
writes  = "review"
quota   = { bytes = "64MiB", entries = 4096 }

[limits]
deadline = "30s"
fuel = "2G"

[tools.files]
component = "tools/files.wasm"
grants    = ["workspace:ro", "docs"]
expose    = ["grep", "read"]
limits    = { fuel = "1G", deadline = "10s", memory = "64MiB" }

[tools.python]
component = "tools/python.wasm"
grants    = ["workspace"]
mounts    = ["workspace"]
[tools.python.limits]
host-calls = 0x10
result = 1
text = "24KiB"
stdio = "1KiB"
transfer = "1GiB"
descriptors = 1_0
"#;

#[test]
fn a_whole_policy() {
    let policy = Policy::parse(WHOLE).unwrap();
    assert_eq!(policy.order, ["docs", "workspace"]);
    assert_eq!(policy.default_grant(), Some("workspace"));
    let docs = GrantPolicy {
        path: PathBuf::from("~/docs"),
        cross_mounts: true,
        remote: false,
        ..GrantPolicy::default()
    };
    assert_eq!(policy.grants["docs"], docs);
    let workspace = GrantPolicy {
        path: PathBuf::from("."),
        rights: Rights::ReadWrite,
        hide: vec!["**/.env*".into()],
        protect: vec!["Cargo.lock".into()],
        writes: Writes::Review,
        quota: Quota {
            bytes: Some(64 << 20),
            entries: Some(4096),
        },
        cross_mounts: false,
        remote: false,
    };
    assert_eq!(policy.grants["workspace"], workspace);
    let handed = |grant: &str, rights| MountedGrant {
        grant: grant.into(),
        rights,
    };
    let files = ToolPolicy {
        component: PathBuf::from("tools/files.wasm"),
        grants: vec![
            handed("workspace", Some(Rights::Read)),
            handed("docs", None),
        ],
        mounts: Vec::new(),
        expose: Some(vec!["grep".into(), "read".into()]),
        limits: LimitsPolicy {
            fuel: Some(1_000_000_000),
            deadline: Some(Duration::from_secs(10)),
            memory: Some(64 << 20),
            ..LimitsPolicy::default()
        },
        metering: Metering::Fuel,
    };
    assert_eq!(policy.tools["files"], files);
    let python = &policy.tools["python"];
    assert_eq!(python.mounts, ["workspace"]);
    let limits = LimitsPolicy {
        host_calls: Some(16),
        result: Some(1),
        text: Some(24 << 10),
        stdio: Some(1 << 10),
        transfer: Some(1 << 30),
        descriptors: Some(10),
        ..LimitsPolicy::default()
    };
    assert_eq!(python.limits, limits);
    let limits = policy.limits_of(python);
    assert_eq!(
        (limits.fuel, limits.descriptors),
        (Some(2_000_000_000), Some(10))
    );
    assert_eq!(policy.limits_of(&files).fuel, Some(1_000_000_000));
}

#[test]
fn the_bounds_of_a_session_of_compiling_and_of_metering() {
    let policy = Policy::parse(
        "budget = { fuel = '100G', wall = '3600s', transfer = '10GiB', calls = 1000 }
         [limits]
         compile-time = '300s'
         compile-memory = '1GiB'
         handles = 10
         resources = 20
         crossing = '1MiB'
         [tools.t]
         component = 't.wasm'
         metering = 'time'",
    );
    let policy = policy.unwrap();
    let budget = BudgetPolicy {
        fuel: Some(100_000_000_000),
        wall: Some(Duration::from_secs(3_600)),
        transfer: Some(10 << 30),
        calls: Some(1_000),
    };
    assert_eq!(policy.budget, budget);
    let limits = LimitsPolicy {
        compile_time: Some(Duration::from_secs(300)),
        compile_memory: Some(1 << 30),
        handles: Some(10),
        resources: Some(20),
        crossing: Some(1 << 20),
        ..LimitsPolicy::default()
    };
    assert_eq!(policy.limits, limits);
    assert_eq!(policy.tools["t"].metering, Metering::Time);
    for nothing in ["fuel = 0", "wall = '0s'", "calls = 0"] {
        assert!(Policy::parse(&format!("budget = {{ {nothing} }}")).is_err());
    }
    let other = "[tools.t]\ncomponent = 't.wasm'\nmetering = 'clock'";
    assert!(Policy::parse(other).is_err());
}

#[test]
fn what_is_absent_is_closed() {
    let policy = Policy::parse("").unwrap();
    assert_eq!(policy, Policy::default());
    assert_eq!(policy.default_grant(), None);
    let policy = Policy::parse("[grants.w]\npath = '.'\n[tools.t]\ncomponent = 't.wasm'").unwrap();
    let grant = &policy.grants["w"];
    assert_eq!(
        (grant.rights, grant.writes, grant.cross_mounts),
        (Rights::Read, Writes::Apply, false)
    );
    let tool = &policy.tools["t"];
    assert!(tool.grants.is_empty() && tool.mounts.is_empty() && tool.expose.is_none());
    assert_eq!(policy.default_grant(), Some("w"));
    assert_eq!(policy.rights_of(tool, "w"), None);
}

#[test]
fn rights_are_the_lesser_of_both() {
    let text = "[grants.w]\npath = '.'\nrights = 'rw'\n[grants.r]\npath = '.'\n\
                [tools.a]\ncomponent = 'a'\ngrants = ['w', 'r:ro']\n\
                [tools.b]\ncomponent = 'b'\ngrants = ['w:ro', 'r']\n[tools.c]\ncomponent = 'c'\ngrants = ['w:rw']";
    let policy = Policy::parse(text).unwrap();
    let rights = |tool: &str, grant: &str| policy.rights_of(&policy.tools[tool], grant);
    assert_eq!(rights("a", "w"), Some(Rights::ReadWrite));
    assert_eq!(rights("a", "r"), Some(Rights::Read));
    assert_eq!(rights("b", "w"), Some(Rights::Read));
    assert_eq!(rights("b", "r"), Some(Rights::Read));
    assert_eq!(rights("c", "w"), Some(Rights::ReadWrite));
    assert_eq!(rights("c", "r"), None);
}

#[test]
fn the_sessions_own_directory_is_handed_and_not_granted() {
    let text = "[tools.a]\ncomponent = 'a'\ngrants = ['scratch']\nmounts = ['scratch']\n\
                [tools.b]\ncomponent = 'b'\ngrants = ['scratch:ro']\n[tools.c]\ncomponent = 'c'";
    let policy = Policy::parse(text).unwrap();
    let rights = |tool: &str| policy.rights_of(&policy.tools[tool], "scratch");
    assert_eq!(rights("a"), Some(Rights::ReadWrite));
    assert_eq!(rights("b"), Some(Rights::Read));
    assert_eq!(rights("c"), None);
    assert_eq!(policy.tools["a"].mounts, ["scratch"]);
}

#[test]
fn every_way_to_write_a_table_is_read() {
    let dotted =
        "grants.w.path = '.'\ngrants.a.path = 'a'\ntools.t = { component = 't', limits.fuel = 1 }";
    let policy = Policy::parse(dotted).unwrap();
    assert_eq!(policy.order, ["w", "a"]);
    assert_eq!(policy.tools["t"].limits.fuel, Some(1));
    let inline = "grants = { w = { path = '.' }, a = { path = 'a' } }";
    assert_eq!(Policy::parse(inline).unwrap().order, ["w", "a"]);
    let headers =
        "[grants]\n[grants.w]\npath = '.'\n[grants.a]\npath = 'a'\n[grants.a.quota]\nbytes = 1";
    assert_eq!(Policy::parse(headers).unwrap().order, ["w", "a"]);
}
