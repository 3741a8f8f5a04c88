//! Attacks on a log: each is found, or what cannot be found is said in the documentation.
#![allow(
    clippy::disallowed_methods,
    reason = "tests stand at the edge: they are who changes the files"
)]

mod kept;

use super::*;
use kept::Kept;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

fn small() -> LogOptions {
    LogOptions {
        file_bytes: 1000,
        files: 3,
    }
}

#[test]
fn a_log_as_it_was_written_verifies() {
    let kept = Kept::new(0);
    assert_eq!(kept.verified(), Verified::default());
    kept.add(3);
    kept.add(4);
    let expected = Verified {
        records: 7,
        files: 1,
        first: 1,
        ..Verified::default()
    };
    assert_eq!(kept.verified(), expected);
    let head = fs::metadata(kept.path().join("head")).unwrap();
    let records = fs::metadata(&kept.files()[0]).unwrap();
    let folder = fs::metadata(kept.path()).unwrap();
    let modes = [folder, head, records].map(|is| is.permissions().mode() & 0o777);
    assert_eq!(modes, [0o700, 0o600, 0o600]);
}

/// As the documentation says that anybody can do it.
#[test]
fn the_hash_is_that_of_the_line() {
    let kept = Kept::new(3);
    let lines = kept.lines();
    for (line, next) in lines.iter().zip(&lines[1..]) {
        let next: serde_json::Value = serde_json::from_str(next).unwrap();
        let hash = bailiwick_contract::Digest::of(line.as_bytes());
        assert_eq!(next["prev"], hash.to_string());
    }
}

#[test]
fn every_changed_byte_is_found() {
    let kept = Kept::new(3);
    let whole = fs::read(&kept.files()[0]).unwrap();
    for place in 0..whole.len() {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        fs::write(&kept.files()[0], changed).unwrap();
        let at = kept.broken();
        // In its line, or in the one after, which says what it was.
        let line = 1 + whole[..place].iter().filter(|&&b| b == b'\n').count() as u64;
        assert!((line..=line + 1).contains(&at), "{place}: {line}, {at}");
    }
    fs::write(&kept.files()[0], whole).unwrap();
    assert_eq!(kept.verified().records, 3);
}

