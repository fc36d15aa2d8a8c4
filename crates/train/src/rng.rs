//! A small random number generator whose stream is a function of `(seed, index)`.

use synthetic::splitmix::{self, STEP, mix};

/// A stream of pseudorandom numbers, made by the generator splitmix64.
#[derive(Debug, Clone)]
pub struct Rng {
    state: u64,
}

impl Rng {
    /// Returns the stream that belongs to item `index` under `seed`.
    #[must_use]
    pub fn keyed(seed: u64, index: u64) -> Self {
        let key = mix(seed.wrapping_add(STEP));
        Self { state: mix(key ^ index.wrapping_mul(0xD1B5_4A32_D192_ED03)) }
    }

    /// Returns the next 64 random bits of the stream, uniformly distributed.
    pub fn bits(&mut self) -> u64 {
        splitmix::next(&mut self.state)
    }

    /// Returns a number in `0..bound`. The bound must not be zero.
    pub fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.bits()) * bound as u128;
        (wide >> 64) as usize
    }

    /// Returns a number in `low..=high`. `high` must not be below `low`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as usize) as i64
    }

    /// Returns true in `percent` of a hundred draws, on average.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Returns one element of a slice, which must not be empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// Returns a standard normal number as the sum of twelve uniform ones: bounded, and independent of libm.
    pub fn normal(&mut self) -> f32 {
        let sum: f64 = (0..12).map(|_| (self.bits() >> 11) as f64 / (1u64 << 53) as f64).sum();
        (sum - 6.0) as f32
    }
}
