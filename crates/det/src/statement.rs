//! Statements: the content of a verdict as plain data, and its canonical bytes.
//!
//! A statement grants nothing. Any code of this crate can write one down; only the mint wraps one in a
//! verdict, and the mint takes no statement from outside.

use alloc::string::ToString;
use alloc::vec::Vec;

use abi::bounds::{MAX_TEXT_BYTES, cut};
use abi::{Canonical, Digest, TaskId};

use crate::Outcome;
use crate::assess::Assessment;

/// The content of a verdict: the assessment, and the digests of everything that the assessment is about.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) assessment: Assessment,
    pub(crate) subject: Digest,
    pub(crate) contract: Digest,
    pub(crate) inputs: Vec<Digest>,
    pub(crate) task: TaskId,
    /// The digest of the origin that the proposal stated, for example of a model.
    pub(crate) proposed_by: Digest,
}

impl Statement {
    pub(crate) fn is_satisfied(&self) -> bool {
        matches!(self.assessment.outcome, Outcome::Satisfied)
    }

    /// Returns the canonical bytes of the statement, which the ledger stores.
    pub(crate) fn to_canonical(&self) -> Canonical {
        let assessment = &self.assessment;
        let trial = assessment.trial.as_ref();
        Canonical::map(|map| {
            // Only the verdict on a program has these fields.
            if let Some(trial) = trial {
                map.digest("cases", &trial.cases);
            }
            map.digest("contract", &self.contract);
            if let Some(executor) = trial.and_then(|trial| trial.executor.as_ref()) {
                map.text("executor", &cut(&executor.to_string(), MAX_TEXT_BYTES));
            }
            match &assessment.outcome {
                Outcome::Satisfied => map.null("finding"),
                Outcome::Refuted(finding) => {
                    map.text("finding", &cut(&finding.to_string(), MAX_TEXT_BYTES));
                }
            }
            map.digests("inputs", self.inputs.iter());
            map.text("level", assessment.level.word());
            map.digest("proposed_by", &self.proposed_by);
            map.bool("satisfied", self.is_satisfied());
            map.digest("subject", &self.subject);
            map.text("task", &self.task.to_string());
            map.text("validator", &assessment.validator);
            map.int("validator_version", i64::from(assessment.validator_version));
            map.text("vouched_by", &assessment.vouched_by);
        })
    }
}
