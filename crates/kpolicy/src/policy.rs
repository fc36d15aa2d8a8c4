//! The policy: the limits and thresholds by which every decision is made.

use crate::Unit;

/// The largest `k_max` that a policy may have. This limit bounds the loops of callers over branches.
pub const K_MAX_LIMIT: u32 = 1024;

/// The limits and thresholds of a policy, as they are written down. [`Policy::new`] checks them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The number of branches that every decision has.
    pub k_min: u32,
    /// The largest number of branches that a decision may have.
    pub k_max: u32,
    /// The doubt up to which a decision stays at `k_min`; above it, doubt justifies further branches.
    pub widen_threshold: Unit,
    /// If true, an uncertainty that was not shown to predict failure is ignored.
    pub require_calibrated: bool,
    /// The cost, as a share, up to which all justified branches are kept; above it their number shrinks.
    pub cost_brake: Unit,
    /// The risk up to which no checks are mandatory; above it, at least one is.
    pub risk_floor_at: Unit,
    /// The cost of one branch, in the unit of the caller's budget.
    pub unit_cost: f64,
}

impl Settings {
    /// The settings of the reference implementation: at least one branch, at most four.
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

/// Checked [`Settings`]. Holding a policy proves that [`decide`](crate::decide) has a defined result for all
/// signals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy(Settings); // Invariant: what `Policy::new` checks.

/// The reason why [`Settings`] are refused as a policy. Each variant names the setting.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum PolicyError {
    /// `k_min` is above `k_max`, so that no number of branches would be allowed.
    #[error("k_min {k_min} is above k_max {k_max}; lower the first or raise the second")]
    Empty {
        /// The value of `k_min`, which is too high.
        k_min: u32,
        /// The value of `k_max`, which is too low.
        k_max: u32,
    },
    /// `k_max` is above [`K_MAX_LIMIT`], the largest that a policy may have.
    #[error("k_max {k_max} is above {K_MAX_LIMIT}, the most that a policy may state")]
    TooWide {
        /// The value of `k_max`, which is too high.
        k_max: u32,
    },
    /// `widen_threshold` is 1, and no doubt can be above that.
    #[error("widen_threshold must be below 1; state k_max = k_min to never widen")]
    NeverWidens,
    /// `unit_cost` is not positive, or the cost of [`K_MAX_LIMIT`] branches is not finite.
    #[error("unit_cost {unit_cost} is not a positive finite cost that {K_MAX_LIMIT} branches can have")]
    UnitCost {
        /// The value of `unit_cost`, which is out of range.
        unit_cost: f64,
    },
}

impl Policy {
    /// Checks `settings`, and returns them as a policy for decisions.
    ///
    /// # Errors
    /// Returns a [`PolicyError`] that names the first setting that is out of range, and its value.
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

    /// Returns the checked settings, exactly as they were given to [`new`](Self::new).
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.0
    }
}
