//! The steps after a verdict: the task passes, is committed, or is repaired.

use std::sync::Arc;

use abi::bounds::{MAX_TEXT_BYTES, cut};
use abi::{Digest, TaskId, Value};
use det::{Action, Judged, Outcome, Verification};

use super::admit::needed;
use super::{Effect, Step};
use crate::{Cause, Committed, Limits, Record, Refusal, Role, TaskOrigin, TaskSpec, TaskState};

impl Step<'_> {
    /// Takes the verdict on a task's proposal. Returns true if an answer was committed, which ends the job.
    ///
    /// Fails if the verdict is for another task, contract or value; nothing changes then.
    pub(super) fn judged(&mut self, number: u32, judged: Judged<Value>) -> Result<bool, Refusal> {
        let task = TaskId { job: self.id, number };
        let known = &self.job.tasks[number as usize];
        let verdict = judged.verdict();
        if verdict.task() != task {
            return Err(Refusal::ForeignVerdict { task, verdict: verdict.task() });
        }
        if verdict.contract() != known.contract {
            return Err(Refusal::OtherContract { admitted: known.contract, verdict: verdict.contract() });
        }
        if known.proposed != Some(verdict.subject()) {
            return Err(Refusal::OtherSubject { task });
        }
        let spec = Arc::clone(&known.spec);
        let operation = self.registry.operation(&spec.operation);
        let ceiling = operation.map_or(det::Level::None, |operation| operation.ceiling);
        let level = verdict.level().min(ceiling);
        let needed = needed(&spec, self.job.required);
        let met = verdict.is_satisfied() && level >= needed;
        let (contract, subject) = (verdict.contract(), verdict.subject());
        let outcome = match verdict.outcome() {
            Outcome::Satisfied => None,
            Outcome::Refuted(finding) => Some(Arc::from(cut(&finding.to_string(), MAX_TEXT_BYTES))),
        };
        let action = verdict.action(needed);
        let record = Record::Judged { task, contract, verdict: verdict.to_canonical(), met };
        self.out.push(Effect::Record(record));
        self.job.task(number).level = Some(level);
        if met && spec.role == Role::Answer {
            self.commit(number, subject, contract, judged, level);
            return Ok(true);
        }
        if met {
            self.out.push(Effect::Deliver(judged));
            self.settle(number, TaskState::Passed, None);
        } else {
            self.out.push(Effect::Unmet(judged));
            match outcome {
                None => {
                    let cause = Cause::BelowLevel { shown: level, needed };
                    self.settle(number, TaskState::Refuted, Some(cause));
                }
                Some(finding) => self.refuted(number, finding, action),
            }
        }
        Ok(false)
    }

    /// Commits a value whose verdict satisfies the job's contract at the job's level.
    fn commit(
        &mut self,
        number: u32,
        subject: Digest,
        contract: Digest,
        judged: Judged<Value>,
        level: det::Level,
    ) {
        let task = TaskId { job: self.id, number };
        self.settle(number, TaskState::Passed, None);
        self.transition(number, TaskState::Committed);
        self.call_off();
        self.out.push(Effect::Record(Record::Committed { task, subject, contract, level }));
        self.out.push(Effect::Reveal(Committed::new(judged, level)));
    }

    /// Starts a repair of a refuted task if one can help, and ends the task otherwise.
    fn refuted(&mut self, number: u32, finding: Arc<str>, action: Action) {
        let task = &self.job.tasks[number as usize];
        if action != Action::Repair || task.spec.limits.retries == 0 {
            return self.settle(number, TaskState::Refuted, Some(Cause::Refuted { finding }));
        }
        if !self.has_dedicated_repair(number) {
            let passed_through = task.after.iter().any(|before| self.result(*before) == task.proposed);
            if passed_through {
                return self.settle(number, TaskState::Refuted, Some(Cause::PassedThrough { finding }));
            }
            let ceiling = task.spec.contract.ceiling();
            if !Verification::intended(ceiling).in_repair_band() {
                return self.settle(number, TaskState::Refuted, Some(Cause::OutsideRepairBand { finding }));
            }
        }
        match self.repair(number, number) {
            Ok(()) => self.transition(number, TaskState::Repairing),
            Err(refusal) => {
                let cause = Cause::RepairRefused { refusal: Arc::new(refusal) };
                self.settle(number, TaskState::Refuted, Some(cause));
            }
        }
    }

    /// Returns true if the operation was registered with another operation that repairs its results.
    fn has_dedicated_repair(&self, number: u32) -> bool {
        let operation = &self.job.tasks[number as usize].spec.operation;
        self.registry.operation(operation).is_some_and(|operation| operation.repair.is_some())
    }

    /// Admits a repair of task `number` that is shown the refuted proposal of task `failing`. The repair
    /// passes the same gates, with the rights of the task that it repairs.
    fn repair(&mut self, number: u32, failing: u32) -> Result<(), Refusal> {
        let task = &self.job.tasks[number as usize];
        let spec = &task.spec;
        let registered = self.registry.operation(&spec.operation);
        let operation = registered.and_then(|registered| registered.repair.clone());
        let repair = TaskSpec {
            name: format!("{}.repair{}", spec.name, task.repairs + 1),
            operation: operation.unwrap_or_else(|| spec.operation.clone()),
            rights: None,
            limits: Limits { retries: 0, ..spec.limits },
            ..TaskSpec::clone(spec)
        };
        let admitted = self.admit(vec![repair], TaskOrigin::Repair(number))?;
        let repair = admitted[0];
        self.job.task(repair).repaired = Some(failing);
        let task = self.job.task(number);
        (task.repairs, task.repair) = (task.repairs + 1, Some(repair));
        Ok(())
    }

    /// Tries the next repair after `repair` ended without passing. Returns the cause with which task `number`
    /// ends if no further repair is admitted.
    pub(super) fn repair_failed(&mut self, number: u32, repair: u32) -> Option<Cause> {
        let task = &self.job.tasks[number as usize];
        let because =
            self.job.tasks[repair as usize].cause.as_ref().map_or_else(String::new, Cause::to_string);
        let proposed = self.job.tasks[repair as usize].proposed.is_some();
        if task.repairs < task.spec.limits.retries {
            let failing = if proposed { repair } else { number };
            return match self.repair(number, failing) {
                Ok(()) => None,
                Err(refusal) => Some(Cause::RepairRefused { refusal: Arc::new(refusal) }),
            };
        }
        Some(Cause::RepairFailed { because: because.into() })
    }
}
