//! What a caller decides about a question.

use std::collections::BTreeSet;

use det::Level;
use kpolicy::{Policy, Unit};

use crate::Specification;

/// How a question is to be answered. There is no default: the composition root names every choice.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The least level that is accepted; none for the level of what was asked: `Oracle` where the
    /// prompt was routed, `None` for conversation.
    pub required: Option<Level>,
    /// Whether to answer without generating where one primitive answers the whole question.
    pub direct: bool,
    /// The most tokens of one generation, at least 1.
    pub max_new: u32,
    /// What may be spent on a failed first attempt. With `k_min` 0 a cost of 1 vetoes.
    pub policy: Policy,
    /// How much is at stake.
    pub importance: Unit,
    /// The pressure on the machine.
    pub cost: Unit,
    /// What is left to spend, in the policy's unit of cost; none for no budget.
    pub budget: Option<f64>,
    /// The facts that may be computed; the capability of each is `fact:<name>`.
    pub granted: BTreeSet<Specification>,
}
