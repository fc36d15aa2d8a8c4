//! The embedded model gives the answers that were frozen.

use std::sync::Arc;

use backend_cpu::CpuBackend;
use neural::abi::{Proposer, Request};
use neural::{Backend, Fault, Model, StateDtype};
use proposer::LocalModel;
use serde_json::{Value, json};

use crate::battery::{Battery, Run, Trial, all_inputs, none_further};
use crate::checkpoints::NamedCheckpoint;
use crate::error::BatteryError;
use crate::subject::Subject;
use crate::tally::differing_bytes;

/// The embedded model gives the answers that were frozen, and each has in it what the question calls for.
pub(super) const COHERENCE: Battery = Battery {
    name: "coherence",
    needs: the_embedded_model,
    faults: &[Fault::SwappedEmbedding],
    effect: None,
    reaches: all_inputs,
    further: none_further,
    run: Run::Each { sound: coherence, faulty: coherence },
};

/// The frozen answers.
const FROZEN: &str = include_str!("../../../../fixtures/embedded/coherence.json");

/// New tokens of an answer at most.
const MAX_NEW: u32 = 48;

/// Questions that the file must have at least.
const LEAST_QUESTIONS: usize = 8;

/// A frozen answer: what was asked, what was said, and the part of it that makes sense.
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

/// Returns what the embedded model answers on this backend to everything that was asked.
fn answers<B: Backend>(model: &Arc<Model<B>>, asked: &[Frozen]) -> Result<Vec<String>, BatteryError> {
    let mut model = LocalModel::from_model(model, embedded::TOKENIZER)?;
    let answer = |asked: &Frozen| {
        let request = Request { prompt: &asked.prompt, facts: &asked.facts, max_new: MAX_NEW };
        Ok(model.propose(&request, &mut |_| {})?.value.text)
    };
    asked.iter().map(answer).collect()
}

/// Returns the file of frozen answers as the embedded model would answer now, to be read before it is kept.
///
/// # Errors
/// [`BatteryError`] if the model cannot be loaded, or does not answer.
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
