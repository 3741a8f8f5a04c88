//! Attempts to see or change what is not the guest's.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::code::{Seen, shown};

/// What was tried, and what came of it.
struct Report(Vec<(String, String)>);

impl Report {
    fn tried<T: Seen>(&mut self, what: impl Into<String>, result: io::Result<T>) {
        self.0.push((what.into(), shown(result)));
    }
}

/// All attempts, each on its own: one that works does not keep the next from being made.
pub(crate) fn attack(root: &Path, outside: &[String]) -> Vec<(String, String)> {
    let mut report = Report(Vec::new());
    escape(&mut report, root, outside);
    through_links(&mut report, root);
    make_links(&mut report, root);
    special(&mut report, root);
    hidden(&mut report, root);
    protected(&mut report, root);
    around(&mut report, root);
    report.0
}

fn names(folder: impl AsRef<Path>) -> io::Result<String> {
    let mut names = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names.join(" "))
}

/// Everything that looks at a path, and a write.
fn look(report: &mut Report, said: &str, path: &Path) {
    report.tried(format!("read {said}"), fs::read(path));
    report.tried(format!("list {said}"), names(path));
    report.tried(
        format!("stat {said}"),
        fs::metadata(path).map(|facts| facts.len().to_string()),
    );
    report.tried(format!("write {said}"), fs::write(path, "attacked"));
    report.tried(
        format!("write below {said}"),
        fs::write(path.join("attacked"), "attacked"),
    );
    report.tried(format!("make {said}"), fs::create_dir(path));
}

fn escape(report: &mut Report, root: &Path, outside: &[String]) {
    for path in ["/", ".", "..", "/proc/self/environ", "/dev/zero"] {
        look(report, path, Path::new(path));
    }
    for path in outside {
        look(report, path, Path::new(path));
    }
    for way in [
        "..",
        "../",
        "./..",
        "links/../..",
        "x/../../",
        "../../../../..",
    ] {
        look(report, &format!("root/{way}"), &root.join(way));
        for path in outside {
            let said = format!("root/{way}{path}");
            // Not `join`, which an absolute path would replace.
            let path = PathBuf::from(format!("{}/{way}/{path}", root.display()));
            report.tried(format!("read {said}"), fs::read(&path));
            report.tried(format!("write {said}"), fs::write(&path, "attacked"));
        }
    }
    report.tried("read NUL", fs::read(root.join("inside.txt\0.png")));
    report.tried("write NUL", fs::write(root.join("a\0b"), "attacked"));
    let up = root.join("../attacked");
    report.tried("rename ..", fs::rename(root.join("inside.txt"), &up));
    report.tried("link ..", fs::hard_link(root.join("inside.txt"), &up));
    report.tried("copy ..", fs::copy(root.join("inside.txt"), &up).map(drop));
    report.tried("remove ..", fs::remove_file(root.join("../canary.txt")));
    report.tried("remove tree ..", fs::remove_dir_all(root.join("..")));
}

/// Links that were there before.
fn through_links(report: &mut Report, root: &Path) {
    for name in ["absolute", "up", "chain", "loop", "folder"] {
        let link = root.join("links").join(name);
        let said = format!("links/{name}");
        look(report, &said, &link);
        report.tried(format!("read {said}/"), fs::read(link.join("")));
        report.tried(
            format!("read {said}/canary.txt"),
            fs::read(link.join("canary.txt")),
        );
        report.tried(
            format!("lengthen {said}"),
            OpenOptions::new()
                .write(true)
                .open(&link)
                .and_then(|file| file.set_len(1)),
        );
    }
}

/// Links of the guest's own, and what is then seen through them.
#[allow(
    deprecated,
    reason = "the standard library has no other stable way to make a link here"
)]
fn make_links(report: &mut Report, root: &Path) {
    let targets = [
        ("absolute", "/etc/passwd"),
        ("up", "../canary.txt"),
        ("up-and-down", "../../../../etc/passwd"),
        ("through", "links/../../canary.txt"),
        ("folder", ".."),
        ("hidden", "hidden/secret.env"),
        ("git", ".git"),
        ("itself", "made-itself"),
    ];
    for (name, target) in targets {
        let link = root.join(format!("made-{name}"));
        report.tried(format!("make link {name}"), fs::soft_link(target, &link));
        report.tried(format!("read made {name}"), fs::read(&link));
        report.tried(format!("write made {name}"), fs::write(&link, "attacked"));
        report.tried(format!("list made {name}"), names(&link));
    }
    report.tried(
        "write made git/config",
        fs::write(root.join("made-git/config"), "attacked"),
    );
    report.tried(
        "write made git/hooks/x",
        fs::write(root.join("made-git/hooks/x"), "attacked"),
    );
    report.tried(
        "make link .mcp.json",
        fs::soft_link("inside.txt", root.join(".mcp.json")),
    );
    report.tried(
        "hard link of hidden",
        fs::hard_link(root.join("hidden/secret.env"), root.join("seen.txt")),
    );
    report.tried(
        "hard link of protected",
        fs::hard_link(root.join(".git/config"), root.join("config.txt")),
    );
    report.tried(
        "hard link to protected",
        fs::hard_link(root.join("inside.txt"), root.join(".mcp.json")),
    );
    report.tried(
        "hard link",
        fs::hard_link(root.join("inside.txt"), root.join("inside-too.txt")),
    );
}

