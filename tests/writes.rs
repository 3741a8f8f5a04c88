//! Tools that change files through handles: what they may, what they may not, and what stays of it.

use std::fs;

use bailiwick_host::{
    Amount, Attenuation, ChangeKind, Code, GrantOptions, GuestPath, Limits, Rights, Writes,
};
use serde_json::{Value, json};

use crate::desk::{Desk, tree};
use crate::guests::runtime;

const ALL: [Writes; 3] = [Writes::Apply, Writes::Review, Writes::Direct];

fn abc(desk: &Desk) {
    for name in ["a.txt", "b.txt", "c.txt"] {
        desk.put(name, &format!("{name} as it was\n"));
    }
}

#[test]
fn every_function_does_what_it_says() {
    for writes in ALL {
        let desk = Desk::new(writes, &["writer"]);
        desk.put("there.txt", "there");
        let outcome = desk.call("writer_check", json!({ "root": "/workspace" }));
        assert_eq!(outcome.code, Code::Ok, "{writes:?}: {}", outcome.text());
        assert_eq!(outcome.pending, writes == Writes::Review);
        if writes == Writes::Review {
            assert!(!desk.path("checked.txt").exists());
            desk.session.apply(&[]).unwrap();
        }
        assert!(desk.read("checked.txt").lines().count() > 10);
        assert_eq!(desk.read("there.txt"), "there");
        assert!(!desk.path("checks").exists());
    }
}

/// Nothing outside is seen or changed, and nothing that is hidden or protected; whatever the end of what is written.
#[test]
fn attacks_come_to_nothing() {
    for writes in ALL {
        let desk = Desk::new(writes, &["writer", "files"]);
        desk.grant_docs();
        desk.lay_bait();
        let outside = desk.beside("outside/canary.txt");
        let outcome = desk.call(
            "writer_attack",
            json!({ "root": "/workspace", "other": "/docs", "outside": [outside, "/etc/passwd"] }),
        );
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
        if writes == Writes::Review {
            desk.session.apply(&[]).unwrap();
        }
        let report = outcome.result.unwrap();
        desk.is_unharmed(&report);
        assert_eq!(
            fs::read_to_string(desk.beside("docs/doc.txt")).unwrap(),
            "a document"
        );
        assert!(report.as_array().unwrap().len() > 100);
        let listed = desk.call("files_find", json!({ "dir": ".", "glob": "*" }));
        assert!(!listed.text().contains("hidden"), "{}", listed.text());
    }
}

/// A call that does not end well changes nothing, and what it had written can be read.
#[test]
fn what_fails_changes_nothing() {
    for writes in [Writes::Apply, Writes::Review] {
        for (function, code) in [
            ("writer_edit_then_spin", Code::FuelExhausted),
            ("writer_edit_then_trap", Code::Trapped),
            ("writer_edit_then_error", Code::ToolError),
        ] {
            let desk = Desk::new(writes, &["writer", "files"]);
            abc(&desk);
            let before = tree(&desk.path(""));
            let outcome = desk.call(function, json!({ "root": "/workspace" }));
            assert_eq!(outcome.code, code, "{}", outcome.text());
            assert_eq!(tree(&desk.path("")), before, "{function}");
            assert!(desk.session.pending().is_empty());
            assert!(outcome.changes.is_empty());
            let modified = outcome.discarded.iter();
            let modified = modified.filter(|change| change.kind == ChangeKind::Modified);
            assert_eq!(modified.count(), 3);
            let kept = outcome.kept.unwrap();
            let file = format!("{kept}/workspace/new/d.txt");
            let read = desk.call("files_read", json!({ "file": file }));
            assert_eq!(read.code, Code::Ok, "{}", read.text());
        }
    }
}

#[test]
fn what_was_dropped_takes_no_quota() {
    let quota = Amount {
        bytes: 1000,
        entries: 10,
    };
    let desk = Desk::with(GrantOptions::default().quota(quota), &["writer"]);
    abc(&desk);
    for _ in 0..20 {
        let outcome = desk.call("writer_edit_then_trap", json!({ "root": "/workspace" }));
        assert_eq!(outcome.code, Code::Trapped, "{}", outcome.text());
    }
    let outcome = desk.call("writer_edit", json!({ "root": "/workspace" }));
    assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
}

