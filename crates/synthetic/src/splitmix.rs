//! The generator splitmix64: a counter that moves in equal steps, and a bijection over it.

/// The step of the counter.
pub const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Returns the output for one value of the counter: a bijection in which every input bit affects all output bits.
#[must_use]
pub fn mix(value: u64) -> u64 {
    let z = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Moves the counter by one step, and returns the output for the new value.
pub fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(STEP);
    mix(*state)
}

#[cfg(test)]
mod tests {
    use super::next;

    /// The first numbers of the seed 1234567, as other implementations of splitmix64 give them.
    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        let mut state = 1_234_567;
        let found = [next(&mut state), next(&mut state), next(&mut state)];
        assert_eq!(found, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }
}
