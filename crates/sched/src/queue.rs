//! Who runs next: weighted turns between priorities, turns between the jobs of one.

use std::collections::{BTreeMap, VecDeque};

use abi::{JobId, TaskId};

use crate::Priority;

/// The tasks that may run, in the order in which they will.
///
/// Between two starts of a waiting class every other class starts at most its quantum, and between two
/// starts of a waiting job every other job of its class starts at most once: nothing starves.
#[derive(Debug, Default)]
pub(crate) struct ReadyQueue {
    classes: [Class; Priority::ALL.len()],
}

#[derive(Debug, Default)]
struct Class {
    /// Jobs with tasks, the next first. Each job is in it once.
    turns: VecDeque<JobId>,
    tasks: BTreeMap<JobId, VecDeque<u32>>,
    /// Starts used since the last refill.
    used: u32,
}

impl ReadyQueue {
    pub(crate) fn push(&mut self, priority: Priority, task: TaskId) {
        let class = &mut self.classes[priority as usize];
        let tasks = class.tasks.entry(task.job).or_default();
        if tasks.is_empty() {
            class.turns.push_back(task.job);
        }
        tasks.push_back(task.number);
    }

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

    /// Drops the tasks of a job.
    pub(crate) fn forget(&mut self, priority: Priority, job: JobId) {
        let class = &mut self.classes[priority as usize];
        if class.tasks.remove(&job).is_some() {
            class.turns.retain(|other| *other != job);
        }
    }
}

impl Class {
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
