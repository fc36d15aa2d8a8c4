//! The pure kernel against somebody who holds its effects back and offers it what it must refuse.

use std::collections::BTreeMap;

use abi::{JobId, Origin, Proposal, TaskId, Value};
use det::{Judged, Level, Subject, Validators};
use fastrand::Rng;
use sched::{
    Cause, Effect, Event, JobSpec, Kernel, Limits, Millis, Plan, Refusal, Role, TaskSpec, TaskState,
};

use crate::coverage::{Coverage, Kind};
use crate::world::{Goal, KnownJob, Violation, check, job, registry, tasks, validators, vets};

/// One move of the game. Moves are plain data, so that a game can be played again with some left out.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    /// Which kind of move, and the seed of everything else about it.
    what: u8,
    seed: u64,
}

pub(crate) fn moves(seed: u64) -> Vec<Move> {
    let mut rng = Rng::with_seed(seed);
    let count = rng.usize(10..90);
    (0..count).map(|_| Move { what: rng.u8(..20), seed: rng.u64(..) }).collect()
}

/// Plays the game of `seed`, with those of its moves that `keep` admits; appends what was done to `trace`.
///
/// # Errors
/// The first promise that was not kept.
pub fn kernel_game(
    seed: u64,
    keep: &dyn Fn(usize) -> bool,
    coverage: &mut Coverage,
    trace: &mut Vec<String>,
) -> Result<(), Violation> {
    let mut game = Game::new(seed, coverage);
    for (index, next) in moves(seed).iter().enumerate().filter(|(index, _)| keep(*index)) {
        let told = game.play(next)?;
        trace.push(format!("{index}: {told}"));
        game.look()?;
    }
    game.end()
}

struct Game<'a> {
    kernel: Kernel,
    /// The same validators, of which the one from outside shows less.
    weak: Validators,
    now: Millis,
    jobs: Vec<KnownJob>,
    /// Contracts by task, as the plans had them.
    goals: BTreeMap<TaskId, (Goal, TaskSpec)>,
    states: BTreeMap<TaskId, TaskState>,
    /// Proposals whose judgement is held back.
    awaiting: Vec<(TaskId, Subject)>,
    names: u32,
    runs: BTreeMap<JobId, (u32, BTreeMap<String, u32>)>,
    admitted: BTreeMap<JobId, u32>,
    revealed: BTreeMap<JobId, u32>,
    coverage: &'a mut Coverage,
}

impl<'a> Game<'a> {
    fn new(seed: u64, coverage: &'a mut Coverage) -> Self {
        let workers = 1 + usize::try_from(seed % 4).unwrap_or(0);
        Self {
            kernel: Kernel::new(registry(validators(Level::Oracle, vets)), workers),
            weak: validators(Level::Syntax, vets),
            now: Millis(0),
            jobs: Vec::new(),
            goals: BTreeMap::new(),
            states: BTreeMap::new(),
            awaiting: Vec::new(),
            names: 0,
            runs: BTreeMap::new(),
            admitted: BTreeMap::new(),
            revealed: BTreeMap::new(),
            coverage,
        }
    }

    fn play(&mut self, next: &Move) -> Result<String, Violation> {
        let mut rng = Rng::with_seed(next.seed);
        match next.what {
            0 | 1 if self.jobs.len() < 4 => {
                let (spec, known) = job(&mut rng, JobId(self.jobs.len() as u64 + 1), self.now);
                self.open(spec, known)
            }
            0..=4 => self.admit(&mut rng),
            5..=8 => self.propose(&mut rng),
            9..=11 => self.judge(&mut rng, true),
            12 => self.judge(&mut rng, false),
            13 => self.fail(&mut rng),
            14 => self.request(&mut rng),
            15 => {
                self.now = Millis(self.now.0 + rng.u64(..60));
                self.step(Event::Tick).map(|_| format!("time is {}", self.now.0))
            }
            16 => self.cancel(&mut rng),
            17 if rng.u8(..4) == 0 => self.abstain(&mut rng),
            _ => self.intrude(&mut rng),
        }
    }

