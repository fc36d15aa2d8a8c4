//! The placebo: the architecture of the embedded model, with random weights.
//!
//! An evaluation of a placebo shows what is not the weights' merit: what it solves, luck or the evaluation itself solves.

use crate::Error;
use crate::compute::Compute;
use crate::model::AnyModel;

/// The name of the placebo in reports.
pub(crate) const NAME: &str = "placebo";
/// The bound of the weights, which are uniform within it around zero.
const BOUND: f32 = 0.05;

/// Returns the placebo whose weights belong to this seed.
///
/// # Errors
/// [`Error`] if the machine cannot compute a model as `compute` asks.
pub(crate) fn placebo(seed: u64, compute: Compute) -> Result<AnyModel, Error> {
    AnyModel::from_weights(NAME, &random_weights(embedded::WEIGHTS, seed), compute)
}

/// Returns a safetensors file in bf16 with the same tensors, filled with random numbers.
fn random_weights(file: &[u8], seed: u64) -> Vec<u8> {
    let mut file = file.to_vec();
    let length = file.first_chunk().map_or(0, |length| u64::from_le_bytes(*length));
    let data = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(8);
    let mut state = seed;
    for pair in file.get_mut(data..).unwrap_or_default().chunks_exact_mut(2) {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let symmetric = (state >> 40) as f32 / (1 << 23) as f32 - 1.0;
        let [_, _, low, high] = (BOUND * symmetric).to_bits().to_le_bytes();
        pair.copy_from_slice(&[low, high]);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::random_weights;

    #[test]
    fn the_tensors_stay_and_their_numbers_belong_to_the_seed() {
        let [one, same, other] = [1, 1, 2].map(|seed| random_weights(embedded::WEIGHTS, seed));
        assert_eq!(one.len(), embedded::WEIGHTS.len());
        assert_eq!(one, same);
        assert_ne!(one, other);
        let header =
            8 + usize::try_from(u64::from_le_bytes(*one.first_chunk().expect("8 bytes"))).expect("small");
        assert_eq!(one[..header], embedded::WEIGHTS[..header]);
    }
}
