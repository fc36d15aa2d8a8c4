//! The accuracy of the shipped model for each task, measured on held-out items.

use crate::TrainError;
use crate::corpus::{self, Item, Task};
use crate::shipped::{Shipped, each};
use crate::wilson::Share;

/// The share of right answers for one task, with or without its fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The task.
    pub task: Task,
    /// True if the fact was given to the model.
    pub with_fact: bool,
    /// The share of answers that are right, token for token.
    pub share: Share,
}

/// Measures every task on `count` held-out items. A task that has a fact is measured with and without it.
/// Fails if the model refuses an item.
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

/// Measures the share of `items` that the model answers exactly as expected. Fails if the model refuses an
/// item.
pub fn share(model: &Shipped, items: &[Item], threads: usize) -> Result<Share, TrainError> {
    Ok(Share::from_outcomes(&each(items, threads, |item| model.answers(item))?))
}
