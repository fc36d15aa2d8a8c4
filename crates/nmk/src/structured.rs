//! A question under a contract that the caller chose: one attempt and one repair.

use std::cell::RefCell;
use std::sync::Arc;

use abi::{JobId, Proposer, Value};
use factloop::operations::{DRAFT, Notice, PROMPT};
use factloop::{Abstention, JobReport};
use ledger::{Ledger, LedgerError};
use sched::{
    Budget, Driver, Inline, JobError, JobRunner, JobSpec, Kernel, Limits, PlanEnd, StoppedClock, TaskSpec,
};

use crate::contract_file::Chosen;
use crate::model::ModelFailure;
use crate::operations::{self, TaskError, TaskExecutor};

/// The change that would help if no attempt satisfies the contract.
const REMEDY: &str = "a larger model with --model, or a contract that asks for less";
/// The change that would help if the contract is not admitted, which no model changes.
const REFUSED: &str = "a contract that asks for less, or for what can be judged here";

/// Asks `prompt` as `job` and judges the answer under the chosen contract. A generation has at most `max_new`
/// tokens.
///
/// # Errors
/// Fails if the model or the ledger failed. A refuted answer is a report, and so is a contract that was not
/// admitted.
pub(crate) fn ask<P: Proposer<Error = ModelFailure>>(
    model: P,
    ledger: &mut Ledger,
    job: JobId,
    prompt: &str,
    chosen: &Chosen,
    max_new: u32,
) -> Result<JobReport, JobError<TaskError, LedgerError>> {
    let identity = model.identity();
    let last = RefCell::new(None);
    let listen = |notice: Notice<'_>| {
        if let Notice::Generated { reply, .. } = notice {
            last.replace(Some(reply.to_owned()));
        }
    };
    let pool = Inline::new(TaskExecutor::new(model, max_new, listen));
    let driver = Driver::new(Kernel::new(operations::registry([]), 1), pool, ledger, StoppedClock);
    let contract = Arc::new(chosen.contract.clone());
    let tokens = Budget::REFERENCE.tokens.max(2 * u64::from(max_new));
    let budget = Budget { tasks: 2, runs: 2, tokens, ..Budget::REFERENCE };
    let spec = JobSpec { budget, ..JobSpec::new(job, Arc::clone(&contract), chosen.require) };
    let mut runner = JobRunner::new(driver, spec);
    let input = Value::map([(PROMPT, Value::text(prompt))]);
    let limits = Limits { retries: 1, tokens: u64::from(max_new), ..Limits::REFERENCE };
    let draft = TaskSpec::new("draft", DRAFT, contract).answering().given(input).within(limits);
    let ended = match runner.open() {
        Ok(()) => runner.run(vec![draft], &mut |_, _| {})?,
        // A job that its contract cannot carry is refused before anything is generated.
        Err(refusal) => PlanEnd::Refused(refusal),
    };
    let (reason, remedy) = match ended {
        PlanEnd::Committed(committed, receipt) => {
            let report = JobReport::committed(&runner, identity, &committed, receipt);
            return Ok(JobReport { reply: last.take(), ..report });
        }
        PlanEnd::Refused(refusal) => (refusal.to_string(), REFUSED),
        PlanEnd::Unanswered => {
            runner.give_up_on_failure()?;
            (runner.last_finding(), REMEDY)
        }
    };
    let receipt = runner.abstain(reason.clone())?;
    let abstention = Abstention { reason, remedy: Some(remedy.to_owned()) };
    let report = JobReport::abstained(&runner, identity, abstention, receipt);
    Ok(JobReport { reply: last.take(), ..report })
}
