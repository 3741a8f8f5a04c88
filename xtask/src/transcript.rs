//! What a command line printed, made fit for a transcript.

/// How much of an output is shown, and how wide.
const LINES: usize = 48;
const COLUMNS: usize = 116;

/// What a command line printed.
pub(crate) struct Shown {
    pub(crate) exit: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Shown {
    /// All of it, as it stands in a terminal.
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Code, fuel, wall time and memory from the line that `--usage` adds:
    /// `ok: 1234 fuel, 0.5 ms, 64 KiB of memory, …`.
    pub(crate) fn usage(&self) -> Option<[&str; 4]> {
        let (code, used) = self.stderr.lines().last()?.split_once(": ")?;
        let mut used = used.split(", ");
        let fuel = used.next()?.strip_suffix(" fuel")?;
        let wall = used.next()?;
        let memory = used.next()?.strip_suffix(" of memory")?;
        Some([code, fuel, wall, memory])
    }
}

/// A count with its thousands apart.
pub(crate) fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The first rows of an output, with long lines folded, and how much was left out. The last line, which says what was
/// used or is the end of an error, is always shown.
pub(crate) fn cut(text: &str) -> String {
    let mut rows: Vec<String> = text.trim_end().lines().flat_map(folded).collect();
    if rows.len() > LINES + 2 {
        let left = format!("(… {} more lines …)", rows.len() - LINES - 1);
        rows.splice(LINES..rows.len() - 1, [left]);
    }
    let indented = |row: &String| format!("  {row}").trim_end().to_string() + "\n";
    rows.iter().map(indented).collect()
}

/// A line as rows: broken at a space where one is near the end of the row.
fn folded(line: &str) -> Vec<String> {
    let mut left: Vec<char> = line.chars().collect();
    let mut rows = Vec::new();
    while left.len() > COLUMNS {
        let space = left[..COLUMNS]
            .iter()
            .rposition(|c| *c == ' ')
            .map(|place| place + 1);
        let end = space.filter(|end| *end > COLUMNS / 2).unwrap_or(COLUMNS);
        rows.push(left.drain(..end).collect());
    }
    rows.push(left.into_iter().collect());
    rows
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, LINES, Shown, cut, grouped};

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped("0"), "0");
        assert_eq!(grouped("999"), "999");
        assert_eq!(grouped("1000"), "1,000");
        assert_eq!(grouped("100000000"), "100,000,000");
    }

    #[test]
    fn a_long_output_is_cut_and_says_so() {
        assert_eq!(cut("a\n\nb\n"), "  a\n\n  b\n");
        let many = cut(&("x\n".repeat(LINES + 5) + "used\n"));
        assert_eq!(many.lines().count(), LINES + 2);
        assert!(many.ends_with("  x\n  (… 5 more lines …)\n  used\n"));
        assert_eq!(
            cut(&"ü".repeat(COLUMNS + 1)),
            format!("  {}\n  ü\n", "ü".repeat(COLUMNS))
        );
    }

    #[test]
    fn usage_is_the_last_line() {
        let stderr =
            "error: no\nok: 12 fuel, 0.5 ms, 64 KiB of memory, 1 KiB read, 2 host calls\n".into();
        let shown = Shown {
            exit: Some(0),
            stdout: String::new(),
            stderr,
        };
        assert_eq!(shown.usage(), Some(["ok", "12", "0.5 ms", "64 KiB"]));
    }
}
