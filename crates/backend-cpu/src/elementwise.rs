//! Operations that compute each element by itself.

use neural::{Activation, WeightedRow};

use crate::isa::kernel;
use crate::math::{sigmoid, silu};

kernel! {
    /// Writes the activation function of `gate` and `up` to `out`; all three have the same length.
    pub(crate) fn activate(activation: &Activation, gate: &[f32], up: &[f32], out: &mut [f32]);
    portable: activate_body,
    avx2: activate_body,
    avx512: activate_body,
}

kernel! {
    /// Adds weighted rows of `y` to rows of `sum`, `[rows, width]`: the row that target `i` names becomes
    /// `fma(weight, y[i], sum)`.
    pub(crate) fn accumulate(width: usize, sum: &mut [f32], targets: &[WeightedRow], y: &[f32]);
    portable: accumulate_body,
    avx2: accumulate_body,
    avx512: accumulate_body,
}

#[inline(always)]
fn activate_body(activation: &Activation, gate: &[f32], up: &[f32], out: &mut [f32]) {
    let elements = out.iter_mut().zip(gate).zip(up);
    match *activation {
        Activation::Silu => elements.for_each(|((out, gate), up)| *out = silu(*gate) * up),
        Activation::Clamped { alpha, limit } => elements.for_each(|((out, gate), up)| {
            let gate = if *gate > limit { limit } else { *gate };
            *out = (clamped(*up, limit) + 1.0) * (gate * sigmoid(alpha * gate));
        }),
    }
}

/// Returns `x` clamped to `limit` in magnitude; NaN stays NaN.
#[inline(always)]
pub(crate) fn clamped(x: f32, limit: f32) -> f32 {
    let below = if x > limit { limit } else { x };
    if below < -limit { -limit } else { below }
}

#[inline(always)]
fn accumulate_body(width: usize, sum: &mut [f32], targets: &[WeightedRow], y: &[f32]) {
    for (target, y) in targets.iter().zip(y.chunks_exact(width)) {
        for (sum, y) in sum[target.row * width..][..width].iter_mut().zip(y) {
            *sum = target.weight.mul_add(*y, *sum);
        }
    }
}
