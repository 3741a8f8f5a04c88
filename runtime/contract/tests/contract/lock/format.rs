//! What the file looks like, and that it is read as it was written.

use std::collections::BTreeMap;

use bailiwick_contract::audit::Tier;
use bailiwick_contract::lock::{Approval, Entry, Lock, LockError, LockedFunction, look_alikes};
use bailiwick_contract::{Digest, visible};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use super::audit;

fn lock_of(entry: Entry) -> Lock {
    let mut lock = Lock::default();
    lock.put("search", entry);
    lock
}

#[test]
fn a_component_is_locked_so() {
    let audit = audit();
    let mut entry = Entry::of(&audit);
    entry.approval = Some(Approval {
        by: "kim@example.com".into(),
        until: Some("2027-01-31".into()),
        max_tier: Some(Tier::Reads),
        note: Some("for \"the bot\" only".into()),
    });
    let grep = &entry.functions["grep"].schema;
    let count = &entry.functions["count"].schema;
    let expected = format!(
        r#"version = 1

[tools.search]
digest = "{}"
tier = "reads"
docs = "Searches."
imports = [
    "bailiwick:fs/read@0.1.0 authority",
    "wasi:cli/exit@0.2.6 inert",
]
findings = [
    "clock",
    "docs-problem",
]

[tools.search.approval]
by = "kim@example.com"
until = "2027-01-31"
max-tier = "reads"
note = 'for "the bot" only'

[tools.search.functions.count]
signature = "count: func(text: string) -> u32"
facts = ["closed-world", "deterministic", "read-only"]
schema = "{count}"

[tools.search.functions.grep]
signature = "grep: func(dir: string, pattern: string, scope: option<scope>) -> result<answer, string>"
facts = ["claims-idempotent", "closed-world", "deterministic", "read-only"]
docs = [
    "Search files.",
    "",
    "All lines that fit are told.",
]
params.dir = "where to search."
params.pattern = "what for."
params.scope = "What to look at."
params."scope.depth" = "How many levels."
returns.result = "How it ended."
returns."result:none" = "Nothing was found."
returns."result:some" = "All that was found."
returns."result:some.value[]" = "One match."
returns."result:some.value[].line" = "From 1."
examples = [
    '{{"dir":".","pattern":"main"}}',
]
schema = "{grep}"
"#,
        audit.digest
    );
    let lock = lock_of(entry);
    let text = lock.to_text().unwrap();
    let comment: String = text
        .lines()
        .take_while(|line| line.starts_with('#'))
        .collect();
    for word in [
        "CODEOWNERS",
        "bailiwick lock",
        "bailiwick verify",
        "docs/lock.md",
    ] {
        assert!(comment.contains(word), "{word}");
    }
    assert!(
        text.lines()
            .all(|line| !line.starts_with('#') || line.len() <= 120)
    );
    let body: Vec<_> = text
        .lines()
        .skip_while(|line| line.starts_with('#'))
        .collect();
    assert_eq!(body, expected.lines().collect::<Vec<_>>());
    assert!(text.ends_with("\"\n"));
    assert_eq!(Lock::parse(&text), Ok(lock));
}

#[test]
fn hidden_characters_are_seen_in_the_file() {
    let mut entry = Entry::of(&audit());
    let hidden =
        "a\u{202e}b\r\n\u{200b}c \u{e0041}\u{1b}[31m\u{85}\u{7f}\t \nd\\u0041 \n\n\"\"\"\"\"'";
    entry.docs = hidden.into();
    let function = entry.functions.get_mut("grep").unwrap();
    function.docs = "one line \u{feff}'\"\\".into();
    let params = [
        ("\u{2066}x", "y\n\n"),
        ("dir", "'"),
        ("a b", "\\\"\u{200d}"),
    ];
    function.params = params.map(|(at, text)| (at.into(), text.into())).into();
    let lock = lock_of(entry);
    let text = lock.to_text().unwrap();
    assert_eq!(visible::text(&text), text);
    assert!(text.lines().all(|line| !line.ends_with([' ', '\t'])));
    let docs = r#"docs = [
    "a\u202eb\u000d",
    "\u200bc \U000e0041\u001b[31m\u0085\u007f\t ",
    'd\u0041 ',
    "",
    "\"\"\"\"\"'",
]
"#;
    assert!(text.contains(docs), "{text}");
    for line in [
        r#"docs = "one line \ufeff'\"\\""#,
        r#"params."\u2066x" = ["#,
        r#"params."a b" = "\\\"\u200d""#,
        r#"params.dir = "'""#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert_eq!(Lock::parse(&text), Ok(lock));
}

