//! The model of who waits for whom: no task may wait for itself, through whatever others.

use std::collections::{BTreeMap, BTreeSet};

use abi::{JobId, TaskId};
use sched::TaskState;

use super::Game;
use crate::world::{Violation, check};

impl Game<'_> {
    /// Takes away tasks that wait for nothing, until none is left. What remains waits in a circle.
    pub(super) fn check_circles(&self, job: JobId) -> Result<(), Violation> {
        let mut open: BTreeMap<TaskId, Vec<TaskId>> = BTreeMap::new();
        for (task, state) in &self.states {
            if task.job == job && !state.is_settled() {
                open.insert(*task, self.waits_for(*task, *state));
            }
        }
        loop {
            let known: BTreeSet<TaskId> = open.keys().copied().collect();
            let before = known.len();
            open.retain(|_, waits| waits.iter().any(|other| known.contains(other)));
            if open.len() == before {
                break;
            }
        }
        check(open.is_empty(), || format!("these tasks wait for each other: {:?}", open.keys()))
    }

    /// The tasks that must end before this one goes on.
    fn waits_for(&self, task: TaskId, state: TaskState) -> Vec<TaskId> {
        match state {
            TaskState::Waiting => {
                let after: &[String] = self.goals.get(&task).map_or(&[], |(_, spec)| &spec.after);
                let named = |name: &String| {
                    let same = |(other, (_, spec)): (&TaskId, &(_, sched::TaskSpec))| {
                        (other.job == task.job && spec.name == *name).then_some(*other)
                    };
                    self.goals.iter().find_map(same)
                };
                after.iter().filter_map(named).collect()
            }
            // The record of a parking comes after the task has parked.
            TaskState::Parked | TaskState::Repairing => {
                let numbers = self.waits.get(&task).into_iter().flatten();
                numbers.map(|number| TaskId { number: *number, ..task }).collect()
            }
            _ => Vec::new(),
        }
    }
}
