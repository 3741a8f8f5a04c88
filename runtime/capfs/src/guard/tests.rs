use super::*;

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|&text| text.to_owned()).collect()
}

fn guards(hide: &[&str], protect: &[&str]) -> Guards {
    Guards::of_grant(&strings(hide), &strings(protect)).expect("the globs parse")
}

#[test]
fn the_built_in_list() {
    let guards = Guards::default();
    for path in [
        ".git/hooks",
        ".git/hooks/pre-commit",
        "a/b/.git/config",
        ".GIT/Config",
        ".git/hoo\u{212a}s/x",
        ".g\u{200c}it/config",
        ".git",
        "sub/.git",
        ".gitmodules",
        "x/.vscode/tasks.json",
        ".vscode",
        ".mcp.json",
        "bailiwick.toml",
        "deep/down/bailiwick.lock",
        ".husky/_/husky.sh",
        "A.code-workspace",
        ".cargo/config.toml",
        ".config/fish/config.fish",
    ] {
        assert!(guards.protects(Path::new(path)), "{path}");
        assert!(!guards.hides(Path::new(path)), "{path}");
    }
    for path in [
        "",
        "x",
        "git/hooks",
        ".git/objects/ab/cd",
        ".git/index.lock",
        ".git/refs/heads/hooks",
        ".git/configuration",
        "hooks/.git-not",
        ".gitignore",
        "config",
        ".cargo",
        ".cargo/audit.toml",
        ".config",
        ".config/nextest.toml",
        "bailiwick.toml.md",
    ] {
        assert!(!guards.protects(Path::new(path)), "{path}");
    }
}

#[test]
fn every_entry_is_protected_in_every_place_and_spelling() {
    let guards = Guards::default();
    for entry in PROTECTED {
        for path in [
            (*entry).to_owned(),
            entry.to_uppercase(),
            format!("a/{entry}"),
            format!("{entry}/below/it"),
        ] {
            assert!(guards.protects(Path::new(&path)), "{path}");
        }
        assert!(
            !guards.protects(Path::new(&format!("{entry}-not"))),
            "{entry}"
        );
        assert!(entry.split('/').all(|name| !name.is_empty()) && fold(entry) == *entry);
    }
}

#[test]
fn our_own_names_are_hidden() {
    let guards = Guards::default();
    assert!(!guards.may_hide());
    for name in [".bailiwick-state", ".BAILIWICK-x", ".bailiwick-\u{200b}"] {
        assert!(Guards::hides_name(OsStr::new(name)), "{name}");
        assert!(guards.hides(&Path::new("a").join(name).join("b")), "{name}");
    }
    for name in [".bailiwick", "bailiwick-x", "x", "", ".git"] {
        assert!(!Guards::hides_name(OsStr::new(name)), "{name}");
    }
}

#[test]
fn hidden_globs() {
    let guards = guards(
        &["**/.env*", "!.env.example", "/secret/", "a/*/key", "*.PEM"],
        &[],
    );
    assert!(guards.may_hide());
    for path in [
        ".env",
        ".ENV",
        "x/.env.local",
        "x/.env/deep/er",
        "secret",
        "Secret/x/y",
        "a/b/key",
        "a/b/key/c",
        "x/y.pem",
        "y.Pem",
    ] {
        assert!(guards.hides(Path::new(path)), "{path}");
        assert!(!guards.protects(Path::new(path)), "{path}");
    }
    for path in [
        "",
        "env",
        ".env.example",
        "x/.env.example",
        "x/secret",
        "a/key",
        "a/b/c/key",
    ] {
        assert!(!guards.hides(Path::new(path)), "{path}");
    }
    // What is in a hidden directory does not come out again.
    assert!(guards.hides(Path::new("x/.env/.env.example")));
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        assert!(guards.hides(Path::new(OsStr::from_bytes(b"d/.env\xff"))));
        assert!(guards.hides(Path::new(OsStr::from_bytes(b"\xff/.ENV"))));
        assert!(!guards.hides(Path::new(OsStr::from_bytes(b"d/\xff.env"))));
    }
}

#[test]
fn a_directory_taken_out_of_a_list_takes_no_file_out() {
    let guards = guards(&["x*", "!xy/"], &[]);
    assert!(guards.hides(Path::new("xy")), "it may be a file");
}

