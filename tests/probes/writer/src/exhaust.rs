//! Taking as much as there is.

use bailiwick_guest::fs::read::{ErrorCode, Scope};
use bailiwick_guest::fs::write::{Expect, WriteDir, WriteFile};

use crate::report::{name, shown};

const TIB: u64 = 1 << 40;

/// How often an attempt works before it does not, at most `most` times. What it gave is kept until then.
fn until_refused<T>(most: u32, mut attempt: impl FnMut(u32) -> Result<T, ErrorCode>) -> String {
    let mut kept = Vec::new();
    for count in 0..most {
        match attempt(count) {
            Ok(one) => kept.push(one),
            Err(code) => return format!("{count} {}", name(code)),
        }
    }
    most.to_string()
}

/// Lengthens a file as far as it goes, at most to `most` bytes, in steps that get smaller down to one byte, so that it
/// ends exactly where it is refused. How far it came, and why no further.
fn lengthen(file: &WriteFile, most: u64) -> String {
    let (mut size, mut why) = (0, None);
    for step in (0..=40).rev().map(|bits| 1 << bits) {
        while size + step <= most {
            match file.set_size(size + step) {
                Ok(()) => size += step,
                Err(code) => {
                    why = Some(code);
                    break;
                }
            }
        }
    }
    match why {
        Some(code) if size < most => format!("{size} {}", name(code)),
        _ => size.to_string(),
    }
}

/// Bytes and entries.
pub(crate) fn fill(root: &WriteDir, bytes: u64, entries: u32) -> Vec<(String, String)> {
    let long = match root.open_file("long.bin", Expect::Either) {
        Ok(file) => file,
        Err(code) => return vec![("open long.bin".into(), name(code))],
    };
    // Each is far beyond what there is, and what is refused leaves the file as it was.
    let mut report = vec![
        ("set-size 8 TiB".to_owned(), shown(long.set_size(8 * TIB))),
        ("set-size most".to_owned(), shown(long.set_size(u64::MAX))),
        (
            "write at 8 TiB".to_owned(),
            shown(long.write(8 * TIB, b"!")),
        ),
        (
            "write at most".to_owned(),
            shown(long.write(u64::MAX, b"!")),
        ),
    ];
    report.push(("set-size".into(), lengthen(&long, bytes)));
    report.push(("append one".into(), shown(long.append(b"!"))));
    let size = match long.as_read().stat() {
        Ok(stat) => stat.size.to_string(),
        Err(code) => name(code),
    };
    report.push(("size".into(), size));
    let made = |count| {
        let file = root.open_file(&format!("many-{count}"), Expect::New)?;
        file.replace(b"")
    };
    report.push(("files".into(), until_refused(entries, made)));
    report.push((
        "one directory more".into(),
        shown(root.create_dir("one-more")),
    ));
    report
}

/// Descriptors of every kind.
pub(crate) fn hoard(root: &WriteDir, most: u32) -> Vec<(String, String)> {
    let mut report = vec![
        (
            "dirs".to_owned(),
            until_refused(most, |_| root.open_dir("")),
        ),
        (
            "new files".to_owned(),
            until_refused(most, |count| {
                root.open_file(&format!("hoard-{count}"), Expect::Either)
            }),
        ),
    ];
    let looking = root.as_read();
    report.push((
        "walks".to_owned(),
        until_refused(most, |_| looking.walk("", &Scope::all())),
    ));
    report
}

/// Readers, of which one that cannot be given has no error to say so with.
pub(crate) fn readers(root: &WriteDir, most: u32) -> u32 {
    let kept: Vec<_> = (0..most).map(|_| root.as_read()).collect();
    kept.len() as u32
}