#[test]
fn the_quota_is_exact() {
    for writes in ALL {
        let quota = Amount {
            bytes: 1000,
            entries: 16,
        };
        let desk = Desk::with(
            GrantOptions::default().writes(writes).quota(quota),
            &["writer"],
        );
        let outcome = desk.call(
            "writer_fill",
            json!({ "root": "/workspace", "bytes": 1_u64 << 40, "entries": 1000 }),
        );
        let report = outcome.result.clone().unwrap_or_default().to_string();
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
        assert!(report.contains("quota"), "{report}");
        if writes == Writes::Review {
            desk.session.apply(&[]).unwrap();
        }
        let (mut bytes, mut entries) = (0, 0);
        for contents in tree(&desk.path("")).values() {
            bytes += contents.as_ref().map_or(0, Vec::len);
            entries += 1;
        }
        assert_eq!((bytes, entries), (1000, 16), "{writes:?} {report}");
    }
}

#[test]
fn five_at_one_time_all_succeed() {
    let desk = Desk::new(Writes::Apply, &["writer"]);
    desk.put("log.txt", "begin\n");
    let outcomes = runtime().block_on(async {
        let calls: Vec<_> = (0..5)
            .map(|n| {
                let arguments = json!({ "file": "log.txt", "line": format!("line {n}") });
                tokio::spawn(desk.session.call("writer_read_and_replace", arguments))
            })
            .collect();
        let mut outcomes = Vec::new();
        for call in calls {
            outcomes.push(call.await.unwrap());
        }
        outcomes
    });
    for outcome in outcomes {
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    }
    let text = desk.read("log.txt");
    assert_eq!(text.lines().count(), 6);
    for n in 0..5 {
        assert_eq!(text.matches(&format!("line {n}\n")).count(), 1, "{text}");
    }
}

#[test]
fn a_file_that_others_changed_is_a_conflict_with_its_diff() {
    let desk = Desk::new(Writes::Apply, &["writer", "files"]);
    desk.put("log.txt", "one\ntwo\n");
    let read = desk.call("files_read", json!({ "file": "log.txt" }));
    assert_eq!(read.code, Code::Ok);
    desk.put("log.txt", "one\nTWO\n");
    let append = json!({ "file": "log.txt", "line": "three" });
    let outcome = desk.call("writer_append_line", append.clone());
    assert_eq!(outcome.code, Code::Conflict, "{}", outcome.text());
    assert_eq!(desk.read("log.txt"), "one\nTWO\n");
    assert_eq!(outcome.conflicts.len(), 1);
    assert_eq!(outcome.conflicts[0].path, "/workspace/log.txt");
    let diff = &outcome.conflicts[0].diff;
    assert!(diff.contains("-two") && diff.contains("+TWO"), "{diff}");
    assert!(outcome.text().contains("/workspace/log.txt"));
    // Touched and not changed is no conflict.
    let read = desk.call("files_read", json!({ "file": "log.txt" }));
    assert_eq!(read.code, Code::Ok);
    desk.put("log.txt", "one\nTWO\n");
    assert_eq!(desk.call("writer_append_line", append).code, Code::Ok);
    assert_eq!(desk.read("log.txt"), "one\nTWO\nthree\n");
}

#[test]
fn a_handle_does_not_outlive_its_call() {
    let desk = Desk::new(Writes::Apply, &["writer"]);
    abc(&desk);
    let kept = desk.call("writer_keep", json!({ "root": "/workspace" }));
    assert_eq!(kept.code, Code::Ok, "{}", kept.text());
    let later = desk.call("writer_kept", json!({}));
    assert_eq!(later.result, Some(json!("nothing")), "{}", later.text());
}

#[test]
fn a_revoked_handle_is_unknown_and_what_was_derived_from_it_too() {
    let desk = Desk::new(Writes::Apply, &["writer"]);
    desk.put("src/a.txt", "a");
    let terms = Attenuation {
        path: GuestPath::parse("src").unwrap(),
        ..Attenuation::default()
    };
    let source = desk
        .session
        .attenuate(desk.handle, "source", &terms)
        .unwrap();
    let append = |file: &str| {
        let arguments = json!({ "file": file, "line": "more" });
        desk.call("writer_append_line", arguments)
    };
    assert_eq!(append("/source/a.txt").code, Code::Ok);
    assert_eq!(desk.session.revoke(desk.handle).unwrap(), 2);
    assert_eq!(append("/workspace/src/a.txt").code, Code::UnknownHandle);
    assert_eq!(append("/source/a.txt").code, Code::UnknownHandle);
    assert!(desk.session.revoke(source).is_err());
    assert_eq!(desk.read("src/a.txt"), "amore\n");
}

