//! The settings with which a question is answered.

use std::collections::BTreeSet;

use det::Level;
use kpolicy::{Mode, Policy, Unit};
use sched::Consulted;

use crate::Specification;

/// The settings with which a question is answered. There is no default, because the composition root must
/// name every choice.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The least level that is accepted. None stands for the level that fits the prompt: `Oracle` for a
    /// question that the grammar reads, `Level::None` for conversation.
    pub required: Option<Level>,
    /// True to answer without a generation if one primitive answers the whole question.
    pub direct: bool,
    /// The largest number of tokens of one generation, at least 1.
    pub max_new: u32,
    /// The rule by which the policy decides.
    pub mode: Mode,
    /// The policy that decides about a second attempt. With `k_min` 0, a cost of 1 prevents it.
    pub policy: Policy,
    /// The importance of the answer to the user, from 0 to 1. A higher one makes a second attempt more
    /// likely.
    pub importance: Unit,
    /// The load of the machine, from 0 (idle) to 1 (busy). A higher cost makes a second attempt less likely.
    pub cost: Unit,
    /// The harm of a wrong answer, from 0 to 1. Above the policy's threshold a second attempt is mandatory: no cost
    /// prevents it, and a budget that cannot pay it refuses the answer.
    pub risk: Unit,
    /// The budget that is left, in the policy's unit of cost. None if there is no limit.
    pub budget: Option<f64>,
    /// The facts that may be computed, by kind of question; each is granted as the capability `fact:<name>`.
    pub granted: BTreeSet<Specification>,
    /// The kinds of question that are denied. A prompt of such a kind is answered as conversation: nothing is
    /// computed for it, and nothing checks the reply.
    pub denied: BTreeSet<Specification>,
    /// The time of day at which the question is asked, in milliseconds since 1970, for the history. Nothing else uses it.
    pub at: Option<i64>,
    /// The record that the memory was consulted for the question. A question without one is refused.
    pub consulted: Option<Consulted>,
}
