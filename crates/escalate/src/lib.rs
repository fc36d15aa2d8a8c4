//! The ladder of a missing function.
//!
//! A function that is missing is looked up among those that were admitted before. If there is none, a model writes it:
//! once, then several times at a temperature, then once more for each failure that the gate found, and at last with pages
//! from the web beside the question. The hold-out gate judges every attempt, and the ladder ends with an admission or
//! with an abstention.
//!
//! Nothing here is trusted, and nothing here judges. The crate has no clock, no model and no process: it says what is to be
//! done next, and is told what came of it.

#![forbid(unsafe_code)]

mod ladder;
mod lexical;
mod prompt;
mod store;

pub use ladder::{Attempt, Ended, Ladder, MOST_ATTEMPTS, Outcome, Rung, Sampling, Step, Widened, Width};
pub use lexical::{
    Action, Audit, Candidate, Catalogue, CatalogueEntry, GovernedProposal, LONGEST_NAME, LookUpSpending,
    ROUTE_THRESHOLD, Spent, Tier,
};
pub use prompt::{Asked, Fault, Gap, fault_of, prompt};
pub use store::{Keeping, Kept, KeptError, Listed, Store, StoreError, StoreLimits};
