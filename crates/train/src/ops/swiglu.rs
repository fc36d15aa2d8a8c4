//! The gated product `silu(g) * u`, with a gradient that is written by hand.

use super::math::sigmoid;
use super::{tensor, values, view};
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

struct SwiGlu;

/// Returns `silu(gate) * up`, element by element. Both tensors must have the same shape.
pub fn swiglu(gate: &Tensor, up: &Tensor) -> Result<Tensor> {
    gate.apply_op2(up, SwiGlu)
}

impl CustomOp2 for SwiGlu {
    fn name(&self) -> &'static str {
        "swiglu"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (gate, up) = (view(s1, l1)?, view(s2, l2)?);
        let out = gate.iter().zip(up).map(|(g, u)| g * sigmoid(*g) * u).collect();
        Ok((CpuStorage::F32(out), l1.shape().clone()))
    }

    fn bwd(
        &self,
        gate: &Tensor,
        up: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (mut g, mut u, d) = (values(gate)?, values(up)?, values(dy)?);
        for ((g, u), d) in g.iter_mut().zip(u.iter_mut()).zip(&d) {
            let s = sigmoid(*g);
            let silu = *g * s;
            *g = d * *u * (s + silu * (1.0 - s));
            *u = d * silu;
        }
        Ok((Some(tensor(g, gate)?), Some(tensor(u, up)?)))
    }
}
