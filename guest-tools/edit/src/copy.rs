//! `copy`: the bytes of a file, in chunks.

use bailiwick_guest::fs::read::ErrorCode;
use bailiwick_guest::{At, EditFile, File, ToolError};

use crate::argument::bad;
use crate::bindings::exports::bailiwick::edit::edit::Copied;

/// How many bytes one crossing brings at most.
const CHUNK: u32 = 1 << 20;

/// Gives `to` the contents of `from`. `progress` hears how many bytes of how many are there, after each chunk but the last.
///
/// Each chunk is written where it was read, and the size is cut last: should both be the same file under two names, it stays as it is.
pub(crate) fn copy(
    from: &impl File,
    to: &impl EditFile,
    overwrite: bool,
    progress: impl Fn(u64, u64),
) -> Result<Copied, ToolError> {
    let (source, reader) = (from.name(), to.as_read());
    let target = reader.name();
    if source == target {
        return Err(bad("to", format!("it is {source} itself")).hint("give the copy another name"));
    }
    let old = match reader.stat() {
        Ok(stat) => Some(stat.size),
        Err(ErrorCode::NoEntry) => None,
        Err(code) => return Err(code.at(&target)),
    };
    if old.is_some() && !overwrite {
        return Err(ErrorCode::Exist
            .at(&target)
            .hint("give another name, or `overwrite`: true"));
    }
    let size = from.stat().at(|| &source)?.size;
    if size <= u64::from(CHUNK) {
        // In one step: whoever looks sees old or new.
        let bytes = some(from, &source, 0, size)?;
        to.replace(&bytes).at(|| &target)?;
    } else {
        let mut done = 0;
        while done < size {
            // What is appended meanwhile is not copied: it might never end.
            let bytes = some(from, &source, done, size.min(done + u64::from(CHUNK)))?;
            to.write_at(done, &bytes).at(|| &target)?;
            done += bytes.len() as u64;
            if done < size {
                progress(done, size);
            }
        }
        if old.is_some_and(|old| old > size) {
            to.set_size(size).at(|| &target)?;
        }
    }
    Ok(Copied {
        path: target,
        size,
        created: old.is_none().then_some(true),
    })
}

/// The bytes from `start` to `end`, at most [`CHUNK`], of a file that has so many.
fn some(from: &impl File, name: &str, start: u64, end: u64) -> Result<Vec<u8>, ToolError> {
    let wanted = u32::try_from(end - start).unwrap_or(CHUNK);
    if wanted == 0 {
        return Ok(Vec::new());
    }
    let bytes = from.read_at(start, wanted).at(|| name)?.bytes;
    if bytes.len() == wanted as usize {
        return Ok(bytes);
    }
    let message = format!("{name}: it became shorter while it was copied");
    Err(ToolError::new(ErrorCode::Io.name(), message).hint("try again when nobody writes to it"))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::testing::Tree;

    fn run(tree: &Tree, from: &str, to: &str, overwrite: bool) -> Result<Copied, ToolError> {
        copy(&tree.read(from), &tree.write(to), overwrite, |_, _| ())
    }

    #[test]
    fn any_bytes_are_copied() {
        for bytes in [&b""[..], b"a", b"\0\xFF\r\n"] {
            let tree = Tree::new("/w").file("a", bytes);
            let reply = run(&tree, "a", "b", false).expect("it is copied");
            assert_eq!(tree.bytes("b"), bytes);
            assert_eq!(tree.bytes("a"), bytes);
            assert_eq!((reply.path.as_str(), reply.created), ("/w/b", Some(true)));
            assert_eq!(reply.size, bytes.len() as u64);
        }
    }

    #[test]
    fn a_longer_file_is_cut() {
        for old in ["", "x", "longer than that"] {
            let tree = Tree::new("/w").file("a", "short").file("b", old);
            let reply = run(&tree, "a", "b", true).expect("it is copied");
            assert_eq!((tree.text("b").as_str(), reply.created), ("short", None));
        }
        let tree = Tree::new("/w").file("a", "").file("b", "old");
        run(&tree, "a", "b", true).expect("it is copied");
        assert_eq!(tree.text("b"), "");
    }

    #[test]
    fn nothing_is_overwritten_unasked() {
        let tree = Tree::new("/w").file("a", "new").file("b", "old");
        let error = run(&tree, "a", "b", false).expect_err("it exists");
        assert_eq!(error.code, "exist");
        assert_eq!(tree.text("b"), "old");
    }

    #[test]
    fn a_large_file_comes_in_chunks_and_reports() {
        let bytes: Vec<u8> = (0..2_500_000_u32).map(|i| (i % 251) as u8).collect();
        let tree = Tree::new("/w").file("a", &bytes);
        let heard = RefCell::new(Vec::new());
        copy(&tree.read("a"), &tree.write("b"), false, |done, all| {
            heard.borrow_mut().push((done, all));
        })
        .expect("it is copied");
        assert!(tree.bytes("b") == bytes);
        let (mib, all) = (1 << 20, 2_500_000);
        assert_eq!(heard.into_inner(), [(mib, all), (2 * mib, all)]);
    }

    #[test]
    fn a_large_file_takes_the_place_of_a_larger_one() {
        let bytes = vec![7; (1 << 20) + 1];
        for more in [0, 1, 5_000] {
            let tree = Tree::new("/w")
                .file("a", &bytes)
                .file("b", vec![9; bytes.len() + more]);
            run(&tree, "a", "b", true).expect("it is copied");
            assert!(tree.bytes("b") == bytes);
        }
        let tree = Tree::new("/w").file("a", &bytes).alias("b", "a");
        run(&tree, "a", "b", true).expect("it cannot be seen that they are one");
        assert!(tree.bytes("a") == bytes);
    }

    #[test]
    fn a_file_is_not_copied_onto_itself() {
        let tree = Tree::new("/w").file("a", "text").alias("b", "a");
        assert_eq!(
            run(&tree, "a", "a", true).expect_err("the same").code,
            "bad-argument"
        );
        run(&tree, "a", "b", true).expect("it cannot be seen");
        assert_eq!(tree.text("a"), "text");
    }

    #[test]
    fn a_missing_file_is_named() {
        let tree = Tree::new("/w");
        let error = run(&tree, "a", "b", false).expect_err("it is missing");
        assert_eq!(error.message, "/w/a: no such file or directory");
        assert!(!tree.has("b"));
    }
}
