//! The loop: attempt, judge, and spend on a fact only when the attempt failed.

use std::fmt;
use std::sync::Arc;

use abi::{Entry, EntryKind, Fact, JobId, Journal, Proposer, Receipt, TaskId, Value};
use det::{Contract, Form, Level, Validators};
use kpolicy::{Charge, Refused, Signals, Unit, charge, decide};
use sched::{
    Budget, Committed, DriveError, Driver, Ended, Inline, JobSpec, Kernel, Limits, Operation, Plan, Refusal,
    Registry, Stamp, Standstill, TaskSpec, Tier, Unmet,
};

use crate::executor::{DIRECT, DRAFT, Hands, RunError, fact_capability, fact_operation};
use crate::{Abstention, Audit, Report, Routed, Settings, Specification, route};

/// The most tasks of one question: a draft, a fact and a second draft.
const TASK_BUDGET: u32 = 3;

/// What happens while a question is answered.
#[derive(Debug)]
pub enum Progress<'a> {
    /// A generation starts; they count from 1.
    Generating {
        /// Its number.
        generation: u32,
    },
    /// A piece of text was generated. Unproven.
    Piece(&'a str),
    /// A primitive computed a fact.
    Computed(&'a Fact),
}

/// Why a question could not be dealt with at all. An abstention is a [`Report`].
#[derive(Debug)]
pub enum AskError<P, J> {
    /// The prompt has nothing but white space.
    EmptyPrompt,
    /// The proposer, the journal or the kernel failed.
    Drive(DriveError<J>),
    /// An operation failed; the job was ended and the history says so.
    Run(RunError<P>),
}

impl<P: fmt::Display, J: fmt::Display> fmt::Display for AskError<P, J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyPrompt => f.write_str("the prompt is empty"),
            Self::Drive(error) => error.fmt(f),
            Self::Run(error) => error.fmt(f),
        }
    }
}

impl<P: std::error::Error, J: std::error::Error> std::error::Error for AskError<P, J> {}

impl<P, J> From<DriveError<J>> for AskError<P, J> {
    fn from(error: DriveError<J>) -> Self {
        Self::Drive(error)
    }
}

type Hub<'a, 'h, P, J> = Driver<'a, Inline<Hands<'h, P>>, J, Standstill>;
type Failure<P, J> = AskError<<P as Proposer>::Error, <J as Journal>::Error>;

