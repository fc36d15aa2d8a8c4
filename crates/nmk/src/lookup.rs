//! The record of a look-up by words, which is a job of its own that decides and commits nothing.

use std::sync::Arc;

use abi::{Entry, EntryKind, JobId, Origin, Proposal, TaskId, Value};
use det::{Contract, Form, Level};
use factloop::operations::PROMPT;
use kpolicy::Recorded;
use ledger::LedgerError;
use sched::{
    Consulted, Driver, Execution, Executor, Inline, JobError, JobRunner, JobSpec, Kernel, Outcome,
    StoppedClock, Work,
};

use crate::book::{Book, OpenedBook};
use crate::config::Config;
use crate::engine::job_failure;
use crate::operations::{self, TaskError, builtin_toolbox};
use crate::{Error, surroundings};

/// The reason why the memory is not consulted for a look-up.
const NOT_ASKED: &str = "a look-up asks no model";
/// The end of the job of a look-up.
pub(crate) const NOTHING: &str = "a look-up commits nothing";

/// The executor of a job that has no task.
struct Nothing;

impl Executor for Nothing {
    type Error = TaskError;

    fn run(&mut self, _: &Work) -> Result<Outcome, TaskError> {
        let origin = Origin::User;
        Ok(Outcome::Proposed(Execution::from_proposal(Proposal { value: Value::Null, origin })))
    }
}

/// Returns the entry of a decision of the policy in the history.
pub(crate) fn decision(job: JobId, contract: &Contract, recorded: &Recorded) -> Entry {
    let (task, inputs) = (TaskId { job, number: 0 }, vec![contract.digest()]);
    Entry { kind: EntryKind::Decided, task, inputs, body: recorded.to_value() }
}

/// Writes a decision about a look-up to the ledger that `config` chooses.
///
/// # Errors
/// [`Error`] if the ledger or its key is refused.
pub(crate) fn record(config: &Config, recorded: &Recorded) -> Result<(), Error> {
    let OpenedBook { mut book, .. } = Book::open(config)?;
    let (job, _claim) = book.begin()?;
    let contract = Arc::new(Contract::from_form(Form::Free));
    let driver = Driver::new(
        Kernel::new(operations::registry(builtin_toolbox()), 1),
        Inline::new(Nothing),
        &mut book,
        StoppedClock,
    );
    let at = surroundings::time_of_day();
    let spec = JobSpec { at, ..JobSpec::new(job, Arc::clone(&contract), Level::None) };
    let asked = Value::map([(PROMPT, Value::text(recorded.about.as_str()))]);
    let mut runner = JobRunner::new(driver, spec.consulting(Consulted::no_memory(NOT_ASKED))).asked(&asked);
    let failed = |error: JobError<TaskError, LedgerError>| job_failure(String::new(), &config.ledger, error);
    if let Err(refusal) = runner.open() {
        return Err(failed(runner.refuse(refusal)));
    }
    runner.note(decision(job, &contract, recorded)).map_err(failed)?;
    runner.abstain(NOTHING.to_owned()).map(drop).map_err(failed)
}
