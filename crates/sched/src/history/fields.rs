//! Readers for the fields of an entry's body, each failing with the rule that the entry breaks.

use abi::{Digest, Value};
use det::Level;

use super::Wrong;

/// Returns the task numbers under `key`.
pub(super) fn tasks(body: &Value, key: &str) -> Result<Vec<u32>, Wrong> {
    let wrong = || Wrong("the entry has no list of task numbers where one belongs");
    let Some(Value::List(tasks)) = body.get(key) else { return Err(wrong()) };
    let number = |task: &Value| match task {
        Value::Int(number) => u32::try_from(*number).map_err(|_| wrong()),
        _ => Err(wrong()),
    };
    tasks.iter().map(number).collect()
}

/// Returns the text under `key`.
pub(super) fn text<'a>(body: &'a Value, key: &str) -> Result<&'a str, Wrong> {
    match body.get(key) {
        Some(Value::Text(text)) => Ok(text),
        _ => Err(Wrong("the entry has no text where one belongs")),
    }
}

/// Returns the level under `key`.
pub(super) fn level(body: &Value, key: &str) -> Result<Level, Wrong> {
    text(body, key)?.parse().map_err(|_| Wrong("the entry has an unknown level"))
}

/// Returns the digest under `key`.
pub(super) fn digest(body: &Value, key: &str) -> Result<Digest, Wrong> {
    match body.get(key) {
        Some(Value::Bytes(bytes)) => {
            bytes.as_slice().try_into().map(Digest::from_bytes).map_err(|_| Wrong("a digest has 32 bytes"))
        }
        _ => Err(Wrong("the entry has no digest where one belongs")),
    }
}
