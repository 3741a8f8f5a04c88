//! What the machine's owner allows at most.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bailiwick_contract::audit::Tier;
use bailiwick_policy::owner::{Breach, Ground, Owner, OwnerGrant};
use bailiwick_policy::{Code, LimitsPolicy, Policy, Rights};

const OWNER: &str = r#"
max-tier = "reads"
require-lock = true

[limits]
deadline = "5s"
fuel = "100M"

[[grants]]
path = "~/work"
rights = "rw"

[[grants]]
path = "/usr/share/doc"
"#;

fn breaches(
    owner: &str,
    policy: &str,
    tiers: &[(&str, Tier)],
    real: &dyn Fn(&Path) -> PathBuf,
) -> Vec<Breach> {
    let owner = Owner::parse(owner).expect("an owner's policy");
    let policy = Policy::parse(policy).expect("a policy");
    let tiers: BTreeMap<_, _> = tiers
        .iter()
        .map(|(name, tier)| ((*name).to_owned(), *tier))
        .collect();
    let ground = Ground {
        folder: Path::new("/home/ada/work/p"),
        home: Some(Path::new("/home/ada")),
        real,
    };
    owner.check(&policy, &ground, &tiers)
}

fn as_it_is(path: &Path) -> PathBuf {
    path.to_owned()
}

fn codes(breaches: &[Breach]) -> Vec<(&str, &str)> {
    breaches
        .iter()
        .map(|breach| (breach.code, breach.name.as_str()))
        .collect()
}

#[test]
fn what_an_owner_says() {
    let owner = Owner::parse(OWNER).unwrap();
    assert_eq!(owner.max_tier, Some(Tier::Reads));
    assert!(owner.require_lock && !owner.require_approval);
    assert_eq!(owner.limits.deadline, Some(Duration::from_secs(5)));
    let grant = |path: &str, rights| OwnerGrant {
        path: path.into(),
        rights,
    };
    let grants = vec![
        grant("~/work", Rights::ReadWrite),
        grant("/usr/share/doc", Rights::Read),
    ];
    assert_eq!(owner.grants, Some(grants));
    assert_eq!(Owner::parse("").unwrap(), Owner::default());
    assert_eq!(
        Owner::read(b"grants = []").unwrap().grants,
        Some(Vec::new())
    );
    for tier in Tier::ALL {
        let owner = Owner::parse(&format!("max-tier = '{tier}'")).unwrap();
        assert_eq!(
            owner.max_tier,
            Some(tier),
            "the words of the parser are the tiers"
        );
    }
}

#[test]
fn what_an_owner_cannot_say() {
    let text = "max-tier = 'read'\nrequire-locks = true\ngrants = [{ path = 'work' }, { rights = 'rw' }, 7]\n\
                limits.fuel = 0\n";
    let errors = Owner::parse(text).unwrap_err();
    let told: Vec<_> = errors.iter().map(|error| error.code).collect();
    let expected = [
        Code::UnknownWord,
        Code::UnknownKey,
        Code::BadPath,
        Code::MissingKey,
        Code::WrongType,
        Code::BadAmount,
    ];
    assert_eq!(told, expected, "{errors:?}");
    assert_eq!(errors[0].help.as_deref(), Some("did you mean `reads`?"));
    assert_eq!(
        errors[1].help.as_deref(),
        Some("did you mean `require-lock`?")
    );
    assert!(
        Owner::parse("[grants.w]\npath = '/'").is_err(),
        "that is a folder's policy"
    );
    assert_eq!(Owner::read(b"\xff").unwrap_err()[0].code, Code::NotUtf8);
}

#[test]
fn a_grant_lies_in_what_is_allowed() {
    let policy = "[grants.a]\npath = '.'\nrights = 'rw'\n[grants.b]\npath = '/usr/share/doc/x'\n\
                  [grants.c]\npath = '/usr/share/doc'\nrights = 'rw'\n[grants.d]\npath = '~'\n\
                  [grants.e]\npath = '../../workshop'\n[grants.f]\npath = '../../../../..'";
    let found = breaches(OWNER, policy, &[], &as_it_is);
    let expected = [
        ("grant-rights", "c"),
        ("grant-outside", "d"),
        ("grant-outside", "e"),
        ("grant-outside", "f"),
    ];
    assert_eq!(codes(&found), expected);
    assert_eq!(
        found[0].to_string(),
        "grant `c` is `rw`, and this machine's owner allows `ro` of /usr/share/doc"
    );
    assert_eq!(
        found[1].to_string(),
        "grant `d` leads to /home/ada, which this machine's owner does not allow"
    );
    assert_eq!(
        found[1].help,
        "grant something in ~/work (rw), /usr/share/doc (ro)"
    );
    assert_eq!(breaches("", policy, &[], &as_it_is), []);
    assert_eq!(breaches("grants = []", policy, &[], &as_it_is).len(), 6);
    assert_eq!(
        breaches(
            "grants = [{ path = '/', rights = 'rw' }]",
            policy,
            &[],
            &as_it_is
        ),
        []
    );
}

