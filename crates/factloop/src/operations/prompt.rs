//! Prompts: the text of a task, with the results that it waited for in the places of their names.

use std::collections::BTreeMap;

use abi::Value;
use abi::bounds::MAX_PROMPT_BYTES;
use det::Form;
use sched::{Input, Piece, TaskSpec, Work, pieces};

use super::program::program_demand;
use super::stated::finding_in_words;
use super::{DEMAND, FACTS, OperationError, PROMPT, SCHEMA, TEMPLATE};
use crate::{stated_text, to_json};

/// The label of the fact that the task of this name computes, if its result is one of the task's facts.
pub(super) fn label<'a>(spec: &'a TaskSpec, name: &str) -> Option<&'a str> {
    spec.input.get(FACTS)?.get(name)?.as_text()
}

/// The prompt of a task, with the demand of its contract.
pub(super) fn prompt<M>(work: &Work) -> Result<String, OperationError<M>> {
    let asked = asked(work)?.ok_or_else(|| OperationError::NoPrompt { task: work.spec.name.clone() })?;
    let stated = || Some(work.spec.input.get(DEMAND)?.as_text()?.to_owned());
    if let Some(demand) = program_demand(&work.spec.contract).or_else(stated) {
        return Ok(format!("{asked}\n\n{demand}"));
    }
    Ok(match schema(&work.spec) {
        Some(schema) => format!(
            "{asked}\n\nAnswer with one JSON document and nothing else. It must satisfy this JSON Schema:\n{schema}"
        ),
        None if work.spec.contract.form() == Form::Json => {
            format!("{asked}\n\nAnswer with one JSON document and nothing else.")
        }
        None => asked,
    })
}

/// Returns the JSON Schema of the document that the task is to generate: that of its contract, or the one that its input
/// names because a later task is judged under it.
pub(super) fn schema(spec: &TaskSpec) -> Option<String> {
    let own = spec.contract.schema().map(|schema| to_json(schema.to_value()).to_string());
    own.or_else(|| Some(spec.input.get(SCHEMA)?.as_text()?.to_owned()))
}

/// The prompt of a repair: the prompt of the task, the refuted proposal, and the finding.
pub(super) fn repair_prompt<M>(work: &Work) -> Result<String, OperationError<M>> {
    let Some(refuted) = &work.refuted else {
        return Err(OperationError::NothingToRepair { task: work.spec.name.clone() });
    };
    // A validation that is repaired may have no prompt of its own.
    let asked = match prompt(work) {
        Err(OperationError::NoPrompt { .. }) => String::new(),
        other => other?,
    };
    let form = work.spec.contract.form();
    let finding = finding_in_words(form, &refuted.proposed, &refuted.finding.to_string());
    let proposed = stated_text(&refuted.proposed);
    if proposed.trim().is_empty() {
        // Nothing was judged: the reply was cut off, refused, or was all thought.
        check_size(work, asked.len())?;
        return Ok(format!(
            "{asked}\n\nAn earlier reply had no complete answer. Answer directly and briefly."
        ));
    }
    check_size(work, asked.len().saturating_add(proposed.len()))?;
    Ok(format!(
        "{asked}\n\nAn earlier answer was:\n{proposed}\n\nIt is not accepted: {finding}\nAnswer again, corrected."
    ))
}

/// The words of a task's input: the text under [`PROMPT`] as it is, or the template under [`TEMPLATE`], filled. None
/// if the input has neither.
pub(super) fn asked<M>(work: &Work) -> Result<Option<String>, OperationError<M>> {
    let text = |key| work.spec.input.get(key).and_then(Value::as_text);
    match (text(TEMPLATE), text(PROMPT)) {
        (Some(template), _) => filled(work, template).map(Some),
        (None, prompt) => Ok(prompt.map(str::to_owned)),
    }
}

/// The template with each placeholder replaced by its result, in one pass: a result that looks like a placeholder stays
/// text. The size is known before the prompt is built, so no template multiplies a result without end.
fn filled<M>(work: &Work, template: &str) -> Result<String, OperationError<M>> {
    let inputs: BTreeMap<&str, &Value> =
        work.inputs.iter().map(|Input { name, value, .. }| (name.as_str(), value.as_ref())).collect();
    let read = || pieces(template, |name| inputs.contains_key(name));
    let mut results: BTreeMap<&str, String> = BTreeMap::new();
    let mut bytes = 0_usize;
    for piece in read() {
        bytes = bytes.saturating_add(match piece {
            Piece::Text(text) => text.len(),
            Piece::Result(name) => results.entry(name).or_insert_with(|| stated_text(inputs[name])).len(),
            Piece::Unknown(placeholder) => return Err(unknown(work, placeholder)),
        });
        check_size(work, bytes)?;
    }
    let mut prompt = String::with_capacity(bytes);
    for piece in read() {
        match piece {
            Piece::Text(text) => prompt.push_str(text),
            Piece::Result(name) => prompt.push_str(&results[name]),
            Piece::Unknown(placeholder) => return Err(unknown(work, placeholder)),
        }
    }
    Ok(prompt)
}

fn unknown<M>(work: &Work, placeholder: &str) -> OperationError<M> {
    let (task, placeholder) = (work.spec.name.clone(), placeholder.to_owned());
    OperationError::UnknownPlaceholder { task, placeholder }
}

/// Checks the size of a prompt.
pub(super) fn check_size<M>(work: &Work, bytes: usize) -> Result<(), OperationError<M>> {
    if bytes <= MAX_PROMPT_BYTES {
        return Ok(());
    }
    Err(OperationError::PromptTooLong { task: work.spec.name.clone(), bytes })
}
