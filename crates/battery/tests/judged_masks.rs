//! Isolated experts are judged by the decoder in f64, which masks in a way of its own.
//!
//! Models are drawn for every family, and for each a subset of its experts that a token can still choose
//! from. The masked decoder and the masked judge agree within 2e-4 of the logits' standard deviation, and
//! neither agrees with the other under another mask.

mod common;

use common::{TOLERANCE, load};
use neural::{ExpertMask, Isolation, LayerConfig, MlpConfig, Session, Want};
use synthetic::{FAMILIES, Random, drawn, relative_difference};

const SEEDS: u64 = 16;

/// Returns `count` of the experts, ascending.
fn subset(random: &mut Random, experts: usize, count: usize) -> Vec<usize> {
    let mut left: Vec<usize> = (0..experts).collect();
    while left.len() > count {
        left.remove(random.bits() as usize % left.len());
    }
    left
}

#[test]
fn masked_experts_are_computed_alike() {
    for family in FAMILIES {
        let (mut worst, mut proper) = (0.0_f64, 0);
        for seed in 0..SEEDS {
            let mut random = Random::new(seed);
            let drawn = drawn(family, seed);
            let ids = random.tokens(70, drawn.vocab);
            let model = load(&drawn.config, &drawn.weights);
            let oracle = oracle64::Model::read(&drawn.config, &drawn.weights).expect("the same");
            let chosen = model.config().router.chosen;
            let count = chosen + random.bits() as usize % (drawn.experts - chosen + 1);
            let left = subset(&mut random, drawn.experts, count);

            let mask = ExpertMask::new(drawn.experts, &left).expect("experts of the model");
            let ours =
                Session::open(&model).prefill_trapped(&ids, Want::All, &mut Isolation::everywhere(mask));
            let ours = ours.expect("finite logits");
            let judged = |mask: &oracle64::ExpertMask| -> f64 {
                let logits = oracle.logits(&ids, mask).expect("finite logits");
                relative_difference(ours.values(), &logits.into_raw_vec_and_offset().0)
            };
            let difference = judged(&oracle64::ExpertMask::only(left.iter().copied()));
            assert!(difference <= TOLERANCE, "{family} {seed}: {difference:e} with experts {left:?}");
            worst = worst.max(difference);
            // A mask that leaves as many as are chosen leaves no choice, which shows wherever there was one.
            let sparse = |layer: &LayerConfig| matches!(layer.mlp, MlpConfig::Sparse { .. });
            let narrow = count == chosen && count < drawn.experts;
            if narrow && model.config().layers.iter().any(sparse) {
                proper += 1;
                let open = judged(&oracle64::ExpertMask::all());
                assert!(open > TOLERANCE, "{family} {seed}: {open:e} without the mask {left:?}");
            }
        }
        println!("{family}: {worst:.1e}, {proper} without a choice");
        assert!(proper > 0, "{family}: no mask was a narrow one");
    }
}
