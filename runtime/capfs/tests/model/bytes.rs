//! Operations from any bytes: whatever a fuzzer makes up means something.

/// What is left of the bytes. After the end come zeros.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

/// Few names, so that operations meet.
const NAMES: &[&str] = &["a", "b", "c", "f", "g", "l", "A", "ä"];

impl Bytes<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => 0,
        }
    }

    pub(crate) fn below(&mut self, most: usize) -> usize {
        usize::from(self.byte()) % most
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    fn name(&mut self) -> &'static str {
        NAMES[self.below(NAMES.len())]
    }

    /// A path as guests write them: mostly short and plain, often one of those that are `known`, or beside or below one.
    pub(crate) fn path<'a>(&mut self, known: impl ExactSizeIterator<Item = &'a String>) -> String {
        let shape = self.byte();
        let mut path = self.name().to_owned();
        let mut known = known;
        match shape & 7 {
            0..=3 if known.len() > 0 => {
                let which = self.below(known.len());
                path = known.nth(which).cloned().unwrap_or(path);
            }
            4 | 5 if known.len() > 0 => {
                let which = self.below(known.len());
                let at = known.nth(which).cloned().unwrap_or_default();
                path = format!("{at}/{path}");
            }
            6 => path = format!("{path}/{}", self.name()),
            _ => {}
        }
        match shape >> 3 {
            0 => path.push('/'),
            1 => path.insert_str(0, "./"),
            2 => path.push_str("/.."),
            3 => path = format!("{path}/../{}", self.name()),
            4 => path.clear(),
            5 => path.insert_str(0, "../"),
            _ => {}
        }
        path
    }

    /// What a link says.
    pub(crate) fn target(&mut self) -> String {
        let ups = self.below(4).saturating_sub(1);
        let mut target = "../".repeat(ups);
        target.push_str(self.name());
        if self.flag() {
            target.push('/');
            target.push_str(self.name());
        }
        match self.byte() {
            0..=5 => "/etc/passwd".to_owned(),
            6..=11 => format!("{target}/../x"),
            _ => target,
        }
    }

    /// Contents that tell where they come from.
    pub(crate) fn text(&mut self) -> Vec<u8> {
        let length = self.below(40);
        let first = self.byte();
        (0..length)
            .map(|at| b'a' + (first.wrapping_add(at as u8)) % 26)
            .collect()
    }

    /// An offset or size: mostly small, sometimes far out.
    pub(crate) fn offset(&mut self) -> u64 {
        match self.byte() {
            255 => 10_000,
            254 => i64::MAX as u64,
            253 => u64::MAX,
            small => u64::from(small) / 4,
        }
    }
}
