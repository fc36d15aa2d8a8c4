//! Operations on one element at a time.

use neural::WeightedRow;

use crate::isa::kernel;
use crate::math::silu;

kernel! {
    /// `silu(gate) * up` into `out`; all of one length.
    pub(crate) fn swiglu(gate: &[f32], up: &[f32], out: &mut [f32]);
    portable: swiglu_body,
    avx2: swiglu_body,
    avx512: swiglu_body,
}

kernel! {
    /// `fma(weight, y, sum)` on the rows of `sum`, `[rows, width]`, that the targets name, one row of `y` each.
    pub(crate) fn accumulate(width: usize, sum: &mut [f32], targets: &[WeightedRow], y: &[f32]);
    portable: accumulate_body,
    avx2: accumulate_body,
    avx512: accumulate_body,
}

#[inline(always)]
fn swiglu_body(gate: &[f32], up: &[f32], out: &mut [f32]) {
    for ((out, gate), up) in out.iter_mut().zip(gate).zip(up) {
        *out = silu(*gate) * up;
    }
}

#[inline(always)]
fn accumulate_body(width: usize, sum: &mut [f32], targets: &[WeightedRow], y: &[f32]) {
    for (target, y) in targets.iter().zip(y.chunks_exact(width)) {
        for (sum, y) in sum[target.row * width..][..width].iter_mut().zip(y) {
            *sum = target.weight.mul_add(*y, *sum);
        }
    }
}
