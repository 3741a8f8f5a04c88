//! Names of a session and what they give: nothing outside, from the name or from inside the guest.

use std::os::unix::fs::symlink;
use std::path::Path;

use bailiwick_host::{Code, Outcome, Session};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::guests::{grant, probe, session, wait};

/// A granted folder with something in it, beside a canary that is not granted.
///
/// `in/a.txt`, `in/sub/b.txt`, `in/sub/deep/c.txt`, links of every kind, and `out/canary`.
fn place() -> (TempDir, Session) {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    std::fs::create_dir_all(at("in/sub/deep")).unwrap();
    std::fs::create_dir_all(at("out")).unwrap();
    std::fs::write(at("in/a.txt"), "a").unwrap();
    std::fs::write(at("in/sub/b.txt"), "b").unwrap();
    std::fs::write(at("in/sub/deep/c.txt"), "c").unwrap();
    std::fs::write(at("out/canary"), "canary").unwrap();
    symlink("../out/canary", at("in/relative")).unwrap();
    symlink(at("out/canary"), at("in/absolute")).unwrap();
    symlink("relative", at("in/chained")).unwrap();
    symlink("../out", at("in/folder")).unwrap();
    symlink("loop", at("in/loop")).unwrap();
    symlink("/proc/self/environ", at("in/magic")).unwrap();
    symlink("sub/../a.txt", at("in/inside")).unwrap();
    symlink("../a.txt", at("in/sub/up")).unwrap();
    let session = session(probe("handles"));
    grant(&session, "w", &at("in"));
    (folder, session)
}

fn call(session: &Session, function: &str, arguments: Value) -> Outcome {
    wait(session.call(&format!("handles_{function}"), arguments))
}

fn name_of_file(session: &Session, file: &str) -> Outcome {
    call(session, "file_name", json!({ "file": file }))
}

#[track_caller]
fn no_host_path(outcome: &Outcome, folder: &Path) {
    let text = outcome.to_json().to_string();
    let folder = folder.to_str().unwrap();
    assert!(!text.contains(folder), "{text}");
    assert!(!text.contains("canary\""), "{text}");
}

#[test]
fn one_file_has_one_name_however_it_is_said() {
    let (folder, session) = place();
    let host = folder.path().canonicalize().unwrap().join("in/sub/b.txt");
    let said = [
        "/w/sub/b.txt",
        "sub/b.txt",
        "./sub//b.txt",
        "/w/./sub/deep/../b.txt",
        "//w/sub/b.txt",
        host.to_str().unwrap(),
    ];
    for said in said {
        let outcome = name_of_file(&session, said);
        assert_eq!(
            outcome.result,
            Some(json!("/w/sub/b.txt")),
            "{said}: {}",
            outcome.text()
        );
    }
    for said in ["/w", "/w/", "", ".", "/w/sub/.."] {
        let outcome = call(&session, "dir_name", json!({ "dir": said }));
        assert_eq!(
            outcome.result,
            Some(json!("/w")),
            "{said}: {}",
            outcome.text()
        );
    }
}

#[test]
fn what_leaves_is_denied_and_tells_no_host_path() {
    let (folder, session) = place();
    let outside = folder.path().join("out/canary");
    let said = [
        "/w/../out/canary",
        "/w/../../etc/passwd",
        "../out/canary",
        "/w/sub/../../out/canary",
        "/etc/passwd",
        outside.to_str().unwrap(),
        "/w/relative",
        "/w/absolute",
        "/w/chained",
        "/w/folder/canary",
        "/w/magic",
    ];
    for said in said {
        let outcome = name_of_file(&session, said);
        assert_eq!(outcome.code, Code::Denied, "{said}: {}", outcome.text());
        if !said.starts_with(folder.path().to_str().unwrap()) {
            no_host_path(&outcome, folder.path());
        }
    }
}

#[test]
fn a_link_that_stays_inside_is_followed() {
    let (_folder, session) = place();
    for said in ["/w/inside", "/w/sub/up"] {
        let outcome = call(
            &session,
            "try_read",
            json!({ "file": said, "offset": 0, "max": 10 }),
        );
        assert_eq!(
            outcome.result,
            Some(json!(["YQ==", 1])),
            "{}",
            outcome.text()
        );
    }
}

#[test]
fn what_is_not_there_says_what_is() {
    let (folder, session) = place();
    grant(&session, "docs", &folder.path().join("out"));
    let outcome = name_of_file(&session, "/w/sub/bb.txt");
    assert_eq!(outcome.code, Code::UnknownHandle);
    assert!(
        outcome.text().contains("did you mean `/w/sub/b.txt`"),
        "{}",
        outcome.text()
    );
    let outcome = name_of_file(&session, "/doc/canary");
    assert_eq!(outcome.code, Code::UnknownHandle);
    assert!(
        outcome.text().contains("did you mean `/docs`"),
        "{}",
        outcome.text()
    );
    let outcome = name_of_file(&session, "/nothing");
    assert_eq!(outcome.code, Code::UnknownHandle);
    assert!(
        outcome.text().contains("/w (ro, default), /docs (ro)"),
        "{}",
        outcome.text()
    );
}

