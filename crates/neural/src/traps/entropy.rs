//! A tap that measures the entropy of routers.

use std::collections::BTreeMap;

use crate::backend::{Backend, ExpertShare};
use crate::traps::{PassSite, Traps};

/// A [trap](Traps) that records how undecided the routers are at each layer and position, and changes
/// nothing.
///
/// The measure is the entropy of the softmax of a router's outputs, divided by the logarithm of the number of
/// experts: 0 if one expert is certain, 1 if all are equally likely.
#[derive(Clone, Debug, Default)]
pub struct EntropyTap {
    /// The records so far, as triples of layer, position and normalised entropy (0 to 1), in the order in
    /// which the passes computed them.
    pub seen: Vec<(usize, usize, f64)>,
}

impl EntropyTap {
    /// Returns the mean entropy over the sparse layers, one value for each recorded position, in ascending
    /// order of the positions. The list is empty if nothing was recorded.
    #[must_use]
    pub fn means(&self) -> Vec<f64> {
        let mut sums: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        let mut seen = self.seen.clone();
        // The order is the same for any chunks, so that the sums round the same way.
        seen.sort_by_key(|(layer, position, _)| (*position, *layer));
        for (_, position, entropy) in seen {
            let (sum, count) = sums.entry(position).or_default();
            (*sum, *count) = (*sum + entropy, *count + 1.0);
        }
        sums.into_values().map(|(sum, count)| sum / count).collect()
    }
}

impl<B: Backend> Traps<B> for EntropyTap {
    fn ignores(&self, site: PassSite) -> bool {
        !matches!(site, PassSite::Router(_))
    }

    fn routed(
        &mut self,
        backend: &B,
        layer: usize,
        first: usize,
        outputs: &B::Rows,
        chosen: &[Vec<ExpertShare>],
    ) {
        let values = backend.read(outputs);
        let experts = values.len() / chosen.len().max(1);
        for (row, outputs) in values.chunks_exact(experts).enumerate() {
            self.seen.push((layer, first + row, normalised_entropy(outputs)));
        }
    }

    fn rewound(&mut self, to: usize) {
        self.seen.retain(|(_, position, _)| *position < to);
    }
}

/// Returns the entropy of the softmax of `outputs`, divided by the logarithm of their number; 0 for one
/// output.
fn normalised_entropy(outputs: &[f32]) -> f64 {
    if outputs.len() < 2 {
        return 0.0;
    }
    // The entropy of shares w / sum, where w is exp(x), is log(sum) minus the mean of x: one logarithm for all outputs.
    let largest = outputs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let (mut sum, mut weighted) = (0.0, 0.0);
    for output in outputs {
        let below = f64::from(output - largest);
        let weight = libm::exp(below);
        sum += weight;
        // An output without weight may be infinitely far below, and 0 times infinity is NaN.
        weighted += if weight > 0.0 { weight * below } else { 0.0 };
    }
    let entropy = libm::log(sum) - weighted / sum;
    (entropy / libm::log(outputs.len() as f64)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::normalised_entropy;

    #[test]
    fn an_entropy_is_that_of_the_softmax() {
        let halves = (2.0_f64.ln() * 0.5 + 4.0_f64.ln() * 0.5) / 3.0_f64.ln();
        let (one, two) = (0.0, 2.0_f32.ln());
        let cases: [(&[f32], f64); 7] = [
            (&[3.0], 0.0),
            (&[3.0, 3.0], 1.0),
            (&[-7.5; 8], 1.0),
            // Shares of a half and twice a quarter.
            (&[two, one, one], halves),
            (&[1000.0, 0.0, 0.0], 0.0),
            (&[0.0, f32::MIN, f32::MIN], 0.0),
            (&[5.0, 5.0, -1e30, -1e30], 0.5),
        ];
        for (outputs, expected) in cases {
            let entropy = normalised_entropy(outputs);
            assert!((entropy - expected).abs() < 1e-7, "{outputs:?}: {entropy}, not {expected}");
        }
    }
}
