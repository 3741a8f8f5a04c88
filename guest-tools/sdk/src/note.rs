//! What a reply says about itself: what was left out, cut or changed, and how to see it.

/// The sentences of a note, in the order in which they were said.
///
/// ```
/// let mut note = bailiwick_guest::note::Note::default();
/// note.say("the file is empty");
/// assert_eq!(note.finish().as_deref(), Some("the file is empty"));
/// ```
#[derive(Debug, Default)]
pub struct Note(Vec<String>);

impl Note {
    /// Say one more thing, as a lower-case fragment.
    pub fn say(&mut self, fragment: impl Into<String>) {
        self.0.push(fragment.into());
    }

    /// The whole note; none when nothing was said.
    pub fn finish(self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.join("; "))
    }
}

/// `1 file`, `1,240 files`.
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

/// A number with commas between groups of three digits.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_from_the_right() {
        let shown = [0, 7, 100, 1_000, 20_000, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "7", "100", "1,000", "20,000", "1,234,567"]);
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(count(1, "file", "files"), "1 file");
        assert_eq!(count(0, "file", "files"), "0 files");
    }

    #[test]
    fn a_note_of_nothing_is_none() {
        let mut note = Note::default();
        note.say("a");
        note.say("b");
        assert_eq!(note.finish().as_deref(), Some("a; b"));
        assert_eq!(Note::default().finish(), None);
    }
}
