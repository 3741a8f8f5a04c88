//! What changed, as a unified diff that fits a reply.

use bailiwick_guest::note::grouped;
use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

/// How many lines around a change are shown.
const CONTEXT: usize = 3;
/// How many bytes of diff a reply has at most.
const BYTES: usize = 16 << 10;
/// When more lines than this differ in all, they are shown as removed and added without looking for what they share: finding the shortest
/// diff of much takes longer than a call may.
const LINES: usize = 20_000;

/// The difference of two texts.
pub(crate) struct Diff {
    /// Unified, cut after [`BYTES`]; none when there is none.
    pub(crate) text: Option<String>,
    /// How many lines were added.
    pub(crate) added: u32,
    /// How many lines were removed.
    pub(crate) removed: u32,
    /// What is to say about it.
    pub(crate) note: Option<String>,
}

/// The difference from `old` to `new`, which are versions of the file called `name`.
pub(crate) fn diff(name: &str, old: &str, new: &str) -> Diff {
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let ops = operations(&old, &new);
    let sum = |size: fn(&DiffOp) -> usize| {
        let changed = ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
        u32::try_from(changed.map(size).sum::<usize>()).unwrap_or(u32::MAX)
    };
    let added = sum(|op| op.new_range().len());
    let removed = sum(|op| op.old_range().len());
    if added == 0 && removed == 0 {
        return Diff {
            text: None,
            added,
            removed,
            note: None,
        };
    }
    let mut text = format!("--- {name}\n+++ {name}\n");
    let whole = group_diff_ops(ops, CONTEXT)
        .iter()
        .all(|hunk| push_hunk(&mut text, hunk, &old, &new));
    let note = (!whole).then(|| {
        format!(
            "the diff is cut after {} bytes; the whole change was made",
            grouped(BYTES as u64)
        )
    });
    Diff {
        text: Some(text),
        added,
        removed,
        note,
    }
}

/// How `old` becomes `new`, line by line.
fn operations(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let before = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let pairs = old[before..].iter().rev().zip(new[before..].iter().rev());
    let after = pairs.take_while(|(a, b)| a == b).count();
    let (old_mid, new_mid) = (
        &old[before..old.len() - after],
        &new[before..new.len() - after],
    );
    let mut ops = Vec::new();
    let equal = |old_index, new_index, len| DiffOp::Equal {
        old_index,
        new_index,
        len,
    };
    if before > 0 {
        ops.push(equal(0, 0, before));
    }
    if old_mid.len() + new_mid.len() > LINES {
        ops.push(DiffOp::Replace {
            old_index: before,
            old_len: old_mid.len(),
            new_index: before,
            new_len: new_mid.len(),
        });
    } else {
        let found = capture_diff_slices(Algorithm::Myers, old_mid, new_mid);
        ops.extend(found.into_iter().map(|op| shifted(op, before)));
    }
    if after > 0 {
        ops.push(equal(old.len() - after, new.len() - after, after));
    }
    ops
}

/// The same operation, `by` lines further down.
fn shifted(mut op: DiffOp, by: usize) -> DiffOp {
    match &mut op {
        DiffOp::Equal {
            old_index,
            new_index,
            ..
        }
        | DiffOp::Delete {
            old_index,
            new_index,
            ..
        }
        | DiffOp::Insert {
            old_index,
            new_index,
            ..
        }
        | DiffOp::Replace {
            old_index,
            new_index,
            ..
        } => {
            *old_index += by;
            *new_index += by;
        }
    }
    op
}

