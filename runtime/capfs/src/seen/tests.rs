//! What is remembered, and how much of it.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test makes its own files, and has failed when it cannot"
)]

use super::*;
use crate::version::Digest;
use cap_std::ambient_authority;
use cap_std::fs::{Dir, File};
use proptest::prelude::*;

struct Folder {
    whole: tempfile::TempDir,
}

impl Folder {
    fn new() -> Self {
        Self {
            whole: tempfile::tempdir().unwrap(),
        }
    }

    fn put(&self, bytes: &[u8]) {
        std::fs::write(self.whole.path().join("f"), bytes).unwrap();
    }

    fn open(&self) -> (File, Stamp) {
        let dir = Dir::open_ambient_dir(self.whole.path(), ambient_authority()).unwrap();
        let file = dir.open("f").unwrap();
        let stamp = Stamp::of(&file.metadata().unwrap());
        (file, stamp)
    }

    /// Whether what was seen is still there.
    fn is_still(&self, glance: &Glance) -> bool {
        let (file, stamp) = self.open();
        glance.is_still(&file, &stamp).unwrap()
    }
}

fn saw(sight: &Sight, stamp: &Stamp, offset: u64, bytes: &[u8]) {
    sight.saw(Path::new("d/f"), stamp, offset, bytes);
}

#[test]
fn contents_decide() {
    let folder = Folder::new();
    folder.put(b"0123456789");
    let sight = Sight::default();
    saw(&sight, &folder.open().1, 0, b"01234");
    saw(&sight, &folder.open().1, 5, b"56789");
    let glance = sight.first("d/f").unwrap();
    assert_eq!(glance.text(), Some(&b"0123456789"[..]));
    assert_eq!(glance.digest(), Some(Digest::of(b"0123456789")));
    folder.put(b"0123456789");
    assert!(folder.is_still(&glance), "another time, the same contents");
    folder.put(b"0123456780");
    assert!(!folder.is_still(&glance));
    folder.put(b"01234567890");
    assert!(!folder.is_still(&glance), "longer");
    folder.put(b"");
    assert!(!folder.is_still(&glance));
}

#[test]
fn parts() {
    let folder = Folder::new();
    folder.put(b"0123456789");
    let sight = Sight::default();
    let (_, stamp) = folder.open();
    saw(&sight, &stamp, 6, b"67");
    saw(&sight, &stamp, 2, b"23");
    let glance = sight.first("d/f").unwrap();
    assert_eq!((glance.text(), glance.digest()), (None, None));
    folder.put(b"xx23xx67xxxx");
    assert!(folder.is_still(&glance), "what was not seen may change");
    folder.put(b"xx23xx6");
    assert!(!folder.is_still(&glance), "too short for what was seen");
    folder.put(b"xx24xx67");
    assert!(!folder.is_still(&glance));
}

#[test]
fn an_empty_file_is_something_to_see() {
    let folder = Folder::new();
    folder.put(b"");
    let sight = Sight::default();
    saw(&sight, &folder.open().1, 0, b"");
    let glance = sight.first("d/f").unwrap();
    assert!(folder.is_still(&glance));
    folder.put(b"x");
    assert!(!folder.is_still(&glance));
}

#[test]
fn the_first_look_and_the_last() {
    let folder = Folder::new();
    let sight = Sight::default();
    folder.put(b"old");
    saw(&sight, &folder.open().1, 0, b"old");
    folder.put(b"other");
    saw(&sight, &folder.open().1, 0, b"other");
    assert_eq!(sight.first("d/f").unwrap().text(), Some(&b"old"[..]));
    let mut memory = Memory::default();
    memory.take_over(&sight, |path| path == "d/f");
    assert!(memory.get("d/f").is_none());
    memory.take_over(&sight, |_| false);
    assert_eq!(memory.get("d/f").unwrap().text(), Some(&b"other"[..]));
}

