//! The layer norm without a bias, with a gradient that is written by hand.

use super::math::{dot, sum};
use super::{tensor, values, view};
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

struct LayerNorm {
    eps: f32,
}

/// Returns each row of `x` normalised to mean zero and variance one, and multiplied by `w`; `eps` is added to
/// the variance.
pub fn layer_norm(x: &Tensor, w: &Tensor, eps: f32) -> Result<Tensor> {
    x.apply_op2(w, LayerNorm { eps })
}

/// Writes the row minus its mean, and returns the reciprocal of its standard deviation.
fn centre(row: &[f32], out: &mut [f32], eps: f32) -> f32 {
    let n = row.len() as f32;
    let mean = sum(row) / n;
    for (o, x) in out.iter_mut().zip(row) {
        *o = x - mean;
    }
    1.0 / (dot(out, out) / n + eps).sqrt()
}

impl CustomOp2 for LayerNorm {
    fn name(&self) -> &'static str {
        "layer-norm"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, w) = (view(s1, l1)?, view(s2, l2)?);
        let mut out = vec![0f32; x.len()];
        for (row, o) in x.chunks_exact(w.len()).zip(out.chunks_exact_mut(w.len())) {
            let scale = centre(row, o, self.eps);
            for (o, w) in o.iter_mut().zip(w) {
                *o *= scale * w;
            }
        }
        Ok((CpuStorage::F32(out), l1.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        w: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (xs, ws, dys) = (values(x)?, values(w)?, values(dy)?);
        let width = ws.len();
        let (mut dx, mut dw) = (vec![0f32; xs.len()], vec![0f32; width]);
        let (mut hat, mut g) = (vec![0f32; width], vec![0f32; width]);
        for ((row, dy), dx) in
            xs.chunks_exact(width).zip(dys.chunks_exact(width)).zip(dx.chunks_exact_mut(width))
        {
            let scale = centre(row, &mut hat, self.eps);
            for at in 0..width {
                hat[at] *= scale;
                g[at] = dy[at] * ws[at];
                dw[at] += dy[at] * hat[at];
            }
            let (mean, slope) = (sum(&g) / width as f32, dot(&g, &hat) / width as f32);
            for at in 0..width {
                dx[at] = scale * (g[at] - mean - hat[at] * slope);
            }
        }
        Ok((Some(tensor(dx, x)?), Some(tensor(dw, w)?)))
    }
}