/// Adds a hunk, as far as there is room. Says whether all of it had.
fn push_hunk(text: &mut String, ops: &[DiffOp], old: &[&str], new: &[&str]) -> bool {
    let (Some(first), Some(last)) = (ops.first(), ops.last()) else {
        return true;
    };
    let header = format!(
        "@@ -{} +{} @@\n",
        range(first.old_range().start, last.old_range().end),
        range(first.new_range().start, last.new_range().end),
    );
    let mut whole = push(text, &header);
    for op in ops {
        if let DiffOp::Equal { .. } = op {
            whole = whole && push_lines(text, ' ', &old[op.old_range()]);
        } else {
            whole = whole
                && push_lines(text, '-', &old[op.old_range()])
                && push_lines(text, '+', &new[op.new_range()]);
        }
    }
    whole
}

/// `FIRST,COUNT` as a hunk's header has it: the first line is 1, and of no lines it is the one before.
fn range(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        lines => format!("{},{lines}", start + 1),
    }
}

fn push_lines(text: &mut String, sign: char, lines: &[&str]) -> bool {
    lines.iter().all(|line| {
        let end = match line.ends_with('\n') {
            true => "",
            false => "\n\\ No newline at end of file\n",
        };
        push(text, sign.encode_utf8(&mut [0; 4])) && push(text, line) && push(text, end)
    })
}

/// Adds what there is room for, cut between characters. Says whether it was all.
fn push(text: &mut String, more: &str) -> bool {
    let room = BYTES.saturating_sub(text.len());
    let end = more.floor_char_boundary(room);
    text.push_str(&more[..end]);
    end == more.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> String {
        diff("/w/a", old, new).text.unwrap_or_default()
    }

    #[test]
    fn a_change_has_context_and_numbers() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let new = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n";
        let expected = "--- /w/a\n+++ /w/a\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n";
        assert_eq!(shown(old, new), expected);
        let diff = diff("/w/a", old, new);
        assert_eq!((diff.added, diff.removed, diff.note), (1, 1, None));
    }

    #[test]
    fn edges_are_as_diff_writes_them() {
        let table = [
            ("", "a\n", "@@ -0,0 +1 @@\n+a\n"),
            ("a\n", "", "@@ -1 +0,0 @@\n-a\n"),
            ("a\nb\n", "a\nx\nb\n", "@@ -1,2 +1,3 @@\n a\n+x\n b\n"),
            (
                "a",
                "a\n",
                "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n",
            ),
            (
                "a\nb",
                "x\nb",
                "@@ -1,2 +1,2 @@\n-a\n+x\n b\n\\ No newline at end of file\n",
            ),
            ("a\r\n", "a\n", "@@ -1 +1 @@\n-a\r\n+a\n"),
        ];
        for (old, new, hunks) in table {
            assert_eq!(shown(old, new), format!("--- /w/a\n+++ /w/a\n{hunks}"));
        }
    }

    #[test]
    fn equal_texts_have_no_diff() {
        for text in ["", "a", "a\nb\n"] {
            assert!(diff("/w/a", text, text).text.is_none());
        }
    }

    #[test]
    fn changes_far_apart_are_hunks_of_their_own() {
        let old: String = (0..100).map(|i| format!("{i}\n")).collect();
        let new = old
            .replace("\n10\n", "\nten\n")
            .replace("\n90\n", "\nninety\n");
        assert_eq!(shown(&old, &new).matches("@@ -").count(), 2);
    }

    #[test]
    fn a_long_diff_is_cut_between_characters() {
        for pad in 0..3 {
            let new = format!("{}{}", "x".repeat(pad), "é€".repeat(40_000));
            let diff = diff("/w/a", "", &new);
            let text = diff.text.expect("a diff");
            assert!(text.len() <= BYTES && text.len() > BYTES - 4);
            assert!(
                diff.note
                    .expect("a note")
                    .contains("cut after 16,384 bytes")
            );
        }
    }

    #[test]
    fn much_that_differs_is_not_compared_for_ever() {
        let lines = |word: &str| {
            (0..200_000)
                .map(|i| format!("{word}{i}\n"))
                .collect::<String>()
        };
        let diff = diff("/w/a", &lines("a"), &lines("b"));
        assert_eq!((diff.added, diff.removed), (200_000, 200_000));
    }
}
