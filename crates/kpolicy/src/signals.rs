//! What is known when a decision is due.

use crate::Unit;

/// The readings that a decision weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signals {
    /// How unsure the proposer says it is.
    pub uncertainty: Unit,
    /// Whether that number was shown to predict failure. Only then does it widen a decision.
    pub uncertainty_calibrated: bool,
    /// A disagreement that does not come from the proposer's own confidence: a failed check, two
    /// seeds that differ. Absent when nothing was compared.
    pub disagreement: Option<Unit>,
    /// How loaded the machine is.
    pub cost: Unit,
    /// How bad a wrong result would be; above the policy's floor it mandates checks.
    pub risk: Unit,
    /// How much a better result is worth.
    pub importance: Unit,
}

impl Signals {
    /// Nothing known: no doubt, no cost, no risk, middling importance. Fill in what was read with
    /// `Signals { disagreement: Some(..), ..Signals::QUIET }`.
    pub const QUIET: Self = Self {
        uncertainty: Unit::ZERO,
        uncertainty_calibrated: false,
        disagreement: None,
        cost: Unit::ZERO,
        risk: Unit::ZERO,
        importance: Unit::HALF,
    };
}
