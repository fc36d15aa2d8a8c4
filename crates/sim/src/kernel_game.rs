//! The game of the kernel: delayed effects, and verdicts and events that the kernel must refuse.

mod circles;
mod moves;

use std::collections::BTreeMap;

use abi::bounds::check_entry;
use abi::{JobId, TaskId};
use det::{Level, Subject, Validators};
use fastrand::Rng;
use sched::{BlobDigests, Effect, Event, Kernel, Millis, Record, Refusal, TaskOrigin, TaskSpec, TaskState};

use crate::coverage::Coverage;
use crate::world::{Goal, KnownJob, Violation, check, job, registry, unconsulted, validators, vets};

/// One move of the game. Moves are plain data, so that a game can be played again without some of them.
#[derive(Clone, Debug)]
struct Move {
    /// The kind of the move, as a number from 0 to 19.
    kind: u8,
    /// The seed of all other choices within the move.
    seed: u64,
}

/// Returns the moves of the game of one seed.
fn moves(seed: u64) -> Vec<Move> {
    let mut rng = Rng::with_seed(seed);
    let count = rng.usize(10..90);
    (0..count).map(|_| Move { kind: rng.u8(..20), seed: rng.u64(..) }).collect()
}

/// Plays the game of the kernel for one seed, without the moves for which `keep` returns false. The call adds
/// what it reaches to `coverage` and a line for each move to `trace`.
///
/// # Errors
/// [`Violation`] for the first guarantee that was broken.
pub fn kernel_game(
    seed: u64,
    keep: &dyn Fn(usize) -> bool,
    coverage: &mut Coverage,
    trace: &mut Vec<String>,
) -> Result<(), Violation> {
    let mut game = Game::new(seed, coverage);
    for (index, next) in moves(seed).iter().enumerate().filter(|(index, _)| keep(*index)) {
        let line = game.play(next)?;
        trace.push(format!("{index}: {line}"));
        game.check_states()?;
    }
    game.end()
}

