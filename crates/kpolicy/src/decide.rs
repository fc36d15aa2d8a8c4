//! The decision: from signals and a policy to a number of branches.

use core::fmt;

use crate::{Policy, Settings, Signals, Unit};

/// The rounding error of a sum of floats that does not yet count as another branch.
const SLACK: f64 = 1e-9;

/// The signal that had the most effect on a [`Decision`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsedSignal {
    /// Risk required at least as many branches, as checks, as doubt justified.
    RiskFloor,
    /// Doubt would have justified more branches, but the cost of the machine's load reduced their number.
    CostBraked,
    /// A disagreement that does not come from the model's own confidence justified the branches.
    IndependentDisagreement,
    /// The proposer's uncertainty, which was shown to predict failure, justified the branches.
    CalibratedUncertainty,
    /// The proposer was unsure, but its uncertainty was not shown to predict failure, so it justified
    /// nothing.
    UncalibratedHeld,
    /// No signal justified more than the policy's minimum.
    ThinDefault,
}

impl UsedSignal {
    /// All signals in the order of their priority, highest first.
    pub const ALL: [Self; 6] = [
        Self::RiskFloor,
        Self::CostBraked,
        Self::IndependentDisagreement,
        Self::CalibratedUncertainty,
        Self::UncalibratedHeld,
        Self::ThinDefault,
    ];

    /// Returns the word that stands for the signal in audit records, for example `risk_floor`.
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

/// The quantities that led to a [`Decision`]. Their `Display` is one line that explains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The doubt that counted: the stronger of the disagreement and the uncertainty, as far as the policy
    /// trusts them.
    pub doubt: Unit,
    /// The number of branches, beyond the minimum, that the doubt would justify if cost were zero.
    pub unbraked_k: u32,
    /// The share of those branches that the cost leaves; 1 if the cost reduces nothing.
    pub brake: Unit,
    /// The number of branches that were left out because of `k_max`. They are never mandatory checks that
    /// fit.
    pub cut_k: u32,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { doubt, unbraked_k, brake, cut_k } = self;
        write!(
            f,
            "a doubt of {doubt:.3} is worth {unbraked_k} more, the cost leaves {brake:.3} of that, and the limit takes \
             {cut_k} away"
        )
    }
}

/// The number of branches that a step may have, and the reason for that number.
///
/// A branch is one attempt at the step, such as another generation or a check. Only [`decide`] makes a
/// decision, so `k` is within the limits of its policy. The fields are for reading.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Decision {
    /// The number of all branches, from `k_min` to `k_max`.
    pub k: u32,
    /// The number of branches that doubt justified, before `k_max` limited the sum.
    pub explore_k: u32,
    /// The number of checks that risk made mandatory and that fit between `k_min` and `k_max`.
    pub verify_k: u32,
    /// The number of checks that risk made mandatory, whether they fit or not. It exceeds `verify_k` only if
    /// the policy has `k_max = k_min`; [`charge`](crate::charge) then refuses the decision.
    pub mandated_k: u32,
    /// The number of branches that every decision under the policy has.
    pub k_min: u32,
    /// The signal that had the most effect on the number.
    pub used_signal: UsedSignal,
    /// The quantities that led to `k`, for a line of explanation.
    pub reason: Reason,
    /// The cost of one branch, in the unit of the caller's budget.
    pub unit_cost: f64,
    /// The cost of all branches, `k * unit_cost`.
    pub est_cost: f64,
}

/// Returns the number of branches that `signals` justify under `policy`. The result depends on these two
/// alone.
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

/// Returns the stronger of the two doubts that the policy trusts, and the name of its signal.
pub(crate) fn believed_doubt(settings: &Settings, signals: &Signals) -> (Unit, UsedSignal) {
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

/// Returns the number of branches that doubt justifies before cost is considered, as a real number.
pub(crate) fn drive(settings: &Settings, doubt: Unit, span: u32, importance: Unit) -> f64 {
    excess(doubt, settings.widen_threshold) * f64::from(span) * importance.get()
}

/// Returns the share of the justified branches that the cost leaves.
fn brake(settings: &Settings, cost: Unit) -> Unit {
    if cost <= settings.cost_brake {
        return Unit::ONE;
    }
    // The cost is above the threshold, so the divisor is positive and the fallback is never used.
    let left = (1.0 - cost.get()) / (1.0 - settings.cost_brake.get());
    Unit::clamped(left).unwrap_or(Unit::ZERO)
}

/// Returns the number of checks that risk makes mandatory: none up to the threshold, at least one above it.
fn mandated(settings: &Settings, risk: Unit, span: u32) -> u32 {
    if risk <= settings.risk_floor_at {
        return 0;
    }
    whole(excess(risk, settings.risk_floor_at) * f64::from(span)).max(1)
}

/// Returns the signal with the most effect, given the numbers of branches by doubt and by risk. `unbraked_k` is that by doubt
/// with those that the cost took away, and without those that a limit or a budget did.
pub(crate) fn used_signal(explore_k: u32, unbraked_k: u32, verify_k: u32, source: UsedSignal) -> UsedSignal {
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

/// Returns how far `reading` lies between `threshold` and 1, from 0 to 1. Up to the threshold it is 0.
fn excess(reading: Unit, threshold: Unit) -> f64 {
    if reading <= threshold {
        return 0.0;
    }
    // The reading is above the threshold, so the threshold is below 1 and the divisor positive.
    (reading.get() - threshold.get()) / (1.0 - threshold.get())
}

/// Rounds `amount` up, after subtracting [`SLACK`]. The policy keeps the result far below `u32::MAX`.
fn whole(amount: f64) -> u32 {
    (amount - SLACK).ceil() as u32
}
