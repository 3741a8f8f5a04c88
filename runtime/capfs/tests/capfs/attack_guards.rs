//! What governs, and what is hidden, by every route: directly, by rename, by rename of the parent, by link, by case.

use crate::attack::{Attack, MODES, ROOM, everything, snapshot};
use crate::tree::{Tree, read};
use bailiwick_capfs::{ErrorCode, GrantTerms, PROTECTED, Rights, Scope, Shield};
use std::path::Path;

const GUARDED: &[&str] = &[
    ".git/hooks/pre-commit",
    ".git/hooks",
    ".git/config",
    ".git",
    ".mcp.json",
    ".vscode/tasks.json",
    "bailiwick.toml",
    "sub/bailiwick.lock",
    "Cargo.lock",
    "conf/policy",
    "cache/code",
    "secret/key",
    "secret",
    "sub/.env",
];

/// Neither there nor to be made.
const ABSENT: &[&str] = &[
    ".git/hooks/new",
    ".GIT/hooks/new",
    ".Git/Config",
    "sub/.git",
    "sub/.mcp.json",
    ".envrc",
    "sub/.vscode",
    "BAILIWICK.TOML",
    "cargo.LOCK",
    "secret/new",
    "SECRET",
    ".Env.local",
    "cache/new",
    "CONF/policy",
    ".bailiwick-state",
    "sub/.bailiwick-x",
    "via-git/hooks/new",
    "via-git/config",
    "via-secret/new",
    "via-sub/.mcp.json",
    "via-sub/.env.x",
];

fn tree() -> Tree {
    let tree = Tree::new();
    for path in [
        ".git/hooks/pre-commit",
        ".git/config",
        ".git/objects/ab",
        ".mcp.json",
        ".vscode/tasks.json",
        "bailiwick.toml",
        "sub/bailiwick.lock",
        "Cargo.lock",
        "conf/policy",
        "CONF/x",
        "cache/code",
        "secret/key",
        "sub/.env",
        "sub/x",
        "bait",
        "baits/x",
        "evil/hooks/x",
        "evil/config",
    ] {
        tree.file(path, "as it was");
    }
    tree.link("via-git", ".git")
        .link("via-secret", "secret")
        .link("via-sub", "./sub")
        .link("bait-link", "evil");
    tree
}

fn attack(writes: bailiwick_capfs::Writes) -> Attack {
    let tree = tree();
    let terms = GrantTerms {
        hide: vec!["/secret".into(), ".env*".into()],
        protect: vec!["Cargo.lock".into()],
        shielded: vec![
            (tree.at("conf/policy"), Shield::Protect),
            (tree.at("cache"), Shield::Hide),
        ],
        ..GrantTerms::new(Rights::READ_WRITE)
    };
    Attack::with(tree, &terms, writes, ROOM)
}

#[test]
fn nothing_that_is_guarded_changes() {
    for writes in MODES {
        let attack = attack(writes);
        let before = snapshot(&attack.tree.inside());
        for at in GUARDED.iter().chain(ABSENT) {
            let call = attack.call();
            let dir = call.dir();
            for (what, done) in everything(&dir, at) {
                // Most of what is in it can be written.
                if *at == ".git" && what.ends_with("below") {
                    continue;
                }
                assert!(done.is_err(), "{writes:?} {what}: {at}");
            }
            drop(dir);
            attack.end(call).unwrap();
            let mut after = snapshot(&attack.tree.inside());
            after.remove(Path::new(".git/below"));
            assert_eq!(after, before, "{writes:?} {at}");
        }
    }
}

#[test]
fn what_holds_something_guarded_stays_where_it_is() {
    for writes in MODES {
        let attack = attack(writes);
        let before = snapshot(&attack.tree.inside());
        let call = attack.call();
        let dir = call.dir();
        for holds in ["sub", "conf", ".git", "via-sub/../sub"] {
            assert!(
                dir.rename(holds, &dir, "elsewhere", true).is_err(),
                "{writes:?} {holds}"
            );
            assert_eq!(
                dir.remove(holds, true),
                Err(ErrorCode::NotPermitted),
                "{writes:?} {holds}"
            );
        }
        drop(dir);
        attack.end(call).unwrap();
        assert_eq!(snapshot(&attack.tree.inside()), before, "{writes:?}");
    }
}