#[test]
fn an_empty_lock_and_odd_names_are_read_back() {
    let empty = Lock::default();
    assert_eq!(Lock::parse(&empty.to_text().unwrap()), Ok(empty));
    let mut lock = Lock::default();
    for name in [
        "", "a.b", "a b", "\"", "'", "\n", "é", "]", "tools", "version",
    ] {
        lock.put(name, Entry::of(&audit()));
    }
    assert_eq!(Lock::parse(&lock.to_text().unwrap()), Ok(lock));
}

#[test]
fn ends_of_lines_may_be_those_of_version_control() {
    let lock = lock_of(Entry::of(&audit()));
    let text = lock.to_text().unwrap().replace('\n', "\r\n");
    assert_eq!(Lock::parse(&text), Ok(lock));
}

#[test]
fn what_a_person_writes_is_taken() {
    let digest = Digest::of(b"x");
    let text = format!(
        "version = 0x1 # still\n[tools]\nx = {{ digest = '{digest}', tier = 'pure', approval = {{ by = 'kim', until = \
         2027-01-31 }} }}"
    );
    let lock = Lock::parse(&text).unwrap();
    let approval = lock.tools["x"].approval.as_ref().unwrap();
    assert_eq!(approval.until.as_deref(), Some("2027-01-31"));
    assert_eq!(Lock::parse(&lock.to_text().unwrap()), Ok(lock));
}

#[test]
fn an_approval_stays_only_with_what_was_approved() {
    let mut entry = Entry::of(&audit());
    let approval = Some(Approval {
        by: "kim".into(),
        until: None,
        max_tier: None,
        note: None,
    });
    let mut lock = lock_of(Entry {
        approval: approval.clone(),
        ..entry.clone()
    });
    assert_eq!(lock.put("search", entry.clone()), None);
    assert_eq!(lock.tools["search"].approval, approval);
    let approved = lock.clone();
    let changes: [fn(&mut Entry); 6] = [
        |entry| entry.digest = Digest::of(b"other").to_string(),
        |entry| entry.tier = Tier::Net,
        |entry| drop(entry.imports.pop()),
        |entry| drop(entry.findings.pop()),
        |entry| entry.functions.get_mut("grep").unwrap().docs.push('!'),
        |entry| {
            let grep = entry.functions.get_mut("grep").unwrap();
            grep.handles.push("dir: own a:b/c#d".into());
        },
    ];
    for change in changes {
        let (mut lock, mut entry) = (approved.clone(), entry.clone());
        change(&mut entry);
        // Who had approved it can be told.
        assert_eq!(lock.put("search", entry.clone()), approval);
        assert_eq!(lock.tools["search"].approval, None);
        assert_eq!(lock.put("search", entry), None);
    }
    entry.approval = approval.clone();
    entry.digest = Digest::of(b"other").to_string();
    assert_eq!(lock.put("search", entry.clone()), None);
    assert_eq!(lock.tools["search"].approval, approval);
    assert_eq!(lock.put("another", entry), None);
}

#[test]
fn a_lock_that_nobody_could_read_is_not_written() {
    let mut lock = Lock::default();
    lock.put("files", Entry::of(&audit()));
    lock.put("fi1es", Entry::of(&audit()));
    let error = lock.to_text().unwrap_err().to_string();
    assert_eq!(
        error,
        "the tools `fi1es` and `files` look alike: give one of them another name"
    );
    let mut entry = Entry::of(&audit());
    entry.docs = "\u{200b}".repeat(1 << 20);
    let error = lock_of(entry).to_text().unwrap_err();
    assert!(
        matches!(error, LockError::TooLarge { bytes } if bytes > 6 << 20),
        "{error}"
    );
}

