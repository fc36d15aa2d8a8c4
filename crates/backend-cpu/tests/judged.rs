//! The decoder is judged by one that shares no code with it, where no fixture reaches.
//!
//! Configurations are drawn for every family: scaled ropes in both of the places where they are kept, windows
//! of all kinds, dense layers among sparse ones, shared experts, every router. The judge computes in f64, so
//! what differs is our rounding; the tolerance is that of the fixtures, 2e-4 of the logits' standard deviation.

mod common;

use std::sync::Arc;

use common::drawn::{Drawn, FAMILIES, drawn};
use common::synthetic::Random;
use common::{best, relative_difference};
use neural::{Model, Session, Want};
use oracle64::{ExpertMask, carve};

const TOLERANCE: f64 = 2e-4;
const SEEDS: u64 = 24;

fn ours(config: &[u8], weights: &[u8], ids: &[u32]) -> Vec<f32> {
    let model = Arc::new(Model::load(config, weights, best()).expect("a drawn model"));
    Session::open(&model).prefill(ids, Want::All).expect("finite logits").values().to_vec()
}

fn judged(model: &Drawn, ids: &[u32], mask: &ExpertMask) -> Vec<f32> {
    let oracle = oracle64::Model::read(&model.config, &model.weights).expect("a drawn model");
    oracle.logits(ids, mask).expect("finite logits").iter().map(|logit| *logit as f32).collect()
}

#[test]
fn drawn_configurations_are_computed_alike() {
    for family in FAMILIES {
        let mut worst = 0.0_f64;
        for seed in 0..SEEDS {
            let model = drawn(family, seed);
            let ids = Random(seed).tokens(70, model.vocab);
            let expected = judged(&model, &ids, &ExpertMask::all());
            let difference = relative_difference(&ours(&model.config, &model.weights, &ids), &expected);
            let config = String::from_utf8_lossy(&model.config);
            assert!(difference <= TOLERANCE, "{family} {seed}: {difference:e} with {config}");
            worst = worst.max(difference);
        }
        println!("{family}: {worst:.1e}");
    }
}

/// What the judge computes under a mask is what we compute of a checkpoint that has no other experts.
#[test]
fn experts_left_alone_are_computed_alike() {
    for family in FAMILIES {
        for seed in 0..SEEDS / 2 {
            let model = drawn(family, seed);
            let ids = Random(seed).tokens(70, model.vocab);
            let left: Vec<usize> =
                (0..model.experts).filter(|expert| !(expert + seed as usize).is_multiple_of(3)).collect();
            let expected = judged(&model, &ids, &ExpertMask::only(left.iter().copied()));
            let alone = carve(&model.config, &model.weights, &left).expect("a checkpoint");
            let difference = relative_difference(&ours(&alone.config, &alone.weights, &ids), &expected);
            assert!(difference <= TOLERANCE, "{family} {seed}: {difference:e} with experts {left:?}");
        }
    }
}
