//! The workshop of the evaluation set of novel tasks, `fixtures/novel500`.
//!
//! The set has five hundred items over nineteen domains. Three hundred are gaps in code: a specification that the hold-out
//! gate can examine, and one right solution. Two hundred are questions in prose, each with a grader that runs, a right
//! reply and wrong ones. Families of tasks lie in `data`, as templates with parameters; [`items`] deals them out under a
//! fixed seed, lets a confined Python compute what the samples and the graders need, and returns the lines of the set.
//!
//! No item may be part of a training corpus. [`Known`] has the texts of the set in a form in which a corpus can be
//! compared with them.

#![forbid(unsafe_code)]

mod compositions;
mod deal;
mod domains;
mod error;
mod families;
mod gap;
mod known;
mod python;
mod questions;
mod set;
mod template;

pub use domains::DOMAINS;
pub use error::NovelError;
pub use known::Known;
pub use python::{Workbench, is_unproven};
pub use set::{items, stored, written};
