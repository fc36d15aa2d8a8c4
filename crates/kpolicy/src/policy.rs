//! The policy: the limits within which every decision is made.

use crate::Unit;

/// The largest `k_max` that a policy may have. It bounds the caller's loops over branches.
pub const K_MAX_LIMIT: u32 = 1024;

/// A policy as it is written down. [`Policy::new`] checks it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Branches that every decision has.
    pub k_min: u32,
    /// Branches that no decision exceeds.
    pub k_max: u32,
    /// Doubt up to this value buys no branches.
    pub widen_threshold: Unit,
    /// If true, an uncertainty that was not calibrated is ignored.
    pub require_calibrated: bool,
    /// Cost up to this value reduces nothing.
    pub cost_brake: Unit,
    /// Risk up to this value mandates no checks.
    pub risk_floor_at: Unit,
    /// The cost of one branch, in the unit of the caller's budget.
    pub unit_cost: f64,
}

impl Settings {
    /// The settings of the reference design: at least one branch, at most four.
    pub const REFERENCE: Self = Self {
        k_min: 1,
        k_max: 4,
        widen_threshold: Unit::HALF,
        require_calibrated: true,
        cost_brake: Unit::THREE_FIFTHS,
        risk_floor_at: Unit::HALF,
        unit_cost: 1.0,
    };
}

/// Checked settings. Holding a policy proves that [`decide`](crate::decide) has a defined result for all
/// signals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy(Settings); // Invariant: what `Policy::new` checks.

/// The reason why settings are refused as a policy; each variant names the setting.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum PolicyError {
    /// The minimum is above the maximum.
    #[error("k_min {k_min} is above k_max {k_max}; lower the first or raise the second")]
    Empty {
        /// The minimum given.
        k_min: u32,
        /// The maximum given.
        k_max: u32,
    },
    /// The maximum is above [`K_MAX_LIMIT`].
    #[error("k_max {k_max} is above {K_MAX_LIMIT}, the most that a policy may state")]
    TooWide {
        /// The maximum given.
        k_max: u32,
    },
    /// The threshold is 1, and no doubt is above it.
    #[error("widen_threshold must be below 1; state k_max = k_min to never widen")]
    NeverWidens,
    /// The cost of a branch is not positive, or that of many branches is not finite.
    #[error("unit_cost {unit_cost} is not a positive finite cost that {K_MAX_LIMIT} branches can have")]
    UnitCost {
        /// The cost given.
        unit_cost: f64,
    },
}

impl Policy {
    /// Checks `settings`, and returns them as a policy for decisions.
    ///
    /// # Errors
    /// Returns a [`PolicyError`] that names the setting and its value.
    pub fn new(settings: Settings) -> Result<Self, PolicyError> {
        let Settings { k_min, k_max, widen_threshold, unit_cost, .. } = settings;
        if k_min > k_max {
            return Err(PolicyError::Empty { k_min, k_max });
        }
        if k_max > K_MAX_LIMIT {
            return Err(PolicyError::TooWide { k_max });
        }
        if widen_threshold == Unit::ONE {
            return Err(PolicyError::NeverWidens);
        }
        // `unit_cost > 0.0` is false for NaN.
        let dearest = unit_cost * f64::from(K_MAX_LIMIT);
        if !(unit_cost > 0.0 && dearest.is_finite()) {
            return Err(PolicyError::UnitCost { unit_cost });
        }
        Ok(Self(settings))
    }

    /// The checked settings, exactly as they were given to [`new`](Self::new).
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.0
    }
}
