//! The way of a judged answer into the memory: with its level and its place in the ledger, as an entry of the kind `fact`.

use abi::Value;
use det::Level;
use factloop::JobReport;
use memory::{Draft, Key, Kind, MAX_KEY_BYTES, MemoryError, Options, Store};

use crate::config::MemoryConfig;
use crate::recall::{FACT, VALUE};
use crate::{Error, surroundings};

/// The least level at which an answer is stored.
const LEAST: Level = Level::Property;

/// Stores the answer of `report` to `prompt`, and returns a sentence that says what was stored, or why nothing was.
///
/// The words of an entry about its level are for people: whoever recalls it has a claim.
///
/// # Errors
/// [`Error`] if the memory has no place, or refuses.
pub(crate) fn remember(
    report: &JobReport,
    prompt: &str,
    is_under_contract: bool,
    memory: &MemoryConfig,
) -> Result<String, Error> {
    let Some(value) = report.value.as_ref().filter(|_| report.level >= LEAST) else {
        return Ok(format!("nothing was remembered, because no answer was checked up to {LEAST}"));
    };
    let routed = if is_under_contract { None } else { factloop::route(prompt) };
    // The operand that a model is unreliable at serves more questions than the answer, which was checked with it.
    let fact = routed.and_then(|routed| Some((routed.fact.to_string(), routed.fact.evaluate().ok()?)));
    let (label, value) = fact.unwrap_or_else(|| (prompt.to_owned(), value.clone()));
    let line = crate::excerpt::one_line(&label);
    let key = Key::new(cut_to(&line, MAX_KEY_BYTES)).map_err(MemoryError::from)?;
    let told = Value::map([
        (VALUE, value),
        ("question", Value::text(prompt)),
        ("level", Value::text(report.level.word())),
        ("job", Value::text(report.job.to_string())),
        ("head", Value::text(report.receipt.head.to_string())),
    ]);
    let kind = Kind::new(FACT).map_err(MemoryError::from)?;
    let folder = memory.folder.as_deref().ok_or(Error::NoMemoryPlace)?;
    let now_ms = surroundings::time_of_day().unwrap_or(0);
    let options = Options { quota: memory.quota, busy: memory.wait };
    let draft = Draft { kind, ..Draft::note(key, told) };
    Store::open(folder, &options, now_ms)?.put(&draft, now_ms)?;
    Ok(format!("remembered: {}", cut_to(&line, MAX_KEY_BYTES)))
}

/// Returns as much of the beginning of a text as has at most `most` bytes.
fn cut_to(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}
