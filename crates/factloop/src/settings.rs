//! The choices of a caller about a question.

use std::collections::BTreeSet;

use det::Level;
use kpolicy::{Policy, Unit};

use crate::Specification;

/// The choices of a caller about how a question is answered. There is no default: the composition root names every
/// choice.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The least level that is accepted. None stands for the level that fits the prompt: `Oracle` for a routed
    /// prompt, `None` for conversation.
    pub required: Option<Level>,
    /// True to answer without a generation if one primitive answers the whole question.
    pub direct: bool,
    /// The most tokens of one generation, at least 1.
    pub max_new: u32,
    /// The policy that decides about a second attempt. With `k_min` 0, a cost of 1 vetoes it.
    pub policy: Policy,
    /// The importance of the answer to the user.
    pub importance: Unit,
    /// The pressure on the machine.
    pub cost: Unit,
    /// The budget that is left, in the policy's unit of cost; None if there is no limit.
    pub budget: Option<f64>,
    /// The facts that may be computed; the capability of each is `fact:<name>`.
    pub granted: BTreeSet<Specification>,
}
