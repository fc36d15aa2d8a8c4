//! The signals: everything that is known when a decision is due.

use crate::Unit;

/// The readings on which a decision depends. The caller takes them; this crate only computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signals {
    /// The uncertainty that the proposer states about its own result.
    pub uncertainty: Unit,
    /// True if that uncertainty was shown to predict failure. Only then does it widen a decision.
    pub uncertainty_calibrated: bool,
    /// A disagreement that does not come from the proposer's own confidence, for example a failed check, or
    /// two seeds that differ. None if nothing was compared.
    pub disagreement: Option<Unit>,
    /// The load of the machine.
    pub cost: Unit,
    /// The harm that a wrong result would do. Above the policy's threshold it mandates checks.
    pub risk: Unit,
    /// The worth of a better result.
    pub importance: Unit,
}

impl Signals {
    /// Signals without doubt, cost or risk, at middle importance. Set single fields with `Signals {
    /// disagreement: Some(..), ..Signals::QUIET }`.
    pub const QUIET: Self = Self {
        uncertainty: Unit::ZERO,
        uncertainty_calibrated: false,
        disagreement: None,
        cost: Unit::ZERO,
        risk: Unit::ZERO,
        importance: Unit::HALF,
    };
}
