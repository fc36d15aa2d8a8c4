//! A question under a contract that the caller chose: one attempt and one repair.

use std::cell::RefCell;
use std::sync::Arc;

use abi::{JobId, Proposer, Value};
use det::Form;
use factloop::operations::{DRAFT, Notice, PROMPT, finding_in_words};
use factloop::{Abstention, Generated, JobReport, Progress, another_model, with_cut};
use ledger::LedgerError;
use sched::{
    Budget, Clock, Consulted, Driver, Inline, JobError, JobRunner, JobSpec, Kernel, Limits, PlanEnd, Pool,
    StoppedClock, TaskSpec,
};

use crate::book::Book;
use crate::contract_file::Chosen;
use crate::model::ModelFailure;
use crate::operations::{self, TaskError, TaskExecutor};
use crate::programs::Judges;
use crate::surroundings;

/// The change that would help if the contract is not admitted, which no model changes.
const REFUSED: &str = "a contract that asks for less, or for what can be judged here";

/// A contract that the caller chose, with the validators that judge under it.
#[derive(Debug)]
pub(crate) struct Under<'a> {
    pub(crate) chosen: &'a Chosen,
    pub(crate) judges: Judges,
}

/// Asks `prompt` as `job` and judges the answer under the chosen contract. A generation has at most `max_new`
/// tokens, and reads what the memory recalled for the job. Calls `observe` with what happens meanwhile.
///
/// # Errors
/// Fails if the model or the ledger failed. A refuted answer is a report, and so is a contract that was not
/// admitted.
pub(crate) fn ask<P: Proposer<Error = ModelFailure>>(
    model: P,
    book: &mut Book,
    (job, consulted): (JobId, Consulted),
    prompt: &str,
    under: Under<'_>,
    max_new: u32,
    observe: &mut dyn FnMut(Progress<'_>),
) -> Result<JobReport, JobError<TaskError, LedgerError>> {
    let identity = model.identity();
    let Under { chosen, judges: Judges { validators, executor } } = under;
    let told = RefCell::new(Vec::new());
    let mut generations = 0;
    let listen = |notice: Notice<'_>| match notice {
        Notice::Generating { .. } => {
            generations += 1;
            observe(Progress::Generating { generation: generations });
        }
        Notice::Step(step) => observe(Progress::Step(step)),
        Notice::Generated { task, max_new, draft } => {
            told.borrow_mut().push(Generated::from_draft(task, max_new, draft));
        }
    };
    let toolbox = operations::builtin_toolbox();
    let registry = operations::registry_with(toolbox, validators, []);
    let pool = Inline::new(TaskExecutor::new(model, toolbox.clone(), max_new, listen));
    let driver = Driver::new(Kernel::new(registry, 1), pool, book, StoppedClock);
    let contract = Arc::new(chosen.contract.clone());
    let tokens = Budget::REFERENCE.tokens.max(2 * u64::from(max_new));
    let budget = Budget { tasks: 2, runs: 2, tokens, ..Budget::REFERENCE };
    let at = surroundings::time_of_day();
    let spec = JobSpec { budget, at, ..JobSpec::new(job, Arc::clone(&contract), chosen.require) };
    let spec = spec.consulting(consulted);
    let input = Value::map([(PROMPT, Value::text(prompt))]);
    let mut runner = JobRunner::new(driver, spec).asked(&input);
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
            return Ok(JobReport { executor, ..report.told(told.take()) });
        }
        PlanEnd::Refused(refusal) => (refusal.to_string(), REFUSED.to_owned()),
        PlanEnd::Unanswered => {
            runner.give_up_on_failure()?;
            let remedy = format!("{}, or a contract that asks for less", another_model(&identity));
            (last_finding(&runner, chosen.contract.form()), remedy)
        }
    };
    let told = told.take();
    let reason = with_cut(reason, told.last());
    let receipt = runner.abstain(reason.clone())?;
    let remedy = told.last().and_then(Generated::remedy).map_or(remedy, str::to_owned);
    let abstention = Abstention { reason, remedy: Some(remedy) };
    let report = JobReport::abstained(&runner, identity, abstention, receipt);
    Ok(JobReport { executor, ..report.told(told) })
}

/// Returns the reason in words why the last proposal under a contract of `form` was not accepted.
fn last_finding<P: Pool, C: Clock>(runner: &JobRunner<'_, P, Book, C>, form: Form) -> String {
    let finding = runner.last_finding();
    match runner.unmet().last() {
        Some(unmet) => finding_in_words(form, &unmet.proposed, &finding),
        None => finding,
    }
}
