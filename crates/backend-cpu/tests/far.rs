//! Past a window of 4,096 positions the decoder still computes what the judge computes.
//!
//! Keys leave the window, their pages are dropped, and the angles of the rope are in the thousands of radians,
//! where a frequency that is rounded otherwise is another model.

mod common;

use std::sync::Arc;

use common::synthetic::{FAR, Random, Shape};
use common::{best, relative_difference};
use neural::{Model, Session, Want};
use oracle64::ExpertMask;

const POSITIONS: usize = 4_300;

/// The last 300 rows: the window begins to slide 96 rows before them.
fn last(logits: impl IntoIterator<Item = f32>) -> Vec<f32> {
    logits.into_iter().skip((POSITIONS - 300) * FAR.vocab).collect()
}

fn config(window: usize) -> Vec<u8> {
    Shape { window, ..FAR }.config()
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
    let (weights, ids) = (FAR.weights(11), Random(5).tokens(POSITIONS, FAR.vocab));
    let oracle = oracle64::Model::read(&config(FAR.window), &weights).expect("a synthetic model");
    let judged = oracle.logits(&ids, &ExpertMask::all()).expect("finite logits");
    let judged = last(judged.iter().map(|logit| *logit as f32));
    let difference = relative_difference(&ours(FAR.window, &weights, &ids), &judged);
    println!("{difference:.1e}");
    assert!(difference <= 2e-4, "{difference:e}");
    // One position more or less in the window is seen by the same measure.
    for window in [FAR.window - 1, FAR.window + 1] {
        let difference = relative_difference(&ours(window, &weights, &ids), &judged);
        assert!(difference > 2e-4, "window {window}: {difference:e}");
    }
}
