//! A policy on the command line: nothing of it runs before it is trusted, nothing that is not locked, and no more than it lists.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bailiwick_host::contract::Digest;
use bailiwick_host::{Code, Session, ToolTerms};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::guests::{cache, grant, load, probe_path, shipped, wait};

/// A folder with a policy, a home and a state folder beside it.
struct Folder {
    place: TempDir,
}

const POLICY: &str = r#"
[grants.workspace]
path = "."
rights = "rw"
hide = ["secret.txt"]
protect = ["kept.txt"]

[grants.docs]
path = "../home/docs"

[tools.files]
component = "tools/files.wasm"
grants = ["workspace:ro"]
expose = ["read", "grep"]

[tools.edit]
component = "tools/edit.wasm"
grants = ["workspace"]
"#;

impl Folder {
    /// With the shipped tools in `tools/` and this policy, which nobody trusts yet.
    fn new(policy: &str) -> Self {
        let folder = Self {
            place: tempfile::tempdir().unwrap(),
        };
        fs::create_dir_all(folder.path("tools")).unwrap();
        fs::create_dir_all(folder.place.path().join("home/docs")).unwrap();
        fs::write(folder.place.path().join("home/docs/note.txt"), "a note\n").unwrap();
        for tool in ["files", "edit"] {
            fs::write(folder.path(&format!("tools/{tool}.wasm")), shipped(tool)).unwrap();
        }
        for name in ["a.txt", "secret.txt", "kept.txt"] {
            fs::write(folder.path(name), format!("what is in {name}\n")).unwrap();
        }
        fs::write(folder.path("bailiwick.toml"), policy).unwrap();
        folder
    }

    /// One that is locked and trusted.
    fn trusted(policy: &str) -> Self {
        let folder = Self::new(policy);
        folder.ok(&["lock"]);
        folder.ok(&["trust", "--yes"]);
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join("work").join(name)
    }

    fn run(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_bailiwick"))
            .args(words)
            .current_dir(self.path("."))
            .env("HOME", self.place.path().join("home"))
            .env("XDG_CONFIG_HOME", self.place.path().join("config"))
            .env("BAILIWICK_STATE", self.place.path().join("state"))
            .env("BAILIWICK_CACHE", cache())
            // Outside of what tests grant: a grant that holds it is refused before anything else is looked at.
            .env("BAILIWICK_LOG", cache().with_file_name("log"))
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap()
    }

    /// What it prints on stdout, and that it ended well.
    fn ok(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let (out, err) = texts(&output);
        assert!(output.status.success(), "{words:?}: {out}{err}");
        out
    }

    /// What it prints on stderr, and that it ended with this code.
    fn refused(&self, code: i32, words: &[&str]) -> String {
        let output = self.run(words);
        let (out, err) = texts(&output);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {out}{err}");
        err
    }

    fn owner(&self, policy: &str) {
        let folder = self.place.path().join("config/bailiwick");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("owner.toml"), policy).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

const READ: &[&str] = &["call", "files", "read", "file=/workspace/a.txt"];
const WRITE: &[&str] = &[
    "call",
    "edit",
    "write",
    "file=/workspace/a.txt",
    "content=changed",
];

/// Every byte of a folder, for "nothing was changed".
fn bytes(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(bytes(&path));
        } else {
            all.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    all.sort();
    all
}

#[test]
fn a_hostile_policy_runs_nothing_before_it_is_trusted_and_says_what_it_would_give() {
    let hostile = "[grants.home]\npath = \"~\"\nrights = \"rw\"\n\n[tools.edit]\ncomponent = \"tools/edit.wasm\"\ngrants = [\"home\"]\n";
    let folder = Folder::new(hostile);
    folder.ok(&["lock"]);
    let home = folder.place.path().join("home");
    let before = bytes(&home);
    let write = [
        "call",
        "edit",
        "write",
        "file=/home/docs/note.txt",
        "content=gone",
    ];
    let said = folder.refused(3, &write);
    let shown = home.display().to_string();
    for wanted in ["is not trusted", "grants /home", "rw", "edit", &shown] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    let json = [&write[..], &["--json"]].concat();
    let output = folder.run(&json);
    assert_eq!(output.status.code(), Some(3));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["code"], "refused");
    assert_eq!(bytes(&home), before);
    // Nobody can be asked here, so nobody says yes.
    folder.refused(3, &["trust"]);
    folder.refused(3, &write);
    assert_eq!(bytes(&home), before);
}

