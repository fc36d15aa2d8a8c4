//! Drafts of the shipped model at a temperature: the seed decides the text, and a replay holds the record to it.

mod common;

use std::num::NonZeroUsize;

use abi::{Decoding, Digest, Draft, GenerationRecord, Proposer, Request, Value};
use backend_cpu::CpuBackend;
use common::home::Home;
use common::reseal::{field, reseal};
use ledger::Entry;
use proposer::{LocalModel, Schedule};
use serde_json::json;

/// A prompt unlike those that the model was trained on, so that more than one token is likely.
const PROMPT: &str = "Which rivers flow through the old harbour town, and why?";
const WARM: Decoding = Decoding::Sampled { temperature_ppm: 800_000, seed: 7 };

/// Returns the draft of the shipped model for [`PROMPT`], in passes of `chunk` tokens of the prompt and with `ahead` tokens
/// drafted ahead.
fn draft(decoding: Decoding, max_new: u32, chunk: usize, ahead: usize) -> Draft {
    let backend = CpuBackend::best().expect("a processor");
    let config = embedded::CONFIG.as_bytes();
    let model = LocalModel::from_parts(config, embedded::TOKENIZER, embedded::WEIGHTS, backend);
    let schedule = Schedule { chunk: NonZeroUsize::new(chunk), ahead };
    let mut model = model.expect("the shipped model").scheduled(schedule);
    let request = Request { prompt: PROMPT, facts: "", schema: None, max_new, decoding };
    model.propose(&request, &mut |_| {}).expect("a draft").value
}

#[test]
fn two_seeds_give_two_texts_and_one_seed_the_same_bits() {
    let first = draft(WARM, 48, 0, 0);
    for (chunk, ahead) in [(0, 0), (1, 0), (5, 4), (64, 2)] {
        let again = draft(WARM, 48, chunk, ahead);
        assert_eq!((&again.text, &again.tokens), (&first.text, &first.tokens), "{chunk} {ahead}");
        assert_eq!(again.logit_digests, first.logit_digests);
    }
    let other = draft(Decoding::Sampled { temperature_ppm: 800_000, seed: 8 }, 48, 0, 0);
    let greedy = draft(Decoding::Greedy, 48, 0, 0);
    assert!(first.text != other.text && first.text != greedy.text && other.text != greedy.text);
}

/// Puts `draft` in the place of the one generation of a ledger, with `decoding` in its record.
fn put(entry: &mut Entry, draft: &Draft, decoding: Decoding) {
    let Some(slot) = field(&mut entry.body, "record") else { return };
    let Ok(record) = GenerationRecord::from_value(slot) else { return };
    let (tokens, logits) = (draft.tokens.clone(), draft.logit_digests.clone());
    let reply = Some(Digest::hash_blob(draft.text.as_bytes()));
    let blobs = abi::GenerationBlobs { reply, ..record.blobs };
    *slot = GenerationRecord { decoding, tokens, logits, stop: draft.stop, blobs, ..record }.to_value();
}

#[test]
fn a_replay_draws_again_and_finds_another_seed() {
    let home = Home::new("sampled-replay");
    assert_eq!(home.run(["ask", PROMPT, "--direct", "--max-new", "48"]).code, 0);
    let shown = home.run(["ledger", "show", "--json"]).json();
    let entries = shown["entries"].as_array().expect("entries");
    let proposed = entries.iter().find(|entry| entry["kind"] == "proposed").expect("a proposal");
    assert_eq!(proposed["body"]["record"]["decoding"], "greedy", "nmk ask stays greedy");
    let sampled = draft(WARM, 48, 3, 2);
    let seed = |seed| Decoding::Sampled { temperature_ppm: 800_000, seed };
    let cases = [
        (WARM, None),
        (seed(8), Some("token")),
        (seed(7 | 1 << 63), Some("token")),
        (Decoding::Sampled { temperature_ppm: 2_000_000, seed: 7 }, Some("token")),
        (Decoding::Greedy, Some("token")),
        (WARM, None),
    ];
    for (decoding, difference) in cases {
        reseal(&home, |entry| put(entry, &sampled, decoding));
        assert_eq!(home.run(["ledger", "verify"]).code, 0);
        let ended = home.run(["ledger", "replay", "--json", "--chunk", "11"]);
        let object = ended.json();
        assert_eq!(object["difference"]["what"].as_str(), difference, "{decoding:?}: {object}");
        assert_eq!(ended.code, i32::from(difference.is_some()));
        if difference.is_none() {
            assert_eq!((&object["generations"], &object["unproven"]), (&json!(1), &json!([])), "{object}");
        }
    }
    // A rule of another program is named, and the rest of the ledger is replayed.
    reseal(&home, |entry| {
        let record = field(&mut entry.body, "record");
        if let Some(rule) = record.and_then(|record| field(record, "decoding")) {
            *rule = Value::map([("beams", Value::Int(4))]);
        }
    });
    let object = home.run(["ledger", "replay", "--json"]).json();
    assert!(object["unproven"][0].as_str().is_some_and(|why| why.contains("decoding.beams")), "{object}");
}
