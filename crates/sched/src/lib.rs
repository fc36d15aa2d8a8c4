//! The dispatcher: admission through three gates, and commit of what was judged.
//!
//! The core is [`Kernel`], a pure state machine: an [`Event`] goes in, [`Effect`]s come out, and a
//! [`Refusal`] changes nothing. It has no clock, no thread and no I/O. [`Driver`] performs the effects
//! in the order in which they were emitted, over whatever executor and journal it is given.
//!
//! What the kernel guarantees: no task runs that was not admitted; a plan is admitted whole or not at
//! all; the only way to a [`Committed`] value is a judged one that satisfies the contract fixed at
//! admission, for that very task, at the job's level or above, once.

#![forbid(unsafe_code)]

/// The plain data and traits that the scheduler's interface is made of.
pub use abi;
/// The deterministic plane, whose judgements the scheduler commits.
pub use det;

mod commit;
mod driver;
mod kernel;
mod plan;
mod refusal;
mod registry;
mod state;

pub use commit::Committed;
pub use driver::{DriveError, Driver, Execution, Executor, Unmet, Verdicted};
pub use kernel::{Effect, Event, Kernel};
pub use plan::{Plan, Role, TaskSpec};
pub use refusal::{Gate, Refusal};
pub use registry::{Capability, Operation, Registry};
pub use state::TaskState;
