//! Programs that somebody else wrote, admitted by an experiment that they cannot influence, with a bound.
//!
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod draw;
mod driver;
mod error;
mod experiment;
mod instances;
mod mutants;
mod notary;
mod precondition;
mod python_tools;
mod report;
mod share;
mod shrink;
mod spec;
mod teller;
mod types;
mod wrong;

/// The plain data in which this crate speaks, and the plane that judges, so that the crate can be used by itself.
pub use {abi, det};

pub use driver::{Clock, Confined, Driver, Executor, External, Native, NativeFunction, Program, Running};
pub use error::ExperimentError;
pub use experiment::{Experiment, Laboratory, Options, Progress};
pub use mutants::mutants;
pub use notary::{Drawn, Notary, NotaryError, Sealed};
pub use precondition::Precondition;
pub use report::{Blame, Counterexample, Refusal, Report, Stage, evidence_digest};
pub use share::Share;
pub use spec::{Argument, ArgumentError, Demanded, Oracle, Sample, Spec, SpecError};
pub use types::{Length, Type};
