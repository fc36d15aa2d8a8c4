//! The steps of a run: reservation, start, proposal, parking, and the end of its time.

use abi::{Digest, Proposal, TaskId, Value};
use det::Subject;

use super::{Effect, Step};
use crate::{Cause, Millis, Record, Refusal, Resource, Spent, TaskOrigin, TaskSpec, TaskState, Tier, size};

/// The domain of the digest of a task's input.
const INPUT: &str = "nmk.input.v1";

impl Step<'_> {
    /// Returns the id of task `number` of this job.
    fn task_id(&self, number: u32) -> TaskId {
        TaskId { job: self.id, number }
    }

    /// Changes the state of a task. All changes of states go through here, so the assertion covers every one.
    pub(super) fn transition(&mut self, number: u32, to: TaskState) {
        let task = self.task_id(number);
        let known = self.job.task(number);
        let from = std::mem::replace(&mut known.state, to);
        assert!(from.may_become(to), "{task}: no transition from {from} to {to}");
        self.out.push(Effect::Moved { task, from, to });
    }

    /// Makes a task ready and puts it in the queue.
    pub(super) fn make_ready(&mut self, number: u32) {
        self.transition(number, TaskState::Ready);
        self.workers.queue.push(self.job.priority, self.task_id(number));
    }

    /// Starts a ready task if its job can reserve the budget of a run. If only running tasks hold the tokens
    /// or the time that are missing, the task waits for them; otherwise it fails.
    pub(super) fn start(&mut self, number: u32) {
        let task = &self.job.tasks[number as usize];
        if task.state != TaskState::Ready {
            return;
        }
        let (operation, limits) = (&task.spec.operation, task.spec.limits);
        if self.job.disabled.contains(operation) {
            let cause = Cause::Disabled { operation: operation.clone() };
            return self.settle(number, TaskState::Failed, Some(cause));
        }
        match self.job.account.reserve(operation, &limits) {
            Ok(()) => {
                self.transition(number, TaskState::Running);
                let due = Millis(self.now.0.saturating_add(limits.wall_ms));
                let task = self.job.task(number);
                (task.started, task.due) = (self.now, due);
                self.workers.running += 1;
                self.workers.due.insert((due, self.task_id(number)));
                self.out.push(Effect::Run(self.task_id(number)));
            }
            // A running task may return tokens it reserved and did not use, so wait for it instead of
            // failing.
            Err(shortage)
                if matches!(shortage.resource, Resource::Tokens | Resource::WallMs)
                    && self.job.account.is_reserved() =>
            {
                self.job.held.push(number);
            }
            Err(shortage) => self.settle(number, TaskState::Failed, Some(Cause::Budget(shortage))),
        }
    }

    /// Frees the worker, returns the rest of the reservation to the job, and returns the amounts that the run
    /// used. Fails if the run used more than its reservation.
    pub(super) fn release(&mut self, number: u32, tokens: u64) -> Result<Spent, Cause> {
        let id = self.task_id(number);
        let task = &self.job.tasks[number as usize];
        let spent = Spent { tokens, wall_ms: self.now.0.saturating_sub(task.started.0) };
        self.workers.running -= 1;
        self.workers.due.remove(&(task.due, id));
        let limits = task.spec.limits;
        let settled = self.job.account.settle(&limits, &spent);
        self.job.task(number).unrecorded = Some(spent);
        for held in std::mem::take(&mut self.job.held) {
            self.workers.queue.push(self.job.priority, TaskId { job: self.id, number: held });
        }
        settled.map(|()| spent).map_err(Cause::Overspent)
    }

    /// Frees the worker of a run that did not report its tokens. All reserved tokens count as used.
    pub(super) fn forfeit(&mut self, number: u32) {
        let tokens = self.job.tasks[number as usize].spec.limits.tokens;
        drop(self.release(number, tokens));
    }

    /// Returns true if the time limit of the task's run has passed.
    fn is_late(&self, number: u32) -> bool {
        self.now > self.job.tasks[number as usize].due
    }

    /// Stops a run that did not end in time, and fails its task.
    pub(super) fn out_of_time(&mut self, number: u32) {
        let wall_ms = self.job.tasks[number as usize].spec.limits.wall_ms;
        self.forfeit(number);
        self.out.push(Effect::Stop(self.task_id(number)));
        self.settle(number, TaskState::Failed, Some(Cause::Deadline { wall_ms }));
    }

    /// Fails a task whose run ended without a proposal. After a panic the job may not run the operation
    /// again.
    pub(super) fn failed(&mut self, number: u32, cause: Cause) {
        self.forfeit(number);
        if let Cause::Panicked { .. } = cause {
            let operation = self.job.tasks[number as usize].spec.operation.clone();
            self.job.disabled.insert(operation);
        }
        self.settle(number, TaskState::Failed, Some(cause));
    }

    /// Takes the proposal of a run and has it judged. The task fails if the proposal came too late, exceeds
    /// the size limits, or used more tokens than were reserved.
    pub(super) fn proposed(
        &mut self,
        number: u32,
        subject: Proposal<Value>,
        record: Value,
        stated: Vec<Digest>,
        tokens: u64,
    ) {
        if self.is_late(number) {
            return self.out_of_time(number);
        }
        if let Err(excess) = size::proposal(&subject.value, &record, stated.len(), &subject.origin) {
            self.forfeit(number);
            return self.settle(number, TaskState::Failed, Some(Cause::Oversize(excess)));
        }
        let subject = Subject::new(subject).expect("what fits nests as deeply as is judged at most");
        let spent = match self.release(number, tokens) {
            Ok(spent) => spent,
            Err(cause) => return self.settle(number, TaskState::Failed, Some(cause)),
        };
        self.job.task(number).unrecorded = None;
        self.transition(number, TaskState::Validating);
        let digest = subject.digest();
        self.job.task(number).proposed = Some(digest);
        let mut inputs = self.sources(number);
        inputs.extend(stated);
        let (task, origin) = (self.task_id(number), subject.origin().clone());
        let operation = self.registry.operation(&self.job.tasks[number as usize].spec.operation);
        let tier = operation.map_or(Tier::Tool, |operation| operation.tier);
        let record =
            Record::Proposed { task, subject: digest, origin, tier, record, inputs: inputs.clone(), spent };
        self.out.push(Effect::Record(record));
        self.out.push(Effect::Judge { task, subject, inputs });
    }

    /// Returns the digests of everything that the kernel gave to a task: the results that it waited for or
    /// asked for, the proposal that it repairs, and its input.
    fn sources(&self, number: u32) -> Vec<Digest> {
        let task = &self.job.tasks[number as usize];
        let proposed = |number: &u32| self.result(*number);
        let mut sources: Vec<Digest> = task.after.iter().filter_map(proposed).collect();
        sources.extend(task.requested.iter().filter_map(proposed));
        sources.extend(task.repaired.and_then(|repaired| self.job.tasks[repaired as usize].proposed));
        if !matches!(task.spec.input, Value::Null) {
            sources.push(Digest::hash_value(INPUT, &task.spec.input));
        }
        sources
    }

    /// Returns the digest of the value that stands for a task's result: its own proposal, or that of the
    /// repair that passed in its place. Returns None if it proposed nothing.
    pub(super) fn result(&self, number: u32) -> Option<Digest> {
        let task = &self.job.tasks[number as usize];
        match task.repaired_by {
            Some(repair) => self.result(repair),
            None => task.proposed,
        }
    }

    /// Parks a running task until the tasks that it asks for have ended. Fails if they are not admitted.
    pub(super) fn request(&mut self, number: u32, tasks: Vec<TaskSpec>, tokens: u64) -> Result<(), Refusal> {
        if self.is_late(number) {
            self.out_of_time(number);
            return Ok(());
        }
        let children = self.admit(tasks, TaskOrigin::Request(number))?;
        self.job.task(number).requested.clone_from(&children);
        let spent = match self.release(number, tokens) {
            Ok(spent) => spent,
            Err(cause) => {
                self.settle(number, TaskState::Failed, Some(cause));
                return Ok(());
            }
        };
        self.job.task(number).unrecorded = None;
        self.transition(number, TaskState::Parked);
        let open = |child: &&u32| !self.job.tasks[**child as usize].state.is_settled();
        let requests_open = children.iter().filter(open).count();
        self.job.task(number).requests_open = requests_open;
        let task = self.task_id(number);
        self.out.push(Effect::Record(Record::Parked { task, children, spent }));
        if requests_open == 0 {
            self.make_ready(number);
        }
        Ok(())
    }
}
