//! The order in which blocks and threads run.

/// The order in which a [`HostDevice`](crate::HostDevice) runs the blocks of a launch and the threads of each
/// phase. No bit of a result may depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadOrder {
    /// From the first to the last.
    Ascending,
    /// From the last to the first.
    Descending,
    /// Shuffled by a generator with this seed.
    Random(u64),
}

impl ThreadOrder {
    /// Returns the numbers below `count` in this order; `None` for the ascending one.
    pub(crate) fn numbers(self, count: u32) -> Option<Vec<u32>> {
        match self {
            Self::Ascending => None,
            Self::Descending => Some((0..count).rev().collect()),
            Self::Random(seed) => Some(shuffled(count, seed)),
        }
    }
}

impl std::fmt::Display for ThreadOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ascending => f.write_str("ascending"),
            Self::Descending => f.write_str("descending"),
            Self::Random(seed) => write!(f, "random-{seed}"),
        }
    }
}

/// Shuffles the numbers below `count` by the method of Fisher and Yates.
fn shuffled(count: u32, seed: u64) -> Vec<u32> {
    let mut numbers: Vec<u32> = (0..count).collect();
    let mut state = seed ^ u64::from(count);
    for last in (1..numbers.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        numbers.swap(last, (state >> 33) as usize % (last + 1));
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::ThreadOrder;

    #[test]
    fn an_order_has_every_number_once() {
        for order in [ThreadOrder::Descending, ThreadOrder::Random(1), ThreadOrder::Random(2)] {
            let mut numbers = order.numbers(200).expect("not ascending");
            assert_ne!(numbers, (0..200).collect::<Vec<u32>>());
            numbers.sort_unstable();
            assert_eq!(numbers, (0..200).collect::<Vec<u32>>());
        }
        assert_ne!(ThreadOrder::Random(1).numbers(50), ThreadOrder::Random(2).numbers(50));
        assert_eq!(ThreadOrder::Ascending.numbers(50), None);
    }
}