#[test]
fn texts_are_kept_up_to_a_bound_and_digests_after_it() {
    let mut memory = Memory::default();
    let text = vec![b'a'; glance::TEXT];
    let count = TEXTS / glance::TEXT;
    for n in 0..count {
        memory.put(&format!("{n}"), Glance::of_text(text.clone()));
    }
    assert!(
        memory.get("0").unwrap().text().is_some(),
        "exactly the bound"
    );
    memory.put("more", Glance::of_text(b"x".to_vec()));
    let first = memory.get("0").unwrap();
    assert_eq!(
        (first.text(), first.digest()),
        (None, Some(Digest::of(&text)))
    );
    assert!(memory.get("1").unwrap().text().is_some());
    memory.forget("1");
    memory.put("again", Glance::of_text(b"x".to_vec()));
    assert!(
        memory.get("2").unwrap().text().is_some(),
        "there is room again"
    );
}

#[test]
fn a_session_remembers_so_many_files() {
    let mut memory = Memory::default();
    for n in 0..=PATHS {
        memory.put(&format!("{n}"), Glance::whole(0, Digest::of(b"")));
    }
    assert!(memory.get("0").is_none());
    assert!(memory.get("1").is_some() && memory.get(&PATHS.to_string()).is_some());
}

#[test]
fn names_move_along() {
    let mut memory = Memory::default();
    for path in ["a", "a/gone/x", "a/x", "a/y/z", "ab", "b"] {
        memory.put(path, Glance::of_text(path.into()));
    }
    assert_eq!(memory.below("a"), ["a", "a/gone/x", "a/x", "a/y/z"]);
    let moves = [
        ("a", Some("b")),
        ("b", Some("a")),
        ("a/y/z", Some("z")),
        ("a/gone", None),
    ];
    let moves = moves.map(|(from, to)| (from.to_owned(), to.map(str::to_owned)));
    memory.moved(&moves);
    for (path, was) in [
        ("a", "b"),
        ("b", "a"),
        ("b/x", "a/x"),
        ("z", "a/y/z"),
        ("ab", "ab"),
    ] {
        let text = memory.get(path).unwrap().text().unwrap();
        assert_eq!(text, was.as_bytes(), "{path}");
    }
    assert!(memory.get("b/y/z").is_none());
    // What was removed from a directory that moved did not move along.
    assert!(memory.get("b/gone/x").is_none() && memory.get("a/gone/x").is_none());
}

#[test]
fn much_of_a_large_file_in_pieces() {
    let folder = Folder::new();
    let bytes: Vec<u8> = (0..glance::TEXT * 3).map(|n| (n % 251) as u8).collect();
    folder.put(&bytes);
    let (_, stamp) = folder.open();
    let sight = Sight::default();
    for (index, piece) in bytes.chunks(10_000).enumerate() {
        saw(&sight, &stamp, index as u64 * 10_000, piece);
        saw(&sight, &stamp, index as u64 * 10_000, piece);
    }
    let glance = sight.first("d/f").unwrap();
    assert_eq!(glance.digest(), Some(Digest::of(&bytes)));
    assert!(folder.is_still(&glance));
    // So many parts and no more.
    let scattered = Sight::default();
    for n in 0..200_u64 {
        saw(&scattered, &stamp, n * 100, &bytes[n as usize * 100..][..1]);
    }
    let glance = scattered.first("d/f").unwrap();
    let mut other = bytes;
    other[63 * 100] ^= 1;
    folder.put(&other);
    assert!(!folder.is_still(&glance));
    other[63 * 100] ^= 1;
    other[64 * 100] ^= 1;
    folder.put(&other);
    assert!(folder.is_still(&glance), "the 65th part is not remembered");
}

proptest! {
    /// A file is as it was seen exactly when every part that was read is.
    #[test]
    fn any_reads(reads in prop::collection::vec((0..40_u64, 0..20_usize), 0..12), changed in 0..40_usize) {
        let folder = Folder::new();
        let bytes: Vec<u8> = (0..40).collect();
        folder.put(&bytes);
        let (_, stamp) = folder.open();
        let sight = Sight::default();
        for (offset, count) in &reads {
            let from = *offset as usize;
            saw(&sight, &stamp, *offset, &bytes[from..(from + count).min(40)]);
        }
        let seen = |at: usize| reads.iter().any(|(from, count)| (*from as usize..*from as usize + count).contains(&at));
        let mut other = bytes.clone();
        other[changed] = 99;
        folder.put(&other);
        if let Some(glance) = sight.first("d/f") {
            prop_assert_eq!(folder.is_still(&glance), !seen(changed));
            folder.put(&bytes);
            prop_assert!(folder.is_still(&glance));
        }
    }
}
