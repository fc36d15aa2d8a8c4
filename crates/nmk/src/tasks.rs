//! The lines about the tasks of a graph that a person at a terminal reads while they run.

use std::collections::BTreeMap;
use std::time::Instant;

use sched::TaskState;

use crate::excerpt;

/// The tasks of a running graph, as far as a person is told of them.
#[derive(Debug)]
pub(crate) struct Tasks {
    /// The number of tasks of the graph.
    all: usize,
    /// The number of tasks that have ended.
    ended: usize,
    /// The time at which each task that has not ended was started first.
    started: BTreeMap<String, Instant>,
}

impl Tasks {
    /// Returns the `all` tasks of a graph before any of them is started.
    pub(crate) fn new(all: usize) -> Self {
        Self { all, ended: 0, started: BTreeMap::new() }
    }

    /// Takes the new state of a task. Returns a line if the task starts, is repaired, or ends.
    pub(crate) fn moved(&mut self, task: &str, state: TaskState) -> Option<String> {
        let name = excerpt::from_text(task);
        match state {
            // A task that was parked goes on, and a person knows of it already.
            TaskState::Running if self.started.contains_key(task) => None,
            TaskState::Running => {
                self.started.insert(task.to_owned(), Instant::now());
                Some(format!("{name}: started"))
            }
            TaskState::Repairing => Some(format!("{name}: not accepted, asked again")),
            // The answer of the graph passes before it is committed.
            state if state.is_settled() => {
                let started = self.started.remove(task);
                self.ended += usize::from(state != TaskState::Committed || started.is_some());
                let time = started.map(|started| format!(" · {:.1} s", started.elapsed().as_secs_f64()));
                let (ended, all) = (self.ended, self.all.max(self.ended));
                Some(format!("{ended}/{all} {name}: {state}{}", time.unwrap_or_default()))
            }
            _ => None,
        }
    }
}
