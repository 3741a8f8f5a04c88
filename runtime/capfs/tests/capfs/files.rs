//! What is read of files, and how much at a time.

use crate::tree::{Tree, read};
use bailiwick_capfs::{Chunk, ErrorCode, bounds};
use std::fs::File;
use std::os::unix::fs::FileExt;

const TRANSFER: usize = bounds::TRANSFER as usize;

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn pieces() {
    let tree = Tree::new();
    tree.file("f", "0123456789").file("empty", "");
    let dir = tree.handle();
    let file = dir.open_file("f").unwrap();
    for (offset, max, wanted) in [
        (0, 10, "0123456789"),
        (0, u32::MAX, "0123456789"),
        (0, 3, "012"),
        (3, 3, "345"),
        (8, 9, "89"),
        (9, 1, "9"),
        (10, 1, ""),
        (11, 1, ""),
        (u64::MAX, 1, ""),
        (u64::MAX, u32::MAX, ""),
        (4, 0, ""),
    ] {
        let wanted = Chunk {
            bytes: wanted.into(),
            size: 10,
        };
        assert_eq!(file.read(offset, max).unwrap(), wanted, "{offset} {max}");
    }
    let empty = dir.open_file("empty").unwrap();
    assert_eq!(
        empty.read(0, 9).unwrap(),
        Chunk {
            bytes: Vec::new(),
            size: 0
        }
    );
}

#[test]
fn a_handle_sees_the_file_grow_shrink_and_move() {
    let tree = Tree::new();
    tree.file("f", "old");
    let file = tree.handle().open_file("f").unwrap();
    std::fs::write(tree.at("f"), "longer than before").unwrap();
    assert_eq!(file.read(0, 99).unwrap().bytes, b"longer than before");
    std::fs::rename(tree.at("f"), tree.at("g")).unwrap();
    tree.file("f", "another");
    assert_eq!(file.read(0, 6).unwrap().bytes, b"longer");
    File::options()
        .write(true)
        .open(tree.at("g"))
        .unwrap()
        .set_len(2)
        .unwrap();
    assert_eq!(
        file.read(0, 99).unwrap(),
        Chunk {
            bytes: b"lo".into(),
            size: 2
        }
    );
    assert_eq!(
        file.read(9, 99).unwrap(),
        Chunk {
            bytes: Vec::new(),
            size: 2
        }
    );
}

#[test]
fn a_large_file_is_read_in_pages() {
    let tree = Tree::new();
    let size = 3 << 30;
    let sparse = File::create(tree.at("large")).unwrap();
    sparse.set_len(size).unwrap();
    sparse.write_all_at(b"the end", size - 7).unwrap();
    let dir = tree.handle();
    let file = dir.open_file("large").unwrap();
    assert_eq!(file.stat().unwrap().size, size);
    let chunk = file.read(size - 9, u32::MAX).unwrap();
    assert_eq!(
        chunk,
        Chunk {
            bytes: b"\0\0the end".into(),
            size
        }
    );
    // One page is the transfer bound, alone and in a list.
    assert_eq!(file.read(0, u32::MAX).unwrap().bytes.len(), TRANSFER);
    let results = dir.read_files(&names(&["large", "large"]), u32::MAX);
    assert_eq!(results.len(), 1);
    let first = results[0].as_ref().unwrap();
    assert_eq!((first.bytes.len(), first.size), (TRANSFER, size));
}

#[test]
fn lists_keep_their_order_and_their_errors() {
    let tree = Tree::new();
    tree.file("a/1", "one")
        .file("a/2", "two")
        .file("b/3", "three")
        .link("a/l", "../b/3");
    let dir = tree.handle();
    let paths = names(&[
        "a/1",
        "a/missing",
        "a/2",
        "../x",
        "b/3",
        "a",
        "a/l",
        "c/4",
        "a/1/",
        "",
        "a/1",
    ]);
    let text = |result: &Result<Chunk, ErrorCode>| {
        result
            .as_ref()
            .map(|chunk| String::from_utf8(chunk.bytes.clone()).unwrap())
            .map_err(|e| *e)
    };
    let results = dir.read_files(&paths, 4);
    let results: Vec<_> = results.iter().map(text).collect();
    assert_eq!(
        results,
        [
            Ok("one".into()),
            Err(ErrorCode::NoEntry),
            Ok("two".into()),
            Err(ErrorCode::NotPermitted),
            Ok("thre".into()),
            Err(ErrorCode::IsDirectory),
            Ok("thre".into()),
            Err(ErrorCode::NoEntry),
            Err(ErrorCode::NotDirectory),
            Err(ErrorCode::IsDirectory),
            Ok("one".into()),
        ]
    );
    assert_eq!(dir.read_files(&[], 4), []);
    let nothing = dir.read_files(&names(&["b/3"]), 0);
    assert_eq!(
        nothing,
        [Ok(Chunk {
            bytes: Vec::new(),
            size: 5
        })]
    );
}

