//! What the printer writes to.

use wit_component::{Output, OutputToString};

/// A line of documentation that begins so is a comment of ours. Documentation of authors has no such character: it was made visible.
pub(super) const COMMENT: char = '\u{1}';

/// Text, with comments above `use` where types have other names.
///
/// The printer writes no comments there, but attributes, and one of them, `@external-id`, no component has that this host runs: it stands for a
/// comment, by its number.
pub(super) struct Text {
    text: OutputToString,
    notes: Vec<String>,
    /// The number, while it is written.
    number: Option<String>,
    /// A block has ended, and what comes next has no blank line in front yet.
    after_block: bool,
}

impl Text {
    pub(super) fn new(notes: Vec<String>) -> Text {
        Text {
            text: OutputToString::default(),
            notes,
            number: None,
            after_block: false,
        }
    }

    pub(super) fn into_string(self) -> String {
        self.text.into()
    }

    pub(super) fn blank_line(&mut self) {
        self.after_block = false;
        self.text.newline();
    }

    /// The printer has no blank line between blocks of a nested package.
    fn begin(&mut self) {
        if self.after_block {
            self.blank_line();
        }
    }

    fn comment(&mut self, line: &str) {
        self.text.indent_if_needed();
        self.text.push_str("// ");
        self.text.push_str(line);
        self.text.newline();
    }
}

impl Output for Text {
    fn push_str(&mut self, src: &str) {
        match &mut self.number {
            Some(number) => number.push_str(src),
            None => self.text.push_str(src),
        }
    }

    fn indent_if_needed(&mut self) -> bool {
        self.text.indent_if_needed()
    }

    fn indent_start(&mut self) {
        self.text.indent_start();
    }

    fn indent_end(&mut self) {
        self.text.indent_end();
        self.after_block = true;
    }

    fn newline(&mut self) {
        let Some(number) = self.number.take() else {
            self.after_block = false;
            return self.text.newline();
        };
        let note = number.parse().ok().and_then(|at: usize| self.notes.get(at));
        if let Some(note) = note.cloned() {
            self.comment(&note);
        }
    }

    fn keyword(&mut self, src: &str) {
        if src == "@external-id" {
            self.number = Some(String::new());
        } else {
            self.begin();
            self.text.keyword(src);
        }
    }

    fn doc(&mut self, doc: &str) {
        self.begin();
        match doc.strip_prefix(COMMENT) {
            Some(comment) => self.comment(comment),
            None => self.text.doc(doc),
        }
    }

    fn str(&mut self, src: &str) {
        // What is around the number is not written.
        if self.number.is_none() {
            self.text.str(src);
        }
    }
}