#[test]
fn a_policy_is_trusted_as_it_is_and_its_lock_with_it() {
    let folder = Folder::trusted(POLICY);
    assert!(folder.ok(READ).contains("what is in a.txt"));
    for file in ["bailiwick.toml", "bailiwick.lock"] {
        let was = folder.read(file);
        fs::write(folder.path(file), format!("{was}\n# one line more\n")).unwrap();
        let said = folder.refused(3, READ);
        assert!(said.contains("has changed since it was trusted"), "{said}");
        fs::write(folder.path(file), was).unwrap();
        folder.ok(READ);
    }
    // Another folder with the same bytes is another folder.
    let other = Folder::new(POLICY);
    other.ok(&["lock"]);
    other.refused(3, READ);
    folder.ok(&["trust", "--forget"]);
    folder.refused(3, READ);
}

#[test]
fn one_changed_byte_of_a_component_is_refused_by_name() {
    let folder = Folder::trusted(POLICY);
    folder.ok(&["verify"]);
    let path = folder.path("tools/files.wasm");
    let mut bytes = fs::read(&path).unwrap();
    // The last byte is one of a custom section: it is a component still.
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, &bytes).unwrap();
    for words in [&["verify"][..], READ] {
        let output = folder.run(words);
        let (out, err) = texts(&output);
        assert_eq!(output.status.code(), Some(3), "{words:?} {out}{err}");
        assert!(format!("{out}{err}").contains("files"), "{out}{err}");
    }
    // The other tool is what it was.
    folder.ok(&["verify", "edit"]);
    folder.ok(WRITE);
}

#[test]
fn another_component_under_the_name_is_refused_until_it_is_locked_and_trusted_again() {
    let folder = Folder::trusted(POLICY);
    fs::copy(probe_path("echo"), folder.path("tools/files.wasm")).unwrap();
    let said = folder.refused(3, READ);
    assert!(said.contains("`files` is not what was locked"), "{said}");
    // Whoever put it there can lock it, but not be trusted.
    let lock = folder.read("bailiwick.lock");
    let other = Folder::new(POLICY);
    fs::copy(probe_path("echo"), other.path("tools/files.wasm")).unwrap();
    fs::write(
        other.path("bailiwick.toml"),
        POLICY.replace("expose = [\"read\", \"grep\"]\n", ""),
    )
    .unwrap();
    other.ok(&["lock"]);
    fs::write(folder.path("bailiwick.lock"), other.read("bailiwick.lock")).unwrap();
    assert_ne!(lock, other.read("bailiwick.lock"));
    let said = folder.refused(3, READ);
    assert!(said.contains("has changed since it was trusted"), "{said}");
}

#[test]
fn a_tool_is_handed_what_the_policy_lists_for_it_and_nothing_else() {
    let folder = Folder::trusted(POLICY);
    let said = folder.refused(1, &["call", "files", "read", "file=/docs/note.txt"]);
    assert!(said.contains("denied"), "{said}");
    assert!(!said.contains("a note"), "{said}");
    // The grant can be written, and by another tool.
    folder.ok(WRITE);
    assert_eq!(folder.read("a.txt"), "changed");
    // Hidden and protected, by the policy.
    let said = folder.refused(2, &["call", "files", "read", "file=/workspace/secret.txt"]);
    assert!(said.contains("unknown-handle"), "{said}");
    let kept = [
        "call",
        "edit",
        "write",
        "file=/workspace/kept.txt",
        "content=x",
    ];
    folder.refused(1, &kept);
    assert_eq!(folder.read("kept.txt"), "what is in kept.txt\n");
    // What is not exposed is not there.
    let said = folder.refused(2, &["call", "files", "list", "dir=/workspace"]);
    assert!(said.contains("unknown-tool"), "{said}");
}

#[test]
fn a_tool_of_a_session_is_not_handed_what_only_others_may_be() {
    let folder = Folder::new(POLICY);
    let session = Session::new();
    for (name, path) in [("workspace", "."), ("docs", "../home/docs")] {
        grant(&session, name, &folder.path(path));
    }
    let mut terms = ToolTerms::default();
    terms.grants = Some(vec![("docs".into(), None)]);
    terms.expose = Some(vec!["read".into()]);
    let tool = load("files", &shipped("files"));
    session.add_with(tool, &terms).unwrap();
    let read = |file: &str| wait(session.call("files_read", json!({ "file": file })));
    assert_eq!(read("/docs/note.txt").code, Code::Ok);
    let denied = read("/workspace/a.txt");
    assert_eq!(denied.code, Code::Denied);
    assert!(denied.text().contains("`/workspace` is not for this tool"));
    // The session's default is not for this tool, so a relative path means nothing.
    assert_eq!(read("note.txt").code, Code::UnknownHandle);
    let listed = wait(session.call("files_list", json!({ "dir": "/docs" })));
    assert_eq!(listed.code, Code::UnknownTool);
    terms.grants = Some(vec![("nowhere".into(), None)]);
    let again = load("again", &shipped("files"));
    assert!(session.add_with(again.clone(), &terms).is_err());
    terms.grants = None;
    terms.expose = Some(vec!["raed".into()]);
    let error = session.add_with(again, &terms).unwrap_err().to_string();
    assert!(error.contains("did you mean `read`?"), "{error}");
}

