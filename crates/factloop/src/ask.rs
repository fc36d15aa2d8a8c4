//! The loop: attempt, judge, and spend on a fact only when the attempt failed.

use std::fmt;

use abi::{Entry, EntryKind, Fact, JobId, Journal, Proposer, Receipt, TaskId, Value};
use det::{Contract, Form, Level, Validators};
use kpolicy::{Charge, Refused, Signals, Unit, charge, decide};
use sched::{
    Committed, DriveError, Driver, Kernel, Operation, Plan, Refusal, Registry, Role, TaskSpec, Unmet,
    Verdicted,
};

use crate::executor::{DIRECT, DRAFT, Hands, RunError, fact_capability, fact_operation};
use crate::{Abstention, Audit, Report, Routed, Settings, Specification, route};

/// The most tasks of one question: a draft, a fact and a second draft.
const TASK_BUDGET: usize = 3;

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
    Drive(DriveError<RunError<P>, J>),
}

impl<P: fmt::Display, J: fmt::Display> fmt::Display for AskError<P, J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyPrompt => f.write_str("the prompt is empty"),
            Self::Drive(error) => error.fmt(f),
        }
    }
}

impl<P: std::error::Error, J: std::error::Error> std::error::Error for AskError<P, J> {}

impl<P, J> From<DriveError<RunError<P>, J>> for AskError<P, J> {
    fn from(error: DriveError<RunError<P>, J>) -> Self {
        Self::Drive(error)
    }
}

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
    };
    let mut driver = Driver::new(Kernel::new(registry(settings)), hands, journal);
    let question = Question { job, contract, required, routed, audit: untouched(settings), k: 0 };
    if let Err(refusal) = driver.kernel.open(job, &question.contract, required, TASK_BUDGET) {
        return question.turn_away(&mut driver, &refusal);
    }
    question.answer(&mut driver, settings)
}

fn registry(settings: &Settings) -> Registry {
    let mut registry = Registry::new(Validators::builtin());
    for name in [DRAFT, DIRECT] {
        registry.register(Operation { name: name.to_owned(), demands: [].into() });
    }
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
    contract: Contract,
    required: Level,
    routed: Option<Routed>,
    audit: Audit,
    k: u32,
}

impl Question {
    fn answer<P: Proposer, J: Journal>(
        mut self,
        driver: &mut Driver<'_, Hands<'_, P>, J>,
        settings: &Settings,
    ) -> Result<Report, Failure<P, J>> {
        let direct = settings.direct && self.routed.as_ref().is_some_and(Routed::is_direct);
        let first = self.task("base", if direct { DIRECT } else { DRAFT }, Vec::new());
        let unmet = match driver.drive(self.plan(vec![first]))? {
            Verdicted::Committed(committed, receipt) => {
                self.audit.base_validated = true;
                return Ok(self.committed(driver, &committed, receipt));
            }
            Verdicted::Unmet(unmet) => unmet,
        };
        let Some(routed) = self.routed.clone() else {
            return self.abstain(
                driver,
                finding(&unmet),
                "ask something that can be checked, or lower --require",
            );
        };
        match self.spend(driver, settings, routed.specification) {
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
        driver: &mut Driver<'_, Hands<'_, P>, J>,
        settings: &Settings,
        specification: Specification,
    ) -> Result<u32, Refused> {
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
        driver.note(Entry {
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
        });
        admitted
    }

    /// Computes the fact and lets the proposer read it ahead of the same prompt.
    fn reread<P: Proposer, J: Journal>(
        mut self,
        driver: &mut Driver<'_, Hands<'_, P>, J>,
        routed: &Routed,
    ) -> Result<Report, Failure<P, J>> {
        driver.executor.fact_calls = vec![routed.fact.clone()];
        let fact = TaskSpec {
            name: "fact".to_owned(),
            operation: fact_operation(routed.specification).name,
            after: Vec::new(),
            role: Role::Support,
            contract: Contract::value_of(routed.fact.clone()),
        };
        let reread = self.task("reread", DRAFT, vec![fact.name.clone()]);
        match driver.drive(self.plan(vec![fact, reread])) {
            Ok(Verdicted::Committed(committed, receipt)) => {
                self.k = 1;
                Ok(self.committed(driver, &committed, receipt))
            }
            Ok(Verdicted::Unmet(unmet)) => {
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
        let (name, operation) = (name.to_owned(), operation.to_owned());
        TaskSpec { name, operation, after, role: Role::Answer, contract: self.contract.clone() }
    }

    fn plan(&self, tasks: Vec<TaskSpec>) -> Plan {
        Plan { job: self.job, tasks }
    }

    fn committed<P: Proposer, J: Journal>(
        mut self,
        driver: &mut Driver<'_, Hands<'_, P>, J>,
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
        driver: &mut Driver<'_, Hands<'_, P>, J>,
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
        driver: &mut Driver<'_, Hands<'_, P>, J>,
        refusal: &Refusal,
    ) -> Result<Report, Failure<P, J>> {
        let entry = Entry {
            kind: EntryKind::Abstained,
            task: TaskId { job: self.job, number: 0 },
            inputs: vec![self.contract.digest()],
            body: Value::map([("reason", Value::text(refusal.to_string()))]),
        };
        let receipt =
            driver.journal.append(&[entry]).map_err(|error| AskError::Drive(DriveError::Journal(error)))?;
        let reason = refusal.to_string();
        let remedy = "ask something that can be checked at that level".to_owned();
        Ok(self.report(driver, receipt, Some(Abstention { reason, remedy })))
    }

    fn report<P: Proposer, J: Journal>(
        self,
        driver: &mut Driver<'_, Hands<'_, P>, J>,
        receipt: Receipt,
        abstained: Option<Abstention>,
    ) -> Report {
        let hands = &mut driver.executor;
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
