//! JSON that does not fit: the outcome says where, what was expected, what was there, and shows a call that works.

use bailiwick_host::{Code, Outcome};
use serde_json::{Value, json};

use crate::guests::{call, grant, probe, session, wait};

#[track_caller]
fn refused(outcome: &Outcome, words: &[&str]) {
    assert_eq!(outcome.code, Code::InvalidArguments, "{}", outcome.text());
    let text = outcome.text();
    for word in words {
        assert!(text.contains(word), "{word:?} is not in {text:?}");
    }
    assert_eq!(outcome.usage.fuel, 0, "nothing ran");
}

fn values(function: &str, arguments: Value) -> Outcome {
    call("types", function, arguments)
}

#[test]
fn the_wrong_type_at_a_depth_is_named_by_its_json_path() {
    let line = json!({ "from": { "x": 1, "y": 2 }, "to": { "x": 1, "y": "two" } });
    refused(
        &values("a_nested_record", json!({ "value": line })),
        &["$.value.to.y", "\"two\"", "for example: {\"value\":"],
    );
    let points = json!([{ "x": 1, "y": 2 }, { "x": 1, "y": 2 }, 7]);
    refused(
        &values("some_records", json!({ "value": points })),
        &["$.value[2]", "7"],
    );
}

#[test]
fn missing_unknown_and_superfluous() {
    refused(&values("a_bool", json!({})), &["value", "missing"]);
    refused(
        &values("a_bool", json!({ "value": true, "valeu": 1 })),
        &["valeu", "value"],
    );
    refused(
        &values("a_record", json!({ "value": { "x": 1 } })),
        &["$.value", "`y`"],
    );
    refused(&values("ping", json!({ "more": 1 })), &["more"]);
    refused(&values("a_bool", json!([true])), &["object"]);
}

#[test]
fn numbers_out_of_range_say_the_range() {
    refused(
        &values("a_u8", json!({ "value": 256 })),
        &["$.value", "255", "256"],
    );
    refused(&values("a_s8", json!({ "value": -129 })), &["-128"]);
    refused(&values("a_u32", json!({ "value": -1 })), &["4294967295"]);
    refused(
        &values("a_u64", json!({ "value": "18446744073709551616" })),
        &["18446744073709551615"],
    );
    refused(&values("a_s32", json!({ "value": 1.5 })), &["1.5"]);
    refused(&values("a_char", json!({ "value": "ab" })), &["one"]);
    refused(&values("an_enum", json!({ "value": "gren" })), &["green"]);
}

#[test]
fn a_tool_or_function_that_is_not_there() {
    let session = session(probe("files"));
    for name in ["files_grpe", "grep", "file_grep"] {
        let outcome = wait(session.call(name, json!({})));
        assert_eq!(outcome.code, Code::UnknownTool);
        assert!(outcome.text().contains("files_grep"), "{}", outcome.text());
    }
}

#[test]
fn a_session_tells_its_tools_and_names() {
    let session = session(probe("files"));
    session.add(probe("echo")).unwrap();
    let names: Vec<_> = session
        .tools()
        .iter()
        .map(|tool| tool.name().to_owned())
        .collect();
    assert_eq!(names, ["files", "echo"]);
    assert_eq!(session.namespace(), "nothing is granted in this session");
    let folder = tempfile::tempdir().unwrap();
    grant(&session, "workspace", folder.path());
    grant(&session, "docs", folder.path());
    assert_eq!(session.namespace(), "/workspace (ro, default), /docs (ro)");
}

#[test]
fn a_pattern_that_does_not_parse_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(probe("files"));
    grant(&session, "w", folder.path());
    let outcome = wait(session.call("files_grep", json!({ "dir": "/w", "pattern": "ab(c" })));
    assert_eq!(outcome.code, Code::ToolError);
    let failure = outcome.failure.as_ref().unwrap();
    assert_eq!(failure.code.as_deref(), Some("bad-pattern"));
    assert!(
        failure.message.contains("character 3"),
        "{}",
        outcome.text()
    );
    assert!(failure.hint.is_some());
}
