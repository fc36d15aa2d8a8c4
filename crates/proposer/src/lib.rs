//! A model that runs on this machine, as a proposer of text.
//!
//! A [`Checkpoint`] is the content of a model folder. A [`LocalModel`] joins the model of that folder with
//! its tokenizer and its chat template, and implements [`abi::Proposer`]: it turns a request into a draft
//! with the digests of the logits behind its tokens. [`ForbiddenText`] states words and patterns that no
//! answer may contain; an [`Interrupt`] enforces them while tokens are chosen. If a request has a schema, the
//! answer is constrained to the documents of that schema.
//!
//! Two promises hold for every draft. Its tokens are a pure function of the model, the request and the
//! forbidden text, and do not depend on the [`Schedule`]. And a draft grants nothing: this crate cannot name
//! a verdict.

#![forbid(unsafe_code)]

mod answer_region;
mod answer_traps;
mod checkpoint;
mod constrained;
mod error;
mod forbidden_text;
mod interrupt;
mod likelihood;
mod local;
mod propose;

pub use abi;
pub use checkpoint::{Checkpoint, GenerationDefaults, GenerationDefaultsError};
pub use constrain::{ConstrainError, DeadEnd};
pub use constrained::Constrained;
pub use error::{LoadError, ProposeError};
pub use forbidden_text::{ForbiddenText, ForbiddenTextError};
pub use interrupt::{ForbiddenAutomaton, Interrupt, PatternError};
pub use local::{LocalModel, Schedule};
pub use neural;
pub use text;
