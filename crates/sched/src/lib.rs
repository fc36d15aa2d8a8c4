//! The dispatcher: admission through three gates, budgets, repair, and commit of what was judged.
//!
//! The core is [`Kernel`], a pure state machine: an [`Event`] goes in, [`Effect`]s come out, and a
//! [`Refusal`] changes nothing. It has no clock, no thread and no I/O. [`Driver`] performs the effects
//! in the order in which they were emitted, over whatever pool, journal and clock it is given.
//!
//! What the kernel guarantees: no task runs that was not admitted; a plan is admitted whole or not at
//! all; what a run may spend is set aside before it starts; every task ends, and whoever waits for one
//! that did not pass is told why; the only way to a [`Committed`] value is a judged one that satisfies
//! the contract fixed at admission, for that very task, at the job's level or above, once.

#![forbid(unsafe_code)]

/// The plain data and traits that the scheduler's interface is made of.
pub use abi;
/// The deterministic plane, whose judgements the scheduler commits.
pub use det;

mod budget;
mod cause;
mod classify;
mod commit;
mod driver;
mod history;
mod kernel;
mod plan;
mod planner;
mod pool;
mod queue;
mod record;
mod refusal;
mod registry;
mod size;
mod spec;
mod stamp;
mod state;
mod template;

pub use budget::{Budget, Limits, Resource, Shortage, Spent};
pub use cause::Cause;
pub use classify::{Classifier, ClassifyError, Rule};
pub use commit::Committed;
pub use driver::{DriveError, Driver, Ended, News, Unmet};
pub use history::{Contradiction, History, JobEnd, PastJob, PastTask, Recorded};
pub use kernel::{Effect, Event, Kernel, Overview, OwnJob, OwnTask};
pub use planner::{Dropped, Narrowed, Step, Unfit, narrow};
pub use pool::{
    Clock, Completion, Execution, Executor, Inline, Input, Mend, Outcome, Pool, Reply, Returned, Standstill,
    Stop, Threads, Work,
};
pub use record::{Asker, BlobDigests, Record};
pub use refusal::{Gate, Refusal};
pub use registry::{Capability, Operation, Registry, Rights, Tier};
pub use size::{MAX_RESULT_BYTES, MAX_RESULT_DEPTH};
pub use spec::{JobSpec, Millis, Plan, Priority, Role, TaskSpec};
pub use stamp::Stamp;
pub use state::TaskState;
pub use template::{Stages, TemplateError, code_gen, structured_output};
