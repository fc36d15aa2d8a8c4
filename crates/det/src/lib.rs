//! The only plane that may call a result correct.
//!
//! A [`Contract`] says what a result must satisfy; [`judge`] holds a proposal against it and mints a
//! [`Judged`] value whose [`Verdict`] says what was shown: the level, the validator, and digests of
//! everything that went in. Nothing outside this crate can make either, so whoever holds a `Judged`
//! holds the outcome of a judgement that happened.
//!
//! What a verdict does not say: that the contract was the right one to ask for. The scheduler fixes
//! the contract at admission and refuses a verdict under any other.
//!
//! Truth from outside (a user's expected value, a trust store, a validator of one's own) enters only
//! together with a [`TrustRoot`], which takes an `unsafe impl` to make. The crate is `no_std`: no clock,
//! no randomness, no file can influence a verdict.

#![no_std]
#![deny(unsafe_code)]

extern crate alloc;

mod answer;
mod contract;
mod equal;
mod error;
mod level;
mod mint;
mod nesting;
mod readmit;
mod root;
mod validator;

/// The plain data in which this crate speaks, so that it can be used by itself.
pub use abi::{Digest, Float, JobId, Origin, Proposal, TaskId, Value};
pub use answer::{Answer, extract};
pub use contract::{Call, Contract, ContractDraft, ContractOrigin, Expectation, ExpectedFrom, Form, Operand};
pub use equal::equal;
pub use error::{ContractError, JudgeError, ReadmitError};
pub use level::{Level, ParseLevelError};
pub use mint::{Finding, Judged, Outcome, Verdict, judge, subject_digest};
pub use readmit::{AdmissionRecord, TrustStore, readmit};
pub use root::TrustRoot;
pub use validator::{Validator, ValidatorClass, Validators};