/// Answers `prompt` as `job`, which must be new to the journal.
///
/// # Errors
/// There is no report: bad input, or the proposer or the journal failed. What was acknowledged before
/// is in the journal.
pub fn ask<P: Proposer, J: Journal>(
    proposer: &mut P,
    journal: &mut J,
    job: JobId,
    prompt: &str,
    settings: &Settings,
    observer: &mut dyn FnMut(Progress<'_>),
) -> Result<Report, Failure<P, J>> {
    if prompt.trim().is_empty() {
        return Err(AskError::EmptyPrompt);
    }
    let routed = route(prompt);
    let contract =
        routed.as_ref().map_or_else(|| Contract::of_form(Form::Free), |routed| routed.contract.clone());
    let natural = if routed.is_some() { Level::Oracle } else { Level::None };
    let required = settings.required.unwrap_or(natural);
    let hands = Hands {
        proposer,
        prompt,
        max_new: settings.max_new,
        observer,
        fact_calls: Vec::new(),
        facts: Vec::new(),
        generations: 0,
        text: None,
        stamp: Stamp::default(),
        rights: settings.granted.iter().map(|specification| fact_capability(*specification)).collect(),
    };
    let kernel = Kernel::new(registry(settings), 1);
    let mut driver = Driver::new(kernel, Inline::new(hands), journal, Standstill);
    let max_new = u64::from(settings.max_new);
    let contract = Arc::new(contract);
    let question = Question { job, contract, required, max_new, routed, audit: untouched(settings), k: 0 };
    if let Err(refusal) = driver.open(question.job_spec(settings)) {
        return question.turn_away(&mut driver, &refusal);
    }
    question.answer(&mut driver, settings)
}

fn registry(settings: &Settings) -> Registry {
    let mut registry = Registry::new(Validators::builtin());
    registry.register(Operation::new(DRAFT, Tier::Model));
    registry.register(Operation::new(DIRECT, Tier::Primitive));
    for specification in Specification::ALL {
        registry.register(fact_operation(specification));
    }
    for specification in &settings.granted {
        registry.grant(fact_capability(*specification));
    }
    registry
}

/// The audit of a question on which nothing extra was spent.
fn untouched(settings: &Settings) -> Audit {
    Audit {
        used_signal: "thin_default",
        reason: "the first attempt decided".to_owned(),
        cost: settings.cost.get(),
        budget_note: "not-charged".to_owned(),
        base_validated: false,
        final_validated: false,
    }
}

struct Question {
    job: JobId,
    contract: Arc<Contract>,
    required: Level,
    max_new: u64,
    routed: Option<Routed>,
    audit: Audit,
    k: u32,
}

impl Question {
    fn answer<P: Proposer, J: Journal>(
        mut self,
        driver: &mut Hub<'_, '_, P, J>,
        settings: &Settings,
    ) -> Result<Report, Failure<P, J>> {
        let direct = settings.direct && self.routed.as_ref().is_some_and(Routed::is_direct);
        let first = self.task("base", if direct { DIRECT } else { DRAFT }, Vec::new());
        let unmet = match driver.drive(self.plan(vec![first]))? {
            Ended::Committed(committed, receipt) => {
                self.audit.base_validated = true;
                return Ok(self.committed(driver, &committed, receipt));
            }
            Ended::Quiet { unmet, failed } => {
                self.give_up(driver, failed)?;
                unmet
            }
        };
        let Some(routed) = self.routed.clone() else {
            return self.abstain(
                driver,
                finding(&unmet),
                "ask something that can be checked, or lower --require",
            );
        };
        match self.spend(driver, settings, routed.specification)? {
            Ok(admitted) if admitted > 0 => self.reread(driver, &routed),
            Ok(_) => self.abstain(
                driver,
                finding(&unmet),
                "raise the budget or try again when the machine is idle",
            ),
            Err(refused) => self.abstain(driver, refused.to_string(), "raise the budget"),
        }
    }

    /// Asks the policy, with the failed judgement as independent disagreement, and notes its decision.
    fn spend<P: Proposer, J: Journal>(
        &mut self,
        driver: &mut Hub<'_, '_, P, J>,
        settings: &Settings,
        specification: Specification,
    ) -> Result<Result<u32, Refused>, Failure<P, J>> {
        let signals = Signals {
            disagreement: Some(Unit::ONE),
            cost: settings.cost,
            importance: settings.importance,
            ..Signals::QUIET
        };
        let decision = decide(&settings.policy, &signals);
        let charged = charge(&decision, settings.budget);
        self.audit.used_signal = decision.used_signal.word();
        self.audit.reason = decision.reason.to_string();
        self.audit.budget_note =
            charged.map_or_else(|refused| refused.word(), |charge: Charge| charge.note.word()).to_owned();
        let admitted = charged.map(|charge| charge.admitted.min(1));
        let entry = Entry {
            kind: EntryKind::Decided,
            task: TaskId { job: self.job, number: 0 },
            inputs: vec![self.contract.digest()],
            body: Value::map([
                ("for", Value::text(specification.word())),
                ("signal", Value::text(self.audit.used_signal)),
                ("reason", Value::text(self.audit.reason.as_str())),
                ("budget", Value::text(self.audit.budget_note.as_str())),
                ("k", Value::Int(i64::from(decision.k))),
                ("admitted", Value::Int(i64::from(admitted.unwrap_or(0)))),
            ]),
        };
        driver.note(entry)?;
        Ok(admitted)
    }

    /// Computes the fact and lets the proposer read it ahead of the same prompt.
    fn reread<P: Proposer, J: Journal>(
        mut self,
        driver: &mut Hub<'_, '_, P, J>,
        routed: &Routed,
    ) -> Result<Report, Failure<P, J>> {
        driver.pool.executor.fact_calls = vec![routed.fact.clone()];
        let operation = fact_operation(routed.specification).name;
        let fact = TaskSpec::new("fact", operation, Contract::value_of(routed.fact.clone()));
        let reread = self.task("reread", DRAFT, vec![fact.name.clone()]);
        match driver.drive(self.plan(vec![fact, reread])) {
            Ok(Ended::Committed(committed, receipt)) => {
                self.k = 1;
                Ok(self.committed(driver, &committed, receipt))
            }
            Ok(Ended::Quiet { unmet, failed }) => {
                self.give_up(driver, failed)?;
                self.k = 1;
                self.abstain(
                    driver,
                    finding(&unmet),
                    "try a larger model with --model, or --direct where it applies",
                )
            }
            Err(DriveError::Refused(refusal)) => {
                self.abstain(driver, refusal.to_string(), "grant what is missing in nmk.toml")
            }
            Err(error) => Err(error.into()),
        }
    }

    fn task(&self, name: &str, operation: &str, after: Vec<String>) -> TaskSpec {
        // A second draft is the loop's to buy, with a fact before it; nothing is repaired.
        let limits = Limits { retries: 0, tokens: self.max_new, ..Limits::REFERENCE };
        TaskSpec::new(name, operation, self.contract.clone()).answering().after(after).within(limits)
    }

    fn job_spec(&self, settings: &Settings) -> JobSpec {
        let tokens = u64::from(settings.max_new) * u64::from(TASK_BUDGET);
        let budget = Budget { tasks: TASK_BUDGET, tokens, ..Budget::REFERENCE };
        JobSpec { budget, ..JobSpec::new(self.job, self.contract.clone(), self.required) }
    }

    /// Ends the job if an operation failed: that is what the caller must hear.
    fn give_up<P: Proposer, J: Journal>(
        &self,
        driver: &mut Hub<'_, '_, P, J>,
        failed: Vec<(TaskId, RunError<P::Error>)>,
    ) -> Result<(), Failure<P, J>> {
        let Some((_, error)) = failed.into_iter().next() else { return Ok(()) };
        driver.abstain(self.job, error.to_string())?;
        Err(AskError::Run(error))
    }

    fn plan(&self, tasks: Vec<TaskSpec>) -> Plan {
        Plan { job: self.job, tasks }
    }

    fn committed<P: Proposer, J: Journal>(
        mut self,
        driver: &mut Hub<'_, '_, P, J>,
        committed: &Committed,
        receipt: Receipt,
    ) -> Report {
        self.audit.final_validated = true;
        let answer = match committed.value() {
            Value::Text(text) => text.clone(),
            other => crate::rendered(other),
        };
        let level = committed.level();
        Report { answer: Some(answer), unproven: None, level, ..self.report(driver, receipt, None) }
    }

    fn abstain<P: Proposer, J: Journal>(
        self,
        driver: &mut Hub<'_, '_, P, J>,
        reason: String,
        remedy: &str,
    ) -> Result<Report, Failure<P, J>> {
        let receipt = driver.abstain(self.job, reason.clone())?;
        let abstention = Abstention { reason, remedy: remedy.to_owned() };
        Ok(self.report(driver, receipt, Some(abstention)))
    }

    /// The report of a job that the kernel would not even open: nothing was generated.
    fn turn_away<P: Proposer, J: Journal>(
        self,
        driver: &mut Hub<'_, '_, P, J>,
        refusal: &Refusal,
    ) -> Result<Report, Failure<P, J>> {
        let entry = Entry {
            kind: EntryKind::Abstained,
            task: TaskId { job: self.job, number: 0 },
            inputs: vec![self.contract.digest()],
            body: Value::map([("reason", Value::text(refusal.to_string()))]),
        };
        let receipts = driver.journal.append(&[entry]).map_err(DriveError::Journal)?;
        let receipt = *receipts.last().expect("an append of one entry has a receipt");
        let reason = refusal.to_string();
        let remedy = "ask something that can be checked at that level".to_owned();
        Ok(self.report(driver, receipt, Some(Abstention { reason, remedy })))
    }

    fn report<P: Proposer, J: Journal>(
        self,
        driver: &mut Hub<'_, '_, P, J>,
        receipt: Receipt,
        abstained: Option<Abstention>,
    ) -> Report {
        let hands = &mut driver.pool.executor;
        Report {
            answer: None,
            unproven: hands.text.take(),
            level: Level::None,
            required: self.required,
            routed: self.routed.map(|routed| routed.specification),
            facts: std::mem::take(&mut hands.facts),
            generations: hands.generations,
            k: self.k,
            audit: self.audit,
            identity: hands.proposer.identity(),
            receipt,
            abstained,
            requested: hands.stamp.held().cloned(),
        }
    }
}

/// Why the last task fell short.
fn finding(unmet: &[Unmet]) -> String {
    unmet.last().map_or_else(
        || "nothing was proposed".to_owned(),
        |unmet| {
            let level = unmet.level;
            unmet.finding.clone().unwrap_or_else(|| format!("only level {level} was shown"))
        },
    )
}