/// A running game: the kernel, and an independent model of it that checks its guarantees.
struct Game<'a> {
    kernel: Kernel,
    /// The same validators, except that the external one reaches a lower level.
    weak: Validators,
    now: Millis,
    jobs: Vec<KnownJob>,
    /// The goal and the specification of each admitted task.
    goals: BTreeMap<TaskId, (Goal, TaskSpec)>,
    /// The state of each task as the kernel reported it last.
    states: BTreeMap<TaskId, TaskState>,
    /// The proposals that have not been judged yet, because the game delays their judgement.
    awaiting: Vec<(TaskId, Subject)>,
    /// The tasks that a parked or repairing task waits for.
    waits: BTreeMap<TaskId, Vec<u32>>,
    /// The number of task names given out.
    names: u32,
    /// The number of runs of each job, in all and by operation.
    runs: BTreeMap<JobId, (u32, BTreeMap<String, u32>)>,
    /// The number of admitted tasks of each job.
    admitted: BTreeMap<JobId, u32>,
    /// The number of commits of each job.
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
            waits: BTreeMap::new(),
            names: 0,
            runs: BTreeMap::new(),
            admitted: BTreeMap::new(),
            revealed: BTreeMap::new(),
            coverage,
        }
    }

    /// Plays one move, and returns a line that describes it for the trace.
    fn play(&mut self, next: &Move) -> Result<String, Violation> {
        let mut rng = Rng::with_seed(next.seed);
        match next.kind {
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
            _ => self.offer_illegal_event(&mut rng),
        }
    }

    /// Gives the kernel an event, and checks that a refusal leaves everything unchanged. Returns the refusal,
    /// or `None` if the event was accepted.
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

    /// Returns the states of all tasks as the kernel shows them.
    fn seen(&self) -> Vec<(TaskId, Option<TaskState>)> {
        let jobs = self.jobs.iter().flat_map(|job| self.kernel.tasks(job.id));
        jobs.map(|task| (task, self.kernel.state(task))).collect()
    }

    /// Checks the effects of a step, and records them in the model.
    fn perform(&mut self, effects: Vec<Effect>) -> Result<(), Violation> {
        for effect in effects {
            if let Effect::Record(record) = &effect {
                self.note(record)?;
            }
            match effect {
                Effect::Moved { task, from, to } => self.moved(task, from, to)?,
                Effect::Run(task) => self.check_run(task)?,
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
                Effect::Record(Record::Admitted { task, spec, .. }) => {
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

    /// Checks that a record can be stored, and notes what a task waits for.
    fn note(&mut self, record: &Record) -> Result<(), Violation> {
        let entry = record.clone().into_entry(&BlobDigests::default());
        check_entry(&entry).map_err(|unstorable| Violation(unstorable.to_string()))?;
        match record {
            Record::Opened { job, consulted, .. } => {
                check(entry.inputs.contains(&consulted.digest()), || unconsulted(*job))
            }
            Record::Parked { task, children, .. } => {
                self.waits.insert(*task, children.clone());
                self.check_circles(task.job)
            }
            Record::Admitted { task, asker: TaskOrigin::Repair(parent), .. } => {
                self.waits.insert(TaskId { number: *parent, ..*task }, vec![task.number]);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Checks a change of state.
    fn moved(&mut self, task: TaskId, from: TaskState, to: TaskState) -> Result<(), Violation> {
        let known = self.states.insert(task, to);
        check(known == Some(from), || format!("{task} moved from {from}, it was {known:?}"))?;
        check(from.may_become(to), || format!("{task} moved from {from} to {to}"))?;
        self.coverage.take(from, to);
        Ok(())
    }

    /// Checks a run that the kernel started: the task must be admitted and allowed, its dependencies must
    /// have passed, and its job's budget must cover it.
    fn check_run(&mut self, task: TaskId) -> Result<(), Violation> {
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
        check(*runs <= job.budget.runs, || format!("{runs} runs, {} are paid for", job.budget.runs))?;
        let most = job.budget.same_operation;
        check(*same <= most, || format!("{same} runs of {}, {most} are paid for", spec.operation))?;
        self.check_reservations(&job)
    }

    /// Checks that the budget of a job covers everything that its running tasks may spend at the same time.
    fn check_reservations(&self, job: &KnownJob) -> Result<(), Violation> {
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

    /// Returns what the model knows about a job that was opened.
    fn job(&self, id: JobId) -> &KnownJob {
        self.jobs.iter().find(|job| job.id == id).expect("effects are about jobs that were opened")
    }

    /// Checks the rules that must hold after every move.
    fn check_states(&mut self) -> Result<(), Violation> {
        for (task, state) in &self.states {
            let found = self.kernel.state(*task);
            check(found == Some(*state), || format!("{task} is {found:?} and was reported as {state}"))?;
        }
        for (job, count) in &self.revealed {
            check(*count == 1, || format!("{job} was answered {count} times"))?;
        }
        self.coverage.see(self.states.values().copied());
        Ok(())
    }

    /// Ends every job, and checks that every task has ended, and that each one that did not pass has a cause.
    fn end(mut self) -> Result<(), Violation> {
        let jobs: Vec<JobId> = self.jobs.iter().map(|job| job.id).collect();
        for id in jobs {
            if self.kernel.is_open(id) {
                self.step(Event::Abstain { job: id, reason: "the end".to_owned() })?;
            }
        }
        self.check_states()?;
        check(self.kernel.running() == 0, || format!("{} tasks still run", self.kernel.running()))?;
        for (task, state) in &self.states {
            check(state.is_settled(), || format!("{task} ended as {state}"))?;
            let explained = state.has_passed() || self.kernel.cause(*task).is_some();
            check(explained, || format!("{task} is {state} and has no cause"))?;
        }
        // A budget is unsigned, so it is never negative; but giving back more than was taken would leave more
        // than there was.
        for job in &self.jobs {
            if let Some(left) = self.kernel.budget_left(job.id) {
                let within = left.tokens <= job.budget.tokens && left.wall_ms <= job.budget.wall_ms;
                check(within, || format!("{} has more left than it had", job.id))?;
            }
        }
        Ok(())
    }
}
