//! From a prompt to an answer with evidence, spending on a fact only when the first attempt failed.
//!
//! [`route`] reads what a prompt asks for; operands that cannot be read mean *not routed*, and then the
//! path is that of plain generation. [`ask`] runs the loop: one attempt by the proposer, judged by
//! `det`; only if it fails, the policy decides whether to spend, a primitive computes the fact, the
//! proposer reads it in a facts block ahead of the same prompt, and is judged again. What satisfies the
//! contract is committed by `sched`; everything else is an [`Abstention`] that says why.
//!
//! The fact is an operand of the answer (`letter_count`), the check is of the answer itself (`add`
//! of it): a model that repeats the fact is not thereby right.

#![forbid(unsafe_code)]

mod ask;
mod block;
mod executor;
mod reading;
mod report;
mod settings;
mod specification;

pub use ask::{AskError, Progress, ask};
pub use block::{block, line, rendered};
pub use executor::{RunError, fact_capability};
pub use reading::{Example, OperandRefusal, Reading, Routed, examples, read, route};
pub use report::{Abstention, Audit, Report};
pub use settings::Settings;
pub use specification::Specification;
