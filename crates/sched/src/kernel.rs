//! The state machine: events in, effects out.

use std::collections::BTreeMap;

use abi::{Digest, Entry, EntryKind, JobId, Origin, Proposal, TaskId, Value};
use det::{Contract, Judged, Level, subject_digest};

use crate::{Committed, Plan, Refusal, Registry, Role, TaskSpec, TaskState};

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// A plan asks for admission.
    Admit(Plan),
    /// A task's executor returned; `record` and `inputs` go into the history.
    Proposed {
        /// The task.
        task: TaskId,
        /// What it proposes.
        subject: Proposal<Value>,
        /// How it was made.
        record: Value,
        /// Digests of what it was made from.
        inputs: Vec<Digest>,
        /// Digests of the blobs that the record refers to.
        blobs: Vec<Digest>,
    },
    /// A task's executor failed; there is nothing to judge.
    Failed {
        /// The task.
        task: TaskId,
        /// Why, for the history.
        cause: String,
    },
    /// A task's proposal was judged.
    Judged {
        /// The task that the verdict is offered for.
        task: TaskId,
        /// The proposal with its verdict.
        judged: Judged<Value>,
    },
    /// The job is to end without an answer.
    Abstain {
        /// The job.
        job: JobId,
        /// Why, for the history and the caller.
        reason: String,
    },
}

/// Something to do, in the order of emission.
#[derive(Debug)]
pub enum Effect {
    /// Append to the history.
    Record(Entry),
    /// Run the task's executor.
    Run(TaskId),
    /// Judge the proposal under the task's contract.
    Judge {
        /// The task.
        task: TaskId,
        /// The proposal.
        subject: Proposal<Value>,
        /// Digests of what it was made from, which the verdict binds.
        inputs: Vec<Digest>,
    },
    /// The task passed and its value is for the tasks that wait for it.
    Deliver(Judged<Value>),
    /// The task was judged and the contract, or the job's level, is not met.
    Unmet(Judged<Value>),
    /// Show the caller, once the history is durable.
    Reveal(Committed),
}

/// What the kernel knows of a task.
#[derive(Debug)]
struct Task {
    spec: TaskSpec,
    contract: Digest, // Invariant: fixed at admission.
    state: TaskState,
    after: Vec<TaskId>,
    proposed: Option<Digest>,
}

/// What the kernel knows of a job.
#[derive(Debug)]
struct Job {
    contract: Digest,
    required: Level,
    tasks_left: usize,
    open: bool,
    names: BTreeMap<String, TaskId>,
}

/// The scheduler's core.
#[derive(Debug)]
pub struct Kernel {
    registry: Registry,
    jobs: BTreeMap<JobId, Job>,
    tasks: BTreeMap<TaskId, Task>,
}

impl Kernel {
    /// A kernel without jobs.
    #[must_use]
    pub fn new(registry: Registry) -> Self {
        Self { registry, jobs: BTreeMap::new(), tasks: BTreeMap::new() }
    }

    /// Operations, grants and validators.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Opens a job: its contract and the least level that it accepts are fixed from here on.
    /// `task_budget` bounds the tasks that it may ever admit.
    ///
    /// # Errors
    /// The id is taken, or the contract can never show the level.
    pub fn open(
        &mut self,
        job: JobId,
        contract: &Contract,
        required: Level,
        task_budget: usize,
    ) -> Result<(), Refusal> {
        if self.jobs.contains_key(&job) {
            return Err(Refusal::JobExists { job });
        }
        let ceiling = contract.ceiling();
        if required > ceiling {
            return Err(Refusal::LevelOutOfReach { required, ceiling });
        }
        let contract = contract.digest();
        let names = BTreeMap::new();
        self.jobs.insert(job, Job { contract, required, tasks_left: task_budget, open: true, names });
        Ok(())
    }

    /// The state of a task, if it was admitted.
    #[must_use]
    pub fn state(&self, task: TaskId) -> Option<TaskState> {
        self.tasks.get(&task).map(|task| task.state)
    }

    /// What an admitted task was specified as.
    #[must_use]
    pub fn spec(&self, task: TaskId) -> Option<&TaskSpec> {
        self.tasks.get(&task).map(|task| &task.spec)
    }

    /// The results that a task waits for, in the order of its specification.
    #[must_use]
    pub fn dependencies(&self, task: TaskId) -> &[TaskId] {
        self.tasks.get(&task).map_or(&[], |task| &task.after)
    }

