//! The faults of a graph's file, each with its place.

use abi::counted;

use super::CheckError;
use crate::ContractFileError;

/// The reason why a graph cannot be submitted to the scheduler.
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// The text is not TOML, or has other keys or types than those of a graph.
    #[error("it is not a graph ({0}): docs/graph.md has the keys")]
    Syntax(String),
    /// The graph has more tasks than a job may hold.
    #[error("the graph has {found} and {limit} is the limit: split it", found = counted(*found, "task"))]
    TooManyTasks {
        /// The number of tasks that the graph has.
        found: usize,
        /// The largest number of tasks that a job may hold.
        limit: u32,
    },
    /// A contract or a value in the graph cannot be used.
    #[error("{place}: {cause}")]
    Contract {
        /// The part of the graph, for example `task draft`.
        place: String,
        /// The reason, as the reader of contract files states it.
        cause: ContractFileError,
    },
    /// A word in the graph is not one of the words that its key may have.
    #[error("{place}: {found:?} is none of {known}")]
    Unknown {
        /// The part of the graph, for example `job: priority`.
        place: String,
        /// The word that the graph has there.
        found: String,
        /// The words that the key may have.
        known: &'static str,
    },
    /// No primitive has the name that a task states.
    #[error("task {task}: there is no primitive named {found}{}; nmk prims list shows them", meant(.near))]
    NoPrimitive {
        /// The name of the task.
        task: String,
        /// The name that no primitive has.
        found: String,
        /// The names that a person may have meant.
        near: Vec<&'static str>,
    },
    /// The operands of a task do not fit its primitive.
    #[error("task {task}: {cause}")]
    Call {
        /// The name of the task that calls the primitive.
        task: String,
        /// The reason, as `det` states it when the call of a primitive is built.
        cause: det::ContractError,
    },
    /// The arguments of a task do not fit its tool.
    #[error("task {task}: {cause}")]
    Arguments {
        /// The name of the task that runs the tool, by itself or by its child.
        task: String,
        /// The reason, as the tool states it.
        cause: tools::ToolError,
    },
    /// A task lacks something that its operation needs.
    #[error("task {task}: {operation} needs {what}")]
    Missing {
        /// The name of the task that lacks something.
        task: String,
        /// The name of the operation that the task runs.
        operation: String,
        /// The part that is missing, as the file would state it.
        what: &'static str,
    },
    /// The child of a delegation could do nothing with what it is given.
    #[error("task {task}: a child that runs {child} {why}")]
    Child {
        /// The name of the task that delegates.
        task: String,
        /// The operation of the child.
        child: String,
        /// The reason, and what to do instead.
        why: &'static str,
    },
    /// The further checks of a task cannot be used.
    #[error("task {task} {cause}")]
    Check {
        /// The name of the task whose result they check.
        task: String,
        /// The reason, and what to do instead.
        cause: Box<CheckError>,
    },
    /// A task states a key that its operation does not read, so the key would change nothing.
    #[error("task {task}: {operation} does not read {key}; leave it out")]
    Unread {
        /// The name of the task that states the key.
        task: String,
        /// The name of the operation that the task runs.
        operation: String,
        /// The key that is not read.
        key: &'static str,
    },
}

/// Returns the names that a person may have meant, as the end of a sentence.
fn meant(near: &[&'static str]) -> String {
    match near {
        [] => String::new(),
        near => format!("; did you mean {}?", near.join(" or ")),
    }
}
