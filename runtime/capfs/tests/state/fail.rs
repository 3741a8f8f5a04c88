//! A step that the system refuses, wherever it is: all is as it was.

use crate::apply::{FILES, everything};
use crate::bench::Bench;
use bailiwick_capfs::change_set::What;
use bailiwick_capfs::state::{ApplyError, Fault};
use bailiwick_capfs::{ErrorCode, Grant, Rights, State, ambient_authority};

#[test]
fn no_room_at_any_step_leaves_everything_as_it_was() {
    for code in [ErrorCode::InsufficientSpace, ErrorCode::Io] {
        let bench = Bench::new(FILES);
        let before = bench.tree();
        let set = everything(&bench);
        let mut refused = 0;
        let record = loop {
            bench.state.fault(Fault::Fail(refused, code));
            match bench.apply(&set) {
                Ok(record) => break record,
                Err(ApplyError::Failed(error)) => assert_eq!(error, code),
                Err(error) => panic!("at {refused}: {error:?}"),
            }
            assert_eq!(bench.tree(), before, "at {refused}");
            for what in ["slots", "journal", "history"] {
                assert_eq!(
                    bench.kept(what),
                    Vec::<String>::new(),
                    "{what} at {refused}"
                );
            }
            refused += 1;
        };
        assert!(
            refused > 25,
            "every step and every file has a place to fail: {refused}"
        );
        let after = bench.tree();
        let slots = bench.kept("slots");
        let mut refused = 0;
        loop {
            bench.state.fault(Fault::Fail(refused, code));
            match bench.state.undo(&[record.id], "undo") {
                Ok(_) => break,
                Err(ApplyError::Failed(error)) => assert_eq!(error, code),
                Err(error) => panic!("at {refused}: {error:?}"),
            }
            assert_eq!(
                (bench.tree(), bench.kept("slots")),
                (after.clone(), slots.clone()),
                "at {refused}"
            );
            refused += 1;
        }
        assert!(refused > 10);
        assert_eq!(bench.tree(), before);
    }
}

/// A filesystem of a megabyte, where this may mount one.
struct Small(std::path::PathBuf);

impl Small {
    fn mount(at: std::path::PathBuf) -> Option<Self> {
        std::fs::create_dir(&at).expect("a directory");
        let mut command = std::process::Command::new("mount");
        command
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(&at);
        let mounted = command.output().is_ok_and(|output| output.status.success());
        if !mounted {
            println!("skipped: mounting is not allowed here");
        }
        mounted.then_some(Self(at))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount")
            .arg("-l")
            .arg(&self.0)
            .output();
    }
}

#[test]
fn a_grant_that_cannot_be_written_any_more_does_not_keep_the_others_waiting() {
    let bench = Bench::new(&[]);
    let Some(small) = Small::mount(bench.folder.path().join("small")) else {
        return;
    };
    let grant = Grant::open_ambient(&small.0, Rights::READ, ambient_authority()).expect("a grant");
    drop(bench.state.vault(&grant).expect("a vault"));
    let own = small.0.join(bailiwick_capfs::state::IN_GRANT);
    std::fs::remove_dir_all(&own).expect("somebody cleans up");
    let (state, _) = bench.other();
    assert!(state.pending().expect("it can be read").is_empty());
    assert!(!own.exists(), "nothing is made where nothing is written");
    // One that anybody can write to is not ours.
    std::fs::create_dir(&own).expect("a directory");
    let anybody = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(&own, anybody).expect("it can be set");
    let mut command = std::process::Command::new("mount");
    command.args(["-o", "remount,ro"]).arg(&small.0);
    assert!(command.status().expect("it starts").success());
    let (state, _) = bench.other();
    assert!(state.pending().expect("it can be read").is_empty());
}

#[test]
fn a_full_disk_changes_nothing_and_the_vault_lies_in_the_grant() {
    let bench = Bench::new(&[]);
    let Some(small) = Small::mount(bench.folder.path().join("small")) else {
        return;
    };
    std::fs::write(small.0.join("a"), "a").expect("a file");
    let grant = Grant::open_ambient(&small.0, Rights::READ, ambient_authority()).expect("a grant");
    let vault = bench.state.vault(&grant).expect("a vault");
    assert!(
        small.0.join(bailiwick_capfs::state::IN_GRANT).is_dir(),
        "another filesystem: the vault is there"
    );
    let put = |path: &str, text: &str| bailiwick_capfs::change_set::Put {
        path: path.into(),
        what: What::File(crate::driver::content(&vault, text)),
        over: None,
    };
    let mut set = bench.set().set;
    set.puts.push(put("b", "b"));
    let record = bench
        .state
        .apply(&[(&vault, &set)], "fits")
        .expect("it is applied");
    assert!(small.0.join("b").exists());
    bench
        .state
        .undo(&[record.id], "undo")
        .expect("it is undone");
    assert!(!small.0.join("b").exists());
    let mut set = bench.set().set;
    set.puts.push(put("b", "b"));
    // Until nothing fits: neither a directory nor a file.
    let mut filler = Vec::new();
    while std::fs::write(
        small.0.join(format!("filler{}", filler.len())),
        vec![1; 4096],
    )
    .is_ok()
    {
        filler.push(());
    }
    let error = vault
        .blob()
        .and_then(|blob| rustix::io::pwrite(&*blob.file()?, b"x", 0).map_err(ErrorCode::from));
    assert_eq!(
        error.expect_err("the disk is full"),
        ErrorCode::InsufficientSpace
    );
    // Links and renames need no room of their own, so what was written before still goes in place or is refused as a whole.
    match bench.state.apply(&[(&vault, &set)], "full") {
        Ok(_) => assert_eq!(
            std::fs::read_to_string(small.0.join("b")).expect("it is whole"),
            "b"
        ),
        Err(ApplyError::Failed(ErrorCode::InsufficientSpace)) => {
            assert!(!small.0.join("b").exists())
        }
        Err(error) => panic!("{error:?}"),
    }
    drop(vault);
    assert!(State::open_ambient(&bench.state_path(), ambient_authority()).is_ok());
}
