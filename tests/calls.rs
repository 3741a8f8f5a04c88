//! What a session does beside bounding: concurrency, events, errors of tools, content.

use bailiwick_host::{Code, Content, Event, Session};
use serde_json::json;

use crate::guests::{call, probe, runtime, session, wait};

#[test]
fn calls_of_one_session_run_side_by_side() {
    let session = session(probe("echo"));
    session.add(probe("sleep")).unwrap();
    runtime().block_on(async {
        let waiting = session.call("sleep_forever", json!({}));
        let cancel = waiting.cancel();
        let echo = async {
            let outcome = session
                .call("echo_echo", json!({ "text": "meanwhile" }))
                .await;
            cancel.cancel();
            outcome
        };
        let (waited, echoed) = tokio::join!(waiting, echo);
        assert_eq!(echoed.result, Some(json!("meanwhile")), "{}", echoed.text());
        assert_eq!(waited.code, Code::Cancelled);
    });
}

#[test]
fn sessions_and_calls_cross_threads() {
    let session = session(probe("echo"));
    let threads: Vec<_> = (0..4)
        .map(|n| {
            let session: Session = session.clone();
            std::thread::spawn(move || {
                for i in 0..50 {
                    let text = format!("{n}-{i}");
                    let outcome = wait(session.call("echo_echo", json!({ "text": text })));
                    assert_eq!(outcome.result, Some(json!(text)), "{}", outcome.text());
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn progress_is_an_event_and_the_end_is_never_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(probe("handles"));
    crate::guests::grant(&session, "w", folder.path());
    let call = session.call("handles_progress", json!({ "count": 1_000 }));
    let mut events = call.events();
    let outcome = wait(call);
    assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    let seen = runtime().block_on(async {
        let mut seen = Vec::new();
        while let Some(event) = events.next().await {
            seen.push(event);
        }
        seen
    });
    assert_eq!(seen.first(), Some(&Event::Started));
    assert_eq!(seen.last(), Some(&Event::Finished { code: Code::Ok }));
    assert!(matches!(seen[1], Event::Progress { .. }));
    assert!(seen.len() < 1_000, "nobody read, so most were dropped");
}

#[test]
fn errors_of_a_tool_are_read_by_their_type() {
    let fail = |function: &str| {
        let outcome = call("types", function, json!({ "fail": true }));
        assert_eq!(outcome.code, Code::ToolError, "{}", outcome.text());
        (outcome.failure.clone().unwrap(), outcome.text())
    };
    let (failure, text) = fail("a_tool_error");
    assert!(failure.code.is_some_and(|code| code != "error"));
    assert!(failure.hint.is_some_and(|hint| text.contains(&hint)));
    assert!(fail("a_tool_error_without_hint").0.hint.is_none());

    let (failure, text) = fail("a_record_error");
    assert_eq!(failure.code.as_deref(), Some("error"));
    assert!(
        failure
            .value
            .is_some_and(|value| text.contains(&value.to_string()))
    );
    assert!(fail("an_enum_error").1.contains("too-"));
    assert_eq!(fail("a_text_error").0.code.as_deref(), Some("error"));
    fail("an_empty_error");
    fail("neither");
    for function in [
        "a_tool_error",
        "a_record_error",
        "an_empty_error",
        "neither",
    ] {
        let outcome = call("types", function, json!({ "fail": false }));
        assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    }
}

#[test]
fn nothing_is_null_and_reads_as_done() {
    let outcome = call("types", "nothing", json!(null));
    assert_eq!(outcome.result, Some(json!(null)));
    assert_eq!(outcome.text(), "done");
}

#[test]
fn content_is_kept_apart_by_kind() {
    let outcome = call("types", "contents", json!({}));
    assert_eq!(outcome.code, Code::Ok, "{}", outcome.text());
    let kinds: Vec<_> = outcome
        .content
        .iter()
        .map(|content| match content {
            Content::Text(_) => "text",
            Content::Json(_) => "json",
            Content::Image(_, mime) if mime.starts_with("image/") => "image",
            Content::Audio(_, mime) if mime.starts_with("audio/") => "audio",
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, ["text", "json", "image", "audio"]);
    assert!(outcome.text().contains("[image, image/"));
    let one = call("types", "one_content", json!({ "fail": false }));
    assert_eq!(one.content.len(), 1);
}