#[test]
fn without_a_home_nothing_is_below_it() {
    let owner = Owner::parse(OWNER).unwrap();
    let policy =
        Policy::parse("[grants.a]\npath = '~/work'\n[grants.b]\npath = './~/work'").unwrap();
    let ground = Ground {
        folder: Path::new("/p"),
        home: None,
        real: &as_it_is,
    };
    let found = owner.check(&policy, &ground, &BTreeMap::new());
    assert_eq!(
        codes(&found),
        [("grant-outside", "a"), ("grant-outside", "b")]
    );
}

#[test]
fn a_link_does_not_lead_out_of_what_is_allowed() {
    let real = |path: &Path| match path.strip_prefix("/home/ada/work/p/link") {
        Ok(below) => Path::new("/home/ada/.ssh").join(below),
        // The owner's own folder may be a link as well.
        Err(_) => match path.strip_prefix("/home/ada/work") {
            Ok(below) => Path::new("/data/work").join(below),
            Err(_) => path.to_owned(),
        },
    };
    let policy = "[grants.a]\npath = '.'\n[grants.b]\npath = 'link/keys'";
    let found = breaches(OWNER, policy, &[], &real);
    assert_eq!(codes(&found), [("grant-outside", "b")]);
    assert!(found[0].message.contains("/home/ada/.ssh"), "{}", found[0]);
}

#[test]
fn a_tool_does_no_more_than_is_allowed() {
    let policy = "[tools.a]\ncomponent = 'a'\n[tools.b]\ncomponent = 'b'\n[tools.c]\ncomponent = 'c'\n\
                  [tools.d]\ncomponent = 'd'";
    let tiers = [("a", Tier::Pure), ("b", Tier::Reads), ("c", Tier::Edits)];
    let found = breaches(OWNER, policy, &tiers, &as_it_is);
    assert_eq!(
        codes(&found),
        [("tier-over-ceiling", "c"), ("tier-unknown", "d")]
    );
    assert_eq!(
        found[0].to_string(),
        "tool `c` is `edits`, and this machine's owner allows `reads` at most"
    );
    assert_eq!(
        breaches("max-tier = 'unbounded'", policy, &tiers, &as_it_is),
        []
    );
    assert_eq!(breaches("", policy, &tiers, &as_it_is), []);
}

#[test]
fn limits_are_lowered_and_never_raised() {
    let owner = Owner::parse(OWNER).unwrap();
    let defaults = LimitsPolicy {
        fuel: Some(10_000_000),
        deadline: Some(Duration::from_secs(10)),
        memory: Some(1 << 20),
        ..LimitsPolicy::default()
    };
    let lowered = |text: &str| {
        let mut policy = Policy::parse(text).unwrap();
        owner.lower(&mut policy, &defaults);
        policy
    };
    // Nothing is said: the host's default, where the owner's is not less.
    let policy = lowered(
        "[tools.a]\ncomponent = 'a'\nlimits.fuel = '1G'\n\
         [tools.b]\ncomponent = 'b'\nlimits = { fuel = 1, deadline = '9s' }",
    );
    assert_eq!(policy.limits.deadline, Some(Duration::from_secs(5)));
    assert_eq!(policy.limits.fuel, Some(10_000_000));
    assert_eq!(policy.limits.memory, None, "the owner has no word about it");
    let of = |tool: &str| policy.limits_of(&policy.tools[tool]);
    assert_eq!(
        (of("a").fuel, of("a").deadline),
        (Some(100_000_000), Some(Duration::from_secs(5)))
    );
    assert_eq!(
        (of("b").fuel, of("b").deadline),
        (Some(1), Some(Duration::from_secs(5)))
    );
    let policy = lowered("limits = { fuel = '1G', deadline = '1s', memory = '1GiB' }");
    assert_eq!(policy.limits.fuel, Some(100_000_000));
    assert_eq!(policy.limits.deadline, Some(Duration::from_secs(1)));
    assert_eq!(policy.limits.memory, Some(1 << 30));
    let mut same = Policy::parse("limits.fuel = 3").unwrap();
    Owner::default().lower(&mut same, &defaults);
    assert_eq!(same, Policy::parse("limits.fuel = 3").unwrap());
}

#[test]
fn a_budget_is_lowered_and_fuel_that_is_bounded_is_counted() {
    let owner = Owner::parse("budget = { fuel = '1G', calls = 10 }").unwrap();
    let mut policy = Policy::parse("budget = { fuel = '1M', wall = '9s' }").unwrap();
    owner.lower(&mut policy, &LimitsPolicy::default());
    assert_eq!(
        policy.budget.set(),
        [
            ("fuel", "1M".to_owned()),
            ("wall", "9s".to_owned()),
            ("calls", "10".to_owned())
        ]
    );

    let timed = "[tools.t]\ncomponent = 't.wasm'\nmetering = 'time'";
    let tiers = [("t", Tier::Pure)];
    for bounds in ["limits = { fuel = '1G' }", "budget = { fuel = '1G' }"] {
        let found = breaches(bounds, timed, &tiers, &as_it_is);
        assert_eq!(codes(&found), [("unmetered", "t")], "{bounds}");
    }
    let found = breaches("limits = { deadline = '5s' }", timed, &tiers, &as_it_is);
    assert_eq!(codes(&found), []);
}
