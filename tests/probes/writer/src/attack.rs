//! Attempts to see or change what is not the guest's.

use bailiwick_guest::fs::read::{ErrorCode, Page, ReadDir, Scope};
use bailiwick_guest::fs::write::{Expect, WriteDir};

use crate::report::{Report, Seen};

/// All attempts, each on its own: one that works does not keep the next from being made.
pub(crate) fn attack(
    root: &WriteDir,
    other: &ReadDir,
    outside: &[String],
) -> Vec<(String, String)> {
    let mut report = Report::default();
    escape(&mut report, root, outside);
    through_links(&mut report, root);
    special(&mut report, root);
    hidden(&mut report, root);
    protected(&mut report, root);
    around(&mut report, root);
    beside(&mut report, root, other);
    report.0
}

/// Makes, replaces or changes a file, whichever of them is possible.
fn write(root: &WriteDir, path: &str) -> Result<(), ErrorCode> {
    root.open_file(path, Expect::Either)?.replace(b"attacked")
}

fn read(root: &WriteDir, path: &str) -> Result<bailiwick_guest::fs::read::Chunk, ErrorCode> {
    root.as_read().open_file(path)?.read(0, 1 << 16)
}

impl Seen for Page {
    fn seen(&self) -> String {
        let paths: Vec<_> = self
            .entries
            .iter()
            .map(|entry| entry.path.as_str())
            .collect();
        paths.join(" ")
    }
}

fn list(root: &WriteDir, path: &str) -> Result<Page, ErrorCode> {
    let scope = Scope {
        depth: Some(1),
        ..Scope::all()
    };
    root.as_read().walk(path, &scope)?.next(100)
}

/// Everything that takes a path.
fn everything(report: &mut Report, root: &WriteDir, path: &str) {
    let looking = root.as_read();
    report.tried(format!("stat {path}"), looking.stat(path));
    report.tried(format!("read-link {path}"), looking.read_link(path));
    report.tried(format!("read {path}"), read(root, path));
    report.tried(format!("list {path}"), list(root, path));
    for result in looking.read_files(&[path.to_owned()], 1 << 16) {
        report.tried(format!("read-files {path}"), result);
    }
    report.tried(format!("open-dir {path}"), root.open_dir(path));
    report.tried(format!("open-dir to look {path}"), looking.open_dir(path));
    for (said, expect) in [
        ("existing", Expect::Existing),
        ("new", Expect::New),
        ("either", Expect::Either),
    ] {
        report.tried(format!("open {said} {path}"), root.open_file(path, expect));
    }
    change(report, root, path);
}

/// Everything that changes what is at a path.
fn change(report: &mut Report, root: &WriteDir, path: &str) {
    report.tried(format!("write {path}"), write(root, path));
    report.tried(
        format!("append {path}"),
        root.open_file(path, Expect::Either)
            .and_then(|file| file.append(b"attacked")),
    );
    report.tried(
        format!("write at 0 {path}"),
        root.open_file(path, Expect::Either)
            .and_then(|file| file.write(0, b"attacked")),
    );
    report.tried(
        format!("cut {path}"),
        root.open_file(path, Expect::Either)
            .and_then(|file| file.set_size(0)),
    );
    report.tried(format!("create-dir {path}"), root.create_dir(path));
    report.tried(
        format!("create-dir below {path}"),
        root.create_dir(&format!("{path}/attacked")),
    );
    report.tried(
        format!("rename from {path}"),
        root.rename(path, root, "taken", true),
    );
    // Whatever was taken is seen here, and the next attempt finds the name free.
    let _ = root.remove("taken", true);
    let _ = write(root, "spare.txt");
    report.tried(
        format!("rename to {path}"),
        root.rename("spare.txt", root, path, true),
    );
    report.tried(
        format!("rename to, new {path}"),
        root.rename("spare.txt", root, path, false),
    );
    report.tried(format!("remove {path}"), root.remove(path, false));
    report.tried(format!("remove tree {path}"), root.remove(path, true));
}

fn escape(report: &mut Report, root: &WriteDir, outside: &[String]) {
    for path in [
        "/",
        "..",
        "../",
        "./..",
        "links/../..",
        "x/../..",
        "../../../..",
        "../attacked",
        "/attacked",
    ] {
        everything(report, root, path);
    }
    for path in outside {
        everything(report, root, path);
        everything(report, root, &format!("../../../../..{path}"));
        everything(report, root, &format!("links/../../../../..{path}"));
    }
    for path in ["a\0b", "inside.txt\0.png"] {
        everything(report, root, path);
    }
    everything(report, root, &"n".repeat(256));
    everything(report, root, &"n/".repeat(2_049));
}