/// What is neither a file nor a directory.
fn special(report: &mut Report, root: &Path) {
    let fifo = root.join("fifo");
    report.tried("read fifo", fs::read(&fifo));
    report.tried("write fifo", fs::write(&fifo, "attacked"));
    report.tried(
        "append fifo",
        File::options().append(true).open(&fifo).map(drop),
    );
    report.tried(
        "both ways fifo",
        File::options().read(true).write(true).open(&fifo).map(drop),
    );
}

fn hidden(report: &mut Report, root: &Path) {
    for name in [
        "hidden/secret.env",
        "HIDDEN/SECRET.ENV",
        "hidden/./secret.env",
        "hidden/../hidden/secret.env",
    ] {
        let path = root.join(name);
        report.tried(format!("read {name}"), fs::read(&path));
        report.tried(format!("stat {name}"), fs::metadata(&path).map(drop));
        report.tried(
            format!("link stat {name}"),
            fs::symlink_metadata(&path).map(drop),
        );
        report.tried(format!("write {name}"), fs::write(&path, "attacked"));
        report.tried(format!("remove {name}"), fs::remove_file(&path));
        report.tried(
            format!("rename {name}"),
            fs::rename(&path, root.join("seen.txt")),
        );
    }
    report.tried("list hidden", names(root.join("hidden")));
    report.tried("remove hidden", fs::remove_dir(root.join("hidden")));
    report.tried(
        "remove tree hidden",
        fs::remove_dir_all(root.join("hidden")),
    );
    report.tried(
        "rename hidden",
        fs::rename(root.join("hidden"), root.join("shown")),
    );
    report.tried("read shown", fs::read(root.join("shown/secret.env")));
}

/// What governs tools, by every route.
fn protected(report: &mut Report, root: &Path) {
    for name in [
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
        let path = root.join(name);
        if let Some(folder) = path.parent() {
            // Whether or not it could be made, the file in it is what matters.
            let _ = fs::create_dir_all(folder);
        }
        report.tried(format!("write {name}"), fs::write(&path, "attacked"));
        report.tried(
            format!("append {name}"),
            File::options()
                .append(true)
                .create(true)
                .open(&path)
                .map(drop),
        );
        let spare = root.join("spare.txt");
        let _ = fs::write(&spare, "attacked");
        report.tried(format!("rename to {name}"), fs::rename(&spare, &path));
        report.tried(format!("copy to {name}"), fs::copy(&spare, &path).map(drop));
        report.tried(format!("remove {name}"), fs::remove_file(&path));
    }
    report.tried("read .git/config", fs::read(root.join(".git/config")));
}

/// The parent is renamed, so that the file never has its name in one step.
fn around(report: &mut Report, root: &Path) {
    let under = root.join("under");
    let _ = fs::create_dir_all(under.join("hooks"));
    let _ = fs::write(under.join("hooks/x"), "attacked");
    let _ = fs::write(under.join("config"), "attacked");
    report.tried("rename folder away", fs::rename(&under, root.join("away")));
    let _ = fs::create_dir_all(root.join("fresh"));
    report.tried(
        "rename folder to fresh/.git",
        fs::rename(root.join("away"), root.join("fresh/.git")),
    );
    report.tried(
        "rename .git",
        fs::rename(root.join(".git"), root.join("git")),
    );
    report.tried(
        "write git/config",
        fs::write(root.join("git/config"), "attacked"),
    );
    report.tried("remove tree .git", fs::remove_dir_all(root.join(".git")));
    report.tried("remove .git/hooks", fs::remove_dir(root.join(".git/hooks")));
}
