//! Texts before and after.

use super::*;
use crate::policy::{MountedGrant, Rights};
use proptest::prelude::*;
use std::time::Duration;

const TEXT: &str = "\
# The policy of this folder.

# What is granted.
[grants.workspace] # all of it
path = '.'

# Looks.
[tools.files]
component   =   \"tools/files.wasm\"   # shipped
grants = [
  \"workspace:ro\", # no more
]

# Section: limits.

[limits]
fuel = \"1G\"
# the end
";

fn edit_tool() -> ToolPolicy {
    ToolPolicy {
        component: "tools/edit.wasm".into(),
        grants: vec![MountedGrant {
            grant: "workspace".into(),
            rights: Some(Rights::Read),
        }],
        mounts: vec!["workspace".into()],
        expose: Some(vec!["apply".into()]),
        metering: Metering::Time,
        limits: LimitsPolicy {
            deadline: Some(Duration::from_millis(1500)),
            descriptors: Some(17),
            ..LimitsPolicy::default()
        },
    }
}

#[test]
fn a_tool_is_added_behind_the_last_and_all_else_is_kept() {
    let changed = add(TEXT, "edit", &edit_tool()).unwrap();
    let block = "
[tools.edit]
component = \"tools/edit.wasm\"
grants    = [\"workspace:ro\"]
mounts    = [\"workspace\"]
expose    = [\"apply\"]
limits    = { deadline = \"1500ms\", descriptors = 17 }
metering  = \"time\"
";
    assert_eq!(
        changed,
        TEXT.replace("]\n\n# Section", &format!("]\n{block}\n# Section"))
    );
    assert_eq!(remove(&changed, "edit").unwrap(), TEXT);
}

#[test]
fn a_tool_is_removed_with_the_comment_that_is_its_own() {
    let expected = TEXT.replace(
        "# Looks.
[tools.files]
component   =   \"tools/files.wasm\"   # shipped
grants = [
  \"workspace:ro\", # no more
]

",
        "",
    );
    assert_eq!(remove(TEXT, "files").unwrap(), expected);
    let first =
        "# About the file.\n\n# About x.\n[tools.x]\ncomponent = 'x'\n\n[limits]\nfuel = 1\n";
    let left = remove(first, "x").unwrap();
    assert_eq!(left, "# About the file.\n\n[limits]\nfuel = 1\n");
    let last = "# About the file.\n\n[tools.x]\ncomponent = 'x'\n";
    assert_eq!(remove(last, "x").unwrap(), "# About the file.\n");
}

#[test]
fn tables_of_a_tool_go_with_it() {
    let text =
        "[tools.x]\ncomponent = 'x'\n[tools.x.limits]\nfuel = 1\n[tools.y]\ncomponent = 'y'\n";
    assert_eq!(remove(text, "x").unwrap(), "[tools.y]\ncomponent = 'y'\n");
    let added = add(&remove(text, "y").unwrap(), "z", &edit_less()).unwrap();
    assert!(
        added.ends_with("fuel = 1\n\n[tools.z]\ncomponent = \"z\"\n"),
        "{added}"
    );
}

fn edit_less() -> ToolPolicy {
    ToolPolicy {
        component: "z".into(),
        ..ToolPolicy::default()
    }
}

#[test]
fn every_way_to_write_a_table_is_edited() {
    for text in [
        "",
        "# only a comment\n",
        "[tools]\n",
        "tools = {}\n",
        "tools = {\n  # about x\n  x = { component = 'x' },\n  y = { component = 'y' }, # about y\n}\n",
        "tools = { x = { component = 'x' } }\n",
        "[tools]\n# about x\nx = { component = 'x' }\n# about y\ny.component = 'y'\n",
        "tools.x.component = 'x'\n[limits]\nfuel = 1\n",
        "[tools.\"x\"]\r\ncomponent = 'x'\r\n\r\n[limits]\r\n",
        "default = 'w'\n[grants]\nw = { path = '.' }",
    ] {
        let before = Policy::parse(text).unwrap();
        let changed =
            add(text, "z", &edit_less()).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let after = Policy::parse(&changed).unwrap();
        assert_eq!(after.tools.len(), before.tools.len() + 1, "{changed}");
        for comment in ["# only a comment", "# about x", "# about y"] {
            assert_eq!(
                text.contains(comment),
                changed.contains(comment),
                "{changed}"
            );
        }
        assert_eq!(
            changed.replace("\r\n", "").contains('\n'),
            !text.contains('\r'),
            "{changed:?}"
        );
        let back = remove(&changed, "z").unwrap();
        assert_eq!(Policy::parse(&back).unwrap(), before, "{back}");
        for name in before.tools.keys() {
            let less = remove(text, name).unwrap();
            assert!(
                !Policy::parse(&less).unwrap().tools.contains_key(name),
                "{less}"
            );
        }
    }
    assert_eq!(
        add("# only\n", "z", &edit_less()).unwrap(),
        "# only\n\n[tools.z]\ncomponent = \"z\"\n"
    );
}

#[test]
fn comments_of_others_outlive_a_value() {
    let text = "[tools]\n# About all.\n\n# x\nx = { component = 'x' }\ny = { component = 'y' }\n";
    assert_eq!(
        remove(text, "x").unwrap(),
        "[tools]\n# About all.\n\ny = { component = 'y' }\n"
    );
    let text = "[tools]\n# About all.\n\n# x\nx.component = 'x'\n[limits]\nfuel = 1\n";
    let left = remove(text, "x").unwrap();
    assert!(left.contains("# About all.\n"), "{left}");
}

#[test]
fn what_cannot_be_done_is_said() {
    let said = |result: Result<String, EditError>| result.unwrap_err().to_string();
    let tool = edit_tool();
    assert!(said(add(TEXT, "files", &tool)).contains("a tool `files` already"));
    assert!(said(add(TEXT, "Files", &tool)).contains("looks like `files`"));
    assert!(said(add(TEXT, "a\x1b.b", &tool)).contains("`a\\u{1b}.b` cannot be a tool's name"));
    assert_eq!(
        said(remove(TEXT, "file")),
        "there is no tool `file`: did you mean `files`?"
    );
    assert_eq!(
        said(remove("", "file")),
        "there is no tool `file`: the policy has no tools"
    );
    assert!(matches!(
        add("x = 1", "a", &tool),
        Err(EditError::Policy { .. })
    ));
    assert!(matches!(remove("x =", "a"), Err(EditError::Policy { .. })));
    // Nothing is granted there.
    let Err(EditError::Result { errors, text }) = add("", "edit", &tool) else {
        panic!()
    };
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(text.contains("[tools.edit]"));
}

proptest! {
    #[test]
    fn any_path_is_spelled(path in "[^\0]{1,40}", name in "[a-z]{1,8}") {
        prop_assume!(!path.trim().is_empty() && !path.starts_with('~'));
        let tool = ToolPolicy { component: path.into(), ..ToolPolicy::default() };
        let text = add(TEXT, &format!("{name}-x"), &tool).unwrap();
        prop_assert_eq!(&Policy::parse(&text).unwrap().tools[&format!("{name}-x")], &tool);
    }
}
