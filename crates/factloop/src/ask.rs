//! The loop of a question: one attempt, and a second one with a verified fact if the first attempt failed.

use std::fmt;
use std::sync::Arc;

use abi::{Entry, EntryKind, Identity, JobId, Journal, Proposer, TaskId, Value};
use det::{Contract, Form, Level};
use kpolicy::{Charge, Conclusion, Refused, Signals, Unit};
use sched::{
    Budget, Clock, Driver, DriverEvent, Inline, JobError, JobRunner, JobSpec, Kernel, Limits, PlanEnd, Pool,
    Role, StoppedClock, TaskSpec, TaskState,
};

use crate::facts::{fact, fact_operation, registry, rights};
use crate::operations::{
    ANSWER, COMMIT, DRAFT, FACTS, Notice, OperationError, OperationExecutor, PRIMITIVE, PROMPT,
};
use crate::{
    Abstention, Audit, Generated, JobReport, Notices, OperandRefusal, Progress, Reading, Routed, Settings,
    Specification, read, second_attempt,
};

/// The remedy where a budget cannot pay what is asked for.
const RAISE_BUDGET: &str = "raise `budget` under [policy] in nmk.toml, or pass a higher --budget";

/// The most tasks of one question: a computed value and the answer that states it, and then a fact and a
/// draft.
const TASK_BUDGET: u32 = 4;

/// The name of the task that computes the fact for the second attempt.
const FACT: &str = "fact";
/// The name of the task that drafts the first reply.
const BASE: &str = "base";

/// The finding against a reply that has no text.
const BLANK: &str = "the reply is blank";

/// The reason why [`ask`] returns no report. `E` is the error of an operation, `J` that of the journal.
#[derive(Debug)]
pub enum AskError<E, J> {
    /// The prompt is empty or has nothing but white space.
    EmptyPrompt,
    /// The job of the question could not be run to an answer or an abstention.
    Job(JobError<E, J>),
}

