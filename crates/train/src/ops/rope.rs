//! The rotary position encoding, in which neighbouring elements of a head form pairs.

use super::{tensor, values, view};
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use std::sync::Arc;

/// The cosine and sine of every position and every pair of a head.
#[derive(Debug)]
pub struct Table {
    pairs: usize,
    turns: Vec<(f32, f32)>,
}

impl Table {
    /// Computes the table for `positions` positions and heads of width `head_dim`; `theta` is the base of the
    /// frequencies.
    #[must_use]
    pub fn new(positions: usize, head_dim: usize, theta: f64) -> Self {
        let pairs = head_dim / 2;
        let turn = |at: usize| {
            let (position, pair) = (at / pairs, at % pairs);
            let frequency = (1.0 / theta.powf((2 * pair) as f64 / head_dim as f64)) as f32;
            let angle = f64::from(position as f32 * frequency);
            (angle.cos() as f32, angle.sin() as f32)
        };
        Self { pairs, turns: (0..positions * pairs).map(turn).collect() }
    }
}

struct Rope {
    table: Arc<Table>,
    length: usize,
    width: usize,
}

/// Returns the rows of `x`, rotated. Row `i` is at position `i % length` of its sequence.
pub fn rope(x: &Tensor, table: &Arc<Table>, length: usize) -> Result<Tensor> {
    let width = x.dim(1)?;
    x.apply_op1(Rope { table: table.clone(), length, width })
}

impl Rope {
    fn rotate(&self, x: &[f32], sense: f32) -> Vec<f32> {
        let mut out = vec![0f32; x.len()];
        let rows = x.chunks_exact(self.width).zip(out.chunks_exact_mut(self.width));
        for (row, (x, o)) in rows.enumerate() {
            let position = row % self.length;
            let turns = &self.table.turns[position * self.table.pairs..][..self.table.pairs];
            let head = 2 * self.table.pairs;
            for (x, o) in x.chunks_exact(head).zip(o.chunks_exact_mut(head)) {
                for ((x, o), (cos, sin)) in x.chunks_exact(2).zip(o.chunks_exact_mut(2)).zip(turns) {
                    o[0] = x[0] * cos - x[1] * sin * sense;
                    o[1] = x[1] * cos + x[0] * sin * sense;
                }
            }
        }
        out
    }
}

impl CustomOp1 for Rope {
    fn name(&self) -> &'static str {
        "rope"
    }

    fn cpu_fwd(&self, s: &CpuStorage, l: &Layout) -> Result<(CpuStorage, Shape)> {
        Ok((CpuStorage::F32(self.rotate(view(s, l)?, 1.0)), l.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, dy: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(tensor(self.rotate(&values(dy)?, -1.0), x)?))
    }
}
