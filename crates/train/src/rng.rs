//! A small random number generator whose stream is a function of `(seed, index)`.

use synthetic::splitmix::{self, STEP, mix};

/// A stream of pseudorandom numbers, made by the generator splitmix64.
#[derive(Debug, Clone)]
pub struct Rng {
    state: u64,
}

impl Rng {
    /// Returns the stream for item `index` under `seed`. Other indices give other streams.
    #[must_use]
    pub fn keyed(seed: u64, index: u64) -> Self {
        let key = mix(seed.wrapping_add(STEP));
        Self { state: mix(key ^ index.wrapping_mul(0xD1B5_4A32_D192_ED03)) }
    }

    /// Returns the next 64 random bits of the stream, uniformly distributed.
    pub fn bits(&mut self) -> u64 {
        splitmix::next(&mut self.state)
    }

    /// Returns a random number in `0..bound`. The bound must not be zero.
    pub fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.bits()) * bound as u128;
        (wide >> 64) as usize
    }

    /// Returns a random number in `low..=high`. The bound `high` must not be below `low`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as usize) as i64
    }

    /// Returns true with a probability of `percent` in a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Returns a random element of a slice. Panics if the slice is empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// Returns a nearly normal random number as the sum of twelve uniform ones: bounded by 6, and independent
    /// of `libm`.
    pub fn normal(&mut self) -> f32 {
        let sum: f64 = (0..12).map(|_| (self.bits() >> 11) as f64 / (1u64 << 53) as f64).sum();
        (sum - 6.0) as f32
    }
}