/// Links that were there before.
fn through_links(report: &mut Report, root: &WriteDir) {
    for name in ["absolute", "up", "chain", "loop", "folder"] {
        // Not `everything`: a link itself may be renamed and removed. What it leads to may not be touched.
        let path = format!("links/{name}");
        for path in [
            format!("{path}/"),
            format!("{path}/canary.txt"),
            format!("{path}/attacked"),
            path,
        ] {
            report.tried(format!("stat {path}"), root.as_read().stat(&path));
            report.tried(format!("read {path}"), read(root, &path));
            report.tried(format!("list {path}"), list(root, &path));
            report.tried(format!("open-dir {path}"), root.open_dir(&path));
            report.tried(format!("write {path}"), write(root, &path));
            report.tried(
                format!("new {path}"),
                root.open_file(&path, Expect::New)
                    .and_then(|file| file.replace(b"attacked")),
            );
            report.tried(format!("create-dir {path}"), root.create_dir(&path));
        }
        report.tried(
            format!("read-link {name}"),
            root.as_read().read_link(&format!("links/{name}")),
        );
    }
}

/// What is neither a file nor a directory.
fn special(report: &mut Report, root: &WriteDir) {
    report.tried("read fifo", read(root, "fifo"));
    report.tried("write fifo", write(root, "fifo"));
    report.tried("open-dir fifo", root.open_dir("fifo"));
    report.tried("list fifo", list(root, "fifo"));
}

fn hidden(report: &mut Report, root: &WriteDir) {
    for path in [
        "hidden/secret.env",
        "HIDDEN/SECRET.ENV",
        "hidden/../hidden/secret.env",
        "hidden//./secret.env",
    ] {
        everything(report, root, path);
    }
    if let Ok(below) = root.open_dir("hidden") {
        report.tried("read in hidden", read(&below, "secret.env"));
        report.tried("write in hidden", write(&below, "secret.env"));
        report.tried(
            "rename from hidden",
            below.rename("secret.env", root, "seen.txt", true),
        );
    }
    report.tried("list hidden", list(root, "hidden"));
    report.tried("remove hidden", root.remove("hidden", false));
    report.tried("remove tree hidden", root.remove("hidden", true));
    report.tried("rename hidden", root.rename("hidden", root, "shown", false));
    report.tried("read shown", read(root, "shown/secret.env"));
}

/// What governs tools, by every route.
fn protected(report: &mut Report, root: &WriteDir) {
    for path in [
        ".git/hooks/x",
        ".git/config",
        ".mcp.json",
        "bailiwick.toml",
        ".vscode/settings.json",
        ".GIT/HOOKS/x",
        ".Git/Config",
        ".MCP.json",
        "Bailiwick.toml",
        "links/../.git/config",
        "links/git/config",
        "links/git/hooks/x",
        "below/.git/hooks/x",
        "below/.mcp.json",
    ] {
        if let Some((folder, _)) = path.rsplit_once('/') {
            // Whether or not it could be made, the file in it is what matters.
            let _ = root.create_dir(folder);
        }
        change(report, root, path);
    }
    // A handle that begins further down does not forget where it is.
    for (folder, name) in [
        (".git", "config"),
        (".git/hooks", "x"),
        ("links/git", "config"),
    ] {
        match root.open_dir(folder) {
            Ok(below) => report.tried(format!("write {name} in {folder}"), write(&below, name)),
            Err(code) => report.tried::<()>(format!("open-dir {folder}"), Err(code)),
        }
    }
    report.tried("read .git/config", read(root, ".git/config"));
}

/// The parent is renamed, so that the file never has its name in one step.
fn around(report: &mut Report, root: &WriteDir) {
    let _ = root.create_dir("under/hooks");
    let _ = write(root, "under/hooks/x");
    let _ = write(root, "under/config");
    let _ = root.create_dir("fresh");
    report.tried(
        "rename directory to fresh/.git",
        root.rename("under", root, "fresh/.git", false),
    );
    report.tried(
        "rename directory to .git",
        root.rename("under", root, ".git", true),
    );
    report.tried("rename .git", root.rename(".git", root, "git", false));
    report.tried("write git/config", write(root, "git/config"));
    report.tried("remove tree .git", root.remove(".git", true));
    report.tried("remove .git/hooks", root.remove(".git/hooks", false));
    // Through a handle that stood for the directory before it got the name.
    if let Ok(below) = root
        .create_dir("early")
        .and_then(|()| root.open_dir("early"))
    {
        report.tried(
            "rename early to fresh/.git",
            root.rename("early", root, "fresh/.git", false),
        );
        report.tried("write config in early", write(&below, "config"));
        report.tried("read fresh/.git/config", read(root, "fresh/.git/config"));
    }
}

/// Another handle, that can only be looked through.
fn beside(report: &mut Report, root: &WriteDir, other: &ReadDir) {
    let said = other.name();
    report.tried("write by the other's name", write(root, &said));
    report.tried(
        "write by the other's name, as a path",
        write(root, said.trim_start_matches('/')),
    );
    report.tried(
        "rename to the other's name",
        root.rename("inside.txt", root, &said, true),
    );
    report.tried("open the other's name", root.open_dir(&said));
}
