//! A search for a missing function: the ladder of `escalate`, run as one job over a model, the gate and the ledger.
//!
//! Each attempt is a task of the job. A model drafts it, `det` has the gate examine it, and what is admitted is committed at
//! the level `Proven`, as any other answer is.

mod examiner;
mod report;

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use abi::{Draft, Proposer, Receipt, Value};
use det::{Level, TrustRoot, TrustStore, Validator, Validators};
use escalate::{
    Attempt, Ended, Fault, Gap, Keeping, Kept, Ladder, LookedUp, Outcome, Recalled, Rung, Sampling, Step,
    Store, StoreError, Widened, Width, fault_of,
};
use factloop::operations::{DRAFT, Notice, PROMPT};
use holdout::{Options, Spec};
use kpolicy::Unit;
use ledger::LedgerError;
use sched::{
    Budget, Driver, Inline, JobError, JobRunner, JobSpec, Kernel, Limits, Operation, PlanEnd, StoppedClock,
    TaskSpec, Tier,
};

use crate::book::{Book, OpenedBook};
use crate::config::{Config, ConfigError, Flags, ModelChoice};
use crate::engine::job_failure;
use crate::gate::{Executors, Gate};
use crate::model::ModelFailure;
use crate::operations::{self, AUTHOR, CODE, RECALL, TaskError, TaskExecutor};
use crate::primitives::{self, Primitive, PrimitiveError};
use crate::research::{References, Research, ResearchError};
use crate::{Error, Surroundings, surroundings};

pub(crate) use examiner::RecordedExaminer;
use examiner::{Examination, Examinations, GateExaminer, Unexamined};
pub(crate) use report::{card, json, line};

/// The sentence that stands where a function would stand.
pub(crate) const ABSTAINED: &str = "no attempt was admitted, so there is no function";

/// Returns the width by the policy, which the severity of the first failure drives.
pub(crate) fn by_severity(config: &Config) -> Width {
    Width::Policy {
        policy: kpolicy::Policy::new(kpolicy::Settings::REFERENCE)
            .expect("the reference's settings are tested"),
        importance: config.spending.importance,
        cost: config.spending.cost,
        budget: config.spending.budget,
    }
}

/// The parts of a search beside its model.
#[derive(Debug)]
pub(crate) struct Search<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) config: &'a Config,
    pub(crate) executors: Executors<'a>,
    pub(crate) width: Width,
    /// The largest number of tokens of one attempt.
    pub(crate) max_new: u32,
    /// The store of admitted functions. None if nothing is kept.
    pub(crate) store: Option<Store>,
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

