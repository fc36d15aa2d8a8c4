//! The frequencies of the rotary embedding.

use crate::config::{RopeConfig, RopeScaling, Yarn};

/// The frequencies and the magnitude that the rotation of every position is computed from.
#[derive(Clone)]
pub(crate) struct Rotary {
    /// The angle in radians that each pair of a head turns by for each position.
    pub(crate) frequencies: Vec<f32>,
    /// The factor on cosines and sines.
    pub(crate) magnitude: f64,
}

impl Rotary {
    pub(crate) fn new(rope: &RopeConfig, head_dim: usize) -> Self {
        let pairs = head_dim / 2;
        let frequencies = (0..pairs).map(|pair| frequency(rope, head_dim, pair)).collect();
        let magnitude = match rope.scaling {
            RopeScaling::Yarn(yarn) => yarn.magnitude,
            _ => 1.0,
        };
        Self { frequencies, magnitude }
    }
}

/// Returns the angle in radians that a pair turns by for each position: `1 / theta^(2 pair / head_dim)`,
/// scaled. Every step is rounded to f32 as in the reference implementation; the scaling is in f64 and rounded
/// once.
fn frequency(rope: &RopeConfig, head_dim: usize, pair: usize) -> f32 {
    let exponent = (2 * pair) as f32 / head_dim as f32;
    let period = libm::pow(rope.theta, f64::from(exponent)) as f32;
    let plain = 1.0 / period;
    match rope.scaling {
        RopeScaling::None => plain,
        RopeScaling::Linear { factor } => (f64::from(plain) / factor) as f32,
        RopeScaling::Llama3 { factor, low, high, original } => {
            let plain = f64::from(plain);
            let turns = original * plain / std::f64::consts::TAU;
            let kept = ((turns - low) / (high - low)).clamp(0.0, 1.0);
            ((1.0 - kept) * plain / factor + kept * plain) as f32
        }
        RopeScaling::Yarn(yarn) => {
            let (low, high) = ramp(&yarn, rope.theta, head_dim);
            let divided = ((pair as f64 - low) / (high - low)).clamp(0.0, 1.0);
            let period = f64::from(period);
            ((1.0 / (yarn.factor * period)) * divided + (1.0 / period) * (1.0 - divided)) as f32
        }
    }
}

/// Returns the two pairs between which YaRN goes from keeping a frequency to dividing it.
fn ramp(yarn: &Yarn, theta: f64, head_dim: usize) -> (f64, f64) {
    // The pair that makes this many turns in the original context.
    let pair = |turns: f64| {
        let period = yarn.original / (turns * std::f64::consts::TAU);
        head_dim as f64 * libm::log(period) / (2.0 * libm::log(theta))
    };
    let (low, high) = (pair(yarn.fast), pair(yarn.slow));
    let (low, high) = if yarn.truncate { (low.floor(), high.ceil()) } else { (low, high) };
    let (low, high) = (low.max(0.0), high.min(head_dim as f64 - 1.0));
    // A ramp has a slope.
    if low == high { (low, high + 0.001) } else { (low, high) }
}
