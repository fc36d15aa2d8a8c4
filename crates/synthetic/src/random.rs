//! Random numbers that are the same on every machine.

/// A generator of random numbers for tests: equal seeds give equal numbers.
///
/// The generator is a 64-bit linear congruential one whose upper bits are the output. Its numbers are good enough
/// to fill weights and to choose cases, and must not be used where somebody may try to guess them.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// Creates the generator whose numbers belong to this seed, at their beginning.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Returns the next 31 random bits as a number below 2^31.
    pub fn bits(&mut self) -> u32 {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) as u32
    }

    /// Returns a random number below `end`.
    ///
    /// # Panics
    /// If `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.bits() as usize % end
    }

    /// Returns a random element of `items`.
    ///
    /// # Panics
    /// If `items` is empty.
    pub fn choose<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// Returns a random number that is uniform in [-1, 1).
    pub fn symmetric(&mut self) -> f32 {
        (self.bits() >> 7) as f32 / (1 << 23) as f32 - 1.0
    }

    /// Returns `count` random token ids below `vocab`.
    ///
    /// # Panics
    /// If `vocab` is 0 and `count` is not.
    pub fn tokens(&mut self, count: usize, vocab: usize) -> Vec<u32> {
        (0..count).map(|_| self.bits() % vocab as u32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn equal_seeds_give_equal_numbers() {
        let numbers = |seed| (0..50).map(|_| Random::new(seed).bits()).collect::<Vec<u32>>();
        assert_eq!(numbers(3), numbers(3));
        assert_ne!(numbers(3), numbers(4));
    }

    #[test]
    fn numbers_stay_in_their_ranges() {
        let mut random = Random::new(5);
        for _ in 0..1000 {
            assert!(random.below(7) < 7);
            assert!((-1.0..1.0).contains(&random.symmetric()));
        }
        assert!(random.tokens(100, 9).iter().all(|id| *id < 9));
    }
}
