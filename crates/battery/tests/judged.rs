//! The decoder is judged by one that shares no code with it, where no fixture reaches.
//!
//! Configurations are drawn for every family: scaled ropes in both of the places where they are kept, windows
//! of all kinds, dense layers among sparse ones, shared experts, every router. The judge computes in f64, so
//! what differs is our rounding; the tolerance is that of the fixtures, 2e-4 of the logits' standard
//! deviation.

mod common;

use common::{TOLERANCE, load, logits};
use oracle64::{ExpertMask, carve};
use synthetic::{Drawn, FAMILIES, Random, drawn, relative_difference};

const SEEDS: u64 = 24;

fn judged(model: &Drawn, ids: &[u32], mask: &ExpertMask) -> Vec<f64> {
    let oracle = oracle64::Model::read(&model.config, &model.weights).expect("a drawn model");
    oracle.logits(ids, mask).expect("finite logits").into_raw_vec_and_offset().0
}

#[test]
fn drawn_configurations_are_computed_alike() {
    for family in FAMILIES {
        let mut worst = 0.0_f64;
        for seed in 0..SEEDS {
            let model = drawn(family, seed);
            let ids = Random::new(seed).tokens(70, model.vocab);
            let expected = judged(&model, &ids, &ExpertMask::all());
            let difference =
                relative_difference(&logits(&load(&model.config, &model.weights), &ids), &expected);
            let config = String::from_utf8_lossy(&model.config);
            assert!(difference <= TOLERANCE, "{family} {seed}: {difference:e} with {config}");
            worst = worst.max(difference);
        }
        println!("{family}: {worst:.1e}");
    }
}

/// The judge under a mask agrees with our decoder of a checkpoint that has no other experts.
#[test]
fn experts_left_alone_are_computed_alike() {
    for family in FAMILIES {
        for seed in 0..SEEDS / 2 {
            let model = drawn(family, seed);
            let ids = Random::new(seed).tokens(70, model.vocab);
            let left: Vec<usize> =
                (0..model.experts).filter(|expert| !(expert + seed as usize).is_multiple_of(3)).collect();
            let expected = judged(&model, &ids, &ExpertMask::only(left.iter().copied()));
            let alone = carve(&model.config, &model.weights, &left).expect("a checkpoint");
            let difference =
                relative_difference(&logits(&load(&alone.config, &alone.weights), &ids), &expected);
            assert!(difference <= TOLERANCE, "{family} {seed}: {difference:e} with experts {left:?}");
        }
    }
}
