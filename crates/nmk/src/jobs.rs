//! The jobs of a ledger, read back for people, for the choice of a template, and for the check of their invariants.
//!
//! Everything here is derived from the signed entries. A statistic that another file kept could be forged by whoever writes
//! that file; one of the ledger is forged only together with the ledger's signature, and is computed again by a replay.

pub(crate) mod check;
mod chronicle;
mod learning;
mod line;
mod outcomes;
mod plan;
mod tally;

pub(crate) use chronicle::Chronicle;
pub(crate) use learning::{Learning, Learnings};
pub(crate) use line::{End, KINDS, Line};
pub(crate) use outcomes::{Outcomes, PlanKey};
pub(crate) use plan::{Again, KindBy, Planned, SEAM, Wanted, again};
pub(crate) use tally::Tally;
