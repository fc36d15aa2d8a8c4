//! The optimiser AdamW, with warmup, cosine decay and gradient clipping, on the flat vector of all
//! parameters.

use crate::checkpoint::State;
use crate::params::Schema;

/// The settings of the optimiser, which are part of the [plan](crate::run::Plan) of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// The highest learning rate, which is reached at the end of the warmup.
    pub peak: f64,
    /// The learning rate of the last step, as a share of the highest.
    pub floor: f64,
    /// The number of steps in which the learning rate rises linearly to the highest.
    pub warmup: u64,
    /// The weight decay of matrices, which is applied beside the gradient and not through it.
    pub decay: f64,
    /// The largest norm of a gradient. A gradient with a larger norm is scaled down to it.
    pub clip: f64,
}

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.98;
const EPS: f64 = 1e-8;

/// The running averages that the optimiser keeps: two numbers for every parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// The running mean of the gradient, by parameter.
    pub first: Vec<f32>,
    /// The running mean of the square of the gradient, by parameter.
    pub second: Vec<f32>,
}

impl Moments {
    /// Returns averages of zero for `total` parameters, as at the start of a run.
    #[must_use]
    pub fn new(total: usize) -> Self {
        Self { first: vec![0.0; total], second: vec![0.0; total] }
    }
}

impl Settings {
    /// Returns the learning rate of the step after `done` finished steps, in a run of `steps` steps: linear
    /// warmup, then a cosine down to the floor.
    #[must_use]
    pub fn rate(&self, done: u64, steps: u64) -> f64 {
        if done < self.warmup {
            return self.peak * (done + 1) as f64 / self.warmup as f64;
        }
        let progress = (done - self.warmup) as f64 / steps.saturating_sub(self.warmup).max(1) as f64;
        let cosine = 0.5 * (1.0 + (std::f64::consts::PI * progress.min(1.0)).cos());
        self.peak * (self.floor + (1.0 - self.floor) * cosine)
    }
}

/// Returns the Euclidean norm of a gradient. Squares are summed in a fixed order, so the bits do not depend
/// on threads.
#[must_use]
pub fn norm(gradient: &[f32]) -> f64 {
    let square = |chunk: &[f32]| f64::from(crate::ops::math::dot(chunk, chunk));
    gradient.chunks(4096).map(square).sum::<f64>().sqrt()
}

/// The factors of one optimiser step, which [`update`] applies to the gradient and the weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stride {
    /// The learning rate of the step.
    pub rate: f64,
    /// The factor that the gradient is multiplied by, below 1 if the gradient is clipped.
    pub scale: f32,
    /// The weight decay of matrices, as in [`Settings::decay`].
    pub decay: f64,
}

/// Makes one optimiser step: changes the parameters and the running averages in `state`. The caller increases
/// the number of finished steps afterwards.
pub fn update(schema: &Schema, state: &mut State, gradient: &[f32], stride: Stride) {
    let State { done, values, moments, .. } = state;
    let Stride { rate, scale, decay } = stride;
    let count = (*done + 1) as i32;
    let step = (rate / (1.0 - BETA1.powi(count))) as f32;
    let correction = (1.0 - BETA2.powi(count)).sqrt().recip() as f32;
    let (b1, b2, eps) = (BETA1 as f32, BETA2 as f32, EPS as f32);
    for entry in schema.entries() {
        let range = entry.range();
        let shrink = if entry.decays() { 1.0 - (rate * decay) as f32 } else { 1.0 };
        let state = moments.first[range.clone()].iter_mut().zip(&mut moments.second[range.clone()]);
        let pairs = values[range.clone()].iter_mut().zip(&gradient[range]);
        for ((value, gradient), (first, second)) in pairs.zip(state) {
            let g = gradient * scale;
            *first = b1 * *first + (1.0 - b1) * g;
            *second = b2 * *second + (1.0 - b2) * g * g;
            *value = *value * shrink - step * *first / (second.sqrt() * correction + eps);
        }
    }
}
