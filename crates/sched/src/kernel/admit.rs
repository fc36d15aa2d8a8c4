//! Admission: the gates that a job and its tasks must pass.
//!
//! The registration of an operation states what it demands; a plan cannot state or lower that.

use std::collections::BTreeSet;
use std::sync::Arc;

use abi::TaskId;
use det::Level;

use super::task::{Job, Task};
use super::{Effect, Step};
use crate::plan::order;
use crate::{
    Budget, Capability, Cause, JobSpec, Millis, Record, Refusal, Registry, Rights, Role, TaskOrigin,
    TaskSpec, TaskState,
};

/// Checks a job that is to be opened: its rights are granted, and its contract can show the required level.
pub(super) fn check_job(registry: &Registry, spec: &JobSpec) -> Result<(), Refusal> {
    if let Some(rights) = &spec.rights {
        narrows(None, rights, registry.granted())?;
    }
    let (required, ceiling) = (spec.required, spec.contract.ceiling());
    if required > ceiling {
        return Err(Refusal::LevelOutOfReach { task: None, required, ceiling });
    }
    Ok(())
}

/// Returns an error unless `asked` is a part of `held`. Rights can be passed on in part, never widened.
fn narrows(task: Option<&str>, asked: &Rights, held: &Rights) -> Result<(), Refusal> {
    match asked.iter().find(|right| !held.contains(*right)) {
        None => Ok(()),
        Some(right) => {
            Err(Refusal::Widened { task: task.map(str::to_owned), capability: Capability::clone(right) })
        }
    }
}

impl Step<'_> {
    /// Admits `tasks` together and returns their numbers, or refuses them all.
    pub(super) fn admit(&mut self, tasks: Vec<TaskSpec>, asker: TaskOrigin) -> Result<Vec<u32>, Refusal> {
        let order = self.resolve(&tasks)?;
        let held = match asker {
            TaskOrigin::Owner => Arc::clone(&self.job.rights),
            TaskOrigin::Request(parent) | TaskOrigin::Repair(parent) => {
                Arc::clone(&self.job.tasks[parent as usize].rights)
            }
        };
        for spec in &tasks {
            gates(self.registry, self.job, &held, spec, asker)?;
        }
        let shortage = |shortage| Refusal::Budget { task: None, shortage };
        self.job.account.take_tasks(tasks.len()).map_err(shortage)?;
        // Nothing below can fail, so a plan is never admitted in part.
        self.job.quiet = false;
        let mut specs: Vec<Option<TaskSpec>> = tasks.into_iter().map(Some).collect();
        let take = |index: usize| specs[index].take().expect("an order holds each position once");
        let specs: Vec<TaskSpec> = order.into_iter().map(take).collect();
        Ok(specs.into_iter().map(|spec| self.install(spec, &held, asker)).collect())
    }

    /// Checks the plan as a whole: the number of tasks, and their names. Returns an order of the tasks in
    /// which dependencies come first.
    fn resolve(&self, tasks: &[TaskSpec]) -> Result<Vec<usize>, Refusal> {
        if tasks.is_empty() {
            return Err(Refusal::EmptyPlan);
        }
        let wanted = self.job.tasks.len().saturating_add(tasks.len());
        if wanted > Budget::MAX_TASKS as usize {
            return Err(Refusal::TooManyTasks { wanted, limit: Budget::MAX_TASKS });
        }
        order(tasks, |name| self.job.names.contains_key(name))
    }

    /// Adds an admitted task to the job and returns its number. The tasks that it waits for must be there
    /// already.
    fn install(&mut self, mut spec: TaskSpec, held: &Arc<Rights>, asker: TaskOrigin) -> u32 {
        let job = &mut *self.job;
        let number = u32::try_from(job.tasks.len()).expect("a job holds fewer than 2^32 tasks");
        let rights = spec.rights.take().map_or_else(|| Arc::clone(held), Arc::new);
        let after: Vec<u32> = spec.after.iter().map(|name| job.names[name]).collect();
        job.names.insert(spec.name.clone(), number);
        let waiting: BTreeSet<u32> =
            after.iter().copied().filter(|before| !job.tasks[*before as usize].state.has_passed()).collect();
        for before in &waiting {
            job.task(*before).dependents.push(number);
        }
        let (contract, spec) = (spec.contract.digest(), Arc::new(spec));
        let id = TaskId { job: self.id, number };
        let admitted =
            Record::Admitted { task: id, spec: Arc::clone(&spec), contract, after: after.clone(), asker };
        let lost = waiting.iter().copied().find(|before| job.tasks[*before as usize].state.is_settled());
        job.tasks.push(Task {
            spec,
            contract,
            rights,
            state: TaskState::Waiting,
            asker,
            after,
            dependents: Vec::new(),
            waits: waiting.len(),
            requested: Vec::new(),
            requests_open: 0,
            repairs: 0,
            repair: None,
            repaired_by: None,
            repaired: None,
            proposed: None,
            level: None,
            cause: None,
            started: Millis(0),
            due: Millis(0),
        });
        job.live += 1;
        self.out.push(Effect::Record(admitted));
        match lost {
            Some(before) => {
                let cause = self.dependency_cause(before);
                self.settle(number, TaskState::Failed, Some(cause));
            }
            None if waiting.is_empty() => self.make_ready(number),
            None => {}
        }
        number
    }

    /// Returns the cause with which a task fails that waits for `before`, which did not pass. The cause names
    /// the task that failed first.
    pub(super) fn dependency_cause(&self, before: u32) -> Cause {
        let task = &self.job.tasks[before as usize];
        match &task.cause {
            Some(Cause::Dependency { task, because }) => {
                Cause::Dependency { task: Arc::clone(task), because: Arc::clone(because) }
            }
            Some(cause) => {
                Cause::Dependency { task: task.spec.name.as_str().into(), because: cause.to_string().into() }
            }
            None => Cause::JobEnded,
        }
    }
}

