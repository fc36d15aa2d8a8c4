//! From a prompt to an answer with evidence, and the operations that every job runs.
//!
//! [`operations`] is the one set of operations: drafts, repairs, primitives, delegations. A question, a
//! question under a contract and a task graph are plans over these operations, and end in a [`JobReport`].
//!
//! [`route`] reads what a prompt asks for, with a closed grammar. A prompt that is not understood as a whole
//! is not routed, and is answered as conversation. [`ask`] runs the loop of a question. The proposer makes
//! one attempt, which `det` judges. If it fails, the policy of `kpolicy` decides if a second attempt is worth
//! its cost; a primitive then computes a fact, and the proposer reads that fact ahead of the same prompt and
//! is judged again. An answer that satisfies the contract is committed by `sched`. Otherwise the report has
//! an [`Abstention`] that says why.
//!
//! The fact is an operand of the answer (a `letter_count`, for example), and the check is of the answer
//! itself (the `add` of that count and a number), so a model that only repeats the fact does not pass.

#![forbid(unsafe_code)]

mod ask;
mod block;
mod facts;
mod generated;
mod json;
mod notices;
pub mod operations;
mod reading;
mod report;
mod second;
mod settings;
mod specification;

pub use ask::{AskError, AskFailure, another_model, ask, ask_through, with_cut};
pub use block::{block, line, recalled_block, rendered};
pub use facts::{fact_capability, registry};
pub use generated::Generated;
pub use json::{stated_text, to_json};
pub use notices::{Notices, Progress};
pub use reading::{
    Example, OperandRefusal, Reading, Routed, UnreadReason, examples, may_ask, read, route, suggestion,
    unread_reason,
};
pub use report::{Abstention, Audit, JobReport, PlanReport};
pub use second::second_attempt;
pub use settings::Settings;
pub use specification::Specification;
