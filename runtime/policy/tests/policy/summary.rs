//! What a policy would grant, for who decides whether to trust it.

use std::path::Path;

use bailiwick_policy::Policy;

fn summary(text: &str) -> Vec<String> {
    let policy = Policy::parse(text).expect("a policy");
    policy.summary(Path::new("/home/ada/project"), Some(Path::new("/home/ada")))
}

#[test]
fn says_what_is_granted_and_to_whom() {
    let text = "[grants.workspace]\npath = '.'\nrights = 'rw'\nhide = ['**/.env*', '*.pem']\nprotect = ['Cargo.lock']\n\
                quota = { bytes = '64MiB', entries = 4096 }\n[grants.docs]\npath = '../docs'\ncross-mounts = true\n\
                [tools.edit]\ncomponent = 'tools/edit.wasm'\ngrants = ['workspace', 'docs']\n\
                expose = ['apply']\nlimits.fuel = '1G'\n\
                [tools.py]\ncomponent = '~/py.wasm'\ngrants = ['workspace:ro']\nmounts = ['workspace']\n\
                [tools.pure]\ncomponent = 'p'\n[limits]\ndeadline = '5s'";
    assert_eq!(
        summary(text),
        [
            "grants /workspace: /home/ada/project (rw, writes apply, quota 64MiB and 4096 names), the default, \
             hides **/.env*, *.pem, protects Cargo.lock",
            "grants /docs: /home/ada/docs (ro, with what is mounted inside), outside of the policy's folder",
            "tool edit: tools/edit.wasm, may be handed workspace (rw), docs (ro), exposes only apply, limits fuel 1G",
            "tool pure: p, may be handed nothing",
            "tool py: ~/py.wasm, may be handed workspace (ro), has mounted workspace",
            "every tool: limits deadline 5s",
        ]
    );
    assert_eq!(summary(""), ["grants nothing", "no tools"]);
}

#[test]
fn a_hostile_policy_is_told_as_it_is() {
    let lines = summary(
        "[grants.h]\npath = '~'\nrights = 'rw'\nwrites = 'direct'\n[grants.all]\npath = '../../..'\n\
         [grants.up]\npath = '..'\n\
         [grants.homes]\npath = '/home'\n[tools.t]\ncomponent = \"a\\u001b[2J\\nno tools\"\ngrants = ['h']",
    );
    assert_eq!(
        lines,
        [
            "grants /h: /home/ada (rw, writes direct), YOUR HOME, the default",
            "grants /all: / (ro), THE WHOLE DISK",
            "grants /up: /home/ada (ro), YOUR HOME",
            "grants /homes: /home (ro), WHICH HOLDS YOUR HOME",
            "tool t: a\\u{1b}[2J\\u{a}no tools, may be handed h (rw)",
        ]
    );
    let globs: Vec<String> = (0..100)
        .map(|n| format!("'{}{n}'", "x".repeat(1000)))
        .collect();
    let long = summary(&format!(
        "[grants.w]\npath = '.'\nhide = [{}]",
        globs.join(",")
    ));
    assert!(
        long[0].len() < 2200 && long[0].ends_with("and 92 more"),
        "{}",
        long[0]
    );
}
