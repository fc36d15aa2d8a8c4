//! Accuracy per task on held-out items.

use crate::TrainError;
use crate::corpus::{self, Item, Task};
use crate::shipped::{Shipped, each};
use crate::wilson::Share;

/// The share of right answers of one task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The task.
    pub task: Task,
    /// Whether the fact was delivered.
    pub with_fact: bool,
    /// How many answers were right, word for word.
    pub share: Share,
}

/// Every task, where it has a fact with and without it, on `count` held-out items each.
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

/// The share of items that are answered right.
pub fn share(model: &Shipped, items: &[Item], threads: usize) -> Result<Share, TrainError> {
    Ok(Share::of(&each(items, threads, |item| model.answers(item))?))
}
