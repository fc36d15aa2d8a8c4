//! The signals: everything that a decision about branches depends on, beside the policy.

use crate::Unit;

/// The readings on which a decision depends. The caller takes them; this crate only computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signals {
    /// The uncertainty that the proposer states about its own result: 0 is certain, 1 is a guess.
    pub uncertainty: Unit,
    /// True if that uncertainty was shown to predict failure. If not, the policy normally ignores it.
    pub uncertainty_calibrated: bool,
    /// The strength of a disagreement that does not come from the proposer's own confidence, for example a
    /// failed check, or two seeds whose results differ. None if nothing was compared.
    pub disagreement: Option<Unit>,
    /// The load of the machine, as [`Pressure::cost`](crate::Pressure::cost) computes it. A high cost reduces
    /// the branches that doubt justifies.
    pub cost: Unit,
    /// The harm that a wrong result would do. Above the policy's threshold, checks become mandatory.
    pub risk: Unit,
    /// The worth of a better result, by which the number of justified branches is multiplied.
    pub importance: Unit,
}

impl Signals {
    /// Signals without doubt, cost or risk, at middle importance. Single fields can be set with a struct
    /// update: `Signals { disagreement: Some(..), ..Signals::QUIET }`.
    pub const QUIET: Self = Self {
        uncertainty: Unit::ZERO,
        uncertainty_calibrated: false,
        disagreement: None,
        cost: Unit::ZERO,
        risk: Unit::ZERO,
        importance: Unit::HALF,
    };
}
