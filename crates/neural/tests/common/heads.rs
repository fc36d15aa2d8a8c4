//! Entry heads with random weights for models of [`ODD`].

use neural::{EntryClass, EntryParts, Model, PlainBackend};
use synthetic::Random;

/// Units of the hidden layer.
pub(crate) const HIDDEN: usize = 5;
/// The block after which a head reads.
pub(crate) const LAYER: usize = 2;

fn class(capability: &str, threshold: f64) -> EntryClass {
    EntryClass { capability: capability.to_owned(), threshold }
}

/// Returns a head of random numbers with two classes beside the one that asks for nothing.
pub(crate) fn parts(model: &Model<PlainBackend>) -> EntryParts {
    let mut random = Random::new(11);
    let mut draw = |count: usize| (0..count).map(|_| random.symmetric()).collect::<Vec<f32>>();
    let width = model.config().hidden_size;
    EntryParts {
        model: model.digest(),
        layer: LAYER,
        classes: vec![class("fact:gcd", 0.1 + 0.2), class("fact:is_prime", 0.75)],
        mean: draw(width),
        scale: draw(width),
        hidden: draw(HIDDEN * width),
        hidden_bias: draw(HIDDEN),
        output: draw(3 * HIDDEN),
        output_bias: draw(3),
    }
}
