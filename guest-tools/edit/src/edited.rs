//! What a function says about a text file that it changed.

use bailiwick_guest::note::Note;

use crate::bindings::exports::bailiwick::edit::edit::Edited;
use crate::unified::diff;

/// The reply about the file called `name`, which had the text `old` and has `new`.
pub(crate) fn edited(name: &str, old: &str, new: &str, mut note: Note) -> Edited {
    let diff = diff(name, old, new);
    if let Some(cut) = diff.note {
        note.say(cut);
    }
    Edited {
        path: name.to_owned(),
        created: None,
        count: None,
        added: diff.added,
        removed: diff.removed,
        diff: diff.text,
        note: note.finish(),
    }
}
