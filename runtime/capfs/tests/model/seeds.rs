//! Bytes from a number, the same on every machine.

/// The bytes of a seed. Longer ones come later.
pub(crate) fn bytes(seed: u64) -> Vec<u8> {
    // splitmix64.
    let mut state = seed.wrapping_mul(0x2545_f491_4f6c_dd1d);
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    };
    let length = 32 + next() % 1200;
    (0..length).map(|_| next().to_le_bytes()[3]).collect()
}
