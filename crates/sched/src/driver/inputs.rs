//! The values that runs are given: results, replies, saved frames and refuted proposals.

use foldhash::HashMap;
use std::sync::Arc;

use abi::bounds::{MAX_TEXT_BYTES, cut};
use abi::{Origin, Proposal, TaskId, Value};
use det::{Judged, Outcome};

use crate::{Cause, Input, Kernel, RefutedProposal, Reply, Stop, Tier, Unmet, Work};

/// The values of the tasks of all known jobs. The kernel holds only digests, so the values are kept here.
#[derive(Debug, Default)]
pub(super) struct TaskInputs {
    /// The judged values of the tasks that passed.
    passed: HashMap<TaskId, Arc<Value>>,
    /// Origins of the latest proposals, as their executors stated them.
    origins: HashMap<TaskId, Origin>,
    /// Proposals that were refuted, for the repairs that follow.
    refuted: HashMap<TaskId, RefutedProposal>,
    /// The values that parked tasks saved for their next run.
    frames: HashMap<TaskId, Arc<Value>>,
    /// The number and the stop flag of the latest run of each task.
    runs: HashMap<TaskId, (u32, Stop)>,
}

impl TaskInputs {
    /// Returns the judged value of a task, or None if the task has not passed.
    pub(super) fn value(&self, task: TaskId) -> Option<&Value> {
        self.passed.get(&task).map(Arc::as_ref)
    }

    /// Stores the origin of a task's proposal, for the tasks that pass the value on.
    pub(super) fn propose(&mut self, task: TaskId, origin: Origin) {
        self.origins.insert(task, origin);
    }

    /// Returns the value that stands for a task's result, with its origin.
    fn result(&self, holder: TaskId) -> Option<Proposal<Arc<Value>>> {
        let (value, origin) = (self.passed.get(&holder)?, self.origins.get(&holder)?);
        Some(Proposal { value: Arc::clone(value), origin: origin.clone() })
    }

    /// Stores the value of a task that passed, for the tasks that wait for it.
    pub(super) fn deliver(&mut self, judged: Judged<Value>) {
        let (value, verdict) = judged.into_parts();
        self.passed.insert(verdict.task(), Arc::new(value));
    }

    /// Describes a judged value that did not let its task pass. Keeps the value for a repair if it was
    /// refuted; a value that satisfies its contract below the needed level is not repaired.
    pub(super) fn refuted(&mut self, judged: Judged<Value>) -> Unmet {
        let (value, verdict) = judged.into_parts();
        let (task, level, proposed) = (verdict.task(), verdict.level(), Arc::new(value));
        let finding = match verdict.outcome() {
            Outcome::Satisfied => None,
            Outcome::Refuted(finding) => Some(cut(&finding.to_string(), MAX_TEXT_BYTES).into_owned()),
        };
        if let Some(finding) = finding.clone() {
            self.refuted.insert(task, RefutedProposal { proposed: Arc::clone(&proposed), finding });
        }
        Unmet { task, level, finding, proposed }
    }

    /// Keeps the value that a parked task saved for its next run.
    pub(super) fn leave(&mut self, task: TaskId, frame: Value) {
        self.frames.insert(task, Arc::new(frame));
    }

    /// Raises the stop flag of the latest run of a task.
    pub(super) fn stop(&mut self, task: TaskId) {
        if let Some((_, stop)) = self.runs.get(&task) {
            stop.raise();
        }
    }

    /// Returns true if `run` is the latest run that was started for the task.
    pub(super) fn expects(&self, task: TaskId, run: u32) -> bool {
        self.runs.get(&task).is_some_and(|(last, _)| *last == run)
    }

    /// Returns the next run of a task, with all values that it is given, or None if the task is not known.
    pub(super) fn work(&mut self, kernel: &Kernel, task: TaskId) -> Option<Work> {
        let spec = Arc::clone(kernel.spec(task)?);
        let stop = Stop::default();
        let run = self.runs.get(&task).map_or(1, |(last, _)| last + 1);
        self.runs.insert(task, (run, stop.clone()));
        let name = |task: TaskId| kernel.spec(task).map_or_else(String::new, |spec| spec.name.clone());
        let inputs = kernel.dependencies(task).filter_map(|before| {
            let Proposal { value, origin } = self.result(kernel.holder(before))?;
            Some(Input { name: name(before), value, origin })
        });
        let replies = kernel.requested(task).map(|asked| Reply {
            name: name(asked),
            result: self
                .result(kernel.holder(asked))
                .ok_or_else(|| kernel.cause(asked).cloned().unwrap_or(Cause::JobEnded)),
        });
        let (inputs, replies) = (inputs.collect(), replies.collect());
        let refuted = kernel.repairs(task).and_then(|repaired| self.refuted.get(&repaired).cloned());
        let frame = self.frames.remove(&task);
        let operation = kernel.registry().operation(&spec.operation);
        let is_tool = operation.is_some_and(|operation| operation.tier == Tier::Tool);
        let overview = if is_tool { kernel.overview(task.job).map(Arc::new) } else { None };
        let recalled = kernel.recalled(task.job);
        Some(Work { task, run, spec, inputs, replies, frame, refuted, recalled, overview, stop })
    }

    /// Drops everything that is stored for a task.
    pub(super) fn forget(&mut self, task: TaskId) {
        self.passed.remove(&task);
        self.origins.remove(&task);
        self.refuted.remove(&task);
        self.frames.remove(&task);
        self.runs.remove(&task);
    }
}