#[test]
fn lines_that_are_taken_out_put_in_or_exchanged_are_found() {
    let kept = Kept::new(6);
    let lines = kept.lines();
    let mut without = lines.clone();
    without.remove(2);
    kept.put(&without);
    assert_eq!(kept.broken(), 3);

    let mut exchanged = lines.clone();
    exchanged.swap(2, 3);
    kept.put(&exchanged);
    assert_eq!(kept.broken(), 3);

    let mut twice = lines.clone();
    twice.insert(2, lines[1].clone());
    kept.put(&twice);
    assert_eq!(kept.broken(), 3);

    let mut made = lines.clone();
    let prev = bailiwick_contract::Digest::of(lines[1].as_bytes());
    made.insert(
        2,
        format!(r#"{{"v":1,"seq":3,"prev":"{prev}","kind":"mount"}}"#),
    );
    kept.put(&made);
    assert_eq!(kept.broken(), 4);

    // The first: its number is the file's.
    kept.put(&lines[1..]);
    assert_eq!(kept.broken(), 1);
    kept.put(&lines);
    assert_eq!(kept.verified().records, 6);
}

#[test]
fn a_tail_that_was_cut_off_is_found_also_when_records_follow() {
    for torn in [0, 10] {
        let kept = Kept::new(6);
        let file = &kept.files()[0];
        let lines = kept.lines();
        let end: usize = lines[..4].iter().map(|line| line.len() + 1).sum();
        let whole = fs::read(file).unwrap();
        fs::write(file, &whole[..end + torn]).unwrap();
        assert!(kept.broken() <= 5, "{torn}");
        kept.add(2);
        assert_eq!(kept.broken(), 5, "{torn}");
        // What follows is a chain of its own, and says what was missing.
        let text = fs::read_to_string(file).unwrap();
        assert!(text.contains(r#""kind":"repair","missing_bytes":"#));
    }
}

#[test]
fn a_lost_head_is_said_for_good() {
    let kept = Kept::new(4);
    let file = &kept.files()[0];
    let lines = kept.lines();
    kept.put(&lines[..3]);
    fs::remove_file(kept.path().join("head")).unwrap();
    assert_eq!((kept.breaks().file, kept.breaks().line), ("head".into(), 0));
    kept.add(1);
    assert_eq!(kept.broken(), 4);
    assert!(fs::read_to_string(file).unwrap().contains("lost_head"));
    for nonsense in ["", "{}", "\0"] {
        let kept = Kept::new(2);
        fs::write(kept.path().join("head"), nonsense.repeat(300)).unwrap();
        assert_eq!(kept.breaks().file, "head");
        kept.add(1);
        assert_eq!(kept.broken(), 3);
    }
}

/// What a kill leaves in the middle of a write: a part of a line, or a line that is not in the head yet.
#[test]
fn what_a_kill_leaves_is_put_in_order_and_said() {
    let kept = Kept::new(3);
    let file = &kept.files()[0];
    let head = fs::read(kept.path().join("head")).unwrap();
    kept.add(1);
    // The fourth was written, and not put in the head.
    fs::write(kept.path().join("head"), &head).unwrap();
    let found = kept.verified();
    assert_eq!((found.records, found.unvouched), (4, 1));
    kept.add(1);
    let found = kept.verified();
    assert_eq!((found.records, found.unvouched), (6, 1));

    let mut whole = fs::read(file).unwrap();
    whole.extend(br#"{"v":1,"seq":7,"time":"20"#);
    fs::write(file, whole).unwrap();
    let found = kept.verified();
    assert_eq!((found.records, found.torn, found.cut), (6, 25, 0));
    kept.add(1);
    let found = kept.verified();
    assert_eq!((found.records, found.torn, found.cut), (8, 0, 1));
    assert!(kept.lines()[6].contains(r#""kind":"repair","cut_bytes":25"#));
}

#[test]
fn a_whole_line_that_nobody_wrote_stays_and_is_found() {
    let kept = Kept::new(3);
    let file = &kept.files()[0];
    for foreign in ["{}\n", "no record", "\n"] {
        let kept = Kept::new(3);
        let file = &kept.files()[0];
        let mut whole = fs::read(file).unwrap();
        whole.extend(foreign.as_bytes());
        fs::write(file, whole).unwrap();
        kept.add(1);
        match foreign.strip_suffix('\n') {
            Some(_) => assert_eq!(kept.broken(), 4, "{foreign}"),
            // That is what a kill leaves, and is said to have been cut off.
            None => assert_eq!(kept.verified().cut, 1),
        }
    }
    // More than a kill leaves.
    let mut whole = fs::read(file).unwrap();
    whole.extend(vec![b'x'; 3 << 20]);
    fs::write(file, whole).unwrap();
    kept.add(1);
    assert_eq!(kept.broken(), 4);
}

#[test]
fn files_follow_each_other_and_the_oldest_goes() {
    let kept = Kept::with(40, small());
    let files = kept.files();
    assert_eq!(files.len(), 3);
    let found = kept.verified();
    assert_eq!(found.files, 3);
    assert!(found.first > 1);
    assert_eq!(found.first + found.records, 41);
    for file in &files {
        assert!(fs::metadata(file).unwrap().len() <= 1000);
    }
    let mut reader = kept.open().reader();
    let mut seen = Vec::new();
    while let Some(entry) = reader.next().unwrap() {
        seen.push(entry.record.unwrap()["seq"].as_u64().unwrap());
    }
    assert_eq!(seen, (found.first..=40).collect::<Vec<_>>());
    // A reader goes on where it was, also in the next file.
    kept.add(5);
    let next = reader.next().unwrap().unwrap();
    assert_eq!(next.record.unwrap()["seq"], 41);
}

/// As long as it would be there: the oldest goes by itself when a file is begun, and then nothing is missing.
#[test]
fn a_file_that_is_taken_away_emptied_or_put_there_is_found() {
    for place in 0..3 {
        let kept = Kept::with(38, small());
        let file = &kept.files()[place];
        fs::remove_file(file).unwrap();
        kept.breaks();
        kept.add(1);
        kept.breaks();

        let kept = Kept::with(38, small());
        let file = &kept.files()[place];
        fs::write(file, "").unwrap();
        kept.breaks();
        kept.add(1);
        kept.breaks();
    }
    let kept = Kept::with(3, small());
    let line = kept.lines()[0].clone();
    fs::write(kept.path().join("0000000000000009.jsonl"), line).unwrap();
    let mode = fs::Permissions::from_mode(0o600);
    fs::set_permissions(kept.path().join("0000000000000009.jsonl"), mode).unwrap();
    assert_eq!(kept.breaks().file, "0000000000000009.jsonl");
    // All of it, but for the head.
    let kept = Kept::with(3, small());
    fs::remove_file(&kept.files()[0]).unwrap();
    assert!(kept.breaks().reason.contains("not there"));
    kept.add(1);
    kept.breaks();
}

/// A file that was begun by a process that was killed before the head said so.
#[test]
fn an_empty_file_that_a_kill_left_is_used_or_removed() {
    let kept = Kept::with(3, small());
    drop(kept.open().folder().begin(4).unwrap());
    assert_eq!(kept.verified().records, 3);
    kept.add(40);
    let found = kept.verified();
    assert_eq!((found.first + found.records, found.files), (44, 3));
    assert_eq!(kept.files().len(), 3);
}

#[test]
fn what_others_can_reach_is_not_written_to() {
    let authority = bailiwick_capfs::ambient_authority();
    let kept = Kept::new(1);
    let path = kept.path();
    for mode in [0o777, 0o770, 0o750, 0o701] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = Log::open_ambient(&path, authority).unwrap_err();
        assert!(matches!(error, LogError::NotPrivate(_)), "{mode:o}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    let link = kept.folder.path().join("link");
    symlink(&path, &link).unwrap();
    let error = Log::open_ambient(&link, authority).unwrap_err();
    assert!(matches!(error, LogError::System { .. }), "{error}");

    let canary = kept.folder.path().join("canary");
    for name in ["head", "0000000000000001.jsonl"] {
        let file = path.join(name);
        let whole = fs::read(&file).unwrap();
        let refused = |what: &str| {
            let log = kept.open();
            assert!(!log.write(None, &Record::mount("m")), "{name} {what}");
            assert_eq!(log.failures(), 1);
            let why = log.failure().unwrap();
            assert!(why.contains(what), "{name}: {why}");
            assert!(matches!(log.verify(), Err(VerifyError::Read(_))), "{name}");
            assert_eq!(fs::read(&canary).unwrap(), b"canary");
        };
        fs::write(&canary, "canary").unwrap();
        fs::remove_file(&file).unwrap();
        symlink(&canary, &file).unwrap();
        refused("is a link");
        fs::remove_file(&file).unwrap();
        fs::hard_link(&canary, &file).unwrap();
        refused("more than one name");
        fs::remove_file(&file).unwrap();
        fs::write(&file, &whole).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o622)).unwrap();
        refused("not only yours");
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert!(!kept.open().write(None, &Record::mount("m")));
        fs::remove_dir(&file).unwrap();
        fs::write(&file, &whole).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(kept.verified().records, 1);
    }
}

#[test]
fn a_record_that_could_not_be_written_is_counted_in_the_next() {
    let kept = Kept::new(1);
    let log = kept.open();
    let (head, away) = (kept.path().join("head"), kept.path().join("away"));
    fs::rename(&head, &away).unwrap();
    fs::create_dir(&head).unwrap();
    for _ in 0..3 {
        assert!(!log.write(None, &Record::mount("m")));
    }
    fs::remove_dir(&head).unwrap();
    fs::rename(&away, &head).unwrap();
    assert!(log.write(None, &Record::mount("m")));
    assert_eq!(log.failures(), 3);
    assert!(log.write(None, &Record::mount("m")));
    let found = kept.verified();
    assert_eq!((found.records, found.lost), (3, 3));
    assert!(kept.lines()[1].contains(r#""lost":3"#) && !kept.lines()[2].contains("lost"));
}

/// A process that holds the lock and does nothing makes records fail, and no call wait for ever.
#[test]
fn a_lock_that_is_held_ends_in_a_failure() {
    let kept = Kept::new(1);
    let log = kept.open();
    let head = kept.open().folder().make("head").unwrap();
    let held = head::try_lock(&head, true).unwrap().unwrap();
    assert!(!log.write(None, &Record::mount("m")));
    assert!(log.failure().unwrap().contains("lock"));
    drop(held);
    assert!(log.write(None, &Record::mount("m")));
    assert_eq!(kept.verified().lost, 1);
}

#[test]
fn a_log_that_is_removed_under_a_writer_begins_anew() {
    let kept = Kept::new(1);
    let log = kept.open();
    assert!(log.write(None, &Record::mount("m")));
    for file in fs::read_dir(kept.path()).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    assert!(log.write(None, &Record::mount("m")));
    let found = kept.verified();
    assert_eq!((found.records, found.first), (1, 1));
}

#[test]
fn threads_and_logs_of_one_folder_take_turns() {
    let kept = Kept::with(0, small());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| kept.add(50));
        }
        let log = kept.open();
        for _ in 0..4 {
            let log = log.clone();
            scope.spawn(move || {
                for _ in 0..50 {
                    assert!(log.write(None, &Record::mount("m")));
                }
            });
        }
        // It is right at every moment, not only at the end.
        for _ in 0..20 {
            kept.verified();
        }
    });
    let found = kept.verified();
    assert_eq!(found.first + found.records, 401);
    assert_eq!((found.lost, found.unvouched, found.cut), (0, 0, 0));
}

#[test]
fn hostile_text_stays_in_its_line_and_is_cut() {
    let kept = Kept::new(0);
    let log = kept.open();
    let name = "a\n{\"v\":1}\u{1b}[31m\u{202e}\u{2028}\r\"";
    let outcome = Outcome::refused(
        &format!("{name}{}", "é".repeat(1 << 20)),
        crate::Code::UnknownTool,
        &name.repeat(1000),
        None,
    );
    assert!(log.refused(&outcome));
    let long = "\u{e0041}".repeat(1 << 20);
    assert!(log.refused(&Outcome::refused(
        &long,
        crate::Code::UnknownTool,
        &long,
        None
    )));
    assert_eq!(kept.verified().records, 2);
    let lines = kept.lines();
    assert_eq!(lines.len(), 2);
    for line in &lines {
        assert!(line.len() < 16 << 10, "{}", line.len());
        assert!(!line.contains(|c: char| c.is_control() || c == '\u{202e}' || c == '\u{2028}'));
    }
}

/// The host failed in the middle of a call, and says so all the same.
#[test]
fn a_panic_is_recorded() {
    let kept = Kept::new(0);
    let recorder = Recorder::new(kept.open());
    let asked = Outcome::refused("t_f", crate::Code::UnknownTool, "m", None);
    let request = Err(Box::new(asked));
    let panicked = std::thread::spawn(move || {
        let _recorded = Recorded::begin(Some(recorder), &request);
        panic!("on purpose");
    });
    assert!(panicked.join().is_err());
    let lines = kept.lines();
    assert!(lines[0].contains(r#""code":"host-error""#) && lines[0].contains("panicked"));
}
