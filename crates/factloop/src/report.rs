//! The report about the end of a job, for questions, questions under a contract, and task graphs alike.

use std::fmt;

use abi::{Fact, Identity, JobId, Journal, Receipt, Value};
use det::Level;
use sched::{Capability, Clock, Committed, Consulted, JobRunner, Pool, Role, TaskReport, Unmet};

use crate::facts::fact;
use crate::{Generated, OperandRefusal, Specification, stated_text};

/// The report about the end of a job, with everything that may be shown of it.
///
/// `value` and `facts` hold judged values only. Four fields hold claims that nobody judged: `unproven`, `reply`,
/// `generated`, and `requested`, which is used for a note and for nothing else.
#[derive(Debug)]
pub struct JobReport {
    /// The id of the job in the ledger.
    pub job: JobId,
    /// The committed value. None if the job ended without one; then `abstained` says why.
    pub value: Option<Value>,
    /// The level that was shown for the value. `Level::None` without a value.
    pub level: Level,
    /// The least level at which a value could be committed.
    pub required: Level,
    /// The kind of question that the prompt was read as. None for conversation, and for jobs that are no
    /// question.
    pub routed: Option<Specification>,
    /// The kind of question that the prompt is, if the caller denied it. The prompt was answered as conversation then.
    pub denied: Option<Specification>,
    /// The reading of the prompt in words. The verdict is about this reading, so it must be shown beside the
    /// answer.
    pub reading: Option<String>,
    /// The reason why a question that the grammar knows was not answered: one of its operands could be
    /// mistaken for another one.
    pub unread: Option<OperandRefusal>,
    /// The facts that tasks of the job computed and whose judgement was passed, in order of admission.
    pub facts: Vec<Fact>,
    /// The number of generations that the job started.
    pub generations: u32,
    /// The number of further attempts that the policy allowed after the first one, and that ran.
    pub k: u32,
    /// The findings of judgements that refuted a proposal, in order. Empty if a value was committed in the
    /// end.
    pub findings: Vec<String>,
    /// The reports of the job's tasks, in order of admission.
    pub tasks: Vec<TaskReport>,
    /// The kind of request for which the tasks were laid out. None if no request was classified.
    pub kind: Option<String>,
    /// The use that was made of a plan by a model. None if no model was asked for a plan.
    pub planned: Option<PlanReport>,
    /// The decision of the policy about a second attempt. None for a job in which no policy decides.
    pub audit: Option<Audit>,
    /// The identity of the model that proposed.
    pub identity: Identity,
    /// The receipt of the entry that ends the job in the ledger.
    pub receipt: Receipt,
    /// The reason why nothing was committed, and the change that would help. None if `value` was committed.
    pub abstained: Option<Abstention>,
    /// The last refuted answer, if nothing was committed. It is unproven: show it only to a user who asks for
    /// it.
    pub unproven: Option<Value>,
    /// The whole text of the last generation, of which `value` or `unproven` may be a part; None if nothing was
    /// generated or nobody listened. It is unproven: show it only to a user who asks for it.
    pub reply: Option<String>,
    /// The generations of the job, in order, as the model tells of them.
    pub generated: Vec<Generated>,
    /// The name, version and isolation of what runs the job's programs. None if no contract of it demands one.
    pub executor: Option<String>,
    /// The capability that the model read from the prompt, if the job may use it. It decided nothing.
    pub requested: Option<Capability>,
    /// The record that the memory was consulted for the job. None if the job was refused because it has none.
    pub consulted: Option<Consulted>,
}

/// The decision of the policy about a second attempt at a question, with the readings that it was made from.
#[derive(Clone, Debug)]
pub struct Audit {
    /// The word for the signal that had the most effect on the decision, for example
    /// `independent_disagreement`.
    pub used_signal: &'static str,
    /// The explanation of the decision as one line, or `the first attempt decided` if no decision was needed.
    pub reason: String,
    /// The load of the machine, from 0 (idle) to 1 (busy), that the policy was given.
    pub cost: f64,
    /// The word for how much of the decision the budget admitted, for example `ok` or `refused-budget`, or
    /// `not-charged` if no decision was needed.
    pub budget_note: String,
    /// True if the first attempt satisfied the contract.
    pub base_validated: bool,
    /// True if the last attempt satisfied the contract.
    pub final_validated: bool,
}

