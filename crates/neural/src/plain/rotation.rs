//! Rotary embedding.

use std::ops::Range;

use crate::config::Pairing;

/// A rotation of [`PlainBackend`](super::PlainBackend): cosines and sines of the positions of rows, each of
/// shape `[positions, pairs]`, in f32.
#[derive(Clone, Debug)]
pub struct PlainRotation {
    pairs: usize,
    cosines: Vec<f32>,
    sines: Vec<f32>,
}

impl PlainRotation {
    /// Returns the rotation of these positions, range after range. The angle of a pair is its frequency
    /// times the position, rounded to f32. Cosine and sine are computed in f64, multiplied by `magnitude`,
    /// and rounded once.
    pub(super) fn new(frequencies: &[f32], magnitude: f64, positions: &[Range<usize>]) -> Self {
        let angles = positions.iter().cloned().flatten().flat_map(|position| {
            frequencies.iter().map(move |frequency| f64::from(position as f32 * frequency))
        });
        let rounded = |value: f64| (value * magnitude) as f32;
        let (cosines, sines) =
            angles.map(|angle| (rounded(libm::cos(angle)), rounded(libm::sin(angle)))).unzip();
        Self { pairs: frequencies.len(), cosines, sines }
    }

    /// Rotates every head of `x` by the position with index `row` in this rotation.
    pub(super) fn rotate(&self, row: usize, pairing: Pairing, x: &mut [f32]) {
        for head in x.chunks_exact_mut(2 * self.pairs) {
            for pair in 0..self.pairs {
                let (first, second) = match pairing {
                    Pairing::Interleaved => (2 * pair, 2 * pair + 1),
                    Pairing::Halves => (pair, pair + self.pairs),
                };
                let (cosine, sine) =
                    (self.cosines[row * self.pairs + pair], self.sines[row * self.pairs + pair]);
                let (a, b) = (head[first], head[second]);
                // Nothing is fused here: four products and two sums, each rounded.
                head[first] = a * cosine - b * sine;
                head[second] = b * cosine + a * sine;
            }
        }
    }
}