/// A directory that is prepared elsewhere, and put where it would govern.
#[test]
fn nothing_is_moved_to_where_it_would_govern() {
    for writes in MODES {
        let attack = attack(writes);
        let before = snapshot(&attack.tree.inside());
        let call = attack.call();
        let dir = call.dir();
        for to in [
            ".git",
            "sub/.git",
            "baits/.GIT",
            ".vscode",
            ".husky",
            "conf",
            ".bailiwick-x",
            "via-sub/.git",
        ] {
            assert!(
                dir.rename("evil", &dir, to, true).is_err(),
                "{writes:?} {to}"
            );
            assert!(
                dir.rename("bait-link", &dir, to, true).is_err(),
                "{writes:?} link {to}"
            );
        }
        // Links to where somebody looks for it.
        for at in [
            ".git",
            ".cargo",
            ".config",
            "sub/.cargo",
            "sub/.GIT",
            ".husky",
        ] {
            assert!(dir.make_link("evil", at).is_err(), "{writes:?} {at}");
        }
        let below = dir.open_dir("evil").unwrap();
        assert_eq!(
            below.rename("config", &dir, ".mcp.json", true),
            Err(ErrorCode::NotPermitted)
        );
        drop((dir, below));
        attack.end(call).unwrap();
        assert_eq!(snapshot(&attack.tree.inside()), before, "{writes:?}");
    }
}

#[test]
fn every_name_of_the_list() {
    for writes in MODES {
        let attack = Attack::on(Tree::new(), writes);
        let call = attack.call();
        let dir = call.dir();
        dir.create_dir("sub").unwrap();
        for name in PROTECTED {
            for at in [
                (*name).to_owned(),
                name.to_uppercase(),
                format!("sub/{name}"),
            ] {
                let (above, _) = at.rsplit_once('/').unwrap_or((".", ""));
                let _ = dir.create_dir(above);
                for (what, done) in everything(&dir, &at) {
                    assert!(done.is_err(), "{writes:?} {what}: {at}");
                }
            }
        }
        drop(dir);
        attack.end(call).unwrap();
        for (path, _) in snapshot(&attack.tree.inside()) {
            let folded = path.to_str().unwrap().to_lowercase();
            assert!(
                !PROTECTED.iter().any(|name| folded.ends_with(name)),
                "{path:?}"
            );
        }
    }
}

#[test]
fn what_is_beside_it_can_be_written() {
    for writes in MODES {
        let attack = attack(writes);
        let call = attack.call();
        let dir = call.dir();
        for free in [
            ".git/objects/cd",
            ".git/index",
            "sub/x",
            "conf/other",
            ".gitignore",
            "sub/Cargo.toml",
        ] {
            let file = dir
                .create_file(free, bailiwick_capfs::Expect::Either, true)
                .unwrap();
            file.replace(b"new").unwrap();
        }
        dir.rename("evil", &dir, "good", false).unwrap();
        dir.remove("baits", true).unwrap();
        drop(dir);
        attack.end(call).unwrap();
        let after = snapshot(&attack.tree.inside());
        assert_eq!(
            after[Path::new(".git/objects/cd")],
            "file \"new\"",
            "{writes:?}"
        );
        assert!(after.contains_key(Path::new("good/config")));
    }
}

#[test]
fn nothing_hidden_is_seen() {
    for writes in MODES {
        let attack = attack(writes);
        let call = attack.call();
        let dir = call.look();
        for hidden in [
            "secret",
            "secret/key",
            "SECRET/KEY",
            "via-secret",
            "via-secret/key",
            "sub/.env",
            "via-sub/.ENV",
            "cache",
            "cache/code",
        ] {
            let gone = ErrorCode::NoEntry;
            assert_eq!(read(&dir, hidden), Err(gone), "{hidden}");
            assert_eq!(dir.stat(hidden).unwrap_err(), gone, "{hidden}");
            assert_eq!(dir.open_dir(hidden).unwrap_err(), gone, "{hidden}");
            assert_eq!(
                dir.walk(hidden, &Scope::default()).unwrap_err(),
                gone,
                "{hidden}"
            );
        }
        let scope = Scope {
            hidden: true,
            ..Scope::default()
        };
        let seen = crate::tree::walk(&dir, "", &scope);
        assert!(seen.iter().any(|path| path == ".git/config"), "{seen:?}");
        for path in seen {
            assert!(
                !path.contains("secret/")
                    && path != "secret"
                    && !path.contains(".env")
                    && !path.contains("cache"),
                "{path}"
            );
        }
        assert_eq!(read(&dir, "bailiwick.toml").as_deref(), Ok("as it was"));
    }
}