/// The reason why a job committed nothing, with the change that would help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abstention {
    /// The reason why nothing was committed, in words for people.
    pub reason: String,
    /// The change that would help, in words. None if no such change is known.
    pub remedy: Option<String>,
}

impl fmt::Display for Abstention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.remedy {
            Some(remedy) => write!(f, "{}; {remedy}", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

/// The use that was made of a plan that a model proposed for a request.
#[derive(Clone, Debug, Default)]
pub struct PlanReport {
    /// The steps of the plan that were left out, each by its name with the reason.
    pub dropped: Vec<(String, String)>,
    /// The reason why the tasks of the template ran instead of the plan. None if the plan ran.
    pub fallback: Option<String>,
}

impl JobReport {
    /// Returns the report of a job whose answer was committed. The parts that only a question or a plan has
    /// are empty.
    #[must_use]
    pub fn committed<P: Pool, J: Journal, C: Clock>(
        runner: &JobRunner<'_, P, J, C>,
        identity: Identity,
        committed: &Committed,
        receipt: Receipt,
    ) -> Self {
        Self {
            value: Some(committed.value().clone()),
            level: committed.level(),
            ..Self::ended(runner, identity, receipt)
        }
    }

    /// Returns the report of a job that ended without an answer. The parts that only a question or a plan has
    /// are empty.
    #[must_use]
    pub fn abstained<P: Pool, J: Journal, C: Clock>(
        runner: &JobRunner<'_, P, J, C>,
        identity: Identity,
        abstention: Abstention,
        receipt: Receipt,
    ) -> Self {
        let answers = |unmet: &&Unmet| {
            runner.driver().kernel().spec(unmet.task).is_some_and(|spec| spec.role == Role::Answer)
        };
        let last = runner.unmet().iter().rev().find(answers);
        Self {
            findings: runner.unmet().iter().filter_map(|unmet| unmet.finding.clone()).collect(),
            abstained: Some(abstention),
            unproven: last.map(|unmet| Value::clone(&unmet.proposed)),
            ..Self::ended(runner, identity, receipt)
        }
    }

    /// Returns the parts of a report that the runner knows, whichever way the job ended.
    fn ended<P: Pool, J: Journal, C: Clock>(
        runner: &JobRunner<'_, P, J, C>,
        identity: Identity,
        receipt: Receipt,
    ) -> Self {
        let (driver, spec) = (runner.driver(), runner.spec());
        Self {
            job: spec.job,
            value: None,
            level: Level::None,
            required: spec.required,
            routed: None,
            denied: None,
            reading: None,
            unread: None,
            facts: driver.kernel().tasks(spec.job).filter_map(|task| fact(driver, task)).collect(),
            generations: runner.generations(),
            k: 0,
            findings: Vec::new(),
            tasks: runner.tasks(),
            kind: None,
            planned: None,
            audit: None,
            identity,
            receipt,
            abstained: None,
            unproven: None,
            reply: None,
            generated: Vec::new(),
            executor: None,
            requested: None,
            consulted: spec.consulted.clone(),
        }
    }

    /// Returns the same report with the generations of the job. The reply is that of the last one.
    #[must_use]
    pub fn told(self, generated: Vec<Generated>) -> Self {
        let reply = generated.last().map(|last| last.reply.clone());
        Self { generated, reply, ..self }
    }

    /// Returns the last generation of the job, from which its answer comes if it has one. None if nothing was
    /// generated.
    #[must_use]
    pub fn last_generated(&self) -> Option<&Generated> {
        self.generated.last()
    }

    /// Returns true if an answer was committed, in which case `value` has it.
    #[must_use]
    pub fn is_committed(&self) -> bool {
        self.value.is_some()
    }

    /// Returns the committed value as a person reads it: a text as it is, yes and no as words, a number in digits,
    /// and a list or a map as JSON. None if nothing was committed.
    #[must_use]
    pub fn answer(&self) -> Option<String> {
        self.value.as_ref().map(stated_text)
    }
}
