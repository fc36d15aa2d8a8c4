//! The consultation of the memory for a job, and the choice of what it recalled that enters prompts.
//!
//! Each job is opened with the record of one consultation. Where no memory answers, the record says why, and the job runs
//! without one. Of what is found, the entries of the kind `fact` whose key the request mostly names are recalled, as far as
//! they leave the model room. Whatever an entry says about itself, it is a claim: it enters a prompt as a line of the facts
//! block, and no level rests on it.

use std::collections::BTreeSet;
use std::path::Path;

use abi::Value;
use factloop::recalled_block;
use memory::{Entry, MemoryError, Options, Store};
use sched::{Consulted, Remembered};

use crate::config::MemoryConfig;
use crate::{AnyModel, excerpt, surroundings};

/// The kind of the entries that enter prompts.
pub(crate) const FACT: &str = "fact";
/// The key of an entry's value under which the value of the fact stands, beside what is told of its origin.
pub(crate) const VALUE: &str = "value";

/// The reason why no memory answers where no folder is known for one.
const NO_PLACE: &str = "no folder of a memory is known";
/// The reason why no memory answers where nobody ever stored an entry.
const NOTHING_STORED: &str = "nothing was ever stored in the memory";
/// The reason why no memory answers where the configuration forbids it.
const SWITCHED_OFF: &str = "consult_tokens is 0 in the configuration";
/// The reason why no memory answers where the caller forbids it.
pub(crate) const NO_MEMORY: &str = "--no-memory was passed";
/// The reason why nothing is recalled for a dry run.
pub(crate) const DRY_RUN: &str = "a dry run opens no memory";
/// The reason why nothing is recalled in an evaluation.
pub(crate) const EVALUATION: &str = "an evaluation opens no memory";

/// A consultation, and what a person should know of it.
#[derive(Clone, Debug)]
pub(crate) struct Recollection {
    /// The record for the job.
    pub(crate) consulted: Consulted,
    /// The fault because of which a memory that is there did not answer. None if it answered, or there is none.
    pub(crate) fault: Option<String>,
}

impl Recollection {
    /// Returns the record that no memory answered for this reason.
    pub(crate) fn none(reason: &str) -> Self {
        Self { consulted: Consulted::no_memory(reason), fault: None }
    }
}

/// Consults the memory for a job that begins with these prompts, which `model` reads with at most `max_new` tokens after
/// each.
pub(crate) fn recall(
    memory: &MemoryConfig,
    prompts: &[&str],
    model: &AnyModel,
    max_new: Option<u32>,
) -> Recollection {
    let Some(folder) = &memory.folder else { return Recollection::none(NO_PLACE) };
    if memory.consult_tokens == 0 {
        return Recollection::none(SWITCHED_OFF);
    }
    if Store::is_missing(folder) {
        return Recollection::none(NOTHING_STORED);
    }
    let request = prompts.join("\n");
    let found = match found(memory, folder, &request) {
        Ok(found) => found,
        Err(error) => {
            let fault = excerpt::one_line(&error.to_string());
            let consulted = Consulted::no_memory(&fault);
            return Recollection { consulted, fault: Some(fault) };
        }
    };
    let Found { entries, mut left_out } = found;
    let has_room = |entries: &[Remembered]| {
        let facts = recalled_block(entries);
        prompts.iter().all(|prompt| model.has_room_for(&facts, prompt, max_new))
    };
    // The best entries that fit: one that is too long must not shut out those behind it.
    let mut kept: Vec<Remembered> = Vec::with_capacity(entries.len());
    for entry in entries {
        kept.push(entry);
        if !has_room(&kept) {
            kept.pop();
            left_out += 1;
        }
    }
    let entries = kept;
    match Consulted::recalled(entries, left_out) {
        Ok(consulted) => Recollection { consulted, fault: None },
        Err(excess) => {
            let fault = format!("the memory recalled too much: {excess}");
            Recollection { consulted: Consulted::no_memory(&fault), fault: Some(fault) }
        }
    }
}