impl<E: fmt::Display, J: fmt::Display> fmt::Display for AskError<E, J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyPrompt => f.write_str("the prompt is empty"),
            Self::Job(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error, J: std::error::Error> std::error::Error for AskError<E, J> {}

impl<E, J> From<JobError<E, J>> for AskError<E, J> {
    fn from(error: JobError<E, J>) -> Self {
        Self::Job(error)
    }
}

/// The error of [`ask`] for a proposer `P` and a journal `J`.
pub type AskFailure<P, J> = AskError<OperationError<<P as Proposer>::Error>, <J as Journal>::Error>;

type Failure<P, J> = AskError<<P as Pool>::Error, <J as Journal>::Error>;

/// Answers `prompt` as `job`, which must be new to the journal, on the caller's thread.
///
/// `observe` is called with each thing that happens in the meantime. The report of an answered question has a
/// judged value that is recorded in the journal; the report of an abstention says why and what would help.
///
/// # Errors
/// [`AskError`] if the prompt is empty, or if the proposer or the journal failed. What the journal had
/// acknowledged before stays in it.
pub fn ask<P: Proposer, J: Journal>(
    proposer: &mut P,
    journal: &mut J,
    job: JobId,
    prompt: &str,
    settings: &Settings,
    observe: &mut dyn FnMut(Progress<'_>),
) -> Result<JobReport, AskFailure<P, J>> {
    let notices = Notices::new(observe, rights(settings));
    let identity = proposer.identity();
    let (max_new, notify) = (settings.max_new, |notice: Notice<'_>| notices.take(notice));
    let pool = Inline::new(OperationExecutor { proposer, max_new, notify });
    let driver = Driver::new(Kernel::new(registry(settings), 1), pool, journal, StoppedClock);
    ask_through(driver, identity, job, prompt, settings, &notices)
}

/// Answers `prompt` as [`ask`] does, over a driver that the caller made with the registry of [`registry`].
///
/// The executors of the driver's pool are not trusted: the value and the facts of the report are judged, whatever
/// they tell through `notices`. Only `reply` and `requested` repeat what was told.
///
/// # Errors
/// Fails as [`ask`] does.
pub fn ask_through<P: Pool, J: Journal, C: Clock>(
    driver: Driver<'_, P, J, C>,
    identity: Identity,
    job: JobId,
    prompt: &str,
    settings: &Settings,
    notices: &Notices<'_>,
) -> Result<JobReport, Failure<P, J>> {
    if prompt.trim().is_empty() {
        return Err(AskError::EmptyPrompt);
    }
    let (routed, unread) = match read(prompt) {
        Reading::Question(routed) => (Some(*routed), None),
        Reading::Refused(refusal) => (None, Some(refusal)),
        Reading::Conversation => (None, None),
    };
    let is_denied = |routed: &Routed| settings.denied.contains(&routed.specification);
    let denied = routed.as_ref().filter(|routed| is_denied(routed)).map(|routed| routed.specification);
    let routed = routed.filter(|routed| !is_denied(routed));
    let contract =
        routed.as_ref().map_or_else(|| Contract::from_form(Form::Free), |routed| routed.contract.clone());
    let natural = if routed.is_some() { Level::Oracle } else { Level::None };
    let required = settings.required.unwrap_or(natural);
    let contract = Arc::new(contract);
    let tokens = u64::from(settings.max_new) * u64::from(TASK_BUDGET);
    let budget = Budget { tasks: TASK_BUDGET, tokens, ..Budget::REFERENCE };
    let (at, consulted) = (settings.at, settings.consulted.clone());
    let spec = JobSpec { budget, at, consulted, ..JobSpec::new(job, Arc::clone(&contract), required) };
    let question = Question {
        runner: JobRunner::new(driver, spec).asked(&Value::map([(PROMPT, Value::text(prompt))])),
        identity,
        prompt,
        contract,
        routed,
        denied,
        unread,
        settings,
        notices,
        audit: untouched(settings),
        k: 0,
    };
    question.answer()
}

/// Returns the audit of a question for which no second attempt was considered.
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

/// The state of a question that is being answered.
struct Question<'a, 'n, 'd, P: Pool, J, C> {
    runner: JobRunner<'d, P, J, C>,
    identity: Identity,
    prompt: &'a str,
    contract: Arc<Contract>,
    routed: Option<Routed>,
    denied: Option<Specification>,
    unread: Option<OperandRefusal>,
    settings: &'a Settings,
    notices: &'a Notices<'n>,
    audit: Audit,
    k: u32,
}

impl<P: Pool, J: Journal, C: Clock> Question<'_, '_, '_, P, J, C> {
    fn answer(mut self) -> Result<JobReport, Failure<P, J>> {
        if let Err(refusal) = self.runner.open() {
            let remedy = match self.routed {
                Some(_) => "lower --require",
                None => "ask something that can be checked at that level",
            };
            return self.abstain(refusal.to_string(), remedy);
        }
        if self.routed.is_none() {
            return self.converse();
        }
        let tasks = self.first_attempt();
        let unmet = match self.run(tasks)? {
            PlanEnd::Committed(committed, receipt) => {
                self.audit.base_validated = true;
                return Ok(self.committed(&committed, receipt));
            }
            PlanEnd::Refused(refusal) => return Err(self.runner.refuse(refusal).into()),
            PlanEnd::Unanswered => self.runner.last_finding(),
        };
        let Some(routed) = self.routed.clone() else {
            return self.abstain(unmet, "ask something that can be checked, or lower --require");
        };
        match self.spend(routed.specification)? {
            Ok(admitted) if admitted > 0 => self.read_again(&routed),
            Ok(_) => {
                let remedy = match self.audit.budget_note.as_str() {
                    "budget-clamped" | "budget-exhausted" => RAISE_BUDGET,
                    _ => {
                        "state a lower --cost or a higher --importance, or `cost` and `importance` under [policy] in nmk.toml, so that a \
                         fact is computed; at a cost of 1 or an importance of 0 none is"
                    }
                };
                self.abstain(unmet, remedy)
            }
            Err(refused) => self.abstain(refused.to_string(), RAISE_BUDGET),
        }
    }

    /// Answers a prompt of conversation: the model drafts a reply, and a reply that states something is committed.
    ///
    /// The contract of conversation demands nothing, so a reply that states nothing must end before it: one that was
    /// cut off while the model thought, for example.
    fn converse(mut self) -> Result<JobReport, Failure<P, J>> {
        let draft = TaskSpec { role: Role::Support, ..self.answering(BASE, DRAFT) };
        let ended = self.run(vec![draft.given(Value::map([self.prompt()]))])?;
        if let PlanEnd::Refused(refusal) = ended {
            return Err(self.runner.refuse(refusal).into());
        }
        let drafted = TaskId { job: self.runner.spec().job, number: 0 };
        let states = |value: &Value| value.as_text().is_none_or(|text| !text.trim().is_empty());
        if !self.runner.driver().value(drafted).is_some_and(states) {
            let last = self.notices.last();
            let reason = last.as_ref().and_then(Generated::cut).unwrap_or_else(|| self.runner.last_finding());
            let remedy = another_model(&self.identity);
            return self.abstain(reason, remedy);
        }
        let answer = self.answering("answer", COMMIT).after([BASE]);
        match self.run(vec![answer])? {
            PlanEnd::Committed(committed, receipt) => {
                self.audit.base_validated = true;
                Ok(self.committed(&committed, receipt))
            }
            PlanEnd::Refused(refusal) => Err(self.runner.refuse(refusal).into()),
            PlanEnd::Unanswered => {
                let unmet = self.runner.last_finding();
                self.abstain(unmet, "ask something that can be checked, or lower --require")
            }
        }
    }

    /// Returns the tasks of the first attempt: a draft, or, in direct mode, the primitive that answers the
    /// whole question and a reply that states its value.
    fn first_attempt(&self) -> Vec<TaskSpec> {
        match &self.routed {
            Some(routed) if self.settings.direct && routed.is_direct() => {
                let call = routed.answer.clone();
                let operation = format!("{PRIMITIVE}{}", call.primitive().name);
                let value = TaskSpec::new("value", operation, Contract::computed_value(call));
                let answer = self.answering("base", ANSWER).after([value.name.clone()]);
                // Nothing reads the prompt here; the history has it.
                let answer = answer.given(Value::map([self.prompt()]));
                vec![value, answer]
            }
            _ => vec![self.answering(BASE, DRAFT).given(Value::map([self.prompt()]))],
        }
    }

    /// Makes the second attempt: computes the fact, and lets the model read it ahead of the same prompt.
    fn read_again(mut self, routed: &Routed) -> Result<JobReport, Failure<P, J>> {
        let operation = fact_operation(routed.specification);
        let fact = TaskSpec::new(FACT, operation, Contract::computed_value(routed.fact.clone()));
        let labels = Value::map([(FACT, Value::text(routed.fact.to_string()))]);
        let input = Value::map([self.prompt(), (FACTS, labels)]);
        let draft = self.answering("reread", DRAFT).after([FACT]).given(input);
        match self.run(vec![fact, draft])? {
            PlanEnd::Committed(committed, receipt) => {
                self.k = 1;
                Ok(self.committed(&committed, receipt))
            }
            PlanEnd::Refused(refusal) => {
                let remedy =
                    "add the kind of question to `facts` in nmk.toml, so that the fact may be computed";
                self.abstain(refusal.to_string(), remedy)
            }
            PlanEnd::Unanswered => {
                self.k = 1;
                let reason = self.runner.last_finding();
                let remedy = match routed.is_direct() {
                    true => "--direct, which computes the answer without a model",
                    false => another_model(&self.identity),
                };
                self.abstain(reason, remedy)
            }
        }
    }

    /// Runs tasks to their end, and reports the facts that pass to the observer. Fails if an operation
    /// failed, after ending the job.
    fn run(&mut self, tasks: Vec<TaskSpec>) -> Result<PlanEnd, Failure<P, J>> {
        let notices = self.notices;
        let ended = self.runner.run(tasks, &mut |driver, news| {
            if let DriverEvent::Moved { task, to: TaskState::Passed } = news
                && let Some(fact) = fact(driver, *task)
            {
                notices.computed(&fact);
            }
        })?;
        self.runner.give_up_on_failure()?;
        Ok(ended)
    }

    /// Asks the policy if a second attempt is worth its cost, and records the decision in the history.
    ///
    /// The refuted first attempt is a disagreement that does not come from the model's own confidence.
    /// Returns the number of attempts that the budget admits, at most one, or the refusal of a decision whose
    /// mandatory checks cannot run.
    fn spend(&mut self, specification: Specification) -> Result<Result<u32, Refused>, Failure<P, J>> {
        let &Settings { mode, policy, importance, cost, risk, budget, .. } = self.settings;
        let signals = Signals { disagreement: Some(Unit::ONE), cost, risk, importance, ..Signals::QUIET };
        let recorded = second_attempt(mode, &policy, &signals, budget, specification.word());
        let Conclusion { used_signal, reason, charge: charged, .. } = recorded.conclusion();
        self.audit.used_signal = used_signal.word();
        self.audit.reason = reason.to_string();
        self.audit.budget_note =
            charged.map_or_else(|refused| refused.word(), |charge: Charge| charge.note.word()).to_owned();
        let entry = Entry {
            kind: EntryKind::Decided,
            task: TaskId { job: self.runner.spec().job, number: 0 },
            inputs: vec![self.contract.digest()],
            body: recorded.to_value(),
        };
        self.runner.note(entry)?;
        Ok(charged.map(|charge| charge.admitted.min(recorded.most)))
    }

    /// Returns a task whose result may become the answer. A refuted result is not repaired, because the loop
    /// decides about a second attempt itself.
    fn answering(&self, name: &str, operation: &str) -> TaskSpec {
        let tokens = u64::from(self.settings.max_new);
        let limits = Limits { retries: 0, tokens, ..Limits::REFERENCE };
        TaskSpec::new(name, operation, Arc::clone(&self.contract)).answering().within(limits)
    }

    fn prompt(&self) -> (&'static str, Value) {
        (PROMPT, Value::text(self.prompt))
    }

    fn committed(mut self, committed: &sched::Committed, receipt: abi::Receipt) -> JobReport {
        self.audit.final_validated = true;
        let report = JobReport::committed(&self.runner, self.identity.clone(), committed, receipt);
        self.complete(report)
    }

    fn abstain(mut self, reason: String, remedy: &str) -> Result<JobReport, Failure<P, J>> {
        let last = self.notices.last();
        let reason = with_cut(reason, last.as_ref());
        let remedy = last.as_ref().and_then(Generated::remedy).unwrap_or(remedy);
        let receipt = self.runner.abstain(reason.clone())?;
        let abstention = Abstention { reason, remedy: Some(remedy.to_owned()) };
        let report = JobReport::abstained(&self.runner, self.identity.clone(), abstention, receipt);
        Ok(self.complete(report))
    }

    /// Returns `report` with the parts that only the report of a question has.
    fn complete(self, report: JobReport) -> JobReport {
        JobReport {
            routed: self.routed.as_ref().map(|routed| routed.specification),
            denied: self.denied,
            reading: self.routed.map(|routed| routed.reading),
            unread: self.unread,
            k: self.k,
            audit: Some(self.audit),
            requested: self.notices.requested(),
            ..report.told(self.notices.generated())
        }
    }
}

/// Returns the remedy for an answer that another model may give rightly.
#[must_use]
pub fn another_model(identity: &Identity) -> &'static str {
    match identity.model_digest {
        Some(_) => "a larger model with --model",
        None => "another model with --model-name",
    }
}

/// Returns the reason of an abstention, with the cause for which a part of the last reply is missing.
#[must_use]
pub fn with_cut(reason: String, last: Option<&Generated>) -> String {
    match last.and_then(Generated::cut) {
        // A reply of which nothing may be judged is judged as a blank one.
        Some(cut) if reason.contains(BLANK) => reason.replace(BLANK, &cut),
        Some(cut) if !reason.contains(&cut) => format!("{reason} ({cut})"),
        _ => reason,
    }
}