/// Searches for a function under a specification, and tells what happens meanwhile.
///
/// # Errors
/// [`Error`] if the ledger, the store or the machine's Python is refused. A search without a function is no error.
pub(crate) fn solve<P: Proposer<Error = ModelFailure>, R: TrustRoot + Copy + 'static>(
    model: P,
    search: Search<'_>,
    mut library: Option<&mut dyn Research>,
    root: R,
    tell: &mut dyn FnMut(Told<'_>),
) -> Result<Solved, Error> {
    let Search { spec, config, executors, width, max_new, store } = search;
    let identity = model.identity();
    let options = Options { measures_severity: true, ..Options::default() };
    let gate = Gate::open(spec.clone(), &executors, options, config.clone())?.signed_at_least_here()?;
    let executor = gate.executor().word();
    let own_key = gate.public_key().into_iter().collect::<Vec<_>>();
    let mut ladder = Ladder::new(Gap::of(spec), width, library.is_some());
    let mut solved = Solved {
        ended: Ended::Abstained,
        primitive: None,
        note: None,
        tried: Vec::new(),
        widened: None,
        model: identity.name.clone(),
        specification: spec.digest(),
        entry: spec.entry().to_owned(),
        receipt: None,
    };
    let found = look_up(store.as_ref(), config, spec, executor, root)?;
    let (primitive, refused_primitive) = match found {
        Some(Ok(primitive)) => (Some(primitive), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    let near = match (&primitive, &store) {
        (None, Some(store)) => primitives::near(store, config, spec, executor, &root)?,
        _ => Vec::new(),
    };
    let (found, near_count) = (primitive.is_some(), near.len());
    tell(Told::LookedUp { found, refused: refused_primitive.as_ref(), near: near_count });
    if found {
        solved.primitive = primitive;
        solved.ended = Ended::Found;
        return Ok(solved);
    }
    ladder.looked_up(LookedUp::Near(near));
    if let Some(store) = &store {
        store.begin(&spec.digest()).map_err(PrimitiveError::from)?;
    }
    let examinations = Examinations::default();
    let examiner = GateExaminer {
        gate: RefCell::new(gate),
        root,
        store: store.clone(),
        examinations: examinations.clone(),
        before: RefCell::new(HashMap::new()),
    };
    let mut validators = Validators::builtin();
    let admission = Validator::admission(examiner, TrustStore::new(own_key, &root), &root);
    validators.install(admission).expect("no built-in validator holds exams");
    let OpenedBook { mut book, .. } = Book::open(config)?;
    let (job, _claim) = book.begin()?;
    let drafted = RefCell::new(0_u64);
    let listen = |notice: Notice<'_>| {
        if let Notice::Generated { draft, .. } = notice {
            *drafted.borrow_mut() = Draft::used(draft);
        }
    };
    let place = config.ledger.clone();
    let toolbox = operations::builtin_toolbox();
    let pool = Inline::new(TaskExecutor::new(model, toolbox.clone(), max_new, listen));
    let mut registry = operations::registry_with(toolbox, validators, []);
    registry.register(Operation::new(RECALL, Tier::Primitive));
    let driver = Driver::new(Kernel::new(registry, 1), pool, &mut book, StoppedClock);
    let contract = Arc::new(spec.contract());
    let most = escalate::MOST_ATTEMPTS;
    let tokens = Budget::REFERENCE.tokens.max(u64::from(most) * u64::from(max_new));
    let budget = Budget { tasks: most, runs: most, same_operation: most, tokens, ..Budget::REFERENCE };
    let at = surroundings::time_of_day();
    let spec_of_job = JobSpec { budget, at, ..JobSpec::new(job, Arc::clone(&contract), Level::Proven) };
    let asked =
        Value::map([(PROMPT, Value::text(escalate::prompt(&Gap::of(spec), &escalate::Asked::Write)))]);
    let mut runner = JobRunner::new(driver, spec_of_job).asked(&asked);
    let failed = |error: JobError<TaskError, LedgerError>| job_failure(identity.name.clone(), &place, error);
    if let Err(refusal) = runner.open() {
        return Err(failed(runner.refuse(refusal)));
    }
    let ended = loop {
        match ladder.step().clone() {
            Step::LookUp => ladder.looked_up(LookedUp::NOTHING),
            Step::Research { query } => {
                let found = library.as_mut().map(|library| library.research(&query));
                if let Some(found) = &found {
                    tell(Told::Researched(found.as_ref()));
                }
                let quoted = found.and_then(Result::ok).map(|references| references.quoted);
                ladder.researched(quoted.unwrap_or_default());
            }
            Step::Attempt(attempt) => {
                tell(Told::Begins(&attempt));
                examinations.begin(attempt.number);
                *drafted.borrow_mut() = 0;
                let started = Instant::now();
                let task = task(&attempt, &contract, max_new);
                match runner.run(vec![task], &mut |_, _| {}).map_err(failed)? {
                    PlanEnd::Committed(_, receipt) => solved.receipt = Some(receipt),
                    PlanEnd::Refused(refusal) => return Err(failed(runner.refuse(refusal))),
                    PlanEnd::Unanswered => {}
                }
                let examination = examinations.take();
                let why = || runner.tasks().last().and_then(|task| task.cause.clone()).unwrap_or_default();
                let is_committed = solved.receipt.is_some();
                let outcome = outcome(spec.entry(), examination.as_ref(), is_committed, &why);
                let tried = Tried {
                    number: attempt.number,
                    rung: attempt.rung,
                    tokens: *drafted.borrow(),
                    seconds: started.elapsed().as_secs_f64(),
                    report: reported(examination.as_ref(), &outcome),
                    is_repeated: examination.as_ref().is_some_and(|examination| examination.is_repeated),
                    record: examination
                        .as_ref()
                        .filter(|examination| !config.no_ledger && !examination.record.is_empty())
                        .map(|examination| abi::Digest::hash_blob(&examination.record)),
                };
                tell(Told::Ended(&tried));
                solved.tried.push(tried);
                if let (Outcome::Admitted { .. }, Some(examination)) = (&outcome, examination) {
                    solved.keep(examination, &attempt, store.as_ref(), config, root)?;
                }
                let known = ladder.widened().is_some();
                ladder.attempted(outcome);
                if let (false, Some(widened)) = (known, ladder.widened()) {
                    tell(Told::Widened(widened));
                }
            }
            Step::Ended(ended) => break ended,
        }
    };
    if let Some(store) = &store {
        store.end(&spec.digest()).map_err(PrimitiveError::from)?;
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

/// Looks for an admitted function for the specification: in the store, and in the ledger if a search ended before it could
/// keep one. Returns the reason where a stored one does not count.
fn look_up(
    store: Option<&Store>,
    config: &Config,
    spec: &Spec,
    executor: &str,
    root: impl TrustRoot,
) -> Result<Option<Result<Primitive, PrimitiveError>>, Error> {
    let Some(store) = store else { return Ok(None) };
    let mut found = store.find(&spec.digest(), executor);
    if matches!(found, Ok(None)) && !config.no_ledger {
        primitives::recover_one(store, config, spec.digest(), &root)?;
        found = store.find(&spec.digest(), executor);
    }
    Ok(match found {
        Ok(None) => None,
        Ok(Some(kept)) => Some(primitives::checked(kept, primitives::trusted(store, config)?, &root)),
        Err(error @ StoreError::Altered { .. }) => Some(Err(error.into())),
        Err(error) => return Err(PrimitiveError::from(error).into()),
    })
}

fn task(attempt: &Attempt, contract: &Arc<det::Contract>, max_new: u32) -> TaskSpec {
    let name = format!("attempt-{}", attempt.number);
    if let Some(Recalled { code, author, .. }) = &attempt.recalled {
        let input = Value::map([(CODE, Value::text(code.as_str())), (AUTHOR, Value::text(author.as_str()))]);
        let limits = Limits { retries: 0, ..Limits::REFERENCE };
        return TaskSpec::new(name, RECALL, Arc::clone(contract)).answering().given(input).within(limits);
    }
    let mut input = vec![(PROMPT, Value::text(attempt.prompt.as_str()))];
    if let Some(Sampling { temperature_ppm, seed }) = attempt.sampling {
        let seed = i64::try_from(seed).unwrap_or(i64::MAX);
        let decoding =
            [("temperature_ppm", Value::Int(i64::from(temperature_ppm))), ("seed", Value::Int(seed))];
        input.push(("decoding", Value::map(decoding)));
    }
    let limits = Limits { retries: 0, tokens: u64::from(max_new), ..Limits::REFERENCE };
    TaskSpec::new(name, DRAFT, Arc::clone(contract)).answering().given(Value::map(input)).within(limits)
}

/// Returns the outcome of an attempt for the ladder.
fn outcome(
    entry: &str,
    examination: Option<&Examination>,
    is_committed: bool,
    why: &dyn Fn() -> String,
) -> Outcome {
    let Some(Examination { code, report, revoked, .. }) = examination else {
        return Outcome::NoCode { why: why() };
    };
    let report = match report {
        Ok(report) => report,
        Err(Unexamined::Specification(why)) => return Outcome::Unsound { why: why.clone() },
        Err(Unexamined::Machine(why)) => return Outcome::Unexamined { why: why.clone() },
    };
    if is_committed {
        return Outcome::Admitted { code: code.clone() };
    }
    let text = |key| report.get(key).and_then(Value::as_text).unwrap_or_default();
    if text("blame") == "specification" {
        return Outcome::Unsound {
            why: format!("{} · {}: {}", text("stage"), text("reason"), text("detail")),
        };
    }
    let shown = report.get("counterexample");
    let part = |key| shown.and_then(|shown| shown.get(key));
    let got = part("args").and_then(Value::as_list).zip(part("got"));
    let what = revoked.as_deref().unwrap_or_else(|| text("detail"));
    let fault = fault_of(entry, &Fault { what, got, expected: part("expected") });
    let severity = match report.get("severity") {
        Some(Value::Float(share)) => Unit::clamped(share.get()).ok(),
        Some(Value::Int(share)) => Unit::clamped(if *share > 0 { 1.0 } else { 0.0 }).ok(),
        _ => None,
    };
    Outcome::Refused { code: code.clone(), fault, severity }
}

/// Returns the report of an attempt's exam, or the reason why there is none.
fn reported(examination: Option<&Examination>, outcome: &Outcome) -> Result<Value, NoReport> {
    match (examination.map(|examination| &examination.report), outcome) {
        (Some(Ok(report)), _) => Ok(report.clone()),
        (_, Outcome::NoCode { why } | Outcome::Unsound { why } | Outcome::Unexamined { why }) => {
            Err(NoReport(why.clone()))
        }
        _ => Err(NoReport(String::new())),
    }
}

impl Solved {
    /// Keeps what was admitted in the store, together with its record.
    fn keep(
        &mut self,
        examination: Examination,
        attempt: &Attempt,
        store: Option<&Store>,
        config: &Config,
        root: impl TrustRoot,
    ) -> Result<(), Error> {
        let record = crate::gate::read_record(&examination.record);
        let record = record
            .map_err(|cause| Error::GateRecord { record: self.entry.clone(), cause: Box::new(cause) })?;
        let kept = Kept {
            entry: self.entry.clone(),
            specification: self.specification,
            executor: record.executor().unwrap_or_default().to_owned(),
            rung: attempt.rung.word().to_owned(),
            attempt: attempt.number,
            model: attempt.recalled.as_ref().map_or_else(|| self.model.clone(), |of| of.author.clone()),
            record: examination.record,
        };
        self.note = match store {
            None => Some("nothing is kept, because no ledger is kept".to_owned()),
            Some(store) if config.no_ledger => {
                let folder = store.folder().display();
                Some(format!("not kept in {folder}: without a ledger nobody signs the record"))
            }
            Some(store) => match store.keep(&kept) {
                Ok(Keeping::New(_)) => None,
                Ok(Keeping::There(there)) => {
                    let there = primitives::checked(*there, primitives::trusted(store, config)?, &root)?;
                    let digest = there.kept.record_digest();
                    let note = format!(
                        "another search kept a function for it meanwhile, record {digest}; that one stays"
                    );
                    self.primitive = Some(there);
                    self.note = Some(note);
                    return Ok(());
                }
                // The admission stays in the ledger, where the next search finds it.
                Err(error) => Some(format!("admitted, and not kept: {error}")),
            },
        };
        self.primitive = Some(Primitive { kept, record });
        Ok(())
    }
}
