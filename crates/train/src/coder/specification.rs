//! The specification of a gap, under which the hold-out gate examines code for it.

use super::datum::{Datum, Kind};
use super::item::Item;
use crate::held_out::Split;
use crate::rng::Rng;
use abi::Value;
use holdout::{Spec, SpecError};
use serde_json::{Value as Json, json};

/// The most different instances from which an exam draws.
const POOL: usize = 200;
/// The draws of an exam.
const DRAWS: u32 = 300;
/// The least number of different instances in an exam.
const LEAST_DISTINCT: usize = 8;

/// Returns the specification of a gap. Instances are drawn from a pool of those that the gap's own function can answer,
/// and the oracle is that function.
///
/// # Errors
/// [`SpecError`] if the gate refuses the specification.
pub fn specification(item: &Item) -> Result<Spec, SpecError> {
    let pool = pool(item);
    let kinds: Vec<Kind> =
        pool.first().map_or_else(Vec::new, |first| first.iter().map(Datum::kind).collect());
    let arguments: Vec<Json> =
        item.gap.arguments.iter().zip(kinds).map(|(name, kind)| argument(name, kind)).collect();
    let samples: Vec<Json> = item
        .gap
        .samples
        .iter()
        .map(|(arguments, returns)| {
            let arguments: Vec<Json> = arguments.iter().map(factloop::to_json).collect();
            json!({"args": arguments, "returns": factloop::to_json(returns)})
        })
        .collect();
    let calls: Vec<String> = pool
        .iter()
        .map(|instance| {
            let values: Vec<String> =
                instance.iter().map(|datum| det::python_value(&datum.value())).collect();
            format!("({},)", values.join(", "))
        })
        .collect();
    let generator =
        format!("POOL = [{}]\ndef generate(rng):\n    return rng.choice(POOL)\n", calls.join(", "));
    let distinct = LEAST_DISTINCT.min(pool.len() / 2).max(1);
    let text = json!({
        "entry": item.gap.entry,
        "description": item.gap.description,
        "args": arguments,
        "returns": "any",
        "samples": samples,
        "oracle": {"python": item.function.source("oracle")},
        "generator": {"python": generator},
        "exam": {"n": DRAWS, "min_distinct": distinct},
    })
    .to_string();
    Spec::from_value(det::parse_json(&text).unwrap_or(Value::Null))
}

fn argument(name: &str, kind: Kind) -> Json {
    let text = json!({"type": "str", "alphabet": alphabet(), "max_length": 80});
    let number = json!({"type": "int", "min": -1_000_000_000, "max": 1_000_000_000});
    let mut argument = match kind {
        Kind::Int => number,
        Kind::Bool => json!({"type": "bool"}),
        Kind::Text => text,
        Kind::Ints => json!({"type": "list", "of": number, "max_length": 40}),
        Kind::Texts => json!({"type": "list", "of": text, "max_length": 40}),
    };
    argument["name"] = json!(name);
    argument
}

fn alphabet() -> String {
    (' '..='~').chain(['\n']).collect()
}

/// Draws instances that the function can answer, each only once. Where it returns a truth value, both come about equally
/// often if chance finds both.
fn pool(item: &Item) -> Vec<Vec<Datum>> {
    let mut rng = Rng::keyed(0x706f_6f6c, crate::held_out::text_hash(&item.prompt, 0));
    let mut pool: Vec<Vec<Datum>> = Vec::new();
    let mut truths = [0usize; 2];
    for _ in 0..POOL * 20 {
        let instance = item.function.draw(&mut rng, Split::HeldOut);
        let Some(result) = item.function.call(&instance) else { continue };
        if pool.contains(&instance) {
            continue;
        }
        if let Datum::Bool(truth) = result {
            let place = usize::from(truth);
            if truths[place] > 3 * truths[1 - place] + 3 {
                continue;
            }
            truths[place] += 1;
        }
        pool.push(instance);
        if pool.len() == POOL {
            break;
        }
    }
    pool
}
