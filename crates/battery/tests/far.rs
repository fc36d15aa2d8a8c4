//! Past a window of 4,096 positions the decoder still computes what the judge computes.
//!
//! Keys leave the window, their pages are dropped, and the angles of the rope are in the thousands of
//! radians, where a frequency that is rounded otherwise is another model.

mod common;

use common::{TOLERANCE, load};
use neural::{Session, Want};
use oracle64::ExpertMask;
use synthetic::{FAR, Random, Shape, relative_difference};

const POSITIONS: usize = 4_300;

/// Returns the last 300 rows. The window begins to slide 96 rows before them.
fn last<T>(logits: impl IntoIterator<Item = T>) -> Vec<T> {
    logits.into_iter().skip((POSITIONS - 300) * FAR.vocab).collect()
}

fn config(window: usize) -> Vec<u8> {
    Shape { window, ..FAR }.config()
}

fn ours(window: usize, weights: &[u8], ids: &[u32]) -> Vec<f32> {
    let mut session = Session::open(&load(&config(window), weights));
    last(
        ids.chunks(512)
            .flat_map(|ids| session.prefill(ids, Want::All).expect("finite logits").values().to_vec()),
    )
}

#[test]
fn past_a_window_of_4096() {
    let (weights, ids) = (FAR.weights(11), Random::new(5).tokens(POSITIONS, FAR.vocab));
    let oracle = oracle64::Model::read(&config(FAR.window), &weights).expect("a synthetic model");
    let judged = oracle.logits(&ids, &ExpertMask::all()).expect("finite logits");
    let judged = last(judged.iter().copied());
    let difference = relative_difference(&ours(FAR.window, &weights, &ids), &judged);
    println!("{difference:.1e}");
    assert!(difference <= TOLERANCE, "{difference:e}");
    // One position more or less in the window is seen by the same measure.
    for window in [FAR.window - 1, FAR.window + 1] {
        let difference = relative_difference(&ours(window, &weights, &ids), &judged);
        assert!(difference > TOLERANCE, "window {window}: {difference:e}");
    }
}