    /// Takes one event.
    ///
    /// # Errors
    /// The event is refused and nothing has changed.
    pub fn step(&mut self, event: Event) -> Result<Vec<Effect>, Refusal> {
        match event {
            Event::Admit(plan) => self.admit(plan),
            Event::Proposed { task, subject, record, inputs, blobs } => {
                let digest = self.proposed(task, &subject.value)?;
                let blobs = blobs.into_iter().map(Digest::to_value).collect();
                let body = Value::map([
                    ("origin", subject.origin.to_value()),
                    ("subject", digest.to_value()),
                    ("record", record),
                    ("blobs", Value::List(blobs)),
                ]);
                let kind = match subject.origin {
                    Origin::Primitive { .. } => EntryKind::Computed,
                    _ => EntryKind::Proposed,
                };
                let entry = Entry { kind, task, inputs: inputs.clone(), body };
                Ok(vec![Effect::Record(entry), Effect::Judge { task, subject, inputs }])
            }
            Event::Failed { task, cause } => self.failed(task, cause),
            Event::Judged { task, judged } => self.judged(task, judged),
            Event::Abstain { job, reason } => self.abstain(job, reason),
        }
    }

    fn admit(&mut self, plan: Plan) -> Result<Vec<Effect>, Refusal> {
        let job = self.open_job(plan.job)?;
        let order = plan.order(|name| job.names.contains_key(name))?;
        for task in &plan.tasks {
            self.gates(job, task)?;
        }
        if plan.tasks.len() > job.tasks_left {
            return Err(Refusal::BudgetExhausted { wanted: plan.tasks.len(), left: job.tasks_left });
        }
        // Everything below succeeds: the plan is admitted as a whole.
        let mut effects = Vec::new();
        let mut specs: Vec<Option<TaskSpec>> = plan.tasks.into_iter().map(Some).collect();
        for index in order {
            let spec = specs[index].take().expect("an order holds each position once");
            effects.push(self.install(plan.job, spec));
        }
        self.start_ready(plan.job, &mut effects);
        Ok(effects)
    }

    /// The three gates, all owned by registration and none by the plan.
    fn gates(&self, job: &Job, spec: &TaskSpec) -> Result<(), Refusal> {
        let task = || spec.name.clone();
        let operation = self
            .registry
            .operation(&spec.operation)
            .ok_or_else(|| Refusal::UnknownOperation { task: task(), operation: spec.operation.clone() })?;
        if let Some(missing) = operation.demands.iter().find(|demand| !self.registry.is_granted(demand)) {
            return Err(Refusal::MissingCapability { task: task(), capability: missing.clone() });
        }
        let class = spec.contract.class();
        if self.registry.validators().find(&class).is_none() {
            return Err(Refusal::MissingValidator { task: task(), class });
        }
        if spec.role == Role::Answer && spec.contract.digest() != job.contract {
            return Err(Refusal::AnswerContract { task: task() });
        }
        Ok(())
    }

    /// Gives an admitted task its id. Dependencies of one plan are installed before it.
    fn install(&mut self, id: JobId, spec: TaskSpec) -> Effect {
        let job = self.jobs.get_mut(&id).expect("the job was looked up");
        job.tasks_left -= 1;
        let number = u32::try_from(job.names.len()).expect("a job's budget is below 2^32 tasks");
        let task = TaskId { job: id, number };
        let after: Vec<TaskId> = spec.after.iter().map(|name| job.names[name]).collect();
        job.names.insert(spec.name.clone(), task);
        let contract = spec.contract.digest();
        let body = Value::map([
            ("name", Value::text(spec.name.as_str())),
            ("operation", Value::text(spec.operation.as_str())),
            ("contract", contract.to_value()),
            ("required", Value::text(job.required.word())),
        ]);
        let entry = Entry { kind: EntryKind::Admitted, task, inputs: vec![contract], body };
        self.tasks.insert(task, Task { spec, contract, state: TaskState::Waiting, after, proposed: None });
        Effect::Record(entry)
    }

    fn proposed(&mut self, task: TaskId, subject: &Value) -> Result<Digest, Refusal> {
        let known = self.in_state(task, TaskState::Running)?;
        let digest = subject_digest(subject);
        known.proposed = Some(digest);
        known.state = TaskState::Validating;
        Ok(digest)
    }

    fn judged(&mut self, task: TaskId, judged: Judged<Value>) -> Result<Vec<Effect>, Refusal> {
        let required = self.open_job(task.job)?.required;
        let known = self.in_state(task, TaskState::Validating)?;
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
        let role = known.spec.role;
        let met = verdict.is_satisfied() && (role == Role::Support || verdict.level() >= required);
        known.state = if met { TaskState::Passed } else { TaskState::Refuted };
        let entry = Entry {
            kind: EntryKind::Judged,
            task,
            inputs: vec![verdict.contract()],
            body: verdict.to_value(),
        };
        let mut effects = vec![Effect::Record(entry)];
        match (met, role) {
            (false, _) => {
                effects.push(Effect::Unmet(judged));
                self.fail_dependents(task.job);
            }
            (true, Role::Support) => {
                effects.push(Effect::Deliver(judged));
                self.start_ready(task.job, &mut effects);
            }
            (true, Role::Answer) => self.commit(task, judged, &mut effects),
        }
        Ok(effects)
    }

