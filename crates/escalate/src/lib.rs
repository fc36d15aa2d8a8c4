//! The ladder of a missing function, the store of those that were admitted, and the look-up by words.
//!
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod ladder;
mod lexical;
mod prompt;
mod store;

pub use {abi, kpolicy};

pub use ladder::{
    Attempt, Ended, Ladder, LookedUp, MOST_ATTEMPTS, MOST_RECALLED, Outcome, Recalled, Rung, Sampling, Step,
    Widened, Width,
};
pub use lexical::{
    Action, Audit, Candidate, Catalogue, CatalogueEntry, GovernedProposal, LONGEST_NAME, LookUpSpending,
    ROUTE_THRESHOLD, Spent, Tier,
};
pub use prompt::{Asked, Fault, Gap, fault_of, prompt};
pub use store::{Keeping, Kept, KeptError, Listed, Store, StoreError, StoreLimits};
