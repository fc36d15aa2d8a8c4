//! Examiners: the trait through which the hold-out gate answers a judgement under a contract that demands an admission.
//!
//! Nothing in this crate runs an exam. The holder of a [`TrustRoot`](crate::TrustRoot) installs an examiner with
//! [`Validator::admission`](crate::Validator::admission). An examiner is not believed: its record counts only if it names
//! this content and this contract, and if a key of the trust store signed it.

use alloc::string::String;

use abi::Digest;

use crate::{AdmissionRecord, RunnerError};

/// Examines programs, as the hold-out gate does.
pub trait Examiner {
    /// Examines `candidate`, whose function is `entry`, under the specification with this digest.
    ///
    /// # Errors
    /// [`RunnerError`] if no exam took place, which says nothing about the candidate.
    fn examine(&self, specification: Digest, entry: &str, candidate: &str) -> Result<Examined, RunnerError>;
}

/// The outcome of an exam, as an examiner tells it.
#[derive(Clone, Debug)]
pub enum Examined {
    /// The candidate was admitted.
    Admitted {
        /// The record of the admission.
        record: AdmissionRecord,
        /// The signature of its signer over the [`digest`](AdmissionRecord::digest) of the record.
        signature: [u8; 64],
    },
    /// The candidate was refused.
    Refused {
        /// The stage that it did not pass, and the reason, for example `samples · wrong`.
        stage: String,
        /// The reason in words.
        what: String,
    },
}