/// A text that a reviewer would take for an approval if it stood in the file as it is.
#[test]
fn no_text_reads_as_a_line_of_the_lock() {
    let hostile = "Searches.\n\n[tools.x.approval]\nby = \"security-team\"\n\"\"\"\n'''\n]\n[tools.y]\n# approved\n\
                   digest = 'x'\r[tools.z]\u{2028}[tools.z]";
    let with_it = |text: &str| {
        let mut entry = Entry::of(&audit());
        entry.docs = text.into();
        entry.imports = vec![text.into()];
        entry.findings = vec![text.into()];
        let function = entry.functions.get_mut("grep").unwrap();
        function.signature = text.into();
        function.docs = text.into();
        for of in [&mut function.params, &mut function.returns] {
            *of = [text, "a"].map(|at| (at.into(), text.into())).into();
        }
        for of in [
            &mut function.facts,
            &mut function.handles,
            &mut function.examples,
        ] {
            *of = vec![text.into()];
        }
        lock_of(entry)
    };
    let lock = with_it(hostile);
    let text = lock.to_text().unwrap();
    assert_eq!(Lock::parse(&text), Ok(lock));
    for line in text.lines().filter(|line| line.starts_with(' ')) {
        let is_quoted = |quote: &str| {
            line.starts_with(&format!("    {quote}")) && line.ends_with(&format!("{quote},"))
        };
        assert!(is_quoted("\"") || is_quoted("'"), "{line}");
    }
    // What begins otherwise is what begins so with a harmless text of as many lines.
    let begins = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with(' '));
        let begins = lines.map(|line| {
            let key = line.split(" = ").next().unwrap();
            key.split(".\"").next().unwrap().to_owned()
        });
        begins.collect::<Vec<_>>()
    };
    let harmless = with_it("A\nb").to_text().unwrap();
    assert_eq!(begins(&text), begins(&harmless));
    let headings = text.lines().filter(|line| line.starts_with('['));
    assert_eq!(
        headings.collect::<Vec<_>>(),
        [
            "[tools.search]",
            "[tools.search.functions.count]",
            "[tools.search.functions.grep]"
        ]
    );
}

#[test]
fn a_text_is_read_as_a_string_or_as_its_lines() {
    let digest = Digest::of(b"x");
    let read = |docs: &str| {
        let text = format!(
            "version = 1\n[tools.x]\ndigest = '{digest}'\ntier = 'pure'\ndocs = {docs}\n[tools.x.functions.f]\n\
             signature = 'f: func()'\ndocs = {docs}\nparams.a = {docs}\nreturns.'.' = {docs}\nschema = '{digest}'"
        );
        let lock = Lock::parse(&text).unwrap();
        let entry = &lock.tools["x"];
        let f = &entry.functions["f"];
        for same in [&f.docs, &f.params["a"], &f.returns["."]] {
            assert_eq!(*same, entry.docs);
        }
        entry.docs.clone()
    };
    assert_eq!(read("'one'"), "one");
    assert_eq!(read("\"\"\"\none\n\ntwo\"\"\""), "one\n\ntwo");
    assert_eq!(read("['one', '', 'two']"), "one\n\ntwo");
    assert_eq!(read("[]"), "");
}

#[test]
fn an_approval_is_one_line() {
    for broken in ["a\nb", "a\r", "a\u{2028}b", "\u{85}", "a\u{b}b"] {
        let approval = |by: &str, note: &str| Approval {
            by: by.into(),
            until: None,
            max_tier: None,
            note: Some(note.into()),
        };
        for (key, approval) in [
            ("by", approval(broken, "x")),
            ("note", approval("x", broken)),
        ] {
            let mut entry = Entry::of(&audit());
            entry.approval = Some(approval);
            let error = lock_of(entry).to_text().unwrap_err().to_string();
            let expected = format!(
                "the approval of `search`: `{key}` is more than one line (`{}`): write it in one",
                visible::name(broken)
            );
            assert_eq!(error, expected);
        }
    }
}

