//! The rotary embedding: the rotation of queries and keys by position.

use std::ops::Range;

use neural::Pairing;

/// The rotation of the CPU backend: cosine and sine of each pair's angle at the positions of rows,
/// `[positions, pairs]`.
pub struct Rotation {
    pairs: usize,
    cosines: Vec<f32>,
    sines: Vec<f32>,
}

impl Rotation {
    /// Returns the rotation of these positions, range after range. The angle is `position * frequency`, each
    /// rounded to f32. Its cosine and sine are computed in f64, multiplied by `magnitude`, and rounded once.
    pub(crate) fn new(frequencies: &[f32], magnitude: f64, positions: &[Range<usize>]) -> Self {
        let mut rotation = Self { pairs: frequencies.len(), cosines: Vec::new(), sines: Vec::new() };
        for position in positions.iter().cloned().flatten() {
            for frequency in frequencies {
                let angle = f64::from(position as f32 * frequency);
                rotation.cosines.push((libm::cos(angle) * magnitude) as f32);
                rotation.sines.push((libm::sin(angle) * magnitude) as f32);
            }
        }
        rotation
    }

    /// Rotates each head of each row of `x`, `[positions, heads * 2 * pairs]`.
    pub(crate) fn apply(&self, x: &mut [f32], pairing: Pairing) {
        let positions = self.cosines.len() / self.pairs;
        let width = x.len() / positions;
        for (position, row) in x.chunks_exact_mut(width).enumerate() {
            let at = position * self.pairs..(position + 1) * self.pairs;
            let (cosines, sines) = (&self.cosines[at.clone()], &self.sines[at]);
            for head in row.chunks_exact_mut(2 * self.pairs) {
                rotate(head, pairing, cosines, sines);
            }
        }
    }
}

fn rotate(head: &mut [f32], pairing: Pairing, cosines: &[f32], sines: &[f32]) {
    for (pair, (cosine, sine)) in cosines.iter().zip(sines).enumerate() {
        let (first, second) = match pairing {
            Pairing::Interleaved => (2 * pair, 2 * pair + 1),
            Pairing::Halves => (pair, pair + cosines.len()),
        };
        let (a, b) = (head[first], head[second]);
        head[first] = a * cosine - b * sine;
        head[second] = b * cosine + a * sine;
    }
}
