//! A search for a missing function: the ladder of `escalate`, run as one job over a model, the gate and the ledger.
//!
//! Each attempt is a task of the job. A model drafts it, `det` has the gate examine it, and what is admitted is committed at
//! the level `Proven`, as any other answer is.

mod attempt;
mod examiner;
mod keep;
mod report;
mod sifted;
mod web;

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use abi::{Draft, Proposer, Receipt, Value};
use det::{Level, TrustRoot, TrustStore, Validator, Validators};
use escalate::{
    Attempt, Ended, Gap, Ladder, LookedUp, Outcome, Rung, Step, Store, StoreError, Widened, Width,
};
use factloop::operations::{Notice, PROMPT};
use factloop::{Generated, with_cut};
use holdout::{Options, Spec};
use kpolicy::Unit;
use ledger::LedgerError;
use sched::{
    Budget, Capability, Consulted, Driver, Inline, JobError, JobRunner, JobSpec, Kernel, Operation, PlanEnd,
    StoppedClock, Tier,
};
use tools::Web;

use crate::book::{Book, OpenedBook};
use crate::config::{Config, ConfigError, Flags, ModelChoice};
use crate::engine::job_failure;
use crate::gate::{Executors, Gate};
use crate::lookup::decision;
use crate::model::ModelFailure;
use crate::operations::{self, RECALL, TaskError, TaskExecutor};
use crate::primitives::{self, Near, Primitive, PrimitiveError};
use crate::research::{CAPABILITIES, MOST_PAGES, References, ResearchError};
use crate::{Error, Surroundings, surroundings};

use attempt::{outcome, reported, task};
use sifted::Sifted;
use web::Remembering;

pub(crate) use examiner::RecordedExaminer;
use examiner::{Examination, Examinations, GateExaminer};
pub(crate) use report::{card, json, line};

/// The sentence that stands where a function would stand.
pub(crate) const ABSTAINED: &str = "no attempt was admitted, so there is no function";

/// Returns the width by the policy, which the severity of the first failure drives, at this load of the machine.
pub(crate) fn by_severity(config: &Config, cost: Unit) -> Width {
    Width::Policy {
        policy: config.spending.search_policy(),
        importance: config.spending.importance,
        cost,
        budget: config.spending.budget,
        mode: config.spending.mode,
    }
}

/// The parts of a search beside its model.
#[derive(Clone, Debug)]
pub(crate) struct Search<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) config: &'a Config,
    pub(crate) executors: Executors<'a>,
    pub(crate) width: Width,
    /// The store of admitted functions. None if nothing is kept.
    pub(crate) store: Option<Store>,
    /// The record that the memory was consulted.
    pub(crate) consulted: Consulted,
}