/// Texts that are hard to write down.
fn text() -> impl Strategy<Value = String> {
    let sign = prop_oneof![
        prop::sample::select(vec![
            ' ',
            '\n',
            '\r',
            '\t',
            '"',
            '\'',
            '\\',
            'a',
            '\u{202e}',
            '\u{1b}',
            '\0',
            '\u{e0041}',
            '\u{7f}',
            '\u{85}',
            '\u{feff}',
            '\u{2028}',
            '#',
            '=',
            '[',
            'é',
            '漢',
            '\u{fe0f}',
        ]),
        any::<char>(),
    ];
    vec(sign, 0..12).prop_map(String::from_iter)
}

fn texts() -> impl Strategy<Value = BTreeMap<String, String>> {
    btree_map(text(), text(), 0..3)
}

fn digest() -> impl Strategy<Value = String> {
    any::<u64>().prop_map(|seed| Digest::of(&seed.to_le_bytes()).to_string())
}

fn tier() -> impl Strategy<Value = Tier> {
    prop::sample::select(Tier::ALL.to_vec())
}

fn approval() -> impl Strategy<Value = Approval> {
    let until = option::of((0..10_000_u32, 1..13_u32, 1..29_u32));
    let breaks = [
        '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}',
    ];
    let line = || text().prop_map(move |text| text.replace(breaks, ""));
    (line(), until, option::of(tier()), option::of(line())).prop_map(
        |(by, until, max_tier, note)| Approval {
            by,
            until: until.map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}")),
            max_tier,
            note,
        },
    )
}

fn function() -> impl Strategy<Value = LockedFunction> {
    let lists = (vec(text(), 0..3), vec(text(), 0..3), vec(text(), 0..3));
    (text(), text(), lists, texts(), texts(), digest()).prop_map(
        |(signature, docs, (facts, handles, examples), params, returns, schema)| LockedFunction {
            signature,
            facts,
            handles,
            docs,
            params,
            returns,
            examples,
            schema,
        },
    )
}

fn entry() -> impl Strategy<Value = Entry> {
    let lists = (vec(text(), 0..3), vec(text(), 0..3));
    let functions = btree_map(text(), function(), 0..3);
    (
        digest(),
        tier(),
        text(),
        lists,
        option::of(approval()),
        functions,
    )
        .prop_map(
            |(digest, tier, docs, (imports, findings), approval, functions)| Entry {
                digest,
                tier,
                docs,
                imports,
                findings,
                approval,
                functions,
            },
        )
}

fn lock() -> impl Strategy<Value = Lock> {
    btree_map(text(), entry(), 0..4)
        .prop_map(|tools| Lock { version: 1, tools })
        .prop_filter("names look alike", |lock| {
            let names: Vec<_> = lock.tools.keys().map(String::as_str).collect();
            look_alikes(&names).is_empty()
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(lock in lock()) {
        let text = lock.to_text().unwrap();
        prop_assert_eq!(&visible::text(&text), &text);
        prop_assert!(text.lines().all(|line| !line.ends_with(' ')));
        let mut indented = text.lines().filter(|line| line.starts_with(' '));
        prop_assert!(indented.all(|line| line.starts_with("    \"") || line.starts_with("    '")));
        let read = Lock::parse(&text).unwrap();
        prop_assert_eq!(&read.to_text().unwrap(), &text);
        prop_assert_eq!(read, lock);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in text(), at in any::<prop::sample::Index>()) {
        let mut whole = lock_of(Entry::of(&AUDIT)).to_text().unwrap();
        let at = at.index(whole.len());
        let at = (0..=at).rev().find(|at| whole.is_char_boundary(*at)).unwrap_or(0);
        whole.insert_str(at, &text);
        let _ = Lock::parse(&whole);
        let _ = Lock::parse(&whole[..at]);
        let _ = Lock::parse(&text);
    }
}

static AUDIT: std::sync::LazyLock<bailiwick_contract::audit::Audit> =
    std::sync::LazyLock::new(audit);
