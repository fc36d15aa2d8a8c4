//! The branching policy: the number of branches, such as attempts and checks, that one step of a job may run.
//!
//! The crate is pure arithmetic over readings that the caller took. [`decide`] turns [`Signals`] into a
//! [`Decision`] under a [`Policy`]. [`charge`] returns the part of the decision that a budget admits.
//! [`CostModel`] turns optional readings of the machine into the cost signal. Every quantity that is a share
//! is a [`Unit`], which cannot hold NaN, so no function needs a case for it.
//!
//! Two signals may widen a decision: a disagreement that is independent of the model's own confidence, and an
//! uncertainty that was calibrated, that is, shown to predict failure. Raw confidence has no effect, because
//! on the model of the reference implementation it pointed the wrong way. The reference implementation is the
//! system with which `divergences.md`, at the root of the repository, compares this one.
//!
//! [`calibrate`] measures whether a source of uncertainty predicts failure, and a [`Certificate`] lets only such a source
//! widen, for the model it was measured on and until its date.
//!
//! # Mandated checks
//!
//! Risk above [`Settings::risk_floor_at`] makes checks mandatory. The reference implementation reduces them
//! to the room that the policy leaves and to the amount that the budget affords, and then accepts a result
//! with fewer checks than it asked for. Here [`charge`] reserves the mandatory checks first and returns
//! [`Refused`] if not all of them fit; the caller then abstains. [`charge_clamped`] is the rule of the
//! reference, for comparison.
//!
//! # Plans and accounts
//!
//! [`plan`] is the improved mode. It names the attempts and checks in their order, says what was left out and
//! why, and reserves the cost of mandated work first on an [`Account`] that all decisions of a job share. [`depth`] decides
//! to how many checks one result is put. A [`Recorded`] decision has everything from which it follows, in either [`Mode`].

#![forbid(unsafe_code)]

mod account;
mod calibration;
mod certificate;
mod charge;
mod cost;
mod decide;
mod depth;
mod entropy;
mod lanes;
mod mode;
mod plan;
mod policy;
mod record;
mod signals;
mod smoothing;
mod unit;

pub use account::{Account, Reservation, Short};
pub use calibration::{Calibration, CalibrationError, CalibrationVerdict, Labelled, ScoreRange, calibrate};
pub use certificate::{Certificate, CertificateError, Naming};
pub use charge::{Charge, Note, Refused, Scarcity, charge, charge_clamped};
pub use cost::{CostError, CostModel, CostSettings, Pressure, Readings, Resource};
pub use decide::{Decision, Reason, UsedSignal, decide};
pub use depth::{Depth, LeftOut, depth};
pub use entropy::normalized_entropy;
pub use lanes::{lane_signals, lane_width};
pub use mode::{Mode, NotAMode};
pub use plan::{Attempt, Check, Cut, Plan, StopRule, plan};
pub use policy::{K_MAX_LIMIT, Policy, PolicyError, Settings};
pub use record::{Conclusion, RecordError, Recorded, VERIFY_DEPTH};
pub use signals::Signals;
pub use smoothing::{Sample, Smoothed, Smoothing, SmoothingError};
pub use unit::{NotUnit, Unit};