#[test]
fn what_governs_cannot_be_changed_through_what_it_grants() {
    let folder = Folder::trusted(POLICY);
    for file in [
        "bailiwick.toml",
        "bailiwick.lock",
        "tools/files.wasm",
        "tools/edit.wasm",
    ] {
        let before = fs::read(folder.path(file)).unwrap();
        let named = format!("file=/workspace/{file}");
        folder.refused(1, &["call", "edit", "write", &named, "content=x"]);
        assert_eq!(fs::read(folder.path(file)).unwrap(), before, "{file}");
    }
}

#[test]
fn what_is_not_locked_does_not_run() {
    let folder = Folder::new(POLICY);
    folder.ok(&["trust", "--yes"]);
    let said = folder.refused(3, READ);
    assert!(said.contains("not-locked"), "{said}");
    // Who trusts it locks it, and it stays trusted.
    folder.ok(&["lock"]);
    folder.ok(READ);
}

#[test]
fn an_approval_ends() {
    let folder = Folder::new(POLICY);
    folder.ok(&["trust", "--yes"]);
    folder.ok(&["lock", "--approve", "ada", "--until", "2020-01-31"]);
    let said = folder.refused(3, READ);
    assert!(said.contains("approval-expired"), "{said}");
    folder.ok(&["lock", "--approve", "ada", "--until", "2999-01-31"]);
    folder.ok(READ);
    folder.ok(&["lock", "--approve", "ada", "--max-tier", "reads"]);
    folder.ok(READ);
    let said = folder.refused(3, WRITE);
    assert!(said.contains("tier-above-approval"), "{said}");
    folder.refused(2, &["lock", "--approve", "ada", "--until", "tomorrow"]);
}

#[test]
fn no_policy_passes_its_owners_ceilings() {
    let folder = Folder::trusted(POLICY);
    folder.owner("max-tier = \"reads\"\n");
    folder.ok(READ);
    let said = folder.refused(3, WRITE);
    assert!(said.contains("edit") && said.contains("reads"), "{said}");

    let home = folder.place.path().join("home");
    folder.owner(&format!(
        "grants = [{{ path = {:?}, rights = \"rw\" }}]\n",
        home.display().to_string()
    ));
    let said = folder.refused(3, READ);
    assert!(said.contains("workspace"), "{said}");

    folder.owner("[limits]\nfuel = \"1k\"\n");
    let said = folder.refused(1, READ);
    assert!(said.contains("fuel-exhausted"), "{said}");

    folder.owner("limit = 3\n");
    let said = folder.refused(2, READ);
    assert!(said.contains("owner.toml"), "{said}");

    folder.owner("require-approval = true\n");
    let said = folder.refused(3, READ);
    assert!(said.contains("approved"), "{said}");
}

