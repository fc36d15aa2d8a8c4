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
mod demands;
mod equal;
mod error;
mod json;
mod ladder;
mod level;
mod lint;
mod mint;
mod nesting;
mod readmit;
mod restore;
mod root;
mod schema;
mod validator;
mod xml;

/// The plain data in which this crate speaks, so that it can be used by itself.
pub use abi::{Digest, Float, JobId, Origin, Proposal, TaskId, Value};
pub use answer::{Answer, extract};
pub use contract::{
    Call, Case, Contract, ContractDraft, ContractOrigin, Expectation, ExpectedFrom, Form, Operand,
};
pub use equal::equal;
pub use error::{ContractError, JudgeError, ReadmitError};
pub use json::{JsonError, parse_json};
pub use ladder::{Action, Verification};
pub use level::{Level, ParseLevelError};
pub use lint::{Lint, LintFinding};
pub use mint::{Finding, Judged, Outcome, Subject, Verdict, judge, subject_digest};
pub use nesting::{Measure, dismantle, measure};
pub use readmit::{AdmissionRecord, TrustStore, readmit};
pub use root::TrustRoot;
pub use schema::{Schema, SchemaError, SchemaFinding};
pub use validator::{Validator, ValidatorClass, Validators};
pub use xml::XmlError;