#[test]
fn an_attenuated_handle_can_only_do_less() {
    let desk = Desk::new(Writes::Apply, &["writer"]);
    desk.put("src/a.txt", "a");
    desk.put("src/lock.txt", "locked");
    let terms = Attenuation {
        path: GuestPath::parse("src").unwrap(),
        protect: vec!["lock.txt".to_owned()],
        ..Attenuation::default()
    };
    desk.session
        .attenuate(desk.handle, "source", &terms)
        .unwrap();
    let looks = Attenuation {
        rights: Some(Rights::READ),
        ..Attenuation::default()
    };
    desk.session.attenuate(desk.handle, "look", &looks).unwrap();
    for (file, code) in [
        ("/source/a.txt", Code::Ok),
        ("/source/../other.txt", Code::Denied),
        ("/source/lock.txt", Code::Denied),
        ("/look/src/a.txt", Code::Denied),
    ] {
        let outcome = desk.call("writer_append_line", json!({ "file": file, "line": "x" }));
        assert_eq!(outcome.code, code, "{file}: {}", outcome.text());
    }
    assert_eq!(desk.read("src/lock.txt"), "locked");
}

/// Protected names, by each way that an argument can name them.
#[test]
fn what_governs_it_cannot_be_an_argument_to_be_changed() {
    let desk = Desk::new(Writes::Apply, &["writer"]);
    desk.lay_bait();
    fs::create_dir_all(desk.path("below/.Git")).unwrap();
    for file in [
        ".git/hooks/x",
        ".git/config",
        ".MCP.json",
        "below/.Git/Config",
        "BAILIWICK.toml",
        "links/git/config",
        "links/git/hooks/x",
        ".mcp.json",
        "bailiwick.toml",
        "sub/../.git/hooks/x",
    ] {
        let outcome = desk.call("writer_append_line", json!({ "file": file, "line": "x" }));
        assert_eq!(outcome.code, Code::Denied, "{file}: {}", outcome.text());
    }
    desk.is_unharmed(&Value::Null);
}

#[test]
fn a_returned_file_or_directory_is_under_results() {
    let desk = Desk::new(Writes::Apply, &["writer", "files"]);
    for (function, name, file) in [
        ("writer_make_file", "made.txt", ""),
        ("writer_make_dir", "made", "/inner.txt"),
    ] {
        let arguments = json!({ "root": "/workspace", "path": name, "text": "of a tool\n" });
        let outcome = desk.call(function, arguments);
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
        let result = outcome.result.unwrap();
        let path = result.as_str().unwrap().to_owned();
        assert!(
            path.starts_with("/results/") && path.ends_with(name),
            "{path}"
        );
        let read = desk.call("files_read", json!({ "file": format!("{path}{file}") }));
        assert_eq!(read.code, Code::Ok, "{}", read.text());
        assert!(read.text().contains("of a tool"));
        // Nobody but the session writes there.
        let arguments = json!({ "file": format!("{path}{file}"), "line": "x" });
        assert_eq!(
            desk.call("writer_append_line", arguments).code,
            Code::Denied
        );
    }
}

#[test]
fn scratch_is_there_to_be_written_and_goes_with_the_session() {
    let desk = Desk::new(Writes::Apply, &["writer"]);
    desk.session.scratch().unwrap();
    let append = json!({ "file": "/scratch/log.txt", "line": "one" });
    assert_eq!(desk.call("writer_append_line", append).code, Code::Ok);
    assert!(desk.session.namespace().contains("/scratch (rw)"));
    let rooms = desk.beside("state/rooms");
    assert!(fs::read_dir(&rooms).unwrap().count() > 0);
    drop(desk.session);
    assert_eq!(fs::read_dir(&rooms).unwrap().count(), 0);
}

