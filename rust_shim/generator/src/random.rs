//! Random numbers: xoshiro256++ by Blackman and Vigna, whose state SplitMix64 makes from a seed.
//!
//! All numbers are integers, so that a seed gives the same trace on every machine.

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// Begins the stream of a seed.
    pub fn new(seed: u64) -> Self {
        let mut mix = seed;
        let state = std::array::from_fn(|_| {
            mix = mix.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = mix;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        });
        Self { state }
    }

    /// Returns 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// Returns a number below `count`, which is at least 1.
    ///
    /// A number is more likely than another by less than one in 2^64 / `count`.
    pub fn below(&mut self, count: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(count)) >> 64) as u64
    }

    /// Returns an index into `count` things, of which there is at least one.
    pub fn index(&mut self, count: usize) -> usize {
        self.below(count as u64) as usize
    }

    /// Returns true with the probability `of / 2^32`.
    pub fn chance(&mut self, of: u64) -> bool {
        self.bits() >> 32 < of
    }

    /// Appends `count` random bytes to `out`.
    pub fn bytes(&mut self, count: usize, out: &mut Vec<u8>) {
        out.reserve(count);
        let end = out.len() + count;
        while out.len() + 8 <= end {
            let word = self.bits().to_le_bytes();
            out.extend_from_slice(&word);
        }
        if out.len() < end {
            let word = self.bits().to_le_bytes();
            let rest = end - out.len();
            out.extend_from_slice(&word[..rest]);
        }
    }

    /// Returns an integer from `lo` to `hi`, both included.
    ///
    /// A narrow range is drawn evenly. In a wide one each number of bits is as likely as any other, on both
    /// sides of zero.
    pub fn integer(&mut self, lo: i128, hi: i128) -> i128 {
        let width = hi - lo;
        if width < 0x10000 {
            return lo + i128::from(self.below(width as u64 + 1));
        }
        let origin = 0.max(lo).min(hi);
        let widest = (hi - origin).max(origin - lo);
        let longest = 128 - widest.leading_zeros();
        loop {
            let bits = 1 + self.below(u64::from(longest)) as u32;
            let size = i128::from(self.bits() >> (64 - bits.min(64)));
            let value = if self.bits() >> 63 == 1 {
                origin + size
            } else {
                origin - size
            };
            if lo <= value && value <= hi {
                return value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn a_seed_gives_these_numbers() {
        // Computed from the published C sources of both generators.
        let mut random = Random::new(0);

        assert_eq!(random.bits(), 0x53175d61490b23df);
        assert_eq!(random.bits(), 0x61da6f3dc380d507);
        assert_eq!(random.bits(), 0x5c0fdf91ec9a7bfc);
    }

    #[test]
    fn integers_stay_in_their_range() {
        let mut random = Random::new(1);
        let ranges = [
            (0, 0),
            (-3, 3),
            (i128::from(i64::MIN), i128::from(i64::MAX)),
            (0, i128::from(u64::MAX)),
            (1_000_000, 2_000_000),
            (-2_000_000, -1_000_000),
        ];
        for (lo, hi) in ranges {
            for _ in 0..1_000 {
                let value = random.integer(lo, hi);

                assert!(lo <= value && value <= hi);
            }
        }
    }

    #[test]
    fn chances_are_exact_at_both_ends() {
        let mut random = Random::new(2);

        assert!((0..1_000).all(|_| !random.chance(0)));
        assert!((0..1_000).all(|_| random.chance(1 << 32)));
    }
}
