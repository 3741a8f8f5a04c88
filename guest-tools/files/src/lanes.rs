//! Sixteen bytes at a time: the few vector operations that [`literals`](crate::literals) needs, without `unsafe`.
//!
//! With `simd128` they are one instruction each. Elsewhere, which is where the tests run, they are loops.

/// Whether the operations are instructions.
pub(crate) const FAST: bool = cfg!(all(target_arch = "wasm32", target_feature = "simd128"));

pub(crate) use imp::Lanes;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod imp {
    use core::arch::wasm32 as simd;

    #[derive(Clone, Copy)]
    pub(crate) struct Lanes(simd::v128);

    impl Lanes {
        #[inline(always)]
        pub(crate) fn new(bytes: &[u8; 16]) -> Self {
            let (low, high) = bytes.split_at(8);
            let half = |bytes: &[u8]| {
                let mut half = [0; 8];
                half.copy_from_slice(bytes);
                u64::from_le_bytes(half)
            };
            Self(simd::u64x2(half(low), half(high)))
        }

        /// The lower four bits of each byte.
        #[inline(always)]
        pub(crate) fn low(self) -> Self {
            Self(simd::v128_and(self.0, simd::u8x16_splat(0x0F)))
        }

        /// The upper four bits of each byte.
        #[inline(always)]
        pub(crate) fn high(self) -> Self {
            Self(simd::u8x16_shr(self.0, 4))
        }

        /// For each byte of `index`, which is below 16, the byte of `self` that it numbers.
        #[inline(always)]
        pub(crate) fn pick(self, index: Self) -> Self {
            Self(simd::u8x16_swizzle(self.0, index.0))
        }

        #[inline(always)]
        pub(crate) fn and(self, other: Self) -> Self {
            Self(simd::v128_and(self.0, other.0))
        }

        /// Whether any bit is set.
        #[inline(always)]
        pub(crate) fn any(self) -> bool {
            simd::v128_any_true(self.0)
        }

        pub(crate) fn bytes(self) -> [u8; 16] {
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&simd::u64x2_extract_lane::<0>(self.0).to_le_bytes());
            bytes[8..].copy_from_slice(&simd::u64x2_extract_lane::<1>(self.0).to_le_bytes());
            bytes
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod imp {
    #[derive(Clone, Copy)]
    pub(crate) struct Lanes([u8; 16]);

    impl Lanes {
        pub(crate) fn new(bytes: &[u8; 16]) -> Self {
            Self(*bytes)
        }

        /// The lower four bits of each byte.
        pub(crate) fn low(self) -> Self {
            Self(self.0.map(|byte| byte & 0x0F))
        }

        /// The upper four bits of each byte.
        pub(crate) fn high(self) -> Self {
            Self(self.0.map(|byte| byte >> 4))
        }

        /// For each byte of `index`, which is below 16, the byte of `self` that it numbers.
        pub(crate) fn pick(self, index: Self) -> Self {
            Self(index.0.map(|at| self.0[usize::from(at)]))
        }

        pub(crate) fn and(self, other: Self) -> Self {
            let mut both = self.0;
            for (byte, other) in both.iter_mut().zip(other.0) {
                *byte &= other;
            }
            Self(both)
        }

        /// Whether any bit is set.
        pub(crate) fn any(self) -> bool {
            self.0.iter().any(|&byte| byte != 0)
        }

        pub(crate) fn bytes(self) -> [u8; 16] {
            self.0
        }
    }
}