#[test]
fn open_handles_have_a_bound() {
    let mut limits = Limits::default();
    limits.descriptors = 32;
    let desk = Desk::within(limits, GrantOptions::default(), &["writer"]);
    abc(&desk);
    let arguments = json!({ "root": "/workspace", "most": 1000 });
    let outcome = desk.call("writer_hoard", arguments);
    assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    assert!(outcome.result.unwrap().to_string().contains("quota"));
    let readers = desk.call(
        "writer_hoard_readers",
        json!({ "root": "/workspace", "most": 10_000 }),
    );
    assert_eq!(readers.code, Code::HandlesExceeded, "{}", readers.text());
}

/// Between handles of other rights nothing is renamed, in either direction.
#[test]
fn nothing_is_carried_into_or_out_of_what_cannot_be_written() {
    let desk = Desk::new(Writes::Apply, &["writer"]);
    desk.grant_docs();
    desk.put("doc.txt", "mine");
    for (root, to) in [("/workspace", "/docs"), ("/docs", "/workspace")] {
        let arguments = json!({ "root": root, "path": "doc.txt", "to": to });
        let outcome = desk.call("writer_carry", arguments);
        assert_eq!(outcome.code, Code::Denied, "{}", outcome.text());
    }
    assert_eq!(desk.read("doc.txt"), "mine");
}

/// Between two handles that can be written, what one of them protects stays where it is.
#[test]
fn nothing_is_carried_past_a_guard() {
    let desk = Desk::new(Writes::Apply, &["writer"]);
    desk.put("a/kept.txt", "kept");
    fs::create_dir_all(desk.path("b")).unwrap();
    for (name, path, protect) in [("open", "b", ""), ("guarded", "a", "kept.txt")] {
        let terms = Attenuation {
            path: GuestPath::parse(path).unwrap(),
            protect: [protect]
                .into_iter()
                .filter(|p| !p.is_empty())
                .map(str::to_owned)
                .collect(),
            ..Attenuation::default()
        };
        desk.session.attenuate(desk.handle, name, &terms).unwrap();
    }
    for (root, to) in [("/guarded", "/open"), ("/open", "/guarded")] {
        desk.put("b/kept.txt", "other");
        let arguments = json!({ "root": root, "path": "kept.txt", "to": to });
        let outcome = desk.call("writer_carry", arguments);
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
        for tried in outcome.result.unwrap().as_array().unwrap() {
            assert!(
                !tried[1].as_str().unwrap().starts_with("ok"),
                "{root} {tried}"
            );
        }
    }
    assert_eq!(desk.read("a/kept.txt"), "kept");
}

/// A handle that is taken back in the middle of a call: the call gets nothing more through it, and nothing of it stays.
#[test]
fn a_handle_is_taken_back_in_the_middle_of_a_call() {
    for writes in ALL {
        let desk = Desk::new(writes, &["writer"]);
        desk.put("a.txt", "as it was");
        let outcome = runtime().block_on(async {
            let most = 50_000_u32;
            let arguments = json!({ "file": "a.txt", "most": most });
            let call = desk.session.call("writer_write_until_refused", arguments);
            let session = desk.session.clone();
            let handle = desk.handle;
            // On a thread of its own, once the call has written in the base or in its layer.
            let path = desk.path("a.txt");
            let revoked = std::thread::spawn(move || {
                if writes == Writes::Direct {
                    while fs::read_to_string(&path).unwrap() == "as it was" {
                        std::thread::yield_now();
                    }
                }
                session.revoke(handle).unwrap();
                fs::read_to_string(&path).unwrap()
            });
            let outcome = call.await;
            let then = revoked.join().unwrap();
            (outcome, then)
        });
        let (outcome, then) = outcome;
        assert_ne!(outcome.code, Code::HostError, "{}", outcome.text());
        assert_eq!(
            desk.read("a.txt"),
            then,
            "{writes:?}: nothing after it returned"
        );
        if writes != Writes::Direct {
            assert_eq!(then, "as it was");
        }
    }
}

#[test]
fn every_change_is_reported() {
    let desk = Desk::new(Writes::Apply, &["writer"]);
    abc(&desk);
    let outcome = desk.call("writer_edit", json!({ "root": "/workspace" }));
    let document = outcome.to_json();
    let paths: Vec<&Value> = document["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| &change["path"])
        .collect();
    assert_eq!(
        paths,
        [
            "/workspace/a.txt",
            "/workspace/b.txt",
            "/workspace/c.txt",
            "/workspace/new/",
            "/workspace/new/d.txt"
        ]
    );
    assert!(document["undo"].is_u64());
}
