//! The front: the crate that wires the planes together and owns everything that touches the world.
//!
//! [`Engine`] is a model over a ledger: [`Engine::ask`] returns a [`JobReport`] whose answer, if there is
//! one, was judged and recorded before anyone saw it. [`config`] has everything that can be chosen,
//! [`remote`] speaks to endpoints, [`cli`] is the program `nmk`.
//!
//! The planes below are pure or take what they need as parameters; configuration, environment, entropy
//! and terminal are met in this crate and nowhere else.
//!
//! The library has no trust root: it forbids `unsafe` and so cannot declare one. A function that turns a
//! text into a person's expectation, such as [`graph::parse`] and [`cli::run`], takes the root of the
//! program that calls it. The program `nmk` has its own beside `main`.

#![forbid(unsafe_code)]

mod authorities;
mod bench;
mod book;
mod bounded;
mod checkpoint;
pub mod cli;
mod command;
pub mod compute;
pub mod config;
mod console;
mod contract_file;
mod engine;
mod error;
mod error_code;
mod eval;
pub mod forbid;
mod gate;
pub mod graph;
mod interrupted;
mod io_words;
mod jobs;
mod json;
mod lookup;
mod machine;
mod memory_access;
mod messages;
mod meter;
mod model;
mod near;
mod notes;
mod operations;
mod placebo;
mod policy;
mod primitives;
mod programs;
mod prompt;
mod prompt_length;
mod recall;
mod remember;
mod replay;
mod request;
pub mod research;
mod run;
mod selftest;
mod sensing;
mod shipped;
mod solve;
mod structured;
mod surroundings;
mod tasks;
mod thoughts;
mod toml_fault;
mod utc;
mod watch;
mod web;
mod wrap;

pub use authorities::CertificateFileError;
pub use config::Config;
pub use console::Console;
pub use contract_file::{ContractFileError, ProgramError};
pub use engine::Engine;
pub use error::Error;
pub use error_code::ErrorCode;
pub use gate::{RecordError, SpecFileError};
pub use model::{AnyModel, Calibration, ModelFailure, Unfamiliar};
pub use policy::{PolicyInputError, SignatureError, SpendingFlags};
pub use primitives::{CallError, PrimitiveError};
pub use prompt::{PromptError, PromptPlace};
pub use prompt_length::PromptLength;
pub use surroundings::Surroundings;

pub use abi::{Fact, Receipt};
pub use det::Level;
pub use factloop::{Abstention, Audit, JobReport, Progress, Specification};
pub use ledger::{Ledger, OpenReport};
pub use remote;
pub use sched::TaskReport;

use remote::excerpt;
