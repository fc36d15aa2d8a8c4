//! The decision: signals and a policy in, a number of branches out.

use core::fmt;

use crate::{Policy, Settings, Signals, Unit};

/// Sums of floats that should be whole may exceed it by rounding; this much is not another branch.
const SLACK: f64 = 1e-9;

/// The signal that shaped a decision most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsedSignal {
    /// Risk mandated at least as much as doubt bought.
    RiskFloor,
    /// Doubt would have bought more, and cost reduced it.
    CostBraked,
    /// An independent disagreement bought branches.
    IndependentDisagreement,
    /// A calibrated uncertainty bought branches.
    CalibratedUncertainty,
    /// The proposer was unsure, but its uncertainty is not calibrated and bought nothing.
    UncalibratedHeld,
    /// Nothing asked for more than the least.
    ThinDefault,
}

impl UsedSignal {
    /// Every signal, in the order of priority.
    pub const ALL: [Self; 6] = [
        Self::RiskFloor,
        Self::CostBraked,
        Self::IndependentDisagreement,
        Self::CalibratedUncertainty,
        Self::UncalibratedHeld,
        Self::ThinDefault,
    ];

    /// The word that stands for the signal in audits.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::RiskFloor => "risk_floor",
            Self::CostBraked => "cost_braked",
            Self::IndependentDisagreement => "independent_disagreement",
            Self::CalibratedUncertainty => "calibrated_uncertainty",
            Self::UncalibratedHeld => "uncalibrated_held",
            Self::ThinDefault => "thin_default",
        }
    }
}

/// The quantities behind a decision; displayed, one line that explains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The doubt that was believed.
    pub doubt: Unit,
    /// Exploration that the doubt would buy at no cost.
    pub unbraked_k: u32,
    /// The share of it that the cost left.
    pub brake: Unit,
    /// Branches beyond `k_max`; always exploration, never checks.
    pub cut_k: u32,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { doubt, unbraked_k, brake, cut_k } = self;
        write!(f, "doubt {doubt:.3} asks for {unbraked_k} more, brake {brake:.3}, cut by k_max {cut_k}")
    }
}

/// How many branches a step may have, and why.
///
/// Made by [`decide`] only; the fields are for reading.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Decision {
    /// Branches in all, in `[k_min, k_max]`.
    pub k: u32,
    /// Branches that doubt bought, before `k_max` cut them.
    pub explore_k: u32,
    /// Checks that risk mandated, within the headroom of the policy.
    pub verify_k: u32,
    /// Checks that risk mandated before headroom clamped them; above `verify_k` only where the
    /// policy has no headroom at all, and then [`charge`](crate::charge) refuses.
    pub mandated_k: u32,
    /// Branches that every decision of the policy has.
    pub k_min: u32,
    /// What shaped it most.
    pub used_signal: UsedSignal,
    /// The quantities behind it.
    pub reason: Reason,
    /// What one branch costs.
    pub unit_cost: f64,
    /// What all of them cost: `k * unit_cost`.
    pub est_cost: f64,
}

/// Decides how many branches `signals` justify under `policy`.
#[must_use]
pub fn decide(policy: &Policy, signals: &Signals) -> Decision {
    let settings = policy.settings();
    let span = settings.k_max - settings.k_min;
    let (doubt, source) = believed_doubt(settings, signals);
    let brake = brake(settings, signals.cost);
    let drive = drive(settings, doubt, span, signals.importance);
    let unbraked_k = whole(drive).min(span);
    let explore_k = whole(drive * brake.get()).min(span);
    let mandated_k = mandated(settings, signals.risk, span);
    let verify_k = mandated_k.min(span);
    let k = settings.k_max.min(settings.k_min + explore_k + verify_k);
    Decision {
        k,
        explore_k,
        verify_k,
        mandated_k,
        k_min: settings.k_min,
        used_signal: used_signal(explore_k, unbraked_k, verify_k, source),
        reason: Reason { doubt, unbraked_k, brake, cut_k: settings.k_min + explore_k + verify_k - k },
        unit_cost: settings.unit_cost,
        est_cost: f64::from(k) * settings.unit_cost,
    }
}

fn believed_doubt(settings: &Settings, signals: &Signals) -> (Unit, UsedSignal) {
    let believes_uncertainty = signals.uncertainty_calibrated || !settings.require_calibrated;
    let trusted = believes_uncertainty.then_some(signals.uncertainty);
    match (signals.disagreement, trusted) {
        (Some(disagreement), Some(trusted)) if disagreement < trusted => {
            (trusted, UsedSignal::CalibratedUncertainty)
        }
        (Some(disagreement), _) => (disagreement, UsedSignal::IndependentDisagreement),
        (None, Some(trusted)) => (trusted, UsedSignal::CalibratedUncertainty),
        (None, None) if signals.uncertainty > settings.widen_threshold => {
            (Unit::ZERO, UsedSignal::UncalibratedHeld)
        }
        (None, None) => (Unit::ZERO, UsedSignal::ThinDefault),
    }
}

fn drive(settings: &Settings, doubt: Unit, span: u32, importance: Unit) -> f64 {
    excess(doubt, settings.widen_threshold) * f64::from(span) * importance.get()
}

fn brake(settings: &Settings, cost: Unit) -> Unit {
    if cost <= settings.cost_brake {
        return Unit::ONE;
    }
    // The cost is above, so the divisor is positive and the fallback never taken.
    let left = (1.0 - cost.get()) / (1.0 - settings.cost_brake.get());
    Unit::clamped(left).unwrap_or(Unit::ZERO)
}

fn mandated(settings: &Settings, risk: Unit, span: u32) -> u32 {
    if risk <= settings.risk_floor_at {
        return 0;
    }
    whole(excess(risk, settings.risk_floor_at) * f64::from(span)).max(1)
}

fn used_signal(explore_k: u32, unbraked_k: u32, verify_k: u32, source: UsedSignal) -> UsedSignal {
    if verify_k > 0 && verify_k >= explore_k {
        UsedSignal::RiskFloor
    } else if explore_k < unbraked_k {
        UsedSignal::CostBraked
    } else if explore_k > 0 || source == UsedSignal::UncalibratedHeld {
        source
    } else {
        UsedSignal::ThinDefault
    }
}

/// The share of what lies above `threshold` that `reading` reaches; 0 up to the threshold.
fn excess(reading: Unit, threshold: Unit) -> f64 {
    if reading <= threshold {
        return 0.0;
    }
    // The reading is above, so the threshold is below 1 and the divisor positive.
    (reading.get() - threshold.get()) / (1.0 - threshold.get())
}

/// `amount` rounded up, less the slack. The policy bounds it far below `u32::MAX`.
fn whole(amount: f64) -> u32 {
    (amount - SLACK).ceil() as u32
}
