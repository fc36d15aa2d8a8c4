//! The matrix product `x wᵀ`, whose gradients have the layout of the weights.

use super::view;
use candle_core::{CpuStorage, CustomOp2, Device, Layout, Result, Shape, Tensor};

struct Linear;

/// Returns the product `x wᵀ`, where `x` has the shape `[rows, inputs]` and `w` has `[outputs, inputs]`.
pub fn linear(x: &Tensor, w: &Tensor) -> Result<Tensor> {
    x.apply_op2(w, Linear)
}

impl CustomOp2 for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let x = Tensor::from_slice(view(s1, l1)?, l1.shape(), &Device::Cpu)?;
        let w = Tensor::from_slice(view(s2, l2)?, l2.shape(), &Device::Cpu)?;
        let y = x.matmul(&w.t()?)?;
        let shape = y.shape().clone();
        Ok((CpuStorage::F32(super::values(&y)?), shape))
    }

    fn bwd(
        &self,
        x: &Tensor,
        w: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let dy = dy.contiguous()?;
        // Frozen weights need no gradient, and it would be half of the work.
        let dx = x.track_op().then(|| dy.matmul(&w.detach())).transpose()?;
        let dw = w.track_op().then(|| dy.t()?.matmul(&x.detach())).transpose()?;
        Ok((dx, dw))
    }
}