/// Returns the consultation with as many of `learnings`, the first ones, as leave the model room beside what was recalled.
/// A learning is a claim like any recalled entry. A memory with a fault keeps its record, which names the fault.
pub(crate) fn with_learnings(
    recollection: Recollection,
    learnings: Vec<Remembered>,
    prompts: &[&str],
    model: &AnyModel,
    max_new: Option<u32>,
) -> Recollection {
    let Recollection { consulted, fault: None } = &recollection else { return recollection };
    let mut entries = consulted.entries().to_vec();
    let known = entries.len();
    for learning in learnings {
        entries.insert(entries.len() - known, learning);
        let facts = recalled_block(&entries);
        if !prompts.iter().all(|prompt| model.has_room_for(&facts, prompt, max_new)) {
            entries.remove(entries.len() - known - 1);
            break;
        }
    }
    if entries.len() == known {
        return recollection;
    }
    match Consulted::recalled(entries, consulted.left_out()) {
        Ok(consulted) => Recollection { consulted, fault: None },
        Err(_) => recollection,
    }
}

/// The entries that a memory has for a request.
struct Found {
    /// The entries that may enter prompts, the best first.
    entries: Vec<Remembered>,
    /// The number of the others.
    left_out: u64,
}

fn found(memory: &MemoryConfig, folder: &Path, request: &str) -> Result<Found, MemoryError> {
    let options = Options { quota: memory.quota, busy: memory.wait };
    let now_ms = surroundings::time_of_day().unwrap_or(0);
    let found = Store::open(folder, &options, now_ms)?.consult(request, memory.consult_tokens, now_ms)?;
    let words = words(request);
    let mut left_out = found.passed_over as u64;
    let mut entries = Vec::new();
    for recalled in found.recalled {
        if recalled.entry.kind == FACT && names(&words, &recalled.entry.key) {
            entries.push(remembered(recalled.entry));
        } else {
            left_out += 1;
        }
    }
    Ok(Found { entries, left_out })
}

/// Returns the claim that an entry makes. Of a value with parts, the part under [`VALUE`] is the value of the fact; a list or
/// another map is told as JSON.
fn remembered(entry: Entry) -> Remembered {
    let Entry { key, value, digest, .. } = entry;
    let value = match value.get(VALUE) {
        Some(part) => part.clone(),
        None => value,
    };
    let value = match value {
        Value::List(_) | Value::Map(_) => Value::Text(factloop::to_json(&value).to_string()),
        scalar => scalar,
    };
    Remembered { label: key, value, entry: digest }
}

/// Returns true if a request names what a key is about: all operands of a computation such as `letter_count(strawberry, r)`,
/// and most words of any other key. A fact about other operands misleads more than none.
fn names(request: &BTreeSet<String>, key: &str) -> bool {
    let is_named = |words: &BTreeSet<String>, all: bool| {
        let named = words.iter().filter(|word| request.contains(*word)).count();
        if all { named == words.len() && named > 0 } else { 2 * named > words.len() }
    };
    match operands(key) {
        Some(operands) => is_named(&words(&operands), true),
        None => is_named(&words(key), false),
    }
}

/// Returns the operands of a computation, without the names of its functions. None for another key.
fn operands(key: &str) -> Option<String> {
    let key = key.trim();
    let is_computation = key.ends_with(')') && key.starts_with(|c: char| c.is_ascii_alphabetic());
    let open = key.find('(').filter(|_| is_computation)?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !key[..open].chars().all(is_name) {
        return None;
    }
    let mut text = String::new();
    for part in key.split_inclusive('(') {
        let before = part.strip_suffix('(').map_or(part, |part| part.trim_end_matches(is_name));
        text.push_str(before);
        text.push(' ');
    }
    Some(text)
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::{names, words};

    #[test]
    fn a_request_must_name_most_words_of_a_key() {
        let request = words("How many times does the letter R appear in strawberry?");
        for (key, wanted) in [
            ("letter_count(strawberry, r)", true),
            ("letter_count(banana, r)", false),
            ("letter_count(strawberry, b)", false),
            ("add(letter_count(strawberry, r), 4)", false),
            ("is_prime(97)", false),
            ("the colour of the sky", false),
            ("strawberry", true),
            ("?!", false),
        ] {
            assert_eq!(names(&request, key), wanted, "{key}");
        }
    }
}
