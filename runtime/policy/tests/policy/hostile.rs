//! Texts that are made to hurt: every answer is an answer, in bounded time, and what is said of it is harmless.

use std::time::{Duration, Instant};

use bailiwick_contract::visible;
use bailiwick_policy::owner::Owner;
use bailiwick_policy::{Code, MOST, Policy, edit};
use proptest::prelude::*;

/// Whatever a text is, all that can be asked of it is asked.
fn ask(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for errors in [Policy::read(bytes).err(), Owner::read(bytes).err()]
        .into_iter()
        .flatten()
    {
        assert!(!errors.is_empty() && errors.len() <= 51, "{}", errors.len());
        for error in &errors {
            if let Some(span) = &error.span {
                assert!(
                    span.start <= text.len() && span.start <= span.end,
                    "{error:?}"
                );
            }
            let position = error.position(&text);
            assert_eq!(position.is_some(), error.span.is_some());
            let shown = error.render("bailiwick.toml", &text, false);
            assert_eq!(visible::text(&shown), shown);
            assert!(shown.len() < 8000, "{}", shown.len());
            let whole = format!(
                "{} {}",
                error.message,
                error.help.as_deref().unwrap_or_default()
            );
            assert_eq!(visible::name(&whole), whole, "{error:?}");
        }
    }
    if let Ok(policy) = Policy::read(bytes) {
        for line in policy.summary("/p".as_ref(), None) {
            assert_eq!(visible::name(&line), line);
        }
        for name in policy.tools.keys() {
            let less = edit::remove(&text, name).expect("it is there");
            assert!(
                !Policy::parse(&less).is_ok_and(|less| less.tools.contains_key(name)),
                "{less}"
            );
        }
        let tool = bailiwick_policy::ToolPolicy {
            component: "x".into(),
            ..Default::default()
        };
        let room = policy.tools.len() < 200 && text.len() < MOST - 1000;
        if room
            && !policy
                .tools
                .keys()
                .any(|name| name.eq_ignore_ascii_case("added"))
        {
            let more =
                edit::add(&text, "added", &tool).unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert_eq!(
                Policy::parse(&more).expect("a policy").grants,
                policy.grants
            );
        }
    }
}

const SEED: &str = "default = \"w\"\n# a comment\n\n[grants.w] # it\npath = '.'\nrights = \"rw\"\n\
                    hide = [\"**/.env*\", \"a\\u001b\"]\n\
                    quota = { bytes = \"64MiB\", entries = 4096 }\ncross-mounts = false\n\n# about it\n[tools.files]\n\
                    component = \"t.wasm\"\ngrants = [\"w:ro\"]\nmounts = ['w']\n\
                    expose = ['read']\n[tools.files.limits]\n\
                    fuel = \"1G\"\ndeadline = \"10s\"\n\n[[x]]\ny.z = 1979-05-27\n[limits]\nmemory = 0x10\n";

/// What stands in policies, and what should not.
const WORDS: &[&str] = &[
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    ".",
    ",",
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "\n",
    "\r\n",
    "\r",
    "#",
    "\\",
    "\0",
    "\u{202e}",
    "\x1b[31m",
    "é",
    "漢",
    "\u{feff}",
    "w",
    "w:rw",
    "grants",
    "tools",
    "limits",
    "path",
    "~",
    "~x",
    "..",
    "/",
    "true",
    "1e999",
    "inf",
    "-0",
    "99999999999999999999999",
    "1970-01-01T00:00:00Z",
    "\"0\"",
    "\"\\u0000\"",
    "[tools.a]\n",
    "[tools.A]\n",
    "[grants.results]\n",
    "component = 'x'\n",
    "tools = {}\n",
    "tools.a.b = 1\n",
    "x",
];

