//! Guests that open files by themselves: `wasi:filesystem` over a mount, with the session's names and no more than its rights.

use std::os::unix::fs::symlink;
use std::time::Duration;

use bailiwick_host::{Amount, Code, GrantOptions, Limits, LoadError, Tool, Writes};
use serde_json::json;

use crate::desk::{Desk, tree};
use crate::guests::{engine, load};

const ALL: [Writes; 3] = [Writes::Apply, Writes::Review, Writes::Direct];

/// A guest that uses only `std::fs`.
#[test]
fn the_standard_library_works() {
    for writes in ALL {
        // A thousand files take their time on a busy machine.
        let mut limits = Limits::default();
        limits.deadline = Duration::from_secs(120);
        let options = GrantOptions::default().writes(writes);
        let desk = Desk::within(limits, options, &["filesystem"]);
        desk.put("there.txt", "there");
        desk.session.mount("workspace").unwrap();
        let outcome = desk.call("filesystem_check", json!({ "root": "/workspace" }));
        assert_eq!(outcome.code, Code::Ok, "{writes:?}: {}", outcome.text());
        if writes == Writes::Review {
            assert!(!desk.path("checked.txt").exists());
            desk.session.apply(&[]).unwrap();
        }
        assert!(desk.read("checked.txt").lines().count() > 20);
        assert!(!desk.path("checks").exists());
    }
}

#[test]
fn attacks_come_to_nothing() {
    for writes in ALL {
        let desk = Desk::new(writes, &["filesystem"]);
        desk.lay_bait();
        desk.session.mount("workspace").unwrap();
        let outside = desk.beside("outside/canary.txt");
        let outcome = desk.call(
            "filesystem_attack",
            json!({ "root": "/workspace", "outside": [outside, "/etc/passwd"] }),
        );
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
        if writes == Writes::Review {
            desk.session.apply(&[]).unwrap();
        }
        let report = outcome.result.unwrap();
        desk.is_unharmed(&report);
        assert!(report.as_array().unwrap().len() > 50);
    }
}

#[test]
fn without_a_mount_there_is_nothing() {
    let desk = Desk::new(Writes::Apply, &["filesystem"]);
    desk.put("a.txt", "a");
    let outcome = desk.call("filesystem_check", json!({ "root": "/workspace" }));
    assert_eq!(outcome.code, Code::ToolError, "{}", outcome.text());
}

#[test]
fn a_mount_has_the_rights_of_its_grant() {
    let desk = Desk::new(Writes::Apply, &["filesystem"]);
    desk.grant_docs();
    desk.put("a.txt", "a");
    desk.session.mount("workspace").unwrap();
    desk.session.mount("docs").unwrap();
    for (from, to) in [
        ("/docs/doc.txt", "/workspace/doc.txt"),
        ("/workspace/a.txt", "/docs/a.txt"),
        ("/docs/doc.txt", "/docs/other.txt"),
    ] {
        let outcome = desk.call("filesystem_carry", json!({ "from": from, "to": to }));
        let report = outcome.result.unwrap();
        for tried in report.as_array().unwrap() {
            assert!(
                !tried[1].as_str().unwrap().starts_with("ok"),
                "{from} {to}: {report}"
            );
        }
    }
    assert_eq!(tree(&desk.beside("docs")).len(), 1);
    assert_eq!(tree(&desk.path("")).len(), 1);
}

#[test]
fn what_crashes_changes_nothing() {
    let desk = Desk::new(Writes::Apply, &["filesystem"]);
    desk.put("a.txt", "as it was");
    desk.session.mount("workspace").unwrap();
    let arguments = json!({ "path": "/workspace/a.txt" });
    let outcome = desk.call("filesystem_write_then_trap", arguments);
    assert_eq!(outcome.code, Code::Trapped, "{}", outcome.text());
    assert_eq!(desk.read("a.txt"), "as it was");
    assert_eq!(outcome.discarded.len(), 1);
}

#[test]
fn bounds_hold_over_a_mount() {
    for writes in ALL {
        let quota = Amount {
            bytes: 1 << 20,
            entries: 50,
        };
        let options = GrantOptions::default().writes(writes).quota(quota);
        let desk = Desk::with(options, &["filesystem"]);
        desk.session.mount("workspace").unwrap();
        let arguments = json!({ "root": "/workspace", "most": 2000 });
        let outcome = desk.call("filesystem_exhaust", arguments);
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
        let report = outcome.result.unwrap().to_string();
        assert!(report.contains("quota"), "{report}");
        if writes == Writes::Review {
            desk.session.apply(&[]).unwrap();
        }
        let found = tree(&desk.path(""));
        assert!(found.len() <= 50, "{}", found.len());
        let bytes: usize = found.values().flatten().map(Vec::len).sum();
        assert!(bytes <= 1 << 20, "{bytes}");
    }
}

