//! The hand-written gradients compared with finite differences.

use train::batch::{self, Cut};
use train::codec::Codec;
use train::config::Config;
use train::model::Model;
use train::params::Schema;
use train::rng::Rng;
use train::run::Plan;
use train::step::gradient;

/// Returns a model with dense and sparse layers, and full and sliding attention. All experts are used,
/// because the loss jumps where the choice of a few changes.
fn setting() -> (Model, Schema, Vec<f32>, Vec<batch::Shard>) {
    let config = Config { sliding_window: 8, num_experts_per_tok: 8, ..Config::tiny() };
    let schema = Schema::new(&config);
    let codec = Codec::from_json(embedded::TOKENIZER).expect("tokenizer");
    let cut = Cut { shards: 1, tokens: 128, block: 2, ..Plan::tiny(1).cut };
    let shards = batch::block(&codec, cut, 4, 0).expect("block");
    let values = schema.initial(4);
    (Model::new(config), schema, values, shards)
}

/// Along the gradient's own direction the loss of each tensor must rise by the squared norm of its gradient.
#[test]
fn the_loss_rises_as_the_gradient_says() {
    let (model, schema, values, shards) = setting();
    let loss = |values: &[f32]| gradient(&model, &schema, values, &shards[..1], 1).expect("gradient");
    let slope = loss(&values).values;
    let mut checked = 0;
    for entry in schema.entries() {
        let part = &slope[entry.range()];
        let norm = part.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
        // The load-balance loss moves the router too but is not part of the reported loss.
        if entry.name.ends_with("mlp.gate.weight") || norm < 5e-3 {
            continue;
        }
        let h = 1e-2 / norm;
        let moved = |sense: f64| {
            let mut moved = values.clone();
            moved[entry.range()]
                .iter_mut()
                .zip(part)
                .for_each(|(v, g)| *v += (sense * h * f64::from(*g)) as f32);
            loss(&moved).loss
        };
        let measured = (moved(1.0) - moved(-1.0)) / (2.0 * h * norm);
        assert!((measured / norm - 1.0).abs() < 0.1, "{}: {measured} against {norm}", entry.name);
        checked += 1;
    }
    assert!(checked > 20, "{checked}");
}

/// The same comparison must fail for a wrong direction; otherwise it would show nothing.
#[test]
fn a_wrong_direction_does_not_explain_the_loss() {
    let (model, schema, values, shards) = setting();
    let loss = |values: &[f32]| gradient(&model, &schema, values, &shards[..1], 1).expect("gradient");
    let norm = train::adamw::norm(&loss(&values).values);
    let mut rng = Rng::keyed(1, 1);
    let h = 2e-3 / (schema.total() as f64).sqrt();
    let noise: Vec<f32> = values.iter().map(|_| rng.normal()).collect();
    let moved = |sense: f64| -> Vec<f32> {
        values.iter().zip(&noise).map(|(v, n)| v + (sense * h * f64::from(*n)) as f32).collect()
    };
    let measured = (loss(&moved(1.0)).loss - loss(&moved(-1.0)).loss) / (2.0 * 2e-3);
    assert!((measured / norm).abs() < 0.5, "{measured} against {norm}");
}