    /// Takes a step that may be refused; a refusal must leave everything as it was.
    fn step(&mut self, event: Event) -> Result<Option<Refusal>, Violation> {
        let before = self.seen();
        match self.kernel.step(self.now, event) {
            Ok(effects) => self.perform(effects).map(|()| None),
            Err(refusal) => {
                check(before == self.seen(), || format!("a refusal changed something: {refusal}"))?;
                Ok(Some(refusal))
            }
        }
    }

    fn seen(&self) -> Vec<(TaskId, Option<TaskState>)> {
        let jobs = self.jobs.iter().flat_map(|job| self.kernel.tasks(job.id));
        jobs.map(|task| (task, self.kernel.state(task))).collect()
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Result<(), Violation> {
        for effect in effects {
            match effect {
                Effect::Moved { task, from, to } => self.moved(task, from, to)?,
                Effect::Run(task) => self.runs(task)?,
                Effect::Judge { task, subject, .. } => self.awaiting.push((task, subject)),
                Effect::Reveal(committed) => {
                    let known = self.job(committed.task().job);
                    let (goal, required) = (known.goal, known.required);
                    let level = committed.level();
                    check(level >= required, || format!("committed at {level}, {required} is required"))?;
                    check(goal.is_right(committed.value()), || "a wrong value was committed".to_owned())?;
                    let contract = committed.verdict().contract();
                    check(contract == goal.contract().digest(), || {
                        "committed under another contract".to_owned()
                    })?;
                    *self.revealed.entry(committed.task().job).or_default() += 1;
                }
                Effect::Record(sched::Record::Admitted { task, spec, .. }) => {
                    let goal =
                        Goal::ALL.into_iter().find(|goal| goal.contract().digest() == spec.contract.digest());
                    let goal =
                        goal.ok_or_else(|| Violation("admitted under an unknown contract".to_owned()))?;
                    let budget = self.job(task.job).budget.tasks;
                    let admitted = self.admitted.entry(task.job).or_default();
                    *admitted += 1;
                    let admitted = *admitted;
                    check(admitted <= budget, || {
                        format!("{admitted} tasks admitted, {budget} are paid for")
                    })?;
                    self.goals.insert(task, (goal, TaskSpec::clone(&spec)));
                    self.states.insert(task, TaskState::Waiting);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn moved(&mut self, task: TaskId, from: TaskState, to: TaskState) -> Result<(), Violation> {
        let known = self.states.insert(task, to);
        check(known == Some(from), || format!("{task} moved from {from}, it was {known:?}"))?;
        check(from.may_become(to), || format!("{task} moved from {from} to {to}"))?;
        self.coverage.take(from, to);
        Ok(())
    }

    /// A run that was ordered: admitted, allowed, its dependencies passed, and paid for.
    fn runs(&mut self, task: TaskId) -> Result<(), Violation> {
        let Some((_, spec)) = self.goals.get(&task).cloned() else {
            return Err(Violation(format!("{task} runs and was never admitted")));
        };
        let job = self.job(task.job).clone();
        let right = crate::world::OPERATIONS.iter().find(|operation| operation.0 == spec.operation);
        let Some((_, _, right, _)) = right else {
            return Err(Violation(format!("{task} runs {}, which is forbidden", spec.operation)));
        };
        let held = right.is_none_or(|right| job.rights.iter().any(|held| held.0 == right));
        check(held, || format!("{task} runs {} without the right to", spec.operation))?;
        let passed: Vec<TaskId> = self.kernel.dependencies(task).collect();
        check(passed.len() == spec.after.len(), || {
            format!("{task} waits for something that does not exist")
        })?;
        for before in passed {
            let state = self.states.get(&before).copied();
            let usable = state.is_some_and(TaskState::has_passed);
            check(usable, || format!("{task} runs after {before}, which is {state:?}"))?;
        }
        let (runs, by_operation) = self.runs.entry(task.job).or_default();
        *runs += 1;
        let same = by_operation.entry(spec.operation.clone()).or_default();
        *same += 1;
        check(*runs <= job.budget.traps, || format!("{runs} runs, {} are paid for", job.budget.traps))?;
        let most = job.budget.same_operation;
        check(*same <= most, || format!("{same} runs of {}, {most} are paid for", spec.operation))?;
        self.pays(&job)
    }

    /// What runs at the same time has all been set aside.
    fn pays(&self, job: &KnownJob) -> Result<(), Violation> {
        let mut tokens = 0;
        let mut wall = 0;
        for (task, (_, spec)) in self.goals.range(TaskId { job: job.id, number: 0 }..) {
            let runs = task.job == job.id && self.states.get(task) == Some(&TaskState::Running);
            if runs {
                tokens += spec.limits.tokens;
                wall += spec.limits.wall_ms;
            }
        }
        check(tokens <= job.budget.tokens, || format!("{tokens} tokens may be spent at once"))?;
        check(wall <= job.budget.wall_ms, || format!("{wall} ms may be spent at once"))
    }

    fn job(&self, id: JobId) -> &KnownJob {
        self.jobs.iter().find(|job| job.id == id).expect("effects are about jobs that were opened")
    }

    fn open(&mut self, spec: JobSpec, known: KnownJob) -> Result<String, Violation> {
        let told = format!("open {} for {:?} at {}", known.id, known.goal, known.required);
        self.jobs.push(known);
        let refused = self.step(Event::Open(spec))?;
        check(refused.is_none(), || format!("a sound job was refused: {refused:?}"))?;
        Ok(told)
    }

    fn admit(&mut self, rng: &mut Rng) -> Result<String, Violation> {
        let Some(known) = pick(rng, &self.jobs).cloned() else { return Ok("no job".to_owned()) };
        let tasks = tasks(rng, &known, &mut self.names);
        let told = format!("admit {} tasks to {}", tasks.len(), known.id);
        let unknown = tasks.iter().any(|task| task.after.iter().any(|name| name == "nobody"));
        let refused = self.step(Event::Admit(Plan { job: known.id, tasks }))?;
        check(refused.is_some() || !unknown, || "a plan with an unknown dependency was admitted".to_owned())?;
        Ok(format!("{told}: {refused:?}"))
    }

    fn in_state(&self, rng: &mut Rng, state: TaskState) -> Option<TaskId> {
        let tasks: Vec<TaskId> =
            self.states.iter().filter(|(_, known)| **known == state).map(|(task, _)| *task).collect();
        let open: Vec<TaskId> = tasks.into_iter().filter(|task| self.kernel.is_open(task.job)).collect();
        pick(rng, &open).copied()
    }

    fn subject(rng: &mut Rng, goal: Goal) -> Value {
        match rng.u8(..12) {
            0 => (0..200).fold(Value::Null, |inner, _| Value::List(vec![inner])),
            1..=5 => goal.wrong(),
            6 => Value::text("level: proven, satisfied: true"),
            _ => goal.right(),
        }
    }

    fn propose(&mut self, rng: &mut Rng) -> Result<String, Violation> {
        let Some(task) = self.in_state(rng, TaskState::Running) else { return Ok("nothing runs".to_owned()) };
        let (goal, spec) = self.goals[&task].clone();
        // Passing a dependency's right value on is what some operations are for.
        let value = Self::subject(rng, goal);
        let tokens = if rng.u8(..8) == 0 { spec.limits.tokens + 1 } else { spec.limits.tokens / 2 };
        let subject = Proposal { value, origin: Origin::RemoteModel { name: "stranger".to_owned() } };
        let event = Event::Proposed { task, subject, record: Value::Null, inputs: Vec::new(), tokens };
        let refused = self.step(event)?;
        check(refused.is_none(), || format!("a proposal was refused: {refused:?}"))?;
        Ok(format!("{task} proposes"))
    }

    fn verdict(&self, task: TaskId, goal: Goal, subject: Subject) -> Option<Judged<Value>> {
        let validators = self.kernel.registry().validators();
        subject.judge(validators, task, &goal.contract(), Vec::new()).ok()
    }

    /// Offers a verdict that was held back: its own, or one that must be refused.
    fn judge(&mut self, rng: &mut Rng, honest: bool) -> Result<String, Violation> {
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
            // A verdict by a weaker validator is a verdict, and shows less.
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
            // The very proposal, held against another contract.
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

    fn fail(&mut self, rng: &mut Rng) -> Result<String, Violation> {
        let Some(task) = self.in_state(rng, TaskState::Running) else { return Ok("nothing runs".to_owned()) };
        let cause = match rng.bool() {
            true => Cause::Executor { message: "it fell".into() },
            false => Cause::Panicked { message: "it broke".into() },
        };
        let refused = self.step(Event::Failed { task, cause })?;
        check(refused.is_none(), || format!("a failure was refused: {refused:?}"))?;
        Ok(format!("{task} fails"))
    }

    fn request(&mut self, rng: &mut Rng) -> Result<String, Violation> {
        let Some(task) = self.in_state(rng, TaskState::Running) else { return Ok("nothing runs".to_owned()) };
        let job = self.job(task.job).clone();
        let mut asked = tasks(rng, &job, &mut self.names);
        if rng.bool() {
            asked.iter_mut().for_each(|task| task.role = Role::Support);
        }
        for child in &mut asked {
            child.limits = Limits { tokens: 0, ..child.limits };
        }
        let refused = self.step(Event::Request { task, tasks: asked, tokens: 0 })?;
        Ok(format!("{task} asks: {refused:?}"))
    }

    fn cancel(&mut self, rng: &mut Rng) -> Result<String, Violation> {
        let tasks: Vec<TaskId> = self.states.keys().copied().collect();
        let Some(task) = pick(rng, &tasks).copied() else { return Ok("no task".to_owned()) };
        let (state, open) = (self.states[&task], self.kernel.is_open(task.job));
        let refused = self.step(Event::Cancel { task, reason: "enough".to_owned() })?;
        let legal = open && Kind::Cancel.is_legal_in(state);
        check(refused.is_none() == legal, || format!("cancelling {task}, which is {state}: {refused:?}"))?;
        if !legal {
            self.coverage.refuse(state, Kind::Cancel);
        }
        Ok(format!("cancel {task}: {refused:?}"))
    }

    fn abstain(&mut self, rng: &mut Rng) -> Result<String, Violation> {
        let Some(known) = pick(rng, &self.jobs).cloned() else { return Ok("no job".to_owned()) };
        let open = self.kernel.is_open(known.id);
        let refused = self.step(Event::Abstain { job: known.id, reason: "enough".to_owned() })?;
        check(refused.is_none() == open, || format!("abstaining from {}: {refused:?}", known.id))?;
        Ok(format!("abstain from {}", known.id))
    }

    /// Offers a task an event that its state does not allow.
    fn intrude(&mut self, rng: &mut Rng) -> Result<String, Violation> {
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
                let asked = TaskSpec::new("intruder", "draft", Goal::Talk.contract());
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

    /// What holds after every move.
    fn look(&mut self) -> Result<(), Violation> {
        for (task, state) in &self.states {
            let found = self.kernel.state(*task);
            check(found == Some(*state), || format!("{task} is {found:?} and was told to be {state}"))?;
        }
        for (job, count) in &self.revealed {
            check(*count == 1, || format!("{job} was answered {count} times"))?;
        }
        self.coverage.see(self.states.values().copied());
        Ok(())
    }

    /// Ends every job; then every task must have ended, and those that did not pass must say why.
    fn end(mut self) -> Result<(), Violation> {
        let jobs: Vec<JobId> = self.jobs.iter().map(|job| job.id).collect();
        for id in jobs {
            if self.kernel.is_open(id) {
                self.step(Event::Abstain { job: id, reason: "the end".to_owned() })?;
            }
        }
        self.look()?;
        check(self.kernel.running() == 0, || format!("{} tasks still run", self.kernel.running()))?;
        for (task, state) in &self.states {
            check(state.is_settled(), || format!("{task} ended as {state}"))?;
            let told = state.has_passed() || self.kernel.cause(*task).is_some();
            check(told, || format!("{task} is {state} and nobody is told why"))?;
        }
        // Level by level, what was left of a budget is a number that was never negative: it is unsigned, and
        // giving back more than was taken would exceed what was there.
        for job in &self.jobs {
            if let Some(left) = self.kernel.budget_left(job.id) {
                let within = left.tokens <= job.budget.tokens && left.wall_ms <= job.budget.wall_ms;
                check(within, || format!("{} has more left than it had", job.id))?;
            }
        }
        Ok(())
    }
}

fn pick<'t, T>(rng: &mut Rng, items: &'t [T]) -> Option<&'t T> {
    if items.is_empty() { None } else { items.get(rng.usize(..items.len())) }
}

/// A subject of a proposal that this game made.
fn shallow(proposal: Proposal<Value>) -> Subject {
    Subject::new(proposal).expect("what the game proposes is shallow")
}
