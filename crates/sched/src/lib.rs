//! The dispatcher: admission through three gates, budgets, repair, and the commit of judged values.
//!
//! The core is [`Kernel`], a pure state machine. One [`Event`] goes in and [`Effect`]s come out; a
//! [`Refusal`] leaves the kernel unchanged. The kernel has no clock, no thread and no I/O. The [`Driver`]
//! performs the effects in the order in which the kernel emitted them, over the pool, the journal and the
//! clock that its caller gives it. A [`JobRunner`] runs one job over a driver, from its opening to its end.
//!
//! The kernel guarantees:
//! - No task runs unless it was admitted. A plan is admitted as a whole or not at all.
//! - No job is opened without a [`Consulted`] record: what the memory recalled for it, or why no memory answered.
//! - The kernel reserves the budget of a run before the run starts, so a budget is never negative.
//! - Every task ends. A task that depends on a failed one ends too, and its cause names the failed task.
//! - A [`Committed`] value comes only from a judged value. The verdict must be for the same task, satisfied
//!   under the contract that was fixed at admission, and at the job's level or above. A job commits once.

#![forbid(unsafe_code)]

/// The boundary crate: plain data and the traits in the scheduler's interface.
pub use abi;
/// The deterministic plane: the only crate that makes the verdicts that the scheduler commits.
pub use det;

mod budget;
mod cause;
mod classify;
mod commit;
mod consulted;
mod driver;
mod history;
mod kernel;
mod placeholder;
mod plan;
mod planner;
mod pool;
mod queue;
mod record;
mod refusal;
mod registry;
mod runner;
mod size;
mod spec;
mod state;
mod template;

pub use budget::{Budget, Limits, Resource, Shortage, Spent};
pub use cause::Cause;
pub use classify::{Classifier, ClassifyError, Rule};
pub use commit::Committed;
pub use consulted::{Consulted, Remembered};
pub use driver::{DriveError, DriveOutcome, Driver, DriverEvent, Unmet};
pub use history::{Contradiction, History, JobEnd, PastJob, PastState, PastTask};
pub use kernel::{Effect, Event, Kernel, Overview, OwnJob, OwnTask};
pub use placeholder::{Piece, pieces};
pub use planner::{Dropped, Narrowed, Step, Unfit, narrow};
pub use pool::{
    Clock, Completion, Execution, Executor, Inline, Input, Outcome, Pool, RefutedProposal, Reply, Returned,
    Stop, StoppedClock, Threads, Work,
};
pub use record::{BlobDigests, Record, TaskOrigin};
pub use refusal::{Gate, Refusal};
pub use registry::{Capability, Operation, Registry, Rights, Tier};
pub use runner::{JobError, JobRunner, PlanEnd, TaskReport, Watch};
pub use size::{Excess, MAX_RESULT_BYTES, MAX_RESULT_DEPTH, Size};
pub use spec::{JobSpec, Millis, Plan, Priority, Role, TaskSpec};
pub use state::TaskState;
pub use template::{Stages, TemplateError, code_gen, structured_output};
