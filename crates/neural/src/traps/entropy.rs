//! The entropy of routers.

use crate::backend::{Backend, ExpertShare};
use crate::traps::Traps;

/// How undecided routers are, layer by layer: the entropy of the softmax of their outputs over the logarithm
/// of the number of experts, from 0 for certain to 1 for none better than another. Changes nothing.
#[derive(Clone, Debug, Default)]
pub struct EntropyTap {
    /// Layer, position, entropy, in the order of computation.
    pub seen: Vec<(usize, usize, f64)>,
}

impl<B: Backend> Traps<B> for EntropyTap {
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

/// Entropy of the softmax of `outputs` over the logarithm of their number; 0 for one output.
fn normalised_entropy(outputs: &[f32]) -> f64 {
    if outputs.len() < 2 {
        return 0.0;
    }
    let largest = outputs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f64> = outputs.iter().map(|output| libm::exp(f64::from(output - largest))).collect();
    let sum: f64 = weights.iter().sum();
    let terms = weights.iter().map(|weight| weight / sum).filter(|share| *share > 0.0);
    let entropy: f64 = terms.map(|share| -share * libm::log(share)).sum();
    (entropy / libm::log(outputs.len() as f64)).clamp(0.0, 1.0)
}
