//! The order in which ready tasks start.
//!
//! Priority classes take weighted turns, and the jobs within a class take plain turns.

use std::collections::{BTreeMap, VecDeque};

use abi::{JobId, TaskId};

use crate::Priority;

/// The tasks that are ready to run, in the order in which they will start.
///
/// No task starves: between two starts of a waiting class, every other class starts at most its quantum of
/// tasks; between two starts of a waiting job, every other job of its class starts at most one task.
#[derive(Debug, Default)]
pub(crate) struct ReadyQueue {
    classes: [Class; Priority::ALL.len()],
}

/// The ready tasks of one priority class.
#[derive(Debug, Default)]
struct Class {
    /// The jobs that have ready tasks, the next one first. Each job appears once.
    turns: VecDeque<JobId>,
    /// The numbers of the ready tasks of each job, the next one first.
    tasks: BTreeMap<JobId, VecDeque<u32>>,
    /// Tasks of this class that were started since all counts were last reset.
    used: u32,
}

impl ReadyQueue {
    /// Adds a ready task after the other ready tasks of its job.
    pub(crate) fn push(&mut self, priority: Priority, task: TaskId) {
        let class = &mut self.classes[priority as usize];
        let tasks = class.tasks.entry(task.job).or_default();
        if tasks.is_empty() {
            class.turns.push_back(task.job);
        }
        tasks.push_back(task.number);
    }

    /// Removes and returns the task that starts next, or returns None if no task is ready.
    pub(crate) fn pop(&mut self) -> Option<TaskId> {
        let waits = |class: &Class| !class.turns.is_empty();
        let spent = |class: &Class, priority: Priority| class.used >= priority.quantum();
        let classes = || Priority::ALL.into_iter().enumerate();
        let next = classes()
            .find(|(at, priority)| waits(&self.classes[*at]) && !spent(&self.classes[*at], *priority));
        let at = match next {
            Some((at, _)) => at,
            None => {
                self.classes.iter_mut().for_each(|class| class.used = 0);
                classes().find(|(at, _)| waits(&self.classes[*at]))?.0
            }
        };
        Some(self.classes[at].pop())
    }

    /// Removes all ready tasks of a job.
    pub(crate) fn forget(&mut self, priority: Priority, job: JobId) {
        let class = &mut self.classes[priority as usize];
        if class.tasks.remove(&job).is_some() {
            class.turns.retain(|other| *other != job);
        }
    }
}

impl Class {
    /// Removes and returns the next task of the job whose turn it is. A task must be waiting.
    fn pop(&mut self) -> TaskId {
        self.used += 1;
        let job = self.turns.pop_front().expect("a waiting class has a turn");
        let tasks = self.tasks.get_mut(&job).expect("a job with a turn has tasks");
        let number = tasks.pop_front().expect("a job with a turn has a task");
        if tasks.is_empty() {
            self.tasks.remove(&job);
        } else {
            self.turns.push_back(job);
        }
        TaskId { job, number }
    }
}
