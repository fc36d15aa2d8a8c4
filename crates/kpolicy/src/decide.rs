//! The decision: signals and a policy in, a number of branches out.

use core::fmt;

use crate::{Policy, Settings, Signals, Unit};

/// The rounding error that is allowed in a sum of floats before it counts as another branch.
const SLACK: f64 = 1e-9;

/// The signal that had the most effect on a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsedSignal {
    /// Risk mandated at least as many branches as doubt bought.
    RiskFloor,
    /// Doubt would have bought more branches, and cost reduced them.
    CostBraked,
    /// An independent disagreement bought branches.
    IndependentDisagreement,
    /// A calibrated uncertainty bought branches.
    CalibratedUncertainty,
    /// The proposer was unsure, but its uncertainty is not calibrated, so it bought nothing.
    UncalibratedHeld,
    /// No signal asked for more than the policy's minimum.
    ThinDefault,
}

impl UsedSignal {
    /// All signals in the order of their priority, the first one highest.
    pub const ALL: [Self; 6] = [
        Self::RiskFloor,
        Self::CostBraked,
        Self::IndependentDisagreement,
        Self::CalibratedUncertainty,
        Self::UncalibratedHeld,
        Self::ThinDefault,
    ];

    /// The name of the signal in audit records. One word for each variant.
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

/// The quantities behind a decision. Displayed, they are one line that explains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The doubt that the policy believed.
    pub doubt: Unit,
    /// Branches that the doubt would buy if cost were zero.
    pub unbraked_k: u32,
    /// The share of those branches that the cost allows.
    pub brake: Unit,
    /// Branches that `k_max` cut. They are always exploration, never checks.
    pub cut_k: u32,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { doubt, unbraked_k, brake, cut_k } = self;
        write!(f, "doubt {doubt:.3} asks for {unbraked_k} more, brake {brake:.3}, cut by k_max {cut_k}")
    }
}

/// The number of branches that a step may have, and the reason.
///
/// Only [`decide`] makes one, so `k` is within the limits of its policy. The fields are for reading.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Decision {
    /// All branches, in `[k_min, k_max]`.
    pub k: u32,
    /// Branches that doubt bought, before `k_max` cut them.
    pub explore_k: u32,
    /// Checks that risk mandated and that fit between `k_min` and `k_max`.
    pub verify_k: u32,
    /// Checks that risk mandated, whether they fit or not. Above `verify_k` only if the policy has `k_max =
    /// k_min`; [`charge`](crate::charge) refuses then.
    pub mandated_k: u32,
    /// Branches that every decision of the policy has.
    pub k_min: u32,
    /// The signal that had the most effect.
    pub used_signal: UsedSignal,
    /// The quantities behind the decision.
    pub reason: Reason,
    /// The cost of one branch.
    pub unit_cost: f64,
    /// The cost of all branches: `k * unit_cost`.
    pub est_cost: f64,
}

/// Returns the number of branches that `signals` justify under `policy`. The result depends on nothing else.
///
/// ```
/// use kpolicy::{Policy, Settings, Signals, Unit, UsedSignal, decide};
///
/// let policy = Policy::new(Settings::REFERENCE)?;
/// let quiet = decide(&policy, &Signals::QUIET);
/// assert_eq!((quiet.k, quiet.used_signal), (1, UsedSignal::ThinDefault));
///
/// let split = Signals { disagreement: Some(Unit::ONE), importance: Unit::ONE, ..Signals::QUIET };
/// assert_eq!(decide(&policy, &split).k, 4);
/// # Ok::<(), kpolicy::PolicyError>(())
/// ```
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

/// The stronger of the two signals that the policy believes, and its name.
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

/// Branches that doubt buys before cost is considered, as a real number.
fn drive(settings: &Settings, doubt: Unit, span: u32, importance: Unit) -> f64 {
    excess(doubt, settings.widen_threshold) * f64::from(span) * importance.get()
}

/// The share of the bought branches that the cost leaves.
fn brake(settings: &Settings, cost: Unit) -> Unit {
    if cost <= settings.cost_brake {
        return Unit::ONE;
    }
    // The cost is above the threshold, so the divisor is positive and the fallback is never used.
    let left = (1.0 - cost.get()) / (1.0 - settings.cost_brake.get());
    Unit::clamped(left).unwrap_or(Unit::ZERO)
}

/// Checks that risk mandates: at least one above the threshold.
fn mandated(settings: &Settings, risk: Unit, span: u32) -> u32 {
    if risk <= settings.risk_floor_at {
        return 0;
    }
    whole(excess(risk, settings.risk_floor_at) * f64::from(span)).max(1)
}

/// The signal with the most effect, given the branches that each of them bought.
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

/// The position of `reading` between `threshold` (0) and 1 (1). Zero up to the threshold.
fn excess(reading: Unit, threshold: Unit) -> f64 {
    if reading <= threshold {
        return 0.0;
    }
    // The reading is above the threshold, so the threshold is below 1 and the divisor positive.
    (reading.get() - threshold.get()) / (1.0 - threshold.get())
}

/// Rounds `amount` up, after subtracting the slack. The policy keeps it far below `u32::MAX`.
fn whole(amount: f64) -> u32 {
    (amount - SLACK).ceil() as u32
}
