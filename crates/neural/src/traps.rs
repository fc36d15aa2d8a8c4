//! Where a forward pass can be watched and changed.
//!
//! The decoder is generic over its traps: with [`NoTraps`] every site compiles to nothing. A trap sees the
//! values of a chunk by absolute position; what it answers may depend on the position, on the values at that
//! position, and on nothing else, or the answer would change with the split into chunks.

use crate::backend::{Backend, ExpertShare};

/// Hooks of the forward pass, each with the position of the chunk's first row. All do nothing by default.
pub trait Traps<B: Backend> {
    /// The rows after the embedding.
    fn entry(&mut self, _backend: &B, _first: usize, _rows: &mut B::Rows) {}

    /// The residual after the block `layer`.
    fn block(&mut self, _backend: &B, _layer: usize, _first: usize, _rows: &mut B::Rows) {}

    /// The experts that the router of `layer` may choose, for all positions alike; none for all of them. There
    /// are as many of them at least as one token uses.
    fn experts(&self, _layer: usize) -> Option<&ExpertMask> {
        None
    }

    /// The router's outputs `[rows, experts]` at `layer`, and what was chosen.
    fn routed(
        &mut self,
        _backend: &B,
        _layer: usize,
        _first: usize,
        _outputs: &B::Rows,
        _chosen: &[Vec<ExpertShare>],
    ) {
    }
}

/// The decoder as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTraps;

impl<B: Backend> Traps<B> for NoTraps {}

/// Experts that may be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpertMask {
    /// By expert, whether it may be chosen.
    allowed: Vec<bool>,
}

impl ExpertMask {
    /// A mask over `experts` experts that allows those in `allowed`. None if one of them is not below `experts`
    /// or none is allowed.
    #[must_use]
    pub fn new(experts: usize, allowed: &[usize]) -> Option<Self> {
        if allowed.is_empty() || allowed.iter().any(|expert| *expert >= experts) {
            return None;
        }
        Some(Self { allowed: (0..experts).map(|expert| allowed.contains(&expert)).collect() })
    }

    /// By expert, whether it may be chosen.
    #[must_use]
    pub fn allowed(&self) -> &[bool] {
        &self.allowed
    }

    /// How many may be chosen.
    #[must_use]
    pub fn count(&self) -> usize {
        self.allowed.iter().filter(|allowed| **allowed).count()
    }
}

/// Routing restricted to a subset of the experts in every sparse layer: bit for bit the decoder that has only
/// those.
#[derive(Clone, Debug)]
pub struct Isolation(pub ExpertMask);

impl<B: Backend> Traps<B> for Isolation {
    fn experts(&self, _: usize) -> Option<&ExpertMask> {
        Some(&self.0)
    }
}

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

/// Rows that are added to the residual after one block, by absolute position. Where a row is zero, or there is
/// none, the residual stays as it is, bit for bit: negative zeros too.
#[derive(Clone, Debug, Default)]
pub struct Injection {
    /// The block.
    pub layer: usize,
    /// What is added, of the model's width, by position.
    pub rows: std::collections::BTreeMap<usize, Vec<f32>>,
}

impl<B: Backend> Traps<B> for Injection {
    fn block(&mut self, backend: &B, layer: usize, first: usize, rows: &mut B::Rows) {
        if layer != self.layer {
            return;
        }
        let values = backend.read(rows);
        let Some(width) = self.rows.values().next().map(Vec::len) else { return };
        let count = values.len() / width;
        let mut changed = values;
        let mut touched = false;
        for (position, row) in self.rows.range(first..first + count) {
            touched = true;
            let place = &mut changed[(position - first) * width..][..width];
            for (value, added) in place.iter_mut().zip(row) {
                *value = if *added == 0.0 { *value } else { *value + added };
            }
        }
        if touched {
            *rows = backend.rows(width, changed);
        }
    }
}
