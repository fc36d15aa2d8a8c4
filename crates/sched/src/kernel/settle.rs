//! The end of a task, and its consequences for the tasks that depend on it.

use abi::TaskId;

use super::{Effect, Step};
use crate::{Cause, Record, Refusal, TaskOrigin, TaskState};

/// A task that is about to end: its number, its last state, and the cause if it did not pass.
type Ending = (u32, TaskState, Option<Cause>);

impl Step<'_> {
    /// Ends a task and everything that follows from it: tasks that wait for it, the task that asked for it,
    /// and the tasks that it asked for.
    pub(super) fn settle(&mut self, number: u32, state: TaskState, cause: Option<Cause>) {
        // A list instead of recursion, because a chain of dependents may be as long as a plan.
        let mut endings: Vec<Ending> = vec![(number, state, cause)];
        while let Some((number, state, cause)) = endings.pop() {
            // Another path may have ended this task in the meantime.
            if self.job.tasks[number as usize].state.is_settled() {
                continue;
            }
            self.end(number, state, cause);
            self.tell_asker(number, &mut endings);
            self.tell_dependents(number, &mut endings);
            if !state.has_passed() {
                self.cancel_children(number, &mut endings);
            }
        }
    }

    /// Ends one task.
    fn end(&mut self, number: u32, state: TaskState, cause: Option<Cause>) {
        let task = TaskId { job: self.id, number };
        self.stop_if_cancelled(number, state);
        self.transition(number, state);
        self.job.live -= 1;
        let spent = self.job.task(number).unrecorded.take();
        if let Some(cause) = cause.map(Cause::bounded) {
            self.out.push(Effect::Record(Record::Failed { task, state, cause: cause.clone(), spent }));
            self.job.task(number).cause = Some(cause);
        }
    }

    /// Frees the worker of a running task that is cancelled. Before any other ending the worker is already
    /// free.
    fn stop_if_cancelled(&mut self, number: u32, state: TaskState) {
        let running = self.job.tasks[number as usize].state == TaskState::Running;
        if running && state == TaskState::Cancelled {
            self.forfeit(number);
            self.out.push(Effect::Stop(TaskId { job: self.id, number }));
        }
    }

    /// Tells the task that asked for this one, or that this one repairs, that this one has ended.
    fn tell_asker(&mut self, number: u32, endings: &mut Vec<Ending>) {
        let passed = self.job.tasks[number as usize].state.has_passed();
        match self.job.tasks[number as usize].asker {
            TaskOrigin::Owner => {}
            TaskOrigin::Request(parent) => {
                let asker = self.job.task(parent);
                // While its request is being admitted the asker has not parked yet; it counts the open
                // requests later.
                if asker.state == TaskState::Parked && asker.requested.contains(&number) {
                    asker.requests_open -= 1;
                    if asker.requests_open == 0 {
                        self.make_ready(parent);
                    }
                }
            }
            TaskOrigin::Repair(parent) if self.job.tasks[parent as usize].repair != Some(number) => {}
            TaskOrigin::Repair(parent) if passed => {
                let level = self.job.tasks[number as usize].level;
                let repaired = self.job.task(parent);
                (repaired.repaired_by, repaired.level) = (Some(number), level);
                endings.push((parent, TaskState::Repaired, None));
            }
            TaskOrigin::Repair(parent) => {
                if self.job.tasks[parent as usize].state == TaskState::Repairing
                    && let Some(cause) = self.repair_failed(parent, number)
                {
                    endings.push((parent, TaskState::Refuted, Some(cause)));
                }
            }
        }
    }

    /// Tells the tasks that wait for this one: they fail, or become ready if nothing else is missing.
    fn tell_dependents(&mut self, number: u32, endings: &mut Vec<Ending>) {
        let passed = self.job.tasks[number as usize].state.has_passed();
        for dependent in std::mem::take(&mut self.job.task(number).dependents) {
            let task = self.job.task(dependent);
            if task.state != TaskState::Waiting {
                continue;
            }
            task.waits -= 1;
            if !passed {
                endings.push((dependent, TaskState::Failed, Some(self.dependency_cause(number))));
            } else if task.waits == 0 {
                self.make_ready(dependent);
            }
        }
    }

    /// Cancels the tasks that a task asked for, and its repair, because nobody needs their results any more.
    fn cancel_children(&mut self, number: u32, endings: &mut Vec<Ending>) {
        let task = &self.job.tasks[number as usize];
        let children = task.requested.iter().copied().chain(task.repair);
        for child in children {
            let cause = Cause::Cancelled { reason: "what asked for it was called off".into() };
            endings.push((child, TaskState::Cancelled, Some(cause)));
        }
    }

    /// Cancels one task on request. Fails if the task is unknown or has ended.
    pub(super) fn cancel(&mut self, number: u32, reason: &str) -> Result<(), Refusal> {
        let task = TaskId { job: self.id, number };
        let known = self.job.tasks.get(number as usize).ok_or(Refusal::UnknownTask { task })?;
        if !known.state.may_become(TaskState::Cancelled) {
            return Err(Refusal::WrongState { task, state: known.state });
        }
        self.settle(number, TaskState::Cancelled, Some(Cause::Cancelled { reason: reason.into() }));
        Ok(())
    }

    /// Cancels every task that has not ended, because the job has. The record of the job's end stands for all
    /// of them, so none gets a record of its own.
    pub(super) fn call_off(&mut self) {
        let count = u32::try_from(self.job.tasks.len()).expect("a job holds fewer than 2^32 tasks");
        for number in 0..count {
            if self.job.tasks[number as usize].state.is_settled() {
                continue;
            }
            self.stop_if_cancelled(number, TaskState::Cancelled);
            self.transition(number, TaskState::Cancelled);
            self.job.live -= 1;
            self.job.task(number).cause = Some(Cause::JobEnded);
        }
    }
}