/// The guests of the measurements work over what they measure.
#[test]
fn the_guests_that_are_measured_work() {
    let desk = Desk::new(Writes::Apply, &["io-handles", "io-paths"]);
    desk.put("small", &"x".repeat(4096));
    desk.session.mount("workspace").unwrap();
    let opened = desk.call(
        "io-handles_open_often",
        json!({ "dir": "/workspace", "path": "small", "count": 3, "max": 4096 }),
    );
    assert_eq!(opened.result, Some(json!(3 * 4096)), "{}", opened.text());
    let opened = desk.call(
        "io-paths_open_often",
        json!({ "path": "/workspace/small", "count": 3, "max": 4096 }),
    );
    assert_eq!(opened.result, Some(json!(3 * 4096)), "{}", opened.text());
    let changed = desk.call(
        "io-handles_change",
        json!({ "dir": "/workspace", "paths": ["small"], "text": "new" }),
    );
    assert_eq!(changed.code, Code::Ok, "{}", changed.text());
    assert_eq!(desk.read("small"), "new");
}

/// An import of a version that is not served is refused by name, and no other implementation is taken for it.
#[test]
fn a_version_that_is_not_served_is_refused() {
    for (version, served) in [
        ("0.2.0", true),
        ("0.2.3", true),
        ("0.2.999", false),
        ("0.2.0-rc-2023-11-10", false),
        ("0.3.0", false),
    ] {
        let text = format!(
            r#"(component
              (import "wasi:filesystem/preopens@{version}" (instance))
              (core module $m (func (export "f")))
              (core instance $i (instantiate $m))
              (func (export "f") (canon lift (core func $i "f"))))"#
        );
        let bytes = wat::parse_str(&text).unwrap();
        let loaded = Tool::load(engine(), "drift", &bytes);
        match loaded {
            Ok(_) => assert!(served, "{version}"),
            Err(error) => {
                assert!(!served, "{version}: {error}");
                assert!(matches!(error, LoadError::Import { .. }), "{error}");
                assert!(error.to_string().contains(version), "{error}");
            }
        }
    }
}

/// Says the paths that it gets.
const PATHS: &str = r#"(component
  (import "bailiwick:fs/paths@0.1.0" (instance $paths
    (type $r (record (field "path" string)))
    (export "readable" (type (eq $r)))
    (type $w (record (field "path" string)))
    (export "writable" (type (eq $w)))))
  (alias export $paths "readable" (type $readable))
  (alias export $paths "writable" (type $writable))
  (core module $m
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get 3))))
    (func (export "two") (param i32 i32 i32 i32) (result i32)
      (i32.store (i32.const 0) (local.get 0))
      (i32.store (i32.const 4) (local.get 1))
      (i32.store (i32.const 8) (local.get 2))
      (i32.store (i32.const 12) (local.get 3))
      (i32.const 0)))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "realloc" (core func $realloc))
  (func (export "read") (param "one" $readable) (param "two" $readable) (result (tuple string string))
    (canon lift (core func $i "two") (memory $memory) (realloc $realloc)))
  (func (export "convert") (param "from" $readable) (param "to" $writable) (result (tuple string string))
    (canon lift (core func $i "two") (memory $memory) (realloc $realloc)))
)"#;

/// A path that a guest gets is one that it can open: its mount's own, whatever link or how many arguments name it.
#[test]
fn a_guest_gets_the_path_of_the_mount() {
    let desk = Desk::new(Writes::Apply, &[]);
    let bytes = wat::parse_str(PATHS).unwrap();
    desk.session.add(load("paths", &bytes)).unwrap();
    desk.put("data/a.csv", "a");
    desk.put("data/b.csv", "b");
    symlink("data", desk.path("way")).unwrap();
    symlink("data/a.csv", desk.path("link")).unwrap();
    for (one, two) in [
        ("data", "data"),
        ("way", "data"),
        ("link", "way/b.csv"),
        ("data/a.csv", "way"),
    ] {
        let outcome = desk.call("paths_read", json!({ "one": one, "two": two }));
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
        let plain = |said: &str| {
            let said = said.replace("way", "data").replace("link", "data/a.csv");
            format!("/workspace/{said}")
        };
        assert_eq!(outcome.result, Some(json!([plain(one), plain(two)])));
    }
    let convert = |from: &str, to: &str| {
        let arguments = json!({ "from": from, "to": to });
        desk.call("paths_convert", arguments)
    };
    for (from, to) in [("data/a.csv", "data/new.csv"), ("data", "data/b.csv")] {
        let outcome = convert(from, to);
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    }
    for (from, to) in [("data", "data"), ("data/a.csv", "link"), ("way", "data/")] {
        let outcome = convert(from, to);
        assert_eq!(outcome.code, Code::InvalidArguments, "{}", outcome.text());
        let text = outcome.text();
        assert!(
            text.contains("$.to") && text.contains("to be read and to be changed"),
            "{text}"
        );
    }
}
