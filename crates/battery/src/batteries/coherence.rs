//! A battery of frozen answers of the embedded model.

use std::sync::Arc;

use backend_cpu::CpuBackend;
use neural::abi::{Decoding, Proposer, Request};
use neural::{Backend, Fault, Model, StateDtype};
use proposer::LocalModel;
use serde_json::{Value, json};

use crate::battery::{Battery, Run, Trial, all_inputs, none_further, on_every_backend};
use crate::checkpoints::NamedCheckpoint;
use crate::error::BatteryError;
use crate::subject::Subject;
use crate::tally::differing_bytes;

/// The battery that checks that the embedded model gives the answers in `data/coherence.json`,
/// byte for byte, and that each answer contains the part that makes sense of its question.
pub(super) const COHERENCE: Battery = Battery {
    name: "coherence",
    needs: the_embedded_model,
    faults: &[Fault::SwappedEmbedding],
    effect: None,
    reaches: all_inputs,
    further: none_further,
    run: Run::Each(on_every_backend!(coherence)),
};

/// The file of frozen answers: questions, and what the embedded model said.
const FROZEN: &str = include_str!("../../data/coherence.json");

/// The most new tokens of an answer.
const MAX_NEW: u32 = 48;

/// The least number of questions that the file must have.
const LEAST_QUESTIONS: usize = 8;

/// A frozen answer: the prompt, the facts, the text of the answer, and the part of that text that makes
/// sense.
struct Frozen {
    prompt: String,
    facts: String,
    sense: String,
    text: String,
}

fn the_embedded_model(subjects: &[Subject]) -> Option<&'static str> {
    let there = subjects.iter().any(Subject::is_embedded);
    (!there).then_some("answers are frozen of the embedded model alone")
}

fn coherence<B: Backend>(model: &Arc<Model<B>>, trial: &mut Trial<'_>) -> Result<(), BatteryError> {
    if !trial.subject.is_embedded() {
        return Ok(());
    }
    let frozen = frozen()?;
    for (text, frozen) in answers(model, &frozen)?.iter().zip(&frozen) {
        trial.tally.require(!frozen.sense.is_empty() && frozen.text.contains(&frozen.sense));
        trial.tally.residual_bits += differing_bytes(text.as_bytes(), frozen.text.as_bytes());
    }
    trial.tally.require(frozen.len() >= LEAST_QUESTIONS);
    Ok(())
}

fn frozen() -> Result<Vec<Frozen>, BatteryError> {
    let items: Vec<Value> = serde_json::from_str(FROZEN).map_err(BatteryError::Frozen)?;
    let read = |item: &Value| {
        let part = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Frozen { prompt: part("prompt"), facts: part("facts"), sense: part("sense"), text: part("text") }
    };
    Ok(items.iter().map(read).collect())
}

/// Returns the answers of the embedded model on this backend to all frozen questions, in order.
fn answers<B: Backend>(model: &Arc<Model<B>>, asked: &[Frozen]) -> Result<Vec<String>, BatteryError> {
    let mut model = LocalModel::from_model(model, embedded::TOKENIZER)?;
    let answer = |asked: &Frozen| {
        let request = Request {
            prompt: &asked.prompt,
            facts: &asked.facts,
            schema: None,
            max_new: MAX_NEW,
            decoding: Decoding::Greedy,
        };
        Ok(model.propose(&request, &mut |_| {})?.value.text)
    };
    asked.iter().map(answer).collect()
}

/// Returns a new file of frozen answers, as JSON: the same questions with the answers that the embedded model
/// gives now. A person reads it before it replaces the old file.
///
/// # Errors
/// [`BatteryError`] if the model cannot be loaded, or fails to answer.
pub fn freeze() -> Result<String, BatteryError> {
    let frozen = frozen()?;
    let model = NamedCheckpoint::embedded().load(StateDtype::F32, CpuBackend::best()?)?;
    let texts = answers(&model, &frozen)?;
    let item = |(asked, text): (&Frozen, String)| {
        let Frozen { prompt, facts, sense, .. } = asked;
        json!({"prompt": prompt, "facts": facts, "sense": sense, "text": text})
    };
    let items: Vec<Value> = frozen.iter().zip(texts).map(item).collect();
    serde_json::to_string_pretty(&items).map_err(BatteryError::Frozen)
}
