//! Admission: the gates that a job and its tasks must pass.
//!
//! The registration of an operation states what it demands; a plan cannot state or lower that.

use foldhash::{HashSet, HashSetExt};
use std::collections::BTreeSet;
use std::sync::Arc;

use abi::TaskId;
use abi::bounds::{MAX_TEXT_BYTES, cut};
use det::Level;

use super::task::{Job, Task};
use super::{Effect, Step};
use crate::placeholder::{Piece, pieces};
use crate::plan::order;
use crate::{
    Budget, Capability, Cause, Consulted, Excess, JobSpec, Millis, Record, Refusal, Registry, Rights, Role,
    Size, TaskOrigin, TaskSpec, TaskState, size,
};

/// The most bytes of a task's name in the refusal of a name that is too long.
const SHOWN_NAME_BYTES: usize = 128;

/// The gates of a job: the memory was consulted for it, its size, its rights are granted, and its contract can show the
/// required level. Returns the record of the consultation.
pub(super) fn check_job(registry: &Registry, spec: &JobSpec) -> Result<Consulted, Refusal> {
    let consulted = spec.consulted.as_ref().ok_or(Refusal::NotConsulted { job: spec.job })?;
    let too_large = |excess| Refusal::TooLarge { task: None, excess };
    size::rights(spec.rights.as_ref().unwrap_or(registry.granted())).map_err(too_large)?;
    size::contract(&spec.contract).map_err(too_large)?;
    if let Some(rights) = &spec.rights {
        narrows(None, rights, registry.granted())?;
    }
    let (required, ceiling) = (spec.required, spec.contract.ceiling());
    if required > ceiling {
        return Err(Refusal::LevelOutOfReach { task: None, required, ceiling });
    }
    Ok(consulted.clone())
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

/// The refusal of a task with a part that is too large. Its name may be that part.
fn too_large(spec: &TaskSpec, excess: Excess) -> Refusal {
    Refusal::TooLarge { task: Some(cut(&spec.name, SHOWN_NAME_BYTES).into_owned()), excess }
}

impl Step<'_> {
    /// Admits `tasks` together and returns their numbers, or refuses them all.
    pub(super) fn admit(&mut self, tasks: Vec<TaskSpec>, asker: TaskOrigin) -> Result<Vec<u32>, Refusal> {
        let order = self.resolve(&tasks, asker)?;
        let held = match asker {
            TaskOrigin::Owner => Arc::clone(&self.job.rights),
            TaskOrigin::Request(parent) | TaskOrigin::Repair(parent) => {
                Arc::clone(&self.job.tasks[parent as usize].rights)
            }
        };
        for spec in &tasks {
            gates(self.registry, self.job, &held, spec, asker)?;
            childs_gates(self.registry, self.job, &held, spec)?;
        }
        let shortage = |shortage| Refusal::Budget { task: None, shortage };
        let operations = tasks.iter().map(|spec| spec.operation.as_str());
        self.job.account.take_plan(operations).map_err(shortage)?;
        // Nothing below can fail, so a plan is never admitted in part.
        self.job.quiet = false;
        let mut specs: Vec<Option<TaskSpec>> = tasks.into_iter().map(Some).collect();
        let take = |index: usize| specs[index].take().expect("an order holds each position once");
        let specs: Vec<TaskSpec> = order.into_iter().map(take).collect();
        Ok(specs.into_iter().map(|spec| self.install(spec, &held, asker)).collect())
    }

    /// The gate of the plan as a whole: the number of tasks, their sizes, their names, and that nobody waits
    /// for what waits for him. Returns an order in which dependencies come first.
    fn resolve(&self, tasks: &[TaskSpec], asker: TaskOrigin) -> Result<Vec<usize>, Refusal> {
        if tasks.is_empty() {
            return Err(Refusal::EmptyPlan);
        }
        let wanted = self.job.tasks.len().saturating_add(tasks.len());
        if wanted > Budget::MAX_TASKS as usize {
            return Err(Refusal::TooManyTasks { wanted, limit: Budget::MAX_TASKS });
        }
        self.check_names(tasks, asker)?;
        let order = order(tasks, |name| self.job.names.contains_key(name))?;
        if let TaskOrigin::Request(parent) = asker {
            self.check_waits(parent, tasks)?;
        }
        self.check_values(tasks)?;
        Ok(order)
    }

    /// Refuses a plan with a name or a list that is too long. This runs before anything else looks at the tasks,
    /// because messages name them.
    fn check_names(&self, tasks: &[TaskSpec], asker: TaskOrigin) -> Result<(), Refusal> {
        if matches!(asker, TaskOrigin::Request(_)) {
            let too_many = |excess| Refusal::TooLarge { task: None, excess };
            size::within(Size::Children, tasks.len()).map_err(too_many)?;
        }
        tasks.iter().try_for_each(|spec| size::names(spec, asker).map_err(|excess| too_large(spec, excess)))
    }

    /// Refuses a plan with an input or a contract that is too large. This runs before anything follows the inputs,
    /// because one may nest too deeply for recursion.
    fn check_values(&self, tasks: &[TaskSpec]) -> Result<(), Refusal> {
        // Tasks often share contracts, and the job's was measured when the job was opened.
        let mut measured = HashSet::new();
        measured.insert(self.job.contract);
        for spec in tasks {
            size::input(spec).map_err(|excess| too_large(spec, excess))?;
            if measured.insert(spec.contract.digest()) {
                size::contract(&spec.contract).map_err(|excess| too_large(spec, excess))?;
            }
        }
        Ok(())
    }

    /// Refuses tasks of which one would wait for its asker, or for a task that waits for the asker: no task of
    /// such a circle could ever run. The asker itself waits for every task that it asks for.
    fn check_waits(&self, asker: u32, tasks: &[TaskSpec]) -> Result<(), Refusal> {
        let job = &*self.job;
        let named = tasks.iter().flat_map(|spec| spec.after.iter().map(move |name| (spec, name)));
        let mut open = named
            .filter_map(|(spec, name)| Some((spec, name, *job.names.get(name)?)))
            .filter(|(_, _, number)| !job.tasks[*number as usize].state.is_settled())
            .peekable();
        if open.peek().is_none() {
            return Ok(());
        }
        let waiting = self.waiting_for(asker);
        match open.find(|(_, _, number)| waiting.contains(number)) {
            None => Ok(()),
            Some((spec, dependency, _)) => Err(Refusal::WaitsForAsker {
                task: spec.name.clone(),
                dependency: dependency.clone(),
                asker: job.tasks[asker as usize].spec.name.clone(),
            }),
        }
    }

    /// The task `number` and every task that waits for it, directly or through others: as a dependent, as the
    /// asker of a request, or as the task that a repair stands in for.
    fn waiting_for(&self, number: u32) -> HashSet<u32> {
        let tasks = &self.job.tasks;
        let mut waiting = HashSet::new();
        waiting.insert(number);
        let mut open = vec![number];
        while let Some(number) = open.pop() {
            let task = &tasks[number as usize];
            let asker = match task.asker {
                TaskOrigin::Owner => None,
                TaskOrigin::Request(parent) | TaskOrigin::Repair(parent) => Some(parent),
            };
            for next in task.dependents.iter().copied().chain(asker) {
                if !tasks[next as usize].state.is_settled() && waiting.insert(next) {
                    open.push(next);
                }
            }
        }
        waiting
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
        let operation = self.registry.operation(&spec.operation);
        let ceiling = operation.map_or(Level::None, |operation| operation.ceiling);
        let (shared, waits_for) = (Arc::clone(&spec), after.clone());
        let admitted =
            Record::Admitted { task: id, spec: shared, contract, after: waits_for, asker, ceiling };
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
            unrecorded: None,
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
                let because = cut(&cause.to_string(), MAX_TEXT_BYTES).into();
                Cause::Dependency { task: task.spec.name.as_str().into(), because }
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
    if let Some(name) = operation.fills.and_then(|key| unknown_placeholder(spec, key)) {
        let placeholder = cut(name, SHOWN_NAME_BYTES).into_owned();
        return Err(Refusal::UnknownPlaceholder { task: task(), placeholder });
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
    size::within(Size::ValidatorBytes, validator.name().len())
        .map_err(|excess| Refusal::TooLarge { task: Some(task()), excess })?;
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
    if operation.generates && spec.limits.tokens == 0 {
        return Err(Refusal::NoTokens { task: task() });
    }
    job.account
        .could_pay(&spec.operation, &spec.limits)
        .map_err(|shortage| Refusal::Budget { task: Some(task()), shortage })
}

/// Checks the child of a task at its gates, if the registration of the task's operation says which one a run asks for.
/// The child has the contract, the rights and the limits of the task. What it is given is known only in the run.
fn childs_gates(registry: &Registry, job: &Job, held: &Rights, spec: &TaskSpec) -> Result<(), Refusal> {
    let asks = |operation: &str| registry.operation(operation).and_then(|operation| operation.asks);
    let Some(operation) = asks(&spec.operation).and_then(|key| spec.input.get(key)?.as_text()) else {
        return Ok(());
    };
    if asks(operation).is_some() {
        let (task, operation) = (spec.name.clone(), operation.to_owned());
        return Err(Refusal::AsksForItself { task, operation });
    }
    let child = TaskSpec::new(TaskSpec::childs_name(&spec.name), operation, Arc::clone(&spec.contract))
        .within(spec.limits);
    let asker = TaskOrigin::Request(0);
    size::names(&child, asker).map_err(|excess| too_large(&child, excess))?;
    gates(registry, job, spec.rights.as_ref().unwrap_or(held), &child, asker)
}

/// Returns the first placeholder in the template under `key` of the task's input that names no task that it
/// waits for.
fn unknown_placeholder<'s>(spec: &'s TaskSpec, key: &str) -> Option<&'s str> {
    let template = spec.input.get(key)?.as_text()?;
    let known: HashSet<&str> = spec.after.iter().map(String::as_str).collect();
    pieces(template, |name| known.contains(name)).find_map(|piece| match piece {
        Piece::Unknown(name) => Some(name),
        Piece::Text(_) | Piece::Result(_) => None,
    })
}

/// The level that a task's result must reach. An answer must also reach the level of its job.
pub(super) fn needed(spec: &TaskSpec, required: Level) -> Level {
    match spec.role {
        Role::Answer => spec.at_least.max(required),
        Role::Support => spec.at_least,
    }
}
