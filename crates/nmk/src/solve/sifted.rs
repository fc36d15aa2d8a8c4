//! Drafts without the code that was revoked here: it is not judged again, because its exam would admit it as before.

use abi::Digest;
use escalate::Store;
use sched::{Executor, Outcome, Work};

use crate::operations::TaskError;
use crate::primitives;

/// An executor that fails where its result is code that a store revoked. A verdict follows from the ledger alone, and a
/// revocation is no part of it.
#[derive(Debug)]
pub(super) struct Sifted<E> {
    pub(super) executor: E,
    pub(super) store: Option<Store>,
    pub(super) specification: Digest,
}

impl<E: Executor<Error = TaskError>> Executor for Sifted<E> {
    type Error = TaskError;

    fn run(&mut self, work: &Work) -> Result<Outcome, TaskError> {
        let outcome = self.executor.run(work)?;
        let (Outcome::Proposed(execution), Some(store)) = (&outcome, &self.store) else { return Ok(outcome) };
        let Some(code) = execution.subject.value.as_text() else { return Ok(outcome) };
        match store.revoked(&self.specification, &primitives::code_digest(code)) {
            Ok(None) => Ok(outcome),
            Ok(Some(why)) => Err(TaskError::Revoked { why }),
            Err(error) => Err(TaskError::Store(error)),
        }
    }
}