#[test]
fn lists_end_at_the_transfer_bound() {
    let tree = Tree::new();
    let quarter = TRANSFER / 4;
    for i in 0..6 {
        File::create(tree.at(i.to_string()))
            .unwrap()
            .set_len(quarter as u64)
            .unwrap();
    }
    tree.file("small", "small");
    let dir = tree.handle();
    let all = names(&["0", "1", "2", "3", "4", "5", "small"]);
    // Four quarters fit, and reach the bound.
    let results = dir.read_files(&all, u32::MAX);
    assert_eq!(results.len(), 4);
    // Asking again from the first that is missing gets everything once.
    let (mut seen, mut asked) = (Vec::new(), 0);
    while seen.len() < all.len() {
        let results = dir.read_files(&all[seen.len()..], u32::MAX);
        assert!(!results.is_empty());
        seen.extend(
            results
                .into_iter()
                .map(|result| result.unwrap().bytes.len()),
        );
        asked += 1;
    }
    assert_eq!(
        seen,
        [quarter, quarter, quarter, quarter, quarter, quarter, 5]
    );
    assert_eq!(asked, 2);
    // What is asked for counts, not what the files hold.
    assert_eq!(dir.read_files(&all, 1000).len(), all.len());
}

#[test]
fn lists_of_nothing_end_too() {
    let tree = Tree::new();
    tree.dir("d");
    let dir = tree.handle();
    let many = vec!["d/missing".to_owned(); 100_000];
    let results = dir.read_files(&many, u32::MAX);
    // One each, and one for `d`.
    assert_eq!(results.len(), bounds::LOOKUPS as usize - 1);
    assert!(
        results
            .iter()
            .all(|result| *result == Err(ErrorCode::NoEntry))
    );
}

#[test]
fn paths_that_fail_count_all_their_steps() {
    let tree = Tree::new();
    let deep = vec!["d"; 200].join("/");
    tree.dir(&deep)
        .link("zigzag", "d/../".repeat(800) + "x")
        .link("long", "long/".repeat(800));
    let missing = format!("{deep}/missing");
    let dir = tree.handle();
    for (path, error, steps) in [
        // All that a resolution may take.
        ("zigzag", ErrorCode::NameTooLong, bounds::STEPS),
        // Each of the links is so many names.
        (
            "long",
            ErrorCode::Loop,
            bounds::LINKS * (5 * 800 / bounds::NAME as u32),
        ),
        // Too deep to be kept open from one path to the next.
        (&missing, ErrorCode::NoEntry, 200),
    ] {
        let results = dir.read_files(&vec![path.to_owned(); 400], 9);
        let most = bounds::LOOKUPS.div_ceil(steps.min(bounds::STEPS)) as usize;
        assert!(
            (1..=most).contains(&results.len()),
            "{} {path}",
            results.len()
        );
        for result in results {
            let got = result.unwrap_err();
            assert!(
                got == error || got == ErrorCode::NameTooLong,
                "{got:?} {path}"
            );
        }
    }
}

#[test]
fn bytes_come_out_as_they_are() {
    let tree = Tree::new();
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    std::fs::write(tree.at("f"), &bytes).unwrap();
    let chunk = &tree.handle().read_files(&names(&["f"]), u32::MAX)[0];
    assert_eq!(chunk.as_ref().unwrap().bytes, bytes);
    tree.file("g", "g");
    assert_eq!(read(&tree.handle(), "g").as_deref(), Ok("g"));
}
