//! Gateways with small random weights.

use std::ops::Range;

use neural::{Gateway, GatewayWeights, Model, PlainBackend, TrapPlane};
use synthetic::Random;

/// Width of the bottleneck.
const BOTTLENECK: usize = 6;

/// Returns small weights of both signs.
pub(crate) fn small_weights(seed: u64, count: usize) -> Vec<f32> {
    let mut random = Random::new(seed);
    (0..count).map(|_| (random.tokens(1, 2001)[0] as f32 - 1000.0) / 4000.0).collect()
}

/// Returns an armed plane with one gateway after the block 1, at these positions, which is told a result if
/// there is one.
pub(crate) fn gateway(
    model: &Model<PlainBackend>,
    up: &[f32],
    positions: Range<usize>,
    result: Option<&[f32]>,
) -> TrapPlane<PlainBackend> {
    let width = model.config().hidden_size;
    let down = small_weights(5, width * BOTTLENECK);
    let weights = GatewayWeights { down: &down, up, scale: 1.5 };
    let made = Gateway::new(model.backend(), (1, positions), (width, BOTTLENECK), weights);
    let mut made = made.expect("a gateway");
    if let Some(result) = result {
        let projection = small_weights(7, width * result.len());
        made = made.conditioned(model.backend(), &projection, result).expect("a result");
    }
    TrapPlane { gateways: vec![made], ..TrapPlane::default() }.armed()
}
