use abi::{Digest, Entry, EntryKind, JobId, TaskId, Value, decode};
use sched::History;

/// Checks a list of entries: each must be taken, or refused without a change to the history, and a job that
/// has ended must stay ended.
pub(super) fn history(bytes: &[u8]) {
    let Some(entries) = entries(bytes) else { return };
    let mut history = History::default();
    for entry in &entries {
        let before = format!("{history:?}");
        let ended = history.job(entry.task.job).and_then(|job| job.end.clone());
        match history.take(entry) {
            Ok(()) => {
                let end = history.job(entry.task.job).and_then(|job| job.end.clone());
                assert!(ended.is_none() || end == ended, "a job ended twice: {entry:?}");
            }
            Err(contradiction) => {
                assert_eq!(contradiction.task, entry.task);
                assert_eq!(format!("{history:?}"), before, "{contradiction}, and taken all the same");
            }
        }
    }
    let unfinished: Vec<JobId> = history.unfinished().collect();
    assert!(history.jobs().all(|(id, job)| job.end.is_none() == unfinished.contains(&id)));
}

/// Reads entries from an encoded list of maps with `kind`, `job`, `task`, `inputs` and `body`. Returns `None`
/// for other bytes.
pub(super) fn entries(bytes: &[u8]) -> Option<Vec<Entry>> {
    let items = decode(bytes).ok()?.into_list()?;
    items.iter().map(entry).collect()
}

/// Reads the entry of one map; `None` if a key is missing or has another form.
fn entry(value: &Value) -> Option<Entry> {
    let number = |field| match value.get(field) {
        Some(Value::Int(int)) => Some(int.cast_unsigned()),
        _ => None,
    };
    let Some(Value::Text(word)) = value.get("kind") else { return None };
    let Some(Value::List(inputs)) = value.get("inputs") else { return None };
    let input = |input: &Value| match input {
        Value::Bytes(bytes) => bytes.as_slice().try_into().ok().map(Digest::from_bytes),
        _ => None,
    };
    Some(Entry {
        kind: EntryKind::ALL.into_iter().find(|kind| kind.word() == word)?,
        task: TaskId { job: JobId(number("job")?), number: u32::try_from(number("task")?).ok()? },
        inputs: inputs.iter().map(input).collect::<Option<_>>()?,
        body: value.get("body")?.clone(),
    })
}

/// Returns the map from which [`entries`] reads this entry.
pub(crate) fn to_value(entry: &Entry) -> Value {
    Value::map([
        ("kind", Value::text(entry.kind.word())),
        ("job", Value::Int(entry.task.job.0.cast_signed())),
        ("task", Value::Int(i64::from(entry.task.number))),
        ("inputs", Value::List(entry.inputs.iter().map(|input| input.to_value()).collect())),
        ("body", entry.body.clone()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_is_a_history_up_to_its_last_entry() {
        let seeds = crate::binary_seeds();
        let (_, bytes) = seeds.iter().find(|(path, _)| path == "history/job").expect("the seed");
        let entries = entries(bytes).expect("entries");
        let mut history = History::default();
        let taken: Vec<bool> = entries.iter().map(|entry| history.take(entry).is_ok()).collect();
        let (last, others) = taken.split_last().expect("entries");
        assert!(others.iter().all(|taken| *taken) && !last, "{taken:?}");
        assert_eq!(history.unfinished().count(), 0);
    }
}