/// A thing that happened in a search, as it happens.
#[derive(Debug)]
pub(crate) enum Told<'a> {
    /// The admitted functions were searched. A stored function whose record does not count is named with the reason.
    /// `near` functions for other specifications are examined.
    LookedUp { found: bool, refused: Option<&'a PrimitiveError>, near: usize },
    /// An attempt begins.
    Begins(&'a Attempt),
    /// An attempt has ended.
    Ended(&'a Tried),
    /// The number of attempts of the next rung was decided.
    Widened(&'a Widened),
    /// Pages were fetched, or not, with the reason.
    Researched(Result<&'a References, &'a ResearchError>),
}

/// One attempt, as it ended.
#[derive(Clone, Debug)]
pub(crate) struct Tried {
    pub(crate) number: u32,
    pub(crate) rung: Rung,
    pub(crate) tokens: u64,
    /// The whole time of the attempt, in seconds.
    pub(crate) seconds: f64,
    /// The report of its exam, or the reason why there is none.
    pub(crate) report: Result<Value, NoReport>,
    /// True if the verdict is that of an earlier exam of the same code.
    pub(crate) is_repeated: bool,
    /// The digest of the record. None if there is none, or no ledger keeps it.
    pub(crate) record: Option<abi::Digest>,
}

/// The reason why an attempt has no exam.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NoReport(String);

/// The end of a search.
#[derive(Debug)]
pub(crate) struct Solved {
    pub(crate) ended: Ended,
    /// The function that was found or kept, with its record.
    pub(crate) primitive: Option<Primitive>,
    /// The remark about keeping the function, where it is not simply kept.
    pub(crate) note: Option<String>,
    pub(crate) tried: Vec<Tried>,
    pub(crate) widened: Option<Widened>,
    pub(crate) model: String,
    pub(crate) specification: abi::Digest,
    pub(crate) entry: String,
    /// The receipt of the job's end. None where no job was opened, because the function was found.
    pub(crate) receipt: Option<Receipt>,
    /// False if something was admitted that the store does not have.
    pub(crate) is_kept: bool,
    /// The pages that were fetched, or the reason why there are none. None if none were looked for.
    pub(crate) researched: Option<Result<References, ResearchError>>,
    /// True if the specification itself is faulty: its code fails, or contradicts its samples.
    pub(crate) is_faulty: bool,
}

impl Solved {
    /// Returns true if there is a function.
    pub(crate) fn is_solved(&self) -> bool {
        matches!(self.ended, Ended::Found | Ended::Admitted { .. })
    }
}

/// Returns the configuration of a search. Where nobody chose a model, it is the coder: the other one that is shipped writes
/// no functions.
///
/// # Errors
/// Fails as [`Config::load`] does.
pub(crate) fn config(flags: &Flags) -> Result<Config, ConfigError> {
    let surroundings = Surroundings::read();
    let config = Config::load(flags, &surroundings)?;
    match (&flags.model, &config.model) {
        (None, ModelChoice::Embedded) => {
            Config::load(&Flags { model: Some("coder".into()), ..flags.clone() }, &surroundings)
        }
        _ => Ok(config),
    }
}

/// The result of a look-up.
#[derive(Debug)]
pub(crate) enum Looked {
    /// A function is kept for the specification, so nobody is asked.
    Found(Box<Solved>),
    /// None is. These were admitted for other specifications, and are examined first.
    Near(Near),
}

impl Search<'_> {
    fn begun(&self, model: String) -> Solved {
        Solved {
            ended: Ended::Abstained,
            primitive: None,
            note: None,
            tried: Vec::new(),
            widened: None,
            model,
            specification: self.spec.digest(),
            entry: self.spec.entry().to_owned(),
            receipt: None,
            is_kept: true,
            researched: None,
            is_faulty: false,
        }
    }

    /// Looks for a function among those that were admitted: in the store, and in the ledger if a search ended before it could
    /// keep one. Tells what was found.
    ///
    /// # Errors
    /// [`Error`] if the ledger or the store is refused.
    pub(crate) fn look_up(
        &self,
        root: &impl TrustRoot,
        tell: &mut dyn FnMut(Told<'_>),
    ) -> Result<Looked, Error> {
        let Self { spec, config, executors, store, .. } = self;
        let executor = executors.of(spec).word();
        let (found, refused) = match store.as_ref().map(|store| kept(store, config, spec, executor, root)) {
            None => (None, None),
            Some(kept) => match kept? {
                None => (None, None),
                Some(Ok(primitive)) => (Some(primitive), None),
                Some(Err(error)) => (None, Some(error)),
            },
        };
        let near = match (&found, store) {
            (None, Some(store)) => primitives::near(store, config, spec, executor, root)?,
            _ => Near::default(),
        };
        tell(Told::LookedUp { found: found.is_some(), refused: refused.as_ref(), near: near.recalled.len() });
        let Some(primitive) = found else { return Ok(Looked::Near(near)) };
        let model = primitive.kept.model.clone();
        let solved = Solved { ended: Ended::Found, primitive: Some(primitive), ..self.begun(model) };
        Ok(Looked::Found(Box::new(solved)))
    }
}

/// Returns the function that is kept for the specification, or the reason why it does not count.
fn kept(
    store: &Store,
    config: &Config,
    spec: &Spec,
    executor: &str,
    root: &impl TrustRoot,
) -> Result<Option<Result<Primitive, PrimitiveError>>, Error> {
    let mut found = store.find_all(&spec.digest(), executor);
    // What was altered may be whole in the ledger.
    let is_there = matches!(&found, Ok(all) if !all.is_empty());
    if !is_there && !config.no_ledger && primitives::recover_one(store, config, spec.digest(), root)? {
        found = store.find_all(&spec.digest(), executor);
    }
    let all = match found {
        Ok(all) => all,
        Err(error @ StoreError::Altered { .. }) => return Ok(Some(Err(error.into()))),
        Err(error) => return Err(PrimitiveError::from(error).into()),
    };
    let mut refused = None;
    for kept in all {
        let trusted = primitives::trusted(store, config)?;
        match primitives::checked(store, kept, trusted, root) {
            Ok(primitive) => return Ok(Some(Ok(primitive))),
            Err(error) => refused = refused.or(Some(Err(error))),
        }
    }
    Ok(refused)
}

/// The failures of a model in a row after which it is not asked again.
const MOST_FAILURES: u32 = 2;

/// Searches for a function: examines those that are `near`, then has `model` write it, and tells what happens meanwhile. An
/// attempt has at most `max_new` tokens.
///
/// # Errors
/// [`Error`] if the ledger, the store or the machine's Python is refused, or the model could not be asked. A search without
/// a function is no error.
pub(crate) fn climb<P: Proposer<Error = ModelFailure>, R: TrustRoot + Copy + 'static>(
    model: P,
    max_new: u32,
    search: Search<'_>,
    near: Near,
    web: Option<Arc<dyn Web>>,
    root: R,
    tell: &mut dyn FnMut(Told<'_>),
) -> Result<Solved, Error> {
    let identity = model.identity();
    let mut solved = search.begun(identity.name.clone());
    let Search { spec, config, executors, width, store, consulted } = search;
    let options = Options { measures_severity: true, ..Options::default() };
    let gate = Gate::open(spec.clone(), &executors, options, config.clone())?.signed_at_least_here()?;
    let own_key = gate.public_key().into_iter().collect::<Vec<_>>();
    let mut ladder = Ladder::new(Gap::of(spec), width, web.is_some());
    ladder.looked_up(LookedUp::Near(near.recalled));
    let examinations = Examinations::default();
    let examiner = GateExaminer {
        gate: RefCell::new(gate),
        root,
        examinations: examinations.clone(),
        before: RefCell::new(HashMap::new()),
    };
    let mut validators = Validators::builtin();
    let admission = Validator::admission(examiner, TrustStore::new(own_key, &root), &root);
    validators.install(admission).expect("no built-in validator holds exams");
    let OpenedBook { mut book, .. } = Book::open(config)?;
    let (job, _claim) = book.begin()?;
    if let Some(store) = &store {
        store.begin(&spec.digest(), job).map_err(PrimitiveError::from)?;
    }
    let drafted = RefCell::new(None::<(u64, Generated)>);
    let listen = |notice: Notice<'_>| {
        if let Notice::Generated { task, max_new, draft } = notice {
            let generated = Generated::from_draft(task, max_new, draft);
            *drafted.borrow_mut() = Some((Draft::used(draft), generated));
        }
    };
    let place = config.ledger.clone();
    let web = web.map(Remembering::new);
    let mut toolbox = operations::builtin_toolbox().clone();
    if let Some(web) = &web {
        operations::add_builtin(&mut toolbox, Arc::new(web.clone()));
    }
    let granted = web.iter().flat_map(|_| CAPABILITIES).map(|right| Capability(right.to_owned()));
    let executor = TaskExecutor::new(model, toolbox.clone(), max_new, listen);
    let broken = executor.broken();
    let pool = Inline::new(Sifted { executor, store: store.clone(), specification: spec.digest() });
    let mut registry = operations::registry_with(&toolbox, validators, granted);
    registry.register(Operation::new(RECALL, Tier::Primitive));
    let driver = Driver::new(Kernel::new(registry, 1), pool, &mut book, StoppedClock);
    let contract = Arc::new(spec.contract());
    let mut runner = JobRunner::new(driver, job_of(job, &contract, max_new).consulting(consulted)).asked(
        &Value::map([(PROMPT, Value::text(escalate::prompt(&Gap::of(spec), &escalate::Asked::Write)))]),
    );
    let failed = |error: JobError<TaskError, LedgerError>| job_failure(identity.name.clone(), &place, error);
    if let Err(refusal) = runner.open() {
        return Err(failed(runner.refuse(refusal)));
    }
    if let Some(decided) = &near.decided {
        runner.note(decision(job, &contract, decided)).map_err(failed)?;
    }
    let mut failures = 0;
    let ended = loop {
        match ladder.step().clone() {
            Step::LookUp => ladder.looked_up(LookedUp::NOTHING),
            Step::Research { query } => {
                let Some(web) = &web else {
                    ladder.researched(String::new());
                    continue;
                };
                let found = web::research(&mut runner, &toolbox, web, &query).map_err(failed)?;
                tell(Told::Researched(found.as_ref()));
                let quoted = found.as_ref().map(|references| references.quoted.clone()).unwrap_or_default();
                solved.researched = Some(found);
                ladder.researched(quoted);
            }
            Step::Attempt(attempt) => {
                tell(Told::Begins(&attempt));
                examinations.begin(attempt.number);
                *drafted.borrow_mut() = None;
                let started = Instant::now();
                let task = task(&attempt, &contract, max_new);
                match runner.run(vec![task], &mut |_, _| {}).map_err(failed)? {
                    PlanEnd::Committed(_, receipt) => solved.receipt = Some(receipt),
                    PlanEnd::Refused(refusal) => return Err(failed(runner.refuse(refusal))),
                    PlanEnd::Unanswered => {}
                }
                let examination = examinations.take();
                let why = runner.tasks().last().and_then(|task| task.cause.clone()).unwrap_or_default();
                let has_failed = broken.explains(&format!("attempt-{}:", attempt.number)).is_some();
                failures = if has_failed { failures + 1 } else { 0 };
                let drafted = drafted.borrow_mut().take();
                let why = with_cut(why, drafted.as_ref().map(|(_, generated)| generated));
                let is_committed = solved.receipt.is_some();
                let outcome = outcome(spec.entry(), examination.as_ref(), is_committed, &|| why.clone());
                let (seconds, tokens) =
                    (started.elapsed().as_secs_f64(), drafted.map_or(0, |(used, _)| used));
                let tried =
                    Tried::of(&attempt, examination.as_ref(), &outcome, tokens, seconds, config.no_ledger);
                tell(Told::Ended(&tried));
                solved.tried.push(tried);
                solved.is_faulty |= examination.as_ref().is_some_and(Examination::is_faulty);
                if let (Outcome::Admitted { .. }, Some(examination)) = (&outcome, examination) {
                    solved.keep(examination, &attempt, store.as_ref(), config, root)?;
                }
                let known = ladder.widened().is_some();
                ladder.attempted(outcome);
                if failures == MOST_FAILURES {
                    solved.note = Some(format!("the model was not asked again: {why}"));
                    break Ended::Abstained;
                }
                if let (false, Some(widened)) = (known, ladder.widened()) {
                    if let Some(recorded) = &widened.recorded {
                        runner.note(decision(job, &contract, recorded)).map_err(failed)?;
                    }
                    tell(Told::Widened(widened));
                }
            }
            Step::Ended(ended) => break ended,
        }
    };
    // What was admitted and is not kept is looked for later.
    if let Some(store) = store.as_ref().filter(|_| solved.is_kept)
        && let Err(error) = store.end(&spec.digest(), job)
    {
        solved.note = Some(format!("the store was not told that the search has ended: {error}"));
    }
    if solved.tried.iter().all(|tried| tried.tokens == 0 && tried.report.is_err()) {
        // A model that failed each time has not been asked, so this is no abstention.
        runner.give_up_on_failure().map_err(failed)?;
    }
    if solved.receipt.is_none() {
        let reason = match &ended {
            Ended::Unsound { why } | Ended::Unexamined { why } => why.clone(),
            _ => ABSTAINED.to_owned(),
        };
        solved.receipt = Some(runner.abstain(reason).map_err(failed)?);
    }
    solved.widened = ladder.widened().cloned();
    solved.ended = ended;
    Ok(solved)
}

/// Returns the job of a search, whose budget suffices for every attempt.
fn job_of(job: abi::JobId, contract: &Arc<det::Contract>, max_new: u32) -> JobSpec {
    let attempts = escalate::MOST_ATTEMPTS;
    let tokens = Budget::REFERENCE.tokens.max(u64::from(attempts) * u64::from(max_new));
    // A search for pages, and each page, is a task too.
    let most = attempts + 1 + u32::try_from(MOST_PAGES).unwrap_or(u32::MAX);
    let budget = Budget { tasks: most, runs: most, same_operation: most, tokens, ..Budget::REFERENCE };
    let at = surroundings::time_of_day();
    JobSpec { budget, at, ..JobSpec::new(job, Arc::clone(contract), Level::Proven) }
}

impl Tried {
    fn of(
        attempt: &Attempt,
        examination: Option<&Examination>,
        outcome: &Outcome,
        tokens: u64,
        seconds: f64,
        no_ledger: bool,
    ) -> Self {
        let record = examination.filter(|examination| !no_ledger && !examination.record.is_empty());
        Self {
            number: attempt.number,
            rung: attempt.rung,
            tokens,
            seconds,
            report: reported(examination, outcome),
            is_repeated: examination.is_some_and(|examination| examination.is_repeated),
            record: record.map(|examination| abi::Digest::hash_blob(&examination.record)),
        }
    }
}
