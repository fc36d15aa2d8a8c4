//! Past a window of 4,096 positions the decoder still computes what the judge computes.
//!
//! Keys leave the window, their pages are dropped, and the angles of the rope are in the thousands of radians,
//! where a frequency that is rounded otherwise is another model.

mod common;

use std::sync::Arc;

use common::synthetic::{Random, Shape};
use common::{best, relative_difference};
use neural::{Model, Session, Want};
use oracle64::ExpertMask;
use safetensors::Dtype;

const POSITIONS: usize = 4_300;

/// A dense layer that sees all, and a sparse one that slides.
const SHAPE: Shape = Shape {
    layers: 2,
    hidden: 16,
    heads: 2,
    kv_heads: 1,
    head_dim: 8,
    vocab: 64,
    width: 12,
    dense_width: 20,
    experts: 4,
    window: 4_096,
    positions: 8_192,
    dtype: Dtype::F32,
};

/// The last 300 rows: the window begins to slide 96 rows before them.
fn last(logits: impl IntoIterator<Item = f32>) -> Vec<f32> {
    logits.into_iter().skip((POSITIONS - 300) * SHAPE.vocab).collect()
}

fn config(window: usize) -> Vec<u8> {
    Shape { window, ..SHAPE }.config()
}

fn ours(window: usize, weights: &[u8], ids: &[u32]) -> Vec<f32> {
    let model = Arc::new(Model::load(&config(window), weights, best()).expect("a synthetic model"));
    let mut session = Session::open(&model);
    last(
        ids.chunks(512)
            .flat_map(|ids| session.prefill(ids, Want::All).expect("finite logits").values().to_vec()),
    )
}

#[test]
fn past_a_window_of_4096() {
    let (weights, ids) = (SHAPE.weights(11), Random(5).tokens(POSITIONS, SHAPE.vocab));
    let oracle = oracle64::Model::read(&config(SHAPE.window), &weights).expect("a synthetic model");
    let judged = oracle.logits(&ids, &ExpertMask::all()).expect("finite logits");
    let judged = last(judged.iter().map(|logit| *logit as f32));
    let difference = relative_difference(&ours(SHAPE.window, &weights, &ids), &judged);
    println!("{difference:.1e}");
    assert!(difference <= 2e-4, "{difference:e}");
    // One position more or less in the window is seen by the same measure.
    for window in [SHAPE.window - 1, SHAPE.window + 1] {
        let difference = relative_difference(&ours(window, &weights, &ids), &judged);
        assert!(difference > 2e-4, "window {window}: {difference:e}");
    }
}