#[test]
fn more_guards_further_down() {
    let outer = guards(&["*.key"], &["/a"]);
    let inner = outer
        .and(Path::new("Sub/dir"), &strings(&["/x"]), &strings(&["y"]))
        .expect("the globs parse");
    assert!(inner.hides(Path::new("sub/dir/x/z")));
    assert!(inner.hides(Path::new("sub/dir/b.key")));
    assert!(inner.protects(Path::new("sub/dir/c/y")));
    assert!(inner.protects(Path::new("a/b")));
    for path in ["sub/x", "x", "sub/dirx", "sub/dir", "sub/dir2/x"] {
        assert!(!inner.hides(Path::new(path)), "{path}");
    }
    assert!(!outer.hides(Path::new("sub/dir/x")));
}

#[test]
fn places_are_no_globs() {
    let guards = Guards::default().and_places(&[Path::new("st*te")], &[Path::new("conf/Policy")]);
    assert!(guards.hides(Path::new("st*te/x")) && guards.may_hide());
    assert!(!guards.hides(Path::new("state")));
    assert!(guards.protects(Path::new("conf/policy")));
    assert!(!guards.protects(Path::new("conf/policy2")) && !guards.protects(Path::new("conf")));
}

#[test]
fn a_link_must_not_lead_to_what_is_protected() {
    let guards = guards(&[], &["/one/two/three", "**/p/q", "w/*/z", "single"])
        .and(Path::new("far/off"), &[], &strings(&["thing"]))
        .expect("the globs parse")
        .and_places(&[], &[Path::new("conf/policy")]);
    for path in [
        ".cargo",
        "x/.CARGO",
        ".config",
        ".git",
        "one",
        "one/two",
        "One",
        "p",
        "x/p",
        "w",
        "w/v",
        "far",
        "far/off",
        "conf",
        "single",
        "one/two/three/four",
    ] {
        assert!(guards.protects_link(Path::new(path)), "{path}");
    }
    for path in [
        "x", "two", "q", "w/v/u", "x/w", "off", "cargo", "x/one", "conf2",
    ] {
        assert!(!guards.protects_link(Path::new(path)), "{path}");
    }
}

#[test]
fn globs_that_name_nothing_are_refused() {
    let many = "{".repeat(99);
    for glob in ["", " ", "#x", "!", "[", "a[", "{a", "/", many.as_str()] {
        let refused = Guards::of_grant(&strings(&[glob]), &[]);
        match refused {
            Err(error) => assert_eq!(error.glob, glob),
            Ok(guards) => panic!("{glob:?} parses: {guards:?}"),
        }
        assert!(
            Guards::of_grant(&[], &strings(&["ok", glob])).is_err(),
            "{glob:?}"
        );
    }
    assert!(Guards::of_grant(&strings(&["\\#x"]), &[]).is_ok());
}

#[test]
fn a_path_is_hidden_when_it_or_what_it_is_in_is_hidden_itself() {
    let globs = ["secrets", "/a/*/key", "*.pem", "!ok.pem", "x/", "!/b/x"];
    let guards = guards(&globs, &[]).and_places(&[Path::new("p/q")], &[]);
    let guards = guards
        .and(Path::new("sub"), &strings(&["/only", "deep/*"]), &[])
        .expect("the globs parse");
    for path in [
        "secrets",
        "secrets/x/y",
        "a/secrets/ok.pem",
        "a/b/key",
        "a/b/key/z",
        "a/key",
        "k.pem/ok.pem",
        "ok.pem",
        "d/x",
        "b/x",
        "b/x/y",
        "p",
        "p/q",
        "p/q/r",
        "p/qq",
        "sub/only",
        "only",
        "sub/deep/z/z",
        "SUB/Deep/z",
        ".bailiwick-state",
        "d/.bailiwick-state/vault",
        "plain/path",
    ] {
        let ways = path.match_indices('/').map(|(end, _)| &path[..end]);
        let step_by_step = ways
            .chain([path])
            .any(|path| guards.hides_here(Path::new(path)));
        assert_eq!(guards.hides(Path::new(path)), step_by_step, "{path}");
    }
    assert!(guards.hides_here(Path::new("a/b/key")) && !guards.hides_here(Path::new("a/b/key/z")));
}
