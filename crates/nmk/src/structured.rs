//! A question whose answer stands under a contract of the caller's: one attempt, one repair, and a commit
//! at its level or none.

use std::sync::{Arc, Mutex};

use abi::{Identity, JobId, Receipt, Value};
use det::{Level, Validators};
use ledger::{Ledger, LedgerError};
use sched::{
    Budget, DriveError, Driver, Ended, Inline, JobSpec, Kernel, Limits, News, Plan, Refusal, Registry,
    Standstill, TaskSpec,
};

use crate::Model;
use crate::contract_file::Chosen;
use crate::operations::{self, Hands, OperationError};

/// How such a question ended. `answer` is there exactly when something was committed.
#[derive(Debug)]
pub(crate) struct Structured {
    /// The committed text.
    pub(crate) answer: Option<String>,
    /// The level shown of it.
    pub(crate) level: Level,
    /// The level required.
    pub(crate) required: Level,
    /// Generations spent.
    pub(crate) generations: u32,
    /// What was found wrong, in order.
    pub(crate) findings: Vec<String>,
    /// Why nothing was committed.
    pub(crate) abstained: Option<String>,
    /// Who proposed.
    pub(crate) identity: Identity,
    /// Where it is in the ledger.
    pub(crate) receipt: Option<Receipt>,
}

/// Why there is no report.
#[derive(Debug)]
pub(crate) enum StructuredError {
    /// The ledger failed.
    Ledger(LedgerError),
    /// The model failed.
    Operation(OperationError),
    /// The kernel refused the plan.
    Refused(Refusal),
}

/// Asks `prompt` and holds the answer against the chosen contract.
pub(crate) fn ask(
    model: &Arc<Mutex<Model>>,
    identity: Identity,
    ledger: &mut Ledger,
    job: JobId,
    prompt: &str,
    chosen: &Chosen,
    max_new: u32,
) -> Result<Structured, StructuredError> {
    let mut registry = Registry::new(Validators::builtin());
    let toolbox = operations::toolbox();
    operations::register(&mut registry, &toolbox);
    let hands = Hands { model: Arc::clone(model), max_new, toolbox };
    let kernel = Kernel::new(registry, 1);
    let mut driver = Driver::new(kernel, Inline::new(hands), ledger, Standstill);
    let contract = Arc::new(chosen.contract.clone());
    let budget = Budget { tasks: 2, traps: 2, ..Budget::REFERENCE };
    let spec = JobSpec { budget, ..JobSpec::new(job, Arc::clone(&contract), chosen.require) };
    let mut report = Structured {
        answer: None,
        level: Level::None,
        required: chosen.require,
        generations: 0,
        findings: Vec::new(),
        abstained: None,
        identity,
        receipt: None,
    };
    // A job that its contract cannot carry is refused before anything is generated.
    if let Err(refusal) = driver.open(spec) {
        report.abstained = Some(refusal.to_string());
        return Ok(report);
    }
    let input = Value::map([("prompt", Value::text(prompt))]);
    let draft = TaskSpec::new("draft", operations::DRAFT, contract).answering().given(input);
    let draft = draft.within(Limits { retries: 1, ..Limits::REFERENCE });
    if let Err(refusal) = driver.admit(Plan { job, tasks: vec![draft] }) {
        report.receipt = Some(driver.abstain(job, refusal.to_string()).map_err(failure)?);
        report.abstained = Some(refusal.to_string());
        return Ok(report);
    }
    let mut runs = 0;
    let ended = driver.finish(job, &mut |_, news| {
        runs += u32::from(matches!(news, News::Moved { to: sched::TaskState::Running, .. }));
    });
    report.generations = runs;
    match ended.map_err(failure)? {
        Ended::Committed(committed, receipt) => {
            report.answer = Some(match committed.value() {
                Value::Text(text) => text.clone(),
                other => crate::json::value(other).to_string(),
            });
            (report.level, report.receipt) = (committed.level(), Some(receipt));
        }
        Ended::Quiet { unmet, failed } => {
            report.findings = unmet.into_iter().filter_map(|unmet| unmet.finding).collect();
            let failed = failed.into_iter().next().map(|(_, error)| error);
            let reason = match (&failed, report.findings.last()) {
                (Some(error), _) => error.to_string(),
                (None, Some(finding)) => finding.clone(),
                (None, None) => "nothing was proposed".to_owned(),
            };
            report.receipt = Some(driver.abstain(job, reason.clone()).map_err(failure)?);
            report.abstained = Some(reason);
            if let Some(error) = failed {
                return Err(StructuredError::Operation(error));
            }
        }
    }
    Ok(report)
}

fn failure(error: DriveError<LedgerError>) -> StructuredError {
    match error {
        DriveError::Journal(error) => StructuredError::Ledger(error),
        DriveError::Refused(refusal) => StructuredError::Refused(refusal),
    }
}
