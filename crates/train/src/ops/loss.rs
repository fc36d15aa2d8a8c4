//! The cross-entropy with a weight for each row, summed over rows.

use super::math::{exp, sum};
use super::{tensor, values, view};
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use std::sync::Arc;

/// The token that each row should predict, and the weight of the row in the loss.
#[derive(Debug, Clone, Default)]
pub struct Targets {
    /// The id of the expected token of each row.
    pub ids: Vec<u32>,
    /// The weight of each row. A row with weight 0 is left out.
    pub weights: Vec<f32>,
}

struct CrossEntropy(Arc<Targets>);

/// Returns the sum over all rows of the weight times the negative log-likelihood of the expected token.
pub fn cross_entropy(logits: &Tensor, targets: &Arc<Targets>) -> Result<Tensor> {
    logits.apply_op1(CrossEntropy(targets.clone()))
}

/// Returns the negative log-likelihood of the token `id` under one row of logits, in nats.
#[must_use]
pub fn surprise(logits: &[f32], id: u32) -> f32 {
    let (mut scratch, mut top) = (logits.to_vec(), f32::MIN);
    for v in logits {
        top = if *v > top { *v } else { top };
    }
    scratch.iter_mut().for_each(|v| *v = exp(*v - top));
    sum(&scratch).ln() + top - logits[id as usize]
}

impl CustomOp1 for CrossEntropy {
    fn name(&self) -> &'static str {
        "cross-entropy"
    }

    fn cpu_fwd(&self, s: &CpuStorage, l: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = view(s, l)?;
        let width = l.dims()[1];
        let rows = x.chunks_exact(width).zip(&self.0.ids).zip(&self.0.weights);
        let total: f32 = rows.filter(|(_, w)| **w > 0.0).map(|((row, id), w)| w * surprise(row, *id)).sum();
        Ok((CpuStorage::F32(vec![total]), Shape::from(())))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, dy: &Tensor) -> Result<Option<Tensor>> {
        let factor = dy.to_vec0::<f32>()?;
        let mut d = values(x)?;
        let width = x.dim(1)?;
        for ((row, id), weight) in d.chunks_exact_mut(width).zip(&self.0.ids).zip(&self.0.weights) {
            if *weight == 0.0 {
                row.fill(0.0);
                continue;
            }
            let top = row.iter().fold(f32::MIN, |top, v| if *v > top { *v } else { top });
            row.iter_mut().for_each(|v| *v = exp(*v - top));
            let scale = factor * weight / sum(row);
            row.iter_mut().for_each(|v| *v *= scale);
            row[*id as usize] -= factor * weight;
        }
        Ok(Some(tensor(d, x)?))
    }
}