#[test]
fn the_kind_must_be_the_parameters() {
    let (_folder, session) = place();
    let outcome = call(&session, "dir_name", json!({ "dir": "/w/a.txt" }));
    assert_eq!(outcome.code, Code::InvalidArguments);
    assert!(
        outcome
            .text()
            .contains("is a file, and a directory is wanted")
    );
    let outcome = name_of_file(&session, "/w/sub");
    assert_eq!(outcome.code, Code::InvalidArguments);
    assert!(
        outcome
            .text()
            .contains("is a directory, and a file is wanted")
    );
    let outcome = name_of_file(&session, "/w/loop");
    assert_eq!(outcome.code, Code::InvalidArguments, "{}", outcome.text());
    assert_eq!(
        name_of_file(&session, "/w/a\0b").code,
        Code::InvalidArguments
    );
    assert_eq!(
        name_of_file(&session, &"x/".repeat(5_000)).code,
        Code::InvalidArguments
    );
}

#[test]
fn a_session_without_grants_gives_nothing() {
    let session = session(probe("handles"));
    let outcome = name_of_file(&session, "/etc/passwd");
    assert_eq!(outcome.code, Code::UnknownHandle);
    assert!(outcome.text().contains("nothing is granted"));
}

#[test]
fn a_name_of_another_session_stands_for_nothing() {
    let (_folder, first) = place();
    let (other, second) = place();
    grant(&second, "private", other.path());
    assert_eq!(name_of_file(&second, "/private/out/canary").code, Code::Ok);
    assert_ne!(name_of_file(&first, "/private/out/canary").code, Code::Ok);
}

#[test]
fn from_inside_a_handle_nothing_leaves_it() {
    let (folder, session) = place();
    let paths = [
        "../out/canary",
        "..",
        "sub/../../out/canary",
        "/etc/passwd",
        "/w/a.txt",
        "relative",
        "absolute",
        "chained",
        "folder/canary",
        "folder",
        "magic",
    ];
    for path in paths {
        for function in ["try_open", "try_stat"] {
            let outcome = call(&session, function, json!({ "dir": "/w", "path": path }));
            assert_eq!(
                outcome.code,
                Code::ToolError,
                "{function} {path}: {}",
                outcome.text()
            );
            assert!(
                outcome.text().contains("not-permitted"),
                "{path}: {}",
                outcome.text()
            );
            no_host_path(&outcome, folder.path());
        }
    }
    let outcome = call(
        &session,
        "try_read_files",
        json!({ "dir": "/w", "paths": ["a.txt", "relative", "loop", "no", "sub"], "max": 10 }),
    );
    let expected = json!([
        { "ok": ["a", 1] },
        { "err": "not-permitted" },
        { "err": "loop" },
        { "err": "no-entry" },
        { "err": "is-directory" },
    ]);
    assert_eq!(outcome.result, Some(expected));
}

#[test]
fn a_narrowed_handle_cannot_see_above_itself() {
    let (_folder, session) = place();
    for path in ["../a.txt", "up"] {
        let outcome = call(
            &session,
            "try_open",
            json!({ "dir": "/w/sub", "path": path }),
        );
        assert!(
            outcome.text().contains("not-permitted"),
            "{path}: {}",
            outcome.text()
        );
        let through = json!({ "dir": "/w", "path": "sub", "below": path });
        let outcome = call(&session, "try_open_through", through);
        assert!(
            outcome.text().contains("not-permitted"),
            "{path}: {}",
            outcome.text()
        );
    }
    let outcome = call(
        &session,
        "try_open",
        json!({ "dir": "/w/sub", "path": "deep/c.txt" }),
    );
    assert_eq!(outcome.result, Some(json!(["/w/sub/deep/c.txt", "c"])));
}

#[test]
fn a_link_says_what_it_says_but_nothing_of_the_host() {
    let (folder, session) = place();
    let link = |path: &str| {
        call(
            &session,
            "try_read_link",
            json!({ "dir": "/w", "path": path }),
        )
    };
    assert_eq!(link("chained").result, Some(json!("relative")));
    let absolute = link("absolute");
    assert!(absolute.text().contains("not-permitted"));
    no_host_path(&absolute, folder.path());
    assert!(link("a.txt").text().contains("invalid"));
}

#[test]
fn a_fifo_or_a_socket_is_an_error_at_once_and_others_go_on() {
    let (folder, session) = place();
    let fifo = folder.path().join("in/fifo");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("in/socket")).unwrap();
    for name in ["fifo", "socket"] {
        let outcome = name_of_file(&session, name);
        assert_eq!(outcome.code, Code::InvalidArguments, "{}", outcome.text());
        let outcome = call(&session, "try_open", json!({ "dir": "/w", "path": name }));
        assert!(outcome.text().contains("unsupported"), "{}", outcome.text());
    }
    let (_other, second) = place();
    assert_eq!(name_of_file(&second, "/w/a.txt").code, Code::Ok);
}

#[test]
fn handles_may_be_left_out_and_several_may_be_given() {
    let (_folder, session) = place();
    let outcome = call(&session, "perhaps", json!({}));
    assert_eq!(outcome.result, Some(json!(null)));
    let outcome = call(&session, "perhaps", json!({ "dir": "/w/sub" }));
    assert_eq!(outcome.result, Some(json!("/w/sub")));
    let outcome = call(&session, "both", json!({ "dir": "sub", "file": "a.txt" }));
    assert_eq!(outcome.result, Some(json!(["/w/sub", "/w/a.txt"])));
}
