//! The mint: the only file that makes verdicts.
//!
//! The fields of [`Verdict`] and [`Judged`] are private to this file, and nothing here lets other code make
//! either. So holding a verdict proves that one of two functions of this file ran to its end:
//!
//! - [`judge`](fn@judge) compared this very subject with the contract that the verdict names, by an installed
//!   validator, for the task and the inputs that the verdict names;
//! - [`readmit`] checked that an admission record names the subject and the contract, and that a key of an
//!   application's trust store signed it.
//!
//! Holding one does not prove that the contract was the right one to ask for (the scheduler fixes the
//! contract when it admits a task), that the subject satisfies it (see [`Verdict::shows`]), that the inputs
//! are what the subject was really made from (the caller states them), or anything about another copy of the
//! value: an admission record and a ledger entry are claims until `readmit` has checked them.

use alloc::boxed::Box;
use alloc::vec::Vec;

use abi::{Digest, Proposal, TaskId, Value};

use crate::assess::{Assessment, assess};
use crate::statement::Statement;
use crate::subject::origin_digest;
use crate::{
    AdmissionRecord, Contract, JudgeError, ReadmitError, Subject, TrustStore, Validators, admission,
};

/// The result of one judgement, of one subject under one contract for one task.
///
/// Holding a verdict proves that [`judge`](fn@judge) or [`readmit`] made it. It does not prove that the
/// subject satisfies the contract: ask [`shows`](Self::shows). A verdict has no public constructor, cannot be
/// copied and cannot be read back from bytes, because what is read from a disk is a claim.
#[derive(Debug)]
pub struct Verdict {
    statement: Statement,
}

/// A value together with the verdict on it.
///
/// Holding one proves that this very value was judged, because the value cannot be changed and no pair can be
/// put together from a value and another verdict.
#[derive(Debug)]
pub struct Judged<T> {
    value: T,
    verdict: Box<Verdict>, // A verdict is large, and a judged value is moved often.
}

/// Judges `subject` under `contract` for `task`. `inputs` are the digests of everything that the subject was
/// made from; the verdict records them without checking them.
///
/// A subject that does not satisfy the contract is judged all the same: the [`outcome`](Verdict::outcome) of
/// its verdict is then a refutation, and the level says how far the subject came.
///
/// # Errors
/// [`JudgeError::NoValidator`] if no validator of the contract's class is installed,
/// [`JudgeError::Undefined`] if a primitive that the contract names has no result for its operands, and
/// [`JudgeError::TooDeep`] if the subject nests too deeply. The subject is dropped then, because nothing may
/// be concluded about it.
pub fn judge(
    validators: &Validators,
    task: TaskId,
    contract: &Contract,
    inputs: Vec<Digest>,
    subject: Proposal<Value>,
) -> Result<Judged<Value>, JudgeError> {
    Subject::new(subject)?.judge(validators, task, contract, inputs)
}

impl Subject {
    /// Judges the subject for `task` under `contract`, as [`judge`](fn@judge) does for a proposal.
    ///
    /// # Errors
    /// [`JudgeError::NoValidator`] if no validator of the contract's class is installed, and
    /// [`JudgeError::Undefined`] if a primitive that the contract names has no result for its operands. The
    /// subject is dropped then.
    pub fn judge(
        self,
        validators: &Validators,
        task: TaskId,
        contract: &Contract,
        inputs: Vec<Digest>,
    ) -> Result<Judged<Value>, JudgeError> {
        let assessment = assess(validators, contract, self.value())?;
        Ok(mint(self, assessment, contract, task, inputs))
    }
}

/// Turns a stored content into a judged value again, at [`Level::Proven`](crate::Level::Proven), for `task`
/// under `contract`.
///
/// # Errors
/// [`ReadmitError`] names the first thing that does not fit: a proposer wrote the contract, the record bounds
/// nothing or names another content or contract, the content nests too deeply, the signer is not in the
/// store, or the signature is not the signer's over this record.
pub fn readmit(
    content: Proposal<Value>,
    contract: &Contract,
    task: TaskId,
    record: &AdmissionRecord,
    signature: &[u8; 64],
    store: &TrustStore,
) -> Result<Judged<Value>, ReadmitError> {
    let subject = Subject::bounded(content).map_err(|depth| ReadmitError::TooDeep { depth })?;
    let record_digest = admission::check(subject.digest(), contract, record, signature, store)?;
    Ok(mint(subject, admission::assessment(record.signer), contract, task, [record_digest].into()))
}

/// Makes the verdict and joins it with the value. Nothing outside this file can call this function.
fn mint(
    subject: Subject,
    assessment: Assessment,
    contract: &Contract,
    task: TaskId,
    inputs: Vec<Digest>,
) -> Judged<Value> {
    let (digest, contract) = (subject.digest(), contract.digest());
    let proposed_by = origin_digest(subject.origin());
    let statement = Statement { assessment, subject: digest, contract, inputs, task, proposed_by };
    Judged { value: subject.into_value(), verdict: Box::new(Verdict { statement }) }
}

impl<T> Judged<T> {
    /// Returns the value that was judged. There is no mutable access to it.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// Returns the verdict on the value. The verdict may be a refutation.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// Returns the value and the verdict apart. They cannot be joined to a judged value again.
    #[must_use]
    pub fn into_parts(self) -> (T, Verdict) {
        (self.value, *self.verdict)
    }
}

impl Verdict {
    pub(crate) fn statement(&self) -> &Statement {
        &self.statement
    }
}
