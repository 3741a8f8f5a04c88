//! Numbers that follow from a seed (SplitMix64).

/// A sequence of numbers.
pub(crate) struct Random(u64);

impl Random {
    /// The sequence of one input.
    pub(crate) fn new(seed: u64, input: u64) -> Random {
        let mut random = Random(seed ^ input.wrapping_mul(0xd134_2543_de82_ef95));
        random.next();
        random
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `end`; 0 when there is nothing below.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % (end.max(1) as u64)) as usize
    }

    pub(crate) fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    pub(crate) fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }

    /// Two places in `length`, in order.
    pub(crate) fn range(&mut self, length: usize) -> (usize, usize) {
        let (a, b) = (self.below(length + 1), self.below(length + 1));
        // Mostly short.
        let (a, b) = (a.min(b), a.max(b));
        let b = if self.one_in(3) {
            b
        } else {
            b.min(a + self.below(32))
        };
        (a, b)
    }
}
