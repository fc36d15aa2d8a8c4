//! The forward pass that ships, compared with candle's on the shipped weights.

use train::checkpoint::load_values;
use train::config::Config;
use train::corpus::{self, Task};
use train::model::{Model, Rows};
use train::params::{Schema, Tensors};
use train::shipped::Shipped;

const TOLERANCE: f64 = 1e-4;

struct Reference {
    model: Model,
    schema: Schema,
    values: Vec<f32>,
}

impl Reference {
    fn new() -> Self {
        let config: Config = serde_json::from_str(embedded::CONFIG).expect("config");
        let schema = Schema::new(&config);
        let values = load_values(&schema, embedded::WEIGHTS).expect("weights");
        Self { model: Model::new(config), schema, values }
    }

    fn logits(&self, ids: &[u32]) -> Vec<f32> {
        let tensors = Tensors::new(&self.schema, &self.values, false).expect("tensors");
        let output = self.model.forward(&tensors, Rows { ids, length: ids.len() }).expect("forward");
        output.logits.flatten_all().and_then(|logits| logits.to_vec1()).expect("logits")
    }
}

/// Returns the largest difference divided by the largest magnitude.
fn distance(left: &[f32], right: &[f32]) -> f64 {
    assert_eq!(left.len(), right.len());
    let gap = left.iter().zip(right).map(|(l, r)| f64::from(l - r).abs()).fold(0.0, f64::max);
    gap / right.iter().map(|r| f64::from(*r).abs()).fold(0.0, f64::max)
}

/// Prompts of several lengths, three of them past the window of 64.
fn sequences(shipped: &Shipped) -> Vec<Vec<u32>> {
    let items = corpus::held_out(Task::CountThenAdd, 12, true);
    let short: Vec<Vec<u32>> =
        items.iter().map(|item| shipped.codec().item(item).expect("item").ids).collect();
    let all = short.concat();
    let mut sequences = short[..3].to_vec();
    sequences.extend([65, 150, 300].map(|length| all[..length].to_vec()));
    sequences
}

#[test]
fn logits_agree() {
    let (shipped, reference) = (Shipped::embedded().expect("model"), Reference::new());
    for ids in sequences(&shipped) {
        let gap = distance(shipped.logits(&ids).expect("logits").values(), &reference.logits(&ids));
        assert!(gap <= TOLERANCE, "{} tokens: {gap}", ids.len());
    }
}

#[test]
fn a_changed_weight_is_seen() {
    let (shipped, mut reference) = (Shipped::embedded().expect("model"), Reference::new());
    let entry =
        reference.schema.entries().iter().find(|entry| entry.name.ends_with("3.self_attn.v_proj.weight"));
    let range = entry.expect("a layer past the first").range();
    reference.values[range].iter_mut().for_each(|value| *value *= 1.05);
    let ids = &sequences(&shipped)[0];
    assert!(distance(shipped.logits(ids).expect("logits").values(), &reference.logits(ids)) > TOLERANCE);
}