    /// Commits a value that met the job's contract and level, and closes the job.
    fn commit(&mut self, task: TaskId, judged: Judged<Value>, effects: &mut Vec<Effect>) {
        self.tasks.get_mut(&task).expect("the task was looked up").state = TaskState::Committed;
        self.close(task.job);
        let verdict = judged.verdict();
        let body = Value::map([
            ("level", Value::text(verdict.level().word())),
            ("result", verdict.subject().to_value()),
        ]);
        let inputs = vec![verdict.subject(), verdict.contract()];
        effects.push(Effect::Record(Entry { kind: EntryKind::Committed, task, inputs, body }));
        effects.push(Effect::Reveal(Committed::new(judged)));
    }

    fn failed(&mut self, task: TaskId, cause: String) -> Result<Vec<Effect>, Refusal> {
        self.in_state(task, TaskState::Running)?.state = TaskState::Failed;
        self.fail_dependents(task.job);
        let body = Value::map([("failed", Value::Text(cause))]);
        Ok(vec![Effect::Record(Entry { kind: EntryKind::Proposed, task, inputs: Vec::new(), body })])
    }

    fn abstain(&mut self, id: JobId, reason: String) -> Result<Vec<Effect>, Refusal> {
        self.open_job(id)?;
        self.close(id);
        let body = Value::map([("reason", Value::Text(reason))]);
        let task = TaskId { job: id, number: 0 };
        Ok(vec![Effect::Record(Entry { kind: EntryKind::Abstained, task, inputs: Vec::new(), body })])
    }

    fn open_job(&self, job: JobId) -> Result<&Job, Refusal> {
        self.jobs.get(&job).filter(|known| known.open).ok_or(Refusal::JobNotOpen { job })
    }

    fn in_state(&mut self, task: TaskId, state: TaskState) -> Result<&mut Task, Refusal> {
        self.open_job(task.job)?;
        let known = self.tasks.get_mut(&task).ok_or(Refusal::UnknownTask { task })?;
        if known.state == state { Ok(known) } else { Err(Refusal::WrongState { task, state: known.state }) }
    }

    /// Starts every waiting task whose dependencies have passed.
    fn start_ready(&mut self, job: JobId, effects: &mut Vec<Effect>) {
        for task in self.waiting(job) {
            let ready = self.tasks[&task]
                .after
                .iter()
                .all(|before| matches!(self.tasks[before].state, TaskState::Passed | TaskState::Committed));
            if ready {
                self.set(task, TaskState::Running);
                effects.push(Effect::Run(task));
            }
        }
    }

    /// Fails every waiting task of which a dependency can no longer pass, transitively: ids ascend along
    /// dependencies, so one pass in ascending order reaches them all.
    fn fail_dependents(&mut self, job: JobId) {
        for task in self.waiting(job) {
            let lost = self.tasks[&task]
                .after
                .iter()
                .any(|before| matches!(self.tasks[before].state, TaskState::Failed | TaskState::Refuted));
            if lost {
                self.set(task, TaskState::Failed);
            }
        }
    }

    /// Ends a job: what has not ended yet never will pass.
    fn close(&mut self, id: JobId) {
        let unfinished: Vec<TaskId> = self
            .of_job(id)
            .filter(|(_, task)| !matches!(task.state, TaskState::Passed) && !task.state.is_terminal())
            .map(|(id, _)| *id)
            .collect();
        for task in unfinished {
            self.set(task, TaskState::Failed);
        }
        self.jobs.get_mut(&id).expect("the job was looked up").open = false;
    }

    fn set(&mut self, id: TaskId, state: TaskState) {
        let task = self.tasks.get_mut(&id).expect("the task was looked up");
        debug_assert!(task.state.may_become(state), "{id}: {:?} to {state:?}", task.state);
        task.state = state;
    }

    fn waiting(&self, job: JobId) -> Vec<TaskId> {
        self.of_job(job).filter(|(_, task)| task.state == TaskState::Waiting).map(|(id, _)| *id).collect()
    }

    fn of_job(&self, job: JobId) -> impl Iterator<Item = (&TaskId, &Task)> {
        self.tasks.range(TaskId { job, number: 0 }..=TaskId { job, number: u32::MAX })
    }
}
