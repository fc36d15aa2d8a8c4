//! Arguments in which the results of other tasks stand.

use abi::{Origin, Value};
use sched::Input;

use crate::ToolError;

/// Arguments in which results of other tasks stand.
pub(crate) struct Filled {
    pub(crate) value: Value,
    /// The origin of the first result that no primitive computed. None if there is none.
    pub(crate) origin: Option<Origin>,
}

/// Returns true if a text in `arguments` stands for the result of a task in `names`, or for a part of it.
#[must_use]
pub fn awaits(arguments: &Value, names: &[String]) -> bool {
    match arguments {
        Value::Text(text) => placeholder(text, names.iter().map(String::as_str)).is_some(),
        Value::List(items) => items.iter().any(|item| awaits(item, names)),
        Value::Map(map) => map.values().any(|item| awaits(item, names)),
        _ => false,
    }
}

/// Returns the place of the task in `names` whose result the text stands for, and the path of the part that is meant, which is
/// empty for the whole.
fn placeholder<'a, 'n>(text: &'a str, names: impl Iterator<Item = &'n str>) -> Option<(usize, &'a str)> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let path = |name: &str| match inner.strip_prefix(name)? {
        "" => Some(""),
        rest => rest.strip_prefix('.').filter(|path| !path.is_empty()),
    };
    names.enumerate().find_map(|(place, name)| Some((place, path(name)?)))
}

/// Returns `arguments` with the results of `inputs` in the places that stand for them.
///
/// # Errors
/// [`ToolError::Failed`] if a result has no such part.
pub(crate) fn filled(arguments: &Value, inputs: &[Input]) -> Result<Filled, ToolError> {
    let mut origin = None;
    let value = fill(arguments, inputs, &mut origin)?;
    Ok(Filled { value, origin })
}

fn fill(arguments: &Value, inputs: &[Input], origin: &mut Option<Origin>) -> Result<Value, ToolError> {
    Ok(match arguments {
        Value::Text(text) => {
            let names = inputs.iter().map(|input| input.name.as_str());
            let Some((place, path)) = placeholder(text, names) else { return Ok(arguments.clone()) };
            let input = &inputs[place];
            let part = part(&input.value, path).ok_or_else(|| ToolError::Failed {
                message: format!("the result of {} has no part {path}", input.name),
            })?;
            if origin.is_none() && !matches!(input.origin, Origin::Primitive { .. }) {
                *origin = Some(input.origin.clone());
            }
            part.clone()
        }
        Value::List(items) => {
            Value::List(items.iter().map(|item| fill(item, inputs, origin)).collect::<Result<_, _>>()?)
        }
        Value::Map(map) => {
            let filled = map.iter().map(|(key, item)| Ok((key.clone(), fill(item, inputs, origin)?)));
            Value::Map(filled.collect::<Result<_, ToolError>>()?)
        }
        other => other.clone(),
    })
}

/// Returns the part of a value at a path of keys and of places from 0, with dots between them.
fn part<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let mut steps = path.split('.').filter(|_| !path.is_empty());
    steps.try_fold(value, |value, step| match value {
        Value::List(items) => items.get(step.parse::<usize>().ok()?),
        value => value.get(step),
    })
}
