//! The tools `memory` and `memory_write`, which read and change what was remembered.
//!
//! The results of a memory are not trusted. Each of them says so under `trust`, and an entry's words about its own level
//! change nothing: the results of tools reach the level `Schema` at most. Reading and writing are two operations, because a
//! task that may look something up need not be one that may change what later jobs are told.

use std::sync::Arc;

use abi::Value;
use det::ContractError;

use crate::sysinfo::schema;
use crate::{Tool, ToolError};

/// The mark of every result under `trust`.
const UNTRUSTED: &str = "untrusted";
/// The most tokens of a consultation if the arguments do not say how many.
const USUAL_TOKENS: u64 = 1000;
/// The actions of the tool `memory`.
const READS: [&str; 4] = ["consult", "get", "list", "stats"];
/// The actions of the tool `memory_write`.
const WRITES: [&str; 2] = ["put", "delete"];

/// The JSON Schema of the arguments of both tools. The action is looked at by the tool, which names a wrong one.
const TAKES: &str = r#"{"type": "object", "additionalProperties": false, "required": ["action"],
  "properties": {"action": {"type": "string"}, "request": {"type": "string", "minLength": 1, "maxLength": 4096},
    "tokens": {"type": "integer", "minimum": 1, "maximum": 100000}, "key": {"type": "string", "minLength": 1, "maxLength": 512},
    "kind": {"type": "string", "minLength": 1, "maxLength": 64}, "value": true}}"#;

/// The JSON Schema of the results of both tools.
const RETURNS: &str = r#"{"type": "object", "additionalProperties": false, "required": ["action", "found", "trust"],
  "properties": {"action": {"type": "string"}, "found": true, "trust": {"const": "untrusted"}}}"#;

/// A memory, as far as the tools use it. The application supplies it; none of its methods pins an entry, or changes the
/// memory's own rules.
pub trait Recall: Send + Sync {
    /// Returns the entries that fit `request`, within `tokens`, as a value.
    ///
    /// # Errors
    /// [`RecallRefusal`] names the fault and what to do.
    fn consult(&self, request: &str, tokens: u64) -> Result<Value, RecallRefusal>;

    /// Returns the entry with this key as a value, and null if there is none.
    ///
    /// # Errors
    /// Fails as [`consult`](Self::consult) does.
    fn get(&self, key: &str) -> Result<Value, RecallRefusal>;

    /// Returns the entries without their values, as a list.
    ///
    /// # Errors
    /// Fails as [`consult`](Self::consult) does.
    fn list(&self) -> Result<Value, RecallRefusal>;

    /// Returns the state of the memory in numbers.
    ///
    /// # Errors
    /// Fails as [`consult`](Self::consult) does.
    fn stats(&self) -> Result<Value, RecallRefusal>;

    /// Stores an entry, and returns what became of it.
    ///
    /// # Errors
    /// Fails as [`consult`](Self::consult) does, and if the key or the kind is none.
    fn put(&self, key: &str, kind: &str, value: &Value) -> Result<Value, RecallRefusal>;

    /// Removes an entry that is not pinned. Returns true as a value if there was one.
    ///
    /// # Errors
    /// Fails as [`consult`](Self::consult) does, and for a pinned entry.
    fn delete(&self, key: &str) -> Result<Value, RecallRefusal>;
}

/// The reason why a memory did nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecallRefusal {
    /// No tool has this action.
    #[error("there is no action {action}; the actions are {}, and of memory_write {}", READS.join(", "), WRITES.join(", "))]
    UnknownAction {
        /// The word in the arguments.
        action: String,
    },
    /// The action belongs to the other tool.
    #[error("{action} is an action of tool.{tool}, which needs the capability op:{tool}")]
    OtherTool {
        /// The word in the arguments.
        action: String,
        /// The name of the tool that has the action.
        tool: &'static str,
    },
    /// The action needs an argument that is not there.
    #[error("{action} needs `{argument}`; state it")]
    NoArgument {
        /// The action.
        action: String,
        /// The name of the argument.
        argument: &'static str,
    },
    /// The memory refused, or cannot be used.
    #[error("{message}")]
    Store {
        /// The fault and its remedy, in words for the user.
        message: String,
    },
}

/// Returns the tool `memory`, with the actions consult, get, list and stats. Its tasks need the capability `op:memory`.
///
/// # Errors
/// Fails if the contract of its results cannot be made, which the tests of this crate rule out.
pub fn memory(recall: Arc<dyn Recall>) -> Result<Tool, ContractError> {
    tool("memory", "what was remembered", r#"{ action = "consult", request = "…" }"#, &READS, recall)
}

/// Returns the tool `memory_write`, with the actions put and delete. Its tasks need the capability `op:memory_write`.
///
/// # Errors
/// Fails if the contract of its results cannot be made, which the tests of this crate rule out.
pub fn memory_write(recall: Arc<dyn Recall>) -> Result<Tool, ContractError> {
    tool(
        "memory_write",
        "a change of what was remembered",
        r#"{ action = "put", key = "…" }"#,
        &WRITES,
        recall,
    )
}

fn tool(
    name: &'static str,
    about: &str,
    usage: &'static str,
    actions: &'static [&'static str],
    recall: Arc<dyn Recall>,
) -> Result<Tool, ContractError> {
    let tool = Tool::new(name, about, schema(TAKES), schema(RETURNS), move |arguments| {
        let refused = |refusal| ToolError::Recall { tool: name.to_owned(), refusal };
        let action = arguments.get("action").and_then(Value::as_text).unwrap_or_default();
        let found =
            check(action, actions).and_then(|()| act(recall.as_ref(), action, arguments)).map_err(refused)?;
        Ok(Value::map([("action", Value::text(action)), ("found", found), ("trust", Value::text(UNTRUSTED))]))
    })?;
    Ok(tool.used_as(usage))
}

/// Returns an error unless `action` is one of `actions`, those of the tool that runs.
fn check(action: &str, actions: &[&str]) -> Result<(), RecallRefusal> {
    let action = || action.to_owned();
    match action().as_str() {
        own if actions.contains(&own) => Ok(()),
        read if READS.contains(&read) => Err(RecallRefusal::OtherTool { action: action(), tool: "memory" }),
        write if WRITES.contains(&write) => {
            Err(RecallRefusal::OtherTool { action: action(), tool: "memory_write" })
        }
        _ => Err(RecallRefusal::UnknownAction { action: action() }),
    }
}

/// Runs an action that the tool has.
fn act(recall: &dyn Recall, action: &str, arguments: &Value) -> Result<Value, RecallRefusal> {
    let missing = |argument| RecallRefusal::NoArgument { action: action.to_owned(), argument };
    let text = |name: &'static str| arguments.get(name).and_then(Value::as_text).ok_or_else(|| missing(name));
    match action {
        "consult" => {
            let tokens = arguments.get("tokens").and_then(Value::as_int);
            let tokens = tokens.and_then(|tokens| u64::try_from(tokens).ok()).unwrap_or(USUAL_TOKENS);
            recall.consult(text("request")?, tokens)
        }
        "get" => recall.get(text("key")?),
        "list" => recall.list(),
        "stats" => recall.stats(),
        "put" => {
            let kind = arguments.get("kind").and_then(Value::as_text).unwrap_or("note");
            recall.put(text("key")?, kind, arguments.get("value").ok_or_else(|| missing("value"))?)
        }
        "delete" => recall.delete(text("key")?),
        _ => Err(RecallRefusal::UnknownAction { action: action.to_owned() }),
    }
}
