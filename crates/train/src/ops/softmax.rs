//! Softmax over rows: over all entries, or over the keys that a query may see.

use super::math::{dot, exp, sum};
use super::{tensor, values, view};
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

/// The entries of a row that take part in a softmax; the others become zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// All entries take part.
    None,
    /// The entries are keys, and row `r` is query `r % length`. A query sees itself and earlier keys, at most
    /// `window` of them together.
    Causal {
        /// Number of positions of the sequence.
        length: usize,
        /// The most keys that a query sees, its own included.
        window: usize,
    },
}

impl Mask {
    /// Returns the entries of one row that take part.
    fn range(self, row: usize, width: usize) -> std::ops::Range<usize> {
        match self {
            Mask::None => 0..width,
            Mask::Causal { length, window } => {
                let query = row % length;
                (query + 1).saturating_sub(window)..query + 1
            }
        }
    }
}

struct Softmax {
    scale: f32,
    mask: Mask,
}

/// Returns the softmax of `scale * x` over the last dimension. Entries that the mask leaves out become zero.
pub fn softmax(x: &Tensor, scale: f32, mask: Mask) -> Result<Tensor> {
    x.apply_op1(Softmax { scale, mask })
}

fn row_softmax(x: &[f32], out: &mut [f32], scale: f32) {
    let top = x.iter().fold(f32::MIN, |top, v| if *v > top { *v } else { top });
    for (o, x) in out.iter_mut().zip(x) {
        *o = exp((x - top) * scale);
    }
    let inverse = 1.0 / sum(out);
    for o in out.iter_mut() {
        *o *= inverse;
    }
}

impl CustomOp1 for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn cpu_fwd(&self, s: &CpuStorage, l: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = view(s, l)?;
        let width = l.dims()[l.dims().len() - 1];
        let mut out = vec![0f32; x.len()];
        for (row, (x, o)) in x.chunks_exact(width).zip(out.chunks_exact_mut(width)).enumerate() {
            let range = self.mask.range(row, width);
            row_softmax(&x[range.clone()], &mut o[range], self.scale);
        }
        Ok((CpuStorage::F32(out), l.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, p: &Tensor, dy: &Tensor) -> Result<Option<Tensor>> {
        let (p, mut d) = (values(p)?, values(dy)?);
        let width = x.dims()[x.dims().len() - 1];
        for (p, d) in p.chunks_exact(width).zip(d.chunks_exact_mut(width)) {
            let mean = dot(p, d);
            for (d, p) in d.iter_mut().zip(p) {
                *d = p * (*d - mean) * self.scale;
            }
        }
        Ok(Some(tensor(d, x)?))
    }
}
