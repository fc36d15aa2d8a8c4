//! The branching policy: how many continuations a decision may buy.
//!
//! Pure arithmetic over readings that the caller took. [`decide`] turns [`Signals`] into a
//! [`Decision`] under a [`Policy`]; [`charge`] says how much of it a budget admits; [`CostModel`]
//! turns optional machine readings into the cost signal. Every quantity that is a share of
//! something is a [`Unit`], which cannot hold NaN, so the arithmetic is total.
//!
//! Two levers may widen a decision: a disagreement that is independent of the model's own
//! confidence, and an uncertainty that was calibrated. Raw confidence moves nothing: measured on the
//! reference's model it pointed the wrong way.
//!
//! # Checks that are mandated
//!
//! Risk above [`Settings::risk_floor_at`] mandates checks. The reference lets the mandate shrink, to
//! the headroom of the policy and to what the budget affords, and then passes on fewer checks than it
//! asked for. Here [`charge`] reserves for the mandate first and answers [`Refused`] where it cannot
//! be met whole; the caller abstains. [`charge_clamped`] is the reference's rule, for comparison.

#![forbid(unsafe_code)]

mod charge;
mod cost;
mod decide;
mod entropy;
mod policy;
mod signals;
mod unit;

pub use charge::{Charge, Note, Refused, Scarcity, charge, charge_clamped};
pub use cost::{CostError, CostModel, CostSettings, Pressure, Readings, Resource};
pub use decide::{Decision, Reason, UsedSignal, decide};
pub use entropy::normalized_entropy;
pub use policy::{K_MAX_LIMIT, Policy, PolicyError, Settings};
pub use signals::Signals;
pub use unit::{NotUnit, Unit};
