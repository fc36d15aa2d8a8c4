//! The number of lanes that advance at the same time, by the load of the machine.

use core::num::NonZeroU32;

use crate::{Decision, Policy, PolicyError, Settings, Signals, Unit, decide};

/// Returns the decision about the number of lanes, of which [`Decision::k`] says how many advance in one turn.
///
/// The idle share of the machine is the disagreement of the decision, so an idle machine advances all lanes
/// and a full one advances one. `policy` keeps its thresholds; its limits are replaced by 1 and `lanes`.
///
/// ```
/// use core::num::NonZeroU32;
/// use kpolicy::{Policy, Settings, Unit, lane_width};
///
/// let (policy, lanes) = (Policy::new(Settings::REFERENCE)?, NonZeroU32::MIN.saturating_add(7));
/// let width = |cost| lane_width(&policy, lanes, cost, Unit::ONE).map(|decision| decision.k);
/// assert_eq!((width(Unit::ZERO)?, width(Unit::ONE)?), (8, 1));
/// # Ok::<(), kpolicy::PolicyError>(())
/// ```
///
/// # Errors
/// Returns [`PolicyError::TooWide`] if there are more lanes than a policy may have branches.
pub fn lane_width(
    policy: &Policy,
    lanes: NonZeroU32,
    cost: Unit,
    importance: Unit,
) -> Result<Decision, PolicyError> {
    let (policy, signals) = lane_signals(policy, lanes, cost, importance)?;
    Ok(decide(&policy, &signals))
}

/// Returns the policy and the signals of the decision that [`lane_width`] makes, for its record.
///
/// # Errors
/// Fails as [`lane_width`] does.
pub fn lane_signals(
    policy: &Policy,
    lanes: NonZeroU32,
    cost: Unit,
    importance: Unit,
) -> Result<(Policy, Signals), PolicyError> {
    let policy = Policy::new(Settings { k_min: 1, k_max: lanes.get(), ..*policy.settings() })?;
    // One less a number from 0 to 1 is such a number too, so the fallback is never used.
    let idle = Unit::clamped(1.0 - cost.get()).unwrap_or(Unit::ZERO);
    Ok((policy, Signals { disagreement: Some(idle), cost, importance, ..Signals::QUIET }))
}