#[test]
fn mutations_of_a_policy() {
    // As many as take a few seconds; every run is the same.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |most: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % most.max(1) as u64) as usize
    };
    let until = Instant::now() + Duration::from_secs(5);
    let mut count = 0;
    while count < 20_000 && (count < 500 || Instant::now() < until) {
        count += 1;
        let mut bytes = SEED.replace("[[x]]\ny.z = 1979-05-27\n", "").into_bytes();
        for _ in 0..=random(6) {
            let at = random(bytes.len() + 1);
            match random(6) {
                0 => drop(bytes.splice(at..at, WORDS[random(WORDS.len())].bytes())),
                1 => drop(bytes.drain(at..(at + random(20)).min(bytes.len()))),
                2 if at < bytes.len() => bytes[at] = random(256) as u8,
                3 => bytes.truncate(at.max(100)),
                4 => {
                    let part = bytes[at..(at + random(60)).min(bytes.len())].to_vec();
                    let to = random(bytes.len() + 1);
                    drop(bytes.splice(to..to, part));
                }
                _ => {
                    // A line is moved: most policies that still parse come from here.
                    let mut lines: Vec<Vec<u8>> = bytes
                        .split_inclusive(|b| *b == b'\n')
                        .map(<[u8]>::to_vec)
                        .collect();
                    lines.push(b"\n".to_vec());
                    let line = lines.remove(random(lines.len()));
                    let to = random(lines.len() + 1);
                    lines.insert(to, line);
                    bytes = lines.concat();
                }
            }
        }
        ask(&bytes);
    }
}

proptest! {
    #[test]
    fn any_words(words in prop::collection::vec(prop::sample::select(WORDS), 0..30)) {
        ask(words.concat().as_bytes());
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        ask(&bytes);
    }
}

#[test]
fn large_texts_are_answered_soon() {
    let many = |line: fn(usize) -> String, most: usize| -> String {
        let mut text = String::new();
        for number in 0.. {
            let line = line(number);
            if text.len() + line.len() > most {
                break;
            }
            text.push_str(&line);
        }
        text
    };
    let texts = [
        ("deep lists", "a = ".to_owned() + &"[".repeat(MOST - 10)),
        (
            "deep tables",
            "a = ".to_owned() + &"{a=".repeat(MOST / 3 - 10),
        ),
        ("deep keys", format!("{}a = 1", "a.".repeat(MOST / 2 - 10))),
        ("deep headers", format!("[{}a]", "a.".repeat(MOST / 2 - 10))),
        ("nothing but mistakes", "=\n".repeat(MOST / 2)),
        ("quotes", "\"".repeat(MOST)),
        ("one comment", "#".repeat(MOST)),
        (
            "one string",
            format!("a = \"{}\"", "\u{202e}".repeat(MOST / 3 - 10)),
        ),
        (
            "keys that nobody knows",
            many(|n| format!("k{n}=1\n"), MOST),
        ),
        (
            "grants",
            many(|n| format!("[grants.g{n}]\npath='.'\n"), MOST),
        ),
        (
            "tools without grants",
            many(
                |n| format!("[tools.t{n}]\ncomponent='x'\ngrants=['g{n}']\n"),
                MOST,
            ),
        ),
        ("one key twice", "a=1\n".repeat(MOST / 4)),
        ("one header twice", "[a]\n".repeat(MOST / 4)),
        ("lists of tables", "[[a]]\n".repeat(MOST / 6)),
        (
            "long names",
            many(|n| format!("[grants.{}{n}]\n", "x".repeat(1000)), MOST),
        ),
        (
            "grants that are not there",
            many(|n| format!("[grants.{:0>64}]\npath='.'\n", n), 20_000)
                + "[tools.t]\ncomponent='x'\ngrants=["
                + &many(|n| format!("'{:0>60}',", n), MOST - 30_000)
                + "]",
        ),
        (
            "one long list",
            format!(
                "grants.w.path='.'\ngrants.w.hide=[{}]",
                many(|n| format!("'{n}',"), MOST - 100)
            ),
        ),
        ("too large by one", "#".repeat(MOST + 1)),
    ];
    for (what, text) in texts {
        let begun = Instant::now();
        ask(text.as_bytes());
        let took = begun.elapsed();
        println!("{what}: {took:?}");
        // Each takes less than a second on a machine that has nothing else to do.
        assert!(took < Duration::from_secs(20), "{what}: {took:?}");
    }
    let unknown: String = (0..60).map(|n| format!("key{n} = 1\n")).collect();
    let errors = Policy::parse(&unknown).unwrap_err();
    assert_eq!((errors.len(), errors[50].code), (51, Code::TooMany));
    assert_eq!(errors[49].message, "unknown key `key49`");
    assert_eq!(
        errors[50].message,
        "and 10 more mistakes, which are not listed"
    );
    let errors = Policy::parse(&"#".repeat(MOST + 1)).unwrap_err();
    assert_eq!(errors[0].code, Code::TooLarge);
    assert!(Policy::parse(&"#".repeat(MOST)).is_ok());
}
