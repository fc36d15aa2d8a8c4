//! A draft at a temperature is a function of its request: the seed decides, and the schedule does not.

mod common;

use std::num::NonZeroUsize;

use common::{SHAPE, tokenizer_json};
use neural::PlainBackend;
use neural::abi::{Decoding, Draft, Proposer, Request};
use proposer::{ForbiddenText, LocalModel, ProposeError, Schedule};

const SCHEMA: &str = r#"{"type": "array", "items": {"enum": ["x", "y", 1]}, "minItems": 4, "maxItems": 4}"#;

fn local() -> LocalModel<PlainBackend> {
    LocalModel::from_parts(&SHAPE.config(), &tokenizer_json(), &SHAPE.weights(7), PlainBackend)
        .expect("a model")
}

fn request(decoding: Decoding, schema: Option<&str>) -> Request<'_> {
    Request { prompt: "hello", facts: "a = 3", schema, max_new: 24, decoding }
}

fn sampled(temperature_ppm: u32, seed: u64) -> Decoding {
    Decoding::Sampled { temperature_ppm, seed }
}

fn draft(model: LocalModel<PlainBackend>, request: &Request<'_>) -> Draft {
    let mut model = model;
    model.propose(request, &mut |_| {}).expect("a draft").value
}

/// A schedule divides the work; neither the draws nor the logits depend on it.
#[test]
fn the_same_seed_gives_the_same_bits_under_every_schedule() {
    let schedules = [(0, 0), (1, 0), (3, 4), (7, 2)]
        .map(|(chunk, ahead)| Schedule { chunk: NonZeroUsize::new(chunk), ahead });
    for schema in [None, Some(SCHEMA)] {
        for temperature_ppm in [1, 800_000, 2_000_000] {
            let request = request(sampled(temperature_ppm, 5), schema);
            let plain = draft(local(), &request);
            assert_eq!(plain.decoding, request.decoding);
            assert_eq!(plain.traps.schema.is_some(), schema.is_some());
            for schedule in schedules {
                let again = draft(local().scheduled(schedule), &request);
                assert_eq!(
                    (&again.tokens, &again.logit_digests),
                    (&plain.tokens, &plain.logit_digests),
                    "{schedule:?}"
                );
                assert_eq!(again.text, plain.text);
            }
        }
    }
}

#[test]
fn each_seed_gives_a_text_of_its_own() {
    let mut texts: Vec<Vec<u32>> =
        (0..8).map(|seed| draft(local(), &request(sampled(800_000, seed), None)).tokens).collect();
    texts.push(draft(local(), &request(Decoding::Greedy, None)).tokens);
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 9);
    // Near temperature 0 every draw is the likeliest token.
    let cold = draft(local(), &request(sampled(1, 3), None));
    assert_eq!(cold.tokens, draft(local(), &request(Decoding::Greedy, None)).tokens);
}

#[test]
fn a_forbidden_text_is_not_drawn() {
    let free = draft(local(), &request(sampled(800_000, 2), None));
    let letter = free.text.chars().find(char::is_ascii_alphanumeric).expect("a letter");
    let forbidden = ForbiddenText { words: vec![letter.to_string()], ..ForbiddenText::default() };
    let mut model = local();
    model.forbid(&forbidden).expect("a text");
    let said = draft(model, &request(sampled(800_000, 2), None));
    assert!(!said.text.contains(letter), "{said:?}");
}

#[test]
fn a_temperature_out_of_its_range_is_refused() {
    for temperature_ppm in [0, 2_000_001, u32::MAX] {
        let refusal = local().propose(&request(sampled(temperature_ppm, 1), None), &mut |_| {});
        assert!(matches!(refusal, Err(ProposeError::Temperature { .. })), "{refusal:?}");
    }
}
