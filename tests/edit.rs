//! The tool `edit`, through the host: each function on real files, and the errors that a model acts on.

use std::fs;

use bailiwick_host::{Code, Writes};
use serde_json::{Value, json};

use crate::desk::Desk;

fn desk() -> Desk {
    let desk = Desk::new(Writes::Apply, &["edit"]);
    desk.put("main.rs", "fn main() {\n    one();\n    two();\n}\n");
    desk
}

fn done(desk: &Desk, function: &str, arguments: Value) -> Value {
    let outcome = desk.call(function, arguments);
    assert_eq!(outcome.code, Code::Ok, "{function}: {}", outcome.text());
    outcome.result.unwrap()
}

#[test]
fn replaces_what_is_there_once_and_shows_the_diff() {
    let desk = desk();
    let reply = done(
        &desk,
        "edit_replace",
        json!({ "file": "main.rs", "old": "one();", "new": "1();" }),
    );
    assert_eq!(reply["path"], "/workspace/main.rs");
    let diff = reply["diff"].as_str().unwrap();
    assert!(diff.contains("-    one();\n+    1();"), "{diff}");
    assert!(desk.read("main.rs").contains("    1();\n"));
}

#[test]
fn what_is_not_found_shows_the_nearest_text() {
    let desk = desk();
    for (old, code, shown) in [
        ("\tone();", "no-match", "    one();"),
        ("();\n", "many-matches", "2"),
    ] {
        let arguments = json!({ "file": "main.rs", "old": old, "new": "x" });
        let outcome = desk.call("edit_replace", arguments);
        assert_eq!(outcome.code, Code::ToolError);
        let failure = outcome.failure.as_ref().unwrap();
        assert_eq!(failure.code.as_deref(), Some(code), "{}", outcome.text());
        assert!(outcome.text().contains(shown), "{}", outcome.text());
    }
    assert!(desk.read("main.rs").contains("one();"));
}

#[test]
fn writes_inserts_copies_moves_and_removes() {
    let desk = desk();
    done(
        &desk,
        "edit_make_dir",
        json!({ "dir": ".", "path": "src/deep" }),
    );
    done(
        &desk,
        "edit_write",
        json!({ "file": "src/deep/new.txt", "content": "first\n", "expect": "new" }),
    );
    done(
        &desk,
        "edit_insert",
        json!({ "file": "src/deep/new.txt", "text": "zeroth", "line": 1 }),
    );
    assert_eq!(desk.read("src/deep/new.txt"), "zeroth\nfirst\n");
    done(
        &desk,
        "edit_copy",
        json!({ "from": "src/deep/new.txt", "to": "copy.txt" }),
    );
    done(
        &desk,
        "edit_move",
        json!({ "dir": ".", "from": "src/deep", "to": "lib" }),
    );
    assert_eq!(desk.read("lib/new.txt"), desk.read("copy.txt"));
    assert!(!desk.path("src/deep").exists());
    let again = json!({ "from": "main.rs", "to": "copy.txt" });
    assert_eq!(desk.call("edit_copy", again).code, Code::ToolError);
    done(
        &desk,
        "edit_remove",
        json!({ "dir": ".", "path": "copy.txt" }),
    );
    let whole = json!({ "dir": ".", "path": "lib" });
    assert_eq!(desk.call("edit_remove", whole).code, Code::ToolError);
    done(
        &desk,
        "edit_remove",
        json!({ "dir": ".", "path": "lib", "tree": true }),
    );
    assert!(!desk.path("lib").exists());
}

#[test]
fn a_patch_is_applied_whole_or_not_at_all() {
    let desk = desk();
    desk.put("other.txt", "a\nb\nc\n");
    let good = "--- a/main.rs\n+++ b/main.rs\n@@ -1,4 +1,4 @@\n fn main() {\n-    one();\n+    1();\n     two();\n }\n";
    let bad = "--- a/other.txt\n+++ b/other.txt\n@@ -1,3 +1,3 @@\n x\n-y\n+Y\n z\n";
    let outcome = desk.call(
        "edit_apply_patch",
        json!({ "dir": ".", "patch": format!("{good}{bad}") }),
    );
    assert_eq!(outcome.code, Code::ToolError, "{}", outcome.text());
    assert!(outcome.text().contains("other.txt"));
    assert!(desk.read("main.rs").contains("one();"));
    let created = "--- /dev/null\n+++ b/sub/new.txt\n@@ -0,0 +1 @@\n+new\n";
    let reply = done(
        &desk,
        "edit_apply_patch",
        json!({ "dir": ".", "patch": format!("{good}{created}") }),
    );
    assert_eq!(reply["files"].as_array().unwrap().len(), 2);
    assert!(desk.read("main.rs").contains("1();"));
    assert_eq!(desk.read("sub/new.txt"), "new\n");
}

#[test]
fn permissions_stay() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = desk();
    fs::set_permissions(desk.path("main.rs"), fs::Permissions::from_mode(0o754)).unwrap();
    done(
        &desk,
        "edit_replace",
        json!({ "file": "main.rs", "old": "one", "new": "1" }),
    );
    let mode = fs::metadata(desk.path("main.rs"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o7777, 0o754);
}

#[test]
fn the_schema_says_which_arguments_are_changed() {
    let desk = desk();
    let tools = desk.session.tools();
    let contract = tools[0].contract();
    let signature = contract.function("replace").unwrap().signature();
    assert!(
        signature.contains("file: borrow<write-file>"),
        "{signature}"
    );
    for function in &contract.functions {
        assert!(!function.docs.examples.is_empty(), "{}", function.name);
    }
}
