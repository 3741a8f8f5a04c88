//! The same where the system has no `openat2`, or a filter forbids it: cap-std's second fence is another one then.
#![cfg(target_os = "linux")]

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
use rustix::io::Errno;
use seccompiler::{SeccompAction, SeccompFilter, apply_filter};
use std::collections::BTreeMap;
use std::env;
use std::process::{Command, Stdio};
use std::thread;

/// Tells the second process what `openat2` must say in it.
const SAYS: &str = "BAILIWICK_TEST_OPENAT2";

/// The number of `openat2`, the same on all that Linux runs on.
const OPENAT2: i64 = 437;

#[test]
fn without_openat2() {
    under(Errno::NOSYS);
}

#[test]
fn with_openat2_forbidden() {
    under(Errno::PERM);
}

/// Run the attacks again in a process for which `openat2` fails. Filters are inherited, so a thread of ours starts it.
fn under(errno: Errno) {
    if env::var_os(SAYS).is_some() {
        return;
    }
    let number = errno.raw_os_error();
    let run = move || {
        let filter = SeccompFilter::new(
            BTreeMap::from([(OPENAT2, Vec::new())]),
            SeccompAction::Allow,
            SeccompAction::Errno(number.unsigned_abs()),
            env::consts::ARCH.try_into().unwrap(),
        );
        let program: seccompiler::BpfProgram = filter.unwrap().try_into().unwrap();
        apply_filter(&program).unwrap();
        let mut child = Command::new(env::current_exe().unwrap());
        // By the names of the modules.
        child.args([
            "attack_guards::",
            "attack_paths::",
            "attack_rights::",
            "attack_race::",
        ]);
        child.args([
            "attack_fallback::",
            "links::",
            "paths::",
            "files::",
            "special::",
            "grants::",
        ]);
        child.env(SAYS, number.to_string()).stdin(Stdio::null());
        child.output().unwrap()
    };
    let output = thread::spawn(run).join().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // It ran what it was to run, the check below among it.
    for name in [
        "attack_fallback::openat2_says_what_it_must ... ok",
        "attack_guards::nothing_hidden_is_seen ... ok",
        "links::",
    ] {
        assert!(said.contains(name), "{name} is missing in\n{said}");
    }
}

/// That the filter is there in the second process, and not in the first.
#[test]
fn openat2_says_what_it_must() {
    let said = openat2(
        CWD,
        ".",
        OFlags::RDONLY,
        Mode::empty(),
        ResolveFlags::BENEATH,
    )
    .map(|_| ());
    match env::var(SAYS) {
        Ok(number) => assert_eq!(said.unwrap_err().raw_os_error().to_string(), number),
        // The system may have none itself.
        Err(_) => assert!(
            matches!(said, Ok(()) | Err(Errno::NOSYS | Errno::PERM)),
            "{said:?}"
        ),
    }
}
