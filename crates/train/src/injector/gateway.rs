//! The gateway as a differentiable step of the training's own decoder.

use candle_core::{Device, Tensor};
use neural::Reach;

use crate::TrainError;
use crate::ops::linear::linear;
use crate::ops::swiglu::swiglu;
use crate::params::{Schema, Tensors};

/// The width of the bottleneck.
pub(super) const BOTTLENECK: usize = 64;
/// The number of decimal places of a value.
pub(super) const PLACES: usize = 2;
/// The number that encodes a value's digits.
const RESULT: usize = 10 * PLACES;
/// The standard deviation of `up` before training: small, so that the gateway hardly adds, and not zero, so that
/// gradients flow.
const NOISE: f32 = 1e-3;
/// The epsilon of the norm, as in the gateway of the decoder that ships.
const EPSILON: f64 = 1e-6;

/// Returns the layout of the parameters of an injector for a model of this width.
pub(super) fn schema(width: usize) -> Schema {
    let shapes = [
        ("down", vec![BOTTLENECK, width], (width as f32).powf(-0.5)),
        ("projection", vec![width, RESULT], 1.0),
        ("up", vec![width, BOTTLENECK], NOISE),
    ];
    Schema::from_shapes(shapes.map(|(name, shape, deviation)| (name.to_owned(), (shape, deviation))).into())
}

/// The values of a batch, row by row, with the prompt's length of each row.
pub(super) struct Told {
    /// The digits of each row's value at every token, `[rows * length, RESULT]`.
    digits: Tensor,
    /// 1 at every token at which the gateway adds, and 0 elsewhere, `[rows * length, 1]`.
    mask: Tensor,
}

impl Told {
    /// Spreads values over the tokens of a batch whose rows have `length` tokens each.
    pub(super) fn new(rows: &[(u64, usize)], length: usize, reach: Reach) -> Result<Self, TrainError> {
        let (mut digits, mut mask) = (Vec::new(), Vec::new());
        for (value, prompt) in rows {
            let encoded = neural::value_digits(*value, PLACES).unwrap_or_else(|| vec![0.0; RESULT]);
            for at in 0..length {
                digits.extend_from_slice(&encoded);
                let is_reached = reach == Reach::Everywhere || at < *prompt;
                mask.push(f32::from(u8::from(is_reached)));
            }
        }
        let tokens = rows.len() * length;
        Ok(Self {
            digits: Tensor::from_vec(digits, (tokens, RESULT), &Device::Cpu)?,
            mask: Tensor::from_vec(mask, (tokens, 1), &Device::Cpu)?,
        })
    }
}

/// Returns the residual `x`, `[tokens, width]`, with the addition of the gateway.
pub(super) fn apply(x: &Tensor, parameters: &Tensors, told: &Told) -> Result<Tensor, TrainError> {
    let condition = linear(&told.digits, parameters.get("projection")?)?;
    let normed = (normed(x)? + condition)?;
    let narrow = linear(&normed, parameters.get("down")?)?;
    let open = swiglu(&narrow, &narrow.ones_like()?)?;
    let delta = linear(&open, parameters.get("up")?)?.broadcast_mul(&told.mask)?;
    Ok((x + delta)?)
}

/// Returns each row divided by its root mean square. The blocks before the gateway are frozen, so no gradient
/// flows through this.
fn normed(x: &Tensor) -> Result<Tensor, TrainError> {
    let mean = x.sqr()?.mean_keepdim(1)?;
    let scale = (mean + EPSILON)?.sqrt()?.recip()?;
    Ok(x.broadcast_mul(&scale)?)
}
