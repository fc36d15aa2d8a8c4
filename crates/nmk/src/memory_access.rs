//! The way from the tools of the memory to the store.

use std::path::Path;
use std::sync::Arc;

use abi::Value;
use memory::{Draft, Entry, Key, Kind, Listed, MemoryError, Options, Stats, Store, Stored};
use sched::TaskSpec;
use tools::{Recall, RecallRefusal};

use crate::config::{Config, MemoryConfig};
use crate::{Error, surroundings, web};

/// The operations that use the memory: one that reads it, and one that changes it.
const OPERATIONS: [&str; 2] = ["tool.memory", "tool.memory_write"];
/// The most entries that the action `list` returns.
const MOST_LISTED: u32 = 100;

/// The memory that a configuration names. Each action opens it anew, so that other processes are never kept waiting.
#[derive(Clone, Debug)]
struct MemoryAccess(MemoryConfig);

impl MemoryAccess {
    /// Acts on the store in a way that changes nothing, and makes none if there is none.
    fn reading<T>(
        &self,
        act: impl FnOnce(&Store, i64) -> Result<T, MemoryError>,
    ) -> Result<T, RecallRefusal> {
        self.with(Store::open_to_read, act)
    }

    /// Acts on the store in a way that may change it, and makes one if there is none.
    fn writing<T>(
        &self,
        act: impl FnOnce(&Store, i64) -> Result<T, MemoryError>,
    ) -> Result<T, RecallRefusal> {
        self.with(Store::open, act)
    }

    fn with<T>(
        &self,
        open: fn(&Path, &Options, i64) -> Result<Store, MemoryError>,
        act: impl FnOnce(&Store, i64) -> Result<T, MemoryError>,
    ) -> Result<T, RecallRefusal> {
        let refused = |message: String| RecallRefusal::Store { message };
        let no_place = || refused(Error::NoMemoryPlace.to_string());
        let folder = self.0.folder.as_deref().ok_or_else(no_place)?;
        let options = Options { quota: self.0.quota, busy: self.0.wait };
        let now_ms = surroundings::time_of_day().unwrap_or(0);
        let done = open(folder, &options, now_ms).and_then(|store| act(&store, now_ms));
        done.map_err(|error| refused(error.to_string()))
    }
}

impl Recall for MemoryAccess {
    fn consult(&self, request: &str, tokens: u64) -> Result<Value, RecallRefusal> {
        let found = self.reading(|store, now_ms| store.consult(request, tokens, now_ms))?;
        let entries = found.recalled.into_iter().map(|recalled| entry(recalled.entry)).collect();
        Ok(Value::map([("rules", Value::Text(found.governance)), ("entries", Value::List(entries))]))
    }

    fn get(&self, key: &str) -> Result<Value, RecallRefusal> {
        Ok(self.reading(|store, now_ms| store.get(key, now_ms))?.map_or(Value::Null, entry))
    }

    fn list(&self) -> Result<Value, RecallRefusal> {
        let listed = self.reading(|store, _| store.list(MOST_LISTED))?;
        let entries = listed.into_iter().map(|Listed { key, kind, pinned, bytes, .. }| {
            Value::map([
                ("key", Value::Text(key)),
                ("kind", Value::Text(kind)),
                ("pinned", Value::Bool(pinned)),
                ("bytes", number(bytes)),
            ])
        });
        Ok(Value::List(entries.collect()))
    }

    fn stats(&self) -> Result<Value, RecallRefusal> {
        let Stats { entries, bytes, quota, file_bytes, .. } = self.reading(|store, _| store.stats())?;
        Ok(Value::map([
            ("entries", number(entries)),
            ("bytes", number(bytes)),
            ("quota_bytes", number(quota)),
            ("file_bytes", number(file_bytes)),
        ]))
    }

    fn put(&self, key: &str, kind: &str, value: &Value) -> Result<Value, RecallRefusal> {
        let Stored { replaced, evicted, .. } = self.writing(|store, now_ms| {
            let draft = Draft { kind: Kind::new(kind)?, ..Draft::note(Key::new(key)?, value.clone()) };
            store.put(&draft, now_ms)
        })?;
        let evicted = evicted.into_iter().map(Value::Text).collect();
        Ok(Value::map([("replaced", Value::Bool(replaced)), ("evicted", Value::List(evicted))]))
    }

    fn delete(&self, key: &str) -> Result<Value, RecallRefusal> {
        Ok(Value::Bool(self.reading(|store, _| store.delete(key))?))
    }
}

fn entry(entry: Entry) -> Value {
    let Entry { key, kind, value, digest, .. } = entry;
    Value::map([
        ("key", Value::Text(key)),
        ("kind", Value::Text(kind)),
        ("value", value),
        ("entry", Value::text(digest.to_string())),
    ])
}

fn number(count: u64) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The memory of a command that opens none: everything is refused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoMemory;

impl NoMemory {
    fn refused() -> Result<Value, RecallRefusal> {
        let message = "this command opens no memory; write a graph for nmk run and pass --grant".to_owned();
        Err(RecallRefusal::Store { message })
    }
}

impl Recall for NoMemory {
    fn consult(&self, _: &str, _: u64) -> Result<Value, RecallRefusal> {
        Self::refused()
    }

    fn get(&self, _: &str) -> Result<Value, RecallRefusal> {
        Self::refused()
    }

    fn list(&self) -> Result<Value, RecallRefusal> {
        Self::refused()
    }

    fn stats(&self) -> Result<Value, RecallRefusal> {
        Self::refused()
    }

    fn put(&self, _: &str, _: &str, _: &Value) -> Result<Value, RecallRefusal> {
        Self::refused()
    }

    fn delete(&self, _: &str) -> Result<Value, RecallRefusal> {
        Self::refused()
    }
}

/// Returns the memory of `config` for a job with these tasks, or None if no task needs it. Nothing is opened yet.
pub(crate) fn for_tasks(tasks: &[TaskSpec], config: &Config) -> Option<Arc<dyn Recall>> {
    let needs = |task: &TaskSpec| OPERATIONS.iter().any(|operation| web::runs(task, operation));
    tasks.iter().any(needs).then(|| Arc::new(MemoryAccess(config.memory.clone())) as Arc<dyn Recall>)
}
