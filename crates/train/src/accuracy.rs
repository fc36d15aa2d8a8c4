//! The accuracy of the shipped model for each task, measured on held-out items.

use crate::TrainError;
use crate::corpus::{self, Item, Task};
use crate::shipped::{Shipped, each};
use holdout::Share;

/// The accuracy of the shipped model on one task, with or without the computed fact in the prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The task whose held-out items were asked.
    pub task: Task,
    /// True if each question came with the fact that a primitive computes for it.
    pub with_fact: bool,
    /// The number of answers that are right, token for token, among all that were asked.
    pub share: Share,
}

/// Measures every task on `count` held-out items, on `threads` threads. A task that has a fact is measured
/// without and with it.
///
/// # Errors
/// [`TrainError`] if the model refuses an item.
pub fn table(model: &Shipped, count: usize, threads: usize) -> Result<Vec<Row>, TrainError> {
    let kinds = Task::MIX.iter().flat_map(|(task, _)| [(*task, false), (*task, true)]);
    let kinds = kinds.filter(|(task, with_fact)| task.has_fact() || !with_fact);
    kinds
        .map(|(task, with_fact)| {
            let items = corpus::held_out(task, count, with_fact);
            Ok(Row { task, with_fact, share: share(model, &items, threads)? })
        })
        .collect()
}

/// Measures how many of `items` the model answers exactly as expected, on `threads` threads.
///
/// # Errors
/// [`TrainError`] if the model refuses an item.
pub fn share(model: &Shipped, items: &[Item], threads: usize) -> Result<Share, TrainError> {
    Ok(Share::from_outcomes(&each(items, threads, |item| model.answers(item))?))
}