#[test]
fn a_malformed_policy_runs_nothing_and_shows_the_line() {
    let folder = Folder::new("[grants.workspace]\npath = \".\"\nprotekt = [\"x\"]\n");
    let said = folder.refused(2, &["list"]);
    for wanted in [
        "bailiwick.toml:3",
        "protekt",
        "did you mean `protect`?",
        "^",
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
}

#[test]
fn a_folder_is_set_up_in_one_step_and_tools_come_and_go() {
    let folder = Folder::new("");
    fs::remove_file(folder.path("bailiwick.toml")).unwrap();
    fs::remove_dir_all(folder.path("tools")).unwrap();
    folder.ok(&["init"]);
    folder.refused(2, &["init"]);
    folder.ok(READ);
    folder.ok(&["verify"]);
    let echo = probe_path("echo");
    let add = ["add", echo.to_str().unwrap(), "--name", "echo"];
    // Nobody can be asked.
    folder.refused(3, &add);
    folder.ok(&[&add[..], &["--yes"]].concat());
    assert!(
        folder
            .ok(&["call", "echo", "echo", "text=hello"])
            .contains("hello")
    );
    folder.refused(2, &[&add[..], &["--yes"]].concat());
    let listed = folder.ok(&["list"]);
    assert!(
        listed.contains("echo") && listed.contains("(trusted)"),
        "{listed}"
    );
    folder.ok(&["remove", "echo"]);
    folder.refused(2, &["remove", "echo"]);
    folder.ok(&["verify"]);
    folder.ok(READ);
}

#[test]
fn a_policy_above_the_checkout_has_no_say() {
    let folder = Folder::trusted(POLICY);
    let inner = folder.path("inner");
    fs::create_dir_all(&inner).unwrap();
    let list = || {
        let output = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
            .args(["list"])
            .current_dir(&inner)
            .env("BAILIWICK_STATE", folder.place.path().join("state"))
            .output()
            .unwrap();
        texts(&output).1
    };
    // Outside of a checkout only the folder itself has a policy; in one also what is above, up to its top.
    assert!(list().contains("there is no bailiwick.toml"));
    fs::create_dir(folder.path(".git")).unwrap();
    assert_eq!(list(), "");
    fs::create_dir(inner.join(".git")).unwrap();
    assert!(list().contains("there is no bailiwick.toml"));
}

/// One line of a lock, changed by hand, looks in a review as if a tool had been built again.
#[test]
fn a_digest_that_was_exchanged_in_the_lock_does_not_make_another_tool_the_one_that_was_approved() {
    let folder = Folder::trusted(POLICY);
    let digest = |tool| Digest::of(&shipped(tool)).to_string();
    fs::write(folder.path("tools/files.wasm"), shipped("edit")).unwrap();
    let lock = folder.read("bailiwick.lock");
    let lock = lock.replace(&digest("files"), &digest("edit"));
    fs::write(folder.path("bailiwick.lock"), lock).unwrap();
    folder.ok(&["trust", "--yes"]);
    folder.refused(3, &["verify", "files"]);
    let said = folder.refused(3, READ);
    assert!(said.contains("tier-raised"), "{said}");
}

/// A link comes with a repository as its files do, and neither the policy nor the lock changes when it is put in the place of a folder.
#[test]
fn a_grant_does_not_follow_a_link_out_of_the_policys_folder() {
    let policy = "[grants.docs]\npath = \"docs\"\n[tools.files]\ncomponent = \"tools/files.wasm\"\ngrants = [\"docs\"]\n";
    let folder = Folder::new(policy);
    fs::create_dir(folder.path("docs")).unwrap();
    fs::write(folder.path("docs/note.txt"), "of the folder\n").unwrap();
    folder.ok(&["lock"]);
    folder.ok(&["trust", "--yes"]);
    let read = ["call", "files", "read", "file=/docs/note.txt"];
    assert!(folder.ok(&read).contains("of the folder"));
    fs::remove_dir_all(folder.path("docs")).unwrap();
    let home = folder.place.path().join("home/docs");
    std::os::unix::fs::symlink(&home, folder.path("docs")).unwrap();
    let said = folder.refused(2, &read);
    assert!(said.contains("leads out of the policy's folder"), "{said}");
    // One that stays inside is a name like another.
    fs::remove_file(folder.path("docs")).unwrap();
    std::os::unix::fs::symlink("tools", folder.path("docs")).unwrap();
    folder.ok(&["call", "files", "list", "dir=/docs"]);
}

#[test]
fn a_tool_cannot_lift_the_ceilings_that_hold_it_nor_trust_for_its_user() {
    let folder = Folder::trusted(POLICY);
    folder.owner("max-tier = \"edits\"\n");
    let place = folder.place.path().display().to_string();
    let grant = format!("place={place}/config:rw");
    let write = |file: &str, grant: &str, state: &str| {
        let file = format!("file={file}");
        let words = [
            "call",
            "./tools/edit.wasm",
            "write",
            &file,
            "content=x",
            "--grant",
            grant,
            "--state",
            state,
        ];
        folder.refused(1, &words)
    };
    let other = tempfile::tempdir().unwrap();
    let elsewhere = other.path().join("state").display().to_string();
    write("/place/bailiwick/owner.toml", &grant, &elsewhere);
    write("/place/bailiwick/other.toml", &grant, &elsewhere);
    assert!(
        !folder
            .place
            .path()
            .join("config/bailiwick/other.toml")
            .exists()
    );
    // Where trust is kept when nobody says otherwise, though this call keeps its changes elsewhere.
    let record = fs::read_dir(folder.place.path().join("state/trust")).unwrap();
    let record = record.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let grant = format!("place={place}:rw");
    for record in record.chain(["new".to_owned()]) {
        write(&format!("/place/state/trust/{record}"), &grant, &elsewhere);
    }
    folder.ok(WRITE);
}

#[test]
fn the_command_line_passes_no_owners_ceiling() {
    let folder = Folder::trusted(POLICY);
    let place = folder.place.path().display().to_string();
    folder.owner(&format!(
        "grants = [{{ path = \"{place}/work\", rights = \"rw\" }}, {{ path = \"{place}/home/docs\" }}]\n"
    ));
    folder.ok(READ);
    let grant = format!("home={place}/home");
    let under = [
        "call",
        "files",
        "read",
        "file=/home/docs/note.txt",
        "--grant",
        &grant,
    ];
    folder.refused(3, &under);
    // Without any policy.
    let free = [
        "call",
        "./tools/files.wasm",
        "read",
        "file=/home/docs/note.txt",
        "--grant",
        &grant,
    ];
    folder.refused(3, &free);
    let free = [
        "call",
        "./tools/files.wasm",
        "read",
        "file=/w/a.txt",
        "--grant",
        "w=.",
    ];
    folder.ok(&free);
    folder.owner("max-tier = \"pure\"\n");
    folder.refused(3, &free);
    folder.owner("require-lock = true\n");
    folder.refused(3, &free);
    folder.owner("[limits]\nfuel = \"1k\"\n");
    folder.refused(1, &free);
    // What is mounted is in the tier.
    folder.owner("max-tier = \"pure\"\n");
    let probe = probe_path("filesystem").display().to_string();
    let call = ["call", &probe, "check", "root=/w", "--grant", "w=.:rw"];
    folder.refused(3, &[&call[..], &["--mount", "w"]].concat());
}

/// What changed since it was locked is shown, and somebody has to say yes to it.
#[test]
fn what_was_locked_is_not_exchanged_in_silence() {
    let folder = Folder::trusted(POLICY);
    folder.ok(&["lock", "--approve", "ada"]);
    let lock = folder.read("bailiwick.lock");
    fs::write(folder.path("tools/files.wasm"), shipped("edit")).unwrap();
    let said = folder.refused(3, &["lock"]);
    for wanted in [
        "files is not what was locked",
        "tier-raised",
        "the approval of ada ends",
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    assert_eq!(folder.read("bailiwick.lock"), lock);
    folder.ok(&["lock", "--yes"]);
    assert_ne!(folder.read("bailiwick.lock"), lock);
    // Approvals that somebody else prepared are not taken over.
    fs::remove_file(folder.path("bailiwick.toml")).unwrap();
    let said = folder.refused(2, &["init"]);
    assert!(said.contains("bailiwick.lock"), "{said}");
    assert!(!folder.path("bailiwick.toml").exists());
}

#[test]
fn what_is_verified_is_what_is_called() {
    let mounted = POLICY.replace(
        "[tools.edit]",
        "[tools.stdfs]\ncomponent = \"tools/stdfs.wasm\"\ngrants = [\"workspace\"]\nmounts = [\"workspace\"]\n\n[tools.edit]",
    );
    let folder = Folder::new(&mounted);
    fs::copy(probe_path("stdfs"), folder.path("tools/stdfs.wasm")).unwrap();
    folder.ok(&["lock"]);
    folder.ok(&["trust", "--yes"]);
    folder.ok(&["verify"]);
    folder.ok(&["lock", "stdfs", "--approve", "ada", "--max-tier", "reads"]);
    let output = folder.run(&["verify", "stdfs"]);
    let (said, _) = texts(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("tier-above-approval"), "{said}");

    // A function that is not there.
    let folder = Folder::trusted(&POLICY.replace("\"grep\"]", "\"gerp\"]"));
    let (said, _) = texts(&folder.run(&["verify"]));
    assert!(
        said.contains("files: refused") && said.contains("gerp"),
        "{said}"
    );
    // One that cannot be read hides no other.
    fs::remove_file(folder.path("tools/edit.wasm")).unwrap();
    let (said, _) = texts(&folder.run(&["verify"]));
    assert!(
        said.contains("edit: failed to read") && said.contains("files: refused"),
        "{said}"
    );
}

/// What is no file is refused, and nobody waits for it.
#[test]
fn a_pipe_in_the_place_of_a_lock_or_of_a_component_is_refused() {
    for name in ["bailiwick.lock", "tools/files.wasm"] {
        let folder = Folder::trusted(POLICY);
        fs::remove_file(folder.path(name)).unwrap();
        let made = Command::new("mkfifo").arg(folder.path(name)).status();
        assert!(made.unwrap().success());
        let output = folder.run(READ);
        let (_, said) = texts(&output);
        assert!(
            !output.status.success() && said.contains("it is not a file"),
            "{said}"
        );
    }
}
