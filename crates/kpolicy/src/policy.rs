//! The limits under which decisions are made.

use crate::Unit;

/// The largest `k_max` that a policy may state: a decision bounds the caller's loops.
pub const K_MAX_LIMIT: u32 = 1024;

/// A policy as it is written down, before it is checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Branches that every decision gets.
    pub k_min: u32,
    /// Branches that no decision exceeds.
    pub k_max: u32,
    /// Doubt up to here buys nothing.
    pub widen_threshold: Unit,
    /// Whether uncalibrated uncertainty is ignored.
    pub require_calibrated: bool,
    /// Cost up to here brakes nothing.
    pub cost_brake: Unit,
    /// Risk up to here mandates nothing.
    pub risk_floor_at: Unit,
    /// What one branch costs, in the unit of the caller's budget.
    pub unit_cost: f64,
}

impl Settings {
    /// The settings of the reference: one branch, up to four.
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

/// Settings under which every decision is defined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy(Settings); // Invariant: what `Policy::new` checks.

/// Why settings are not a policy.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum PolicyError {
    /// The least is above the most.
    #[error("k_min {k_min} is above k_max {k_max}; lower the first or raise the second")]
    Empty {
        /// The least stated.
        k_min: u32,
        /// The most stated.
        k_max: u32,
    },
    /// The most is above what any policy may state.
    #[error("k_max {k_max} is above {K_MAX_LIMIT}, the most that a policy may state")]
    TooWide {
        /// The most stated.
        k_max: u32,
    },
    /// A threshold of one leaves nothing above it.
    #[error("widen_threshold must be below 1; state k_max = k_min to never widen")]
    NeverWidens,
    /// A branch must cost something, and all of them a finite amount.
    #[error("unit_cost {unit_cost} is not a positive finite cost that {K_MAX_LIMIT} branches can have")]
    UnitCost {
        /// The cost stated.
        unit_cost: f64,
    },
}

impl Policy {
    /// Checks `settings`.
    ///
    /// # Errors
    /// [`PolicyError`] naming the setting.
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

    /// What was checked.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.0
    }
}
