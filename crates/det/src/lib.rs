//! The only plane that may call a result correct.
//!
//! A [`Contract`] says what a result must satisfy. [`judge`] compares a proposal with it and mints a
//! [`Judged`] value, whose [`Verdict`] says what was shown: the level, the validator, and digests of
//! everything that went in. Nothing outside this crate can make either, so whoever holds a `Judged`
//! holds the outcome of a judgement that happened.
//!
//! A verdict does not say that the contract was the right one to ask for. The scheduler fixes
//! the contract at admission and refuses a verdict under any other.
//!
//! Truth from outside (a user's expected value, a trust store, a validator of one's own) enters only
//! together with a [`TrustRoot`], which takes an `unsafe impl` to make. The crate is `no_std`: no clock,
//! no randomness, no file can influence a verdict.
//!
//! # Modules
//!
//! ```text
//! words       level  root  class  form  fuel  error
//! readers     nesting  position  number  equal  agreement  json  xml  lint  pattern  format  schema  answer
//!             notation  fence
//! contracts   program  call  voucher  case  expectation  finding  demands  contract
//! judgement   validator  subject  trial  assess  statement  admission  exam
//! verdicts    mint  verdict  action
//! ```
//!
//! A module uses the lines above its own and its neighbours to the left, and nothing else, so the graph of
//! modules has no circle. `assess` computes everything that a judgement finds out, as plain data that grants
//! nothing; `mint` is the one file that makes verdicts of it.

#![no_std]
#![deny(unsafe_code)]

extern crate alloc;

// Words.
mod class;
mod error;
mod form;
mod level;
mod root;

// Readers of what a subject states.
mod agreement;
mod answer;
mod equal;
mod fence;
mod format;
mod fuel;
mod json;
mod lint;
mod nesting;
mod notation;
mod number;
mod pattern;
mod position;
mod schema;
mod xml;

// Contracts.
mod call;
mod case;
mod contract;
mod demands;
mod expectation;
mod finding;
mod program;
mod voucher;

// Judgement.
mod admission;
mod assess;
mod exam;
mod examiner;
mod statement;
mod subject;
mod trial;
mod validator;

// Verdicts.
mod action;
mod mint;
mod verdict;

/// The plain data in which this crate speaks, so that it can be used by itself.
pub use abi::{Decimal, Digest, Float, JobId, Origin, Proposal, TaskId, Value};
pub use action::{Action, Verification};
pub use admission::{AdmissionRecord, TrustStore};
pub use agreement::{Tolerance, agrees};
pub use answer::{Answer, extract, extract_under, number_word};
pub use call::{Call, Operand};
pub use case::{Case, Expected};
pub use class::ValidatorClass;
pub use contract::{Contract, ContractDraft, ContractOrigin};
pub use equal::equal;
pub use error::{ContractError, JudgeError, ReadmitError};
pub use exam::{
    Admission, ExamAnswer, ExamFault, ExamTerms, ExamTranscript, Fate, Truth, WrongProgram, failure_bound,
    judge_exam,
};
pub use examiner::{Examined, Examiner};
pub use expectation::Expectation;
pub use fence::{StatedProgram, stated_program};
pub use finding::{Finding, Outcome};
pub use form::Form;
pub use fuel::JUDGEMENT_FUEL;
pub use json::{JsonError, parse_json};
pub use level::{Level, ParseLevelError};
pub use lint::{Lint, LintFinding};
pub use mint::{Judged, Verdict, judge, readmit};
pub use nesting::{Measure, measure};
pub use notation::{python_call, python_value};
pub use pattern::PatternError;
pub use program::{CallEnd, Executor, ProgramFault, ProgramProcess, ProgramRunner, RunnerError};
pub use root::TrustRoot;
pub use schema::{CheckError, Schema, SchemaError, SchemaFinding};
pub use subject::{Subject, subject_digest};
pub use validator::{Validator, Validators};
pub use voucher::ExpectedFrom;
pub use xml::XmlError;
