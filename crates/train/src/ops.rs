//! Tensor operations with hand-written gradients, for which composed operations are slow.

pub mod linear;
pub mod loss;
pub mod math;
pub mod mixture;
pub mod norm;
pub mod rope;
pub mod softmax;
pub mod swiglu;

use candle_core::{CpuStorage, Device, Layout, Result, Tensor};

/// Returns the values of an argument. Fails if they are not contiguous.
fn view<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((from, to)) => Ok(&storage.as_slice::<f32>()?[from..to]),
        None => candle_core::bail!("argument is not contiguous"),
    }
}

/// Returns a copy of a tensor's values, in row order.
fn values(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1::<f32>()
}

fn tensor(values: Vec<f32>, like: &Tensor) -> Result<Tensor> {
    Tensor::from_vec(values, like.shape(), &Device::Cpu)
}