/// Checks one task at its gates: operation, rights, validator, level, role and budget.
fn gates(
    registry: &Registry,
    job: &Job,
    held: &Rights,
    spec: &TaskSpec,
    asker: TaskOrigin,
) -> Result<(), Refusal> {
    let task = || spec.name.clone();
    let operation = registry
        .operation(&spec.operation)
        .ok_or_else(|| Refusal::UnknownOperation { task: task(), operation: spec.operation.clone() })?;
    if job.disabled.contains(&spec.operation) {
        return Err(Refusal::Disabled { task: task(), operation: spec.operation.clone() });
    }
    if let Some(asked) = &spec.rights {
        narrows(Some(&spec.name), asked, held)?;
    }
    let rights = spec.rights.as_ref().unwrap_or(held);
    if let Some(missing) = operation.demands.iter().find(|demand| !rights.contains(*demand)) {
        return Err(Refusal::MissingCapability { task: task(), capability: missing.clone() });
    }
    if operation.contract.is_some_and(|demanded| demanded != spec.contract.digest()) {
        return Err(Refusal::OperationContract { task: task(), operation: spec.operation.clone() });
    }
    let class = spec.contract.class();
    if let Some(demanded) = operation.validator.as_ref().filter(|demanded| **demanded != class) {
        return Err(Refusal::OtherValidator { task: task(), demanded: demanded.clone(), found: class });
    }
    let Some(validator) = registry.validators().find(&class) else {
        return Err(Refusal::MissingValidator { task: task(), class });
    };
    let ceiling = spec.contract.ceiling().min(validator.ceiling()).min(operation.ceiling);
    let required = needed(spec, job.required);
    if required > ceiling {
        return Err(Refusal::LevelOutOfReach { task: Some(task()), required, ceiling });
    }
    if spec.role == Role::Answer && matches!(asker, TaskOrigin::Request(_)) {
        return Err(Refusal::AnswerByRequest { task: task() });
    }
    if spec.role == Role::Answer && spec.contract.digest() != job.contract {
        return Err(Refusal::AnswerContract { task: task() });
    }
    job.account
        .could_pay(&spec.operation, &spec.limits)
        .map_err(|shortage| Refusal::Budget { task: Some(task()), shortage })
}

/// Returns the level that a task's result must reach. An answer must also reach the level of its job.
pub(super) fn needed(spec: &TaskSpec, required: Level) -> Level {
    match spec.role {
        Role::Answer => spec.at_least.max(required),
        Role::Support => spec.at_least,
    }
}
