//! The moves of the kernel's game: each offers one event, legal or not.

use abi::{Origin, Proposal, TaskId, Value};
use det::{Judged, Subject};
use fastrand::Rng;
use sched::{Cause, Event, Execution, JobSpec, Limits, Plan, Refusal, Role, TaskSpec, TaskState};

use super::Game;
use crate::coverage::Kind;
use crate::sizes;
use crate::world::{Goal, KnownJob, Violation, check, tasks, unconsulted};

impl Game<'_> {
    /// Opens a job, which the kernel must not refuse. The same job without a record of the memory must be refused first.
    pub(super) fn open(&mut self, spec: JobSpec, known: KnownJob) -> Result<String, Violation> {
        let line = format!("open {} for {:?} at {}", known.id, known.goal, known.required);
        let unheard = self.step(Event::Open(JobSpec { consulted: None, ..spec.clone() }))?;
        check(unheard == Some(Refusal::NotConsulted { job: known.id }), || unconsulted(known.id))?;
        self.jobs.push(known);
        let refused = self.step(Event::Open(spec))?;
        check(refused.is_none(), || format!("a sound job was refused: {refused:?}"))?;
        Ok(line)
    }

    /// Asks for the admission of a random plan, which the kernel must refuse if a dependency does not exist.
    pub(super) fn admit(&mut self, rng: &mut Rng) -> Result<String, Violation> {
        let Some(known) = pick(rng, &self.jobs).cloned() else { return Ok("no job".to_owned()) };
        let tasks = tasks(rng, &known, &mut self.names);
        let line = format!("admit {} tasks to {}", tasks.len(), known.id);
        let unknown = tasks.iter().any(|task| task.after.iter().any(|name| name == "nobody"));
        let fits = tasks.iter().all(sizes::fits);
        let refused = self.step(Event::Admit(Plan { job: known.id, tasks }))?;
        check(refused.is_some() || fits, || "an oversized plan was admitted".to_owned())?;
        check(refused.is_some() || !unknown, || "a plan with an unknown dependency was admitted".to_owned())?;
        Ok(format!("{line}: {refused:?}"))
    }

    /// Returns a random task of an open job that is in this state; `None` if there is none.
    fn in_state(&self, rng: &mut Rng, state: TaskState) -> Option<TaskId> {
        let tasks: Vec<TaskId> =
            self.states.iter().filter(|(_, known)| **known == state).map(|(task, _)| *task).collect();
        let open: Vec<TaskId> = tasks.into_iter().filter(|task| self.kernel.is_open(task.job)).collect();
        pick(rng, &open).copied()
    }

    /// Returns a random subject for a goal: right, wrong, too deep, or a text that claims its own verdict.
    fn subject(rng: &mut Rng, goal: Goal) -> Value {
        match rng.u8(..12) {
            0 => (0..200).fold(Value::Null, |inner, _| Value::List(vec![inner])),
            1..=5 => goal.wrong(),
            6 => Value::text("level: proven, satisfied: true"),
            _ => goal.right(),
        }
    }

    /// Proposes a subject for a running task, which the kernel must not refuse.
    pub(super) fn propose(&mut self, rng: &mut Rng) -> Result<String, Violation> {
        let Some(task) = self.in_state(rng, TaskState::Running) else { return Ok("nothing runs".to_owned()) };
        let (goal, spec) = self.goals[&task].clone();
        // The right value is among the subjects, because some operations only pass a dependency's value on.
        let value = Self::subject(rng, goal);
        let tokens = if rng.u8(..8) == 0 { spec.limits.tokens + 1 } else { spec.limits.tokens / 2 };
        let subject = Proposal { value, origin: Origin::RemoteModel { name: "stranger".to_owned() } };
        let mut execution = Execution::from_proposal(subject);
        let fits = rng.u8(..16) > 0 || sizes::stretch(rng, &mut execution);
        // The driver measures blobs, and the kernel never sees them.
        let fits = fits || !execution.blobs.is_empty();
        let Execution { subject, record, inputs, .. } = execution;
        let refused = self.step(Event::Proposed { task, subject, record, inputs, tokens })?;
        check(refused.is_none(), || format!("a proposal was refused: {refused:?}"))?;
        let failed = self.states.get(&task) == Some(&TaskState::Failed);
        check(fits || failed, || format!("{task} proposed too much and goes on"))?;
        Ok(format!("{task} proposes"))
    }

    /// Returns a verdict by the kernel's own validators; `None` if they cannot judge the subject.
    fn verdict(&self, task: TaskId, goal: Goal, subject: Subject) -> Option<Judged<Value>> {
        let validators = self.kernel.registry().validators();
        subject.judge(validators, task, &goal.contract(), Vec::new()).ok()
    }

    /// Offers a verdict on a delayed proposal: the right one if `honest`, or a foreign one that the kernel
    /// must refuse.
    pub(super) fn judge(&mut self, rng: &mut Rng, honest: bool) -> Result<String, Violation> {
        self.awaiting.retain(|(task, _)| self.states.get(task) == Some(&TaskState::Validating));
        if self.awaiting.is_empty() {
            return Ok("nothing awaits a verdict".to_owned());
        }
        let at = rng.usize(..self.awaiting.len());
        let (task, subject) = self.awaiting[at].clone();
        if !self.kernel.is_open(task.job) {
            return Ok("its job has ended".to_owned());
        }
        let goal = self.goals[&task].0;
        if honest {
            self.awaiting.swap_remove(at);
            // A weaker validator gives a valid verdict that shows less.
            let weaker = rng.u8(..4) == 0;
            let judged = if weaker {
                subject.judge(&self.weak, task, &goal.contract(), Vec::new()).ok()
            } else {
                self.verdict(task, goal, subject)
            };
            let event = match judged {
                Some(judged) if rng.u8(..10) > 0 => Event::Judged { task, judged },
                _ => Event::Unjudged { task, why: "the validator panicked".to_owned() },
            };
            let refused = self.step(event)?;
            check(refused.is_none(), || format!("a sound verdict was refused: {refused:?}"))?;
            return Ok(format!("{task} is judged"));
        }
        let other = Goal::ALL[rng.usize(..Goal::ALL.len())];
        let (for_task, under, on) = match rng.u8(..3) {
            0 => (TaskId { number: task.number + 1, ..task }, goal, subject),
            // The right proposal, judged under another contract.
            1 if other != goal => (task, other, subject),
            _ => {
                let value = Value::text("never proposed");
                (task, goal, shallow(Proposal { value, origin: subject.origin().clone() }))
            }
        };
        let Some(judged) = self.verdict(for_task, under, on) else { return Ok("no verdict".to_owned()) };
        let refused = self.step(Event::Judged { task, judged })?;
        check(refused.is_some(), || format!("a foreign verdict was taken for {task}"))?;
        Ok(format!("a foreign verdict for {task} is refused"))
    }

    /// Fails a running task with an error or a panic, which the kernel must not refuse.
    pub(super) fn fail(&mut self, rng: &mut Rng) -> Result<String, Violation> {
        let Some(task) = self.in_state(rng, TaskState::Running) else { return Ok("nothing runs".to_owned()) };
        let cause = match rng.bool() {
            true => Cause::Executor { message: sizes::text(rng).into() },
            false => Cause::Panicked { message: sizes::text(rng).into() },
        };
        let refused = self.step(Event::Failed { task, cause })?;
        check(refused.is_none(), || format!("a failure was refused: {refused:?}"))?;
        Ok(format!("{task} fails"))
    }

    /// Asks for further tasks on behalf of a running task.
    pub(super) fn request(&mut self, rng: &mut Rng) -> Result<String, Violation> {
        let Some(task) = self.in_state(rng, TaskState::Running) else { return Ok("nothing runs".to_owned()) };
        let job = self.job(task.job).clone();
        let mut asked = tasks(rng, &job, &mut self.names);
        if rng.bool() {
            asked.iter_mut().for_each(|task| task.role = Role::Support);
        }
        let known: Vec<String> = self
            .goals
            .range(TaskId { number: 0, ..task }..)
            .map(|(_, (_, spec))| spec.name.clone())
            .collect();
        for child in &mut asked {
            if rng.u8(..3) == 0 {
                child.after.extend(pick(rng, &known).cloned());
            }
            child.limits = Limits { tokens: 0, ..child.limits };
        }
        let refused = self.step(Event::Request { task, tasks: asked, tokens: 0 })?;
        Ok(format!("{task} asks: {refused:?}"))
    }

    /// Cancels a random task, which the kernel must refuse unless the state of the task allows it.
    pub(super) fn cancel(&mut self, rng: &mut Rng) -> Result<String, Violation> {
        let tasks: Vec<TaskId> = self.states.keys().copied().collect();
        let Some(task) = pick(rng, &tasks).copied() else { return Ok("no task".to_owned()) };
        let (state, open) = (self.states[&task], self.kernel.is_open(task.job));
        let refused = self.step(Event::Cancel { task, reason: sizes::text(rng) })?;
        let legal = open && Kind::Cancel.is_legal_in(state);
        check(refused.is_none() == legal, || format!("cancelling {task}, which is {state}: {refused:?}"))?;
        if !legal {
            self.coverage.refuse(state, Kind::Cancel);
        }
        Ok(format!("cancel {task}: {refused:?}"))
    }

    /// Ends a random job with an abstention, which the kernel must refuse unless the job is open.
    pub(super) fn abstain(&mut self, rng: &mut Rng) -> Result<String, Violation> {
        let Some(known) = pick(rng, &self.jobs).cloned() else { return Ok("no job".to_owned()) };
        let open = self.kernel.is_open(known.id);
        let refused = self.step(Event::Abstain { job: known.id, reason: "enough".to_owned() })?;
        check(refused.is_none() == open, || format!("abstaining from {}: {refused:?}", known.id))?;
        Ok(format!("abstain from {}", known.id))
    }

    /// Offers a task an event that its state does not allow, which the kernel must refuse.
    pub(super) fn offer_illegal_event(&mut self, rng: &mut Rng) -> Result<String, Violation> {
        let tasks: Vec<TaskId> = self.states.keys().copied().collect();
        let Some(task) = pick(rng, &tasks).copied() else { return Ok("no task".to_owned()) };
        let state = self.states[&task];
        let kind = Kind::ALL[rng.usize(..Kind::ALL.len())];
        if kind.is_legal_in(state) && self.kernel.is_open(task.job) {
            return Ok("it would be legal".to_owned());
        }
        let goal = self.goals[&task].0;
        let subject = Proposal { value: goal.right(), origin: Origin::User };
        let event = match kind {
            Kind::Request => {
                let asked = TaskSpec::new("offer_illegal_eventr", "draft", Goal::Talk.contract());
                Event::Request { task, tasks: vec![asked], tokens: 0 }
            }
            Kind::Proposed => {
                Event::Proposed { task, subject, record: Value::Null, inputs: Vec::new(), tokens: 0 }
            }
            Kind::Failed => Event::Failed { task, cause: Cause::Executor { message: "late".into() } },
            Kind::Judged => match self.verdict(task, goal, shallow(subject)) {
                Some(judged) => Event::Judged { task, judged },
                None => return Ok("no verdict".to_owned()),
            },
            Kind::Unjudged => Event::Unjudged { task, why: "late".to_owned() },
            Kind::Cancel => Event::Cancel { task, reason: "late".to_owned() },
        };
        let refused = self.step(event)?;
        check(refused.is_some(), || format!("{kind:?} was taken for {task}, which is {state}"))?;
        self.coverage.refuse(state, kind);
        Ok(format!("{kind:?} for {task}, which is {state}, is refused"))
    }
}

/// Returns a random item; `None` if there are none.
fn pick<'t, T>(rng: &mut Rng, items: &'t [T]) -> Option<&'t T> {
    if items.is_empty() { None } else { items.get(rng.usize(..items.len())) }
}

/// Returns the subject of a proposal that the game made itself.
fn shallow(proposal: Proposal<Value>) -> Subject {
    Subject::new(proposal).expect("what the game proposes is shallow")
}
