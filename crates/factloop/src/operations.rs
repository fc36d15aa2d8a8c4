//! The operations that a job can run, and the executor that runs them.
//!
//! There is one set of operations. A question, a question under a contract and a task graph are plans over
//! this set, and differ only in their tasks. Nothing here is trusted: an operation proposes a value, and the
//! value is judged before anyone sees it.

mod error;
mod generate;
mod json_span;
mod pass;

use abi::Proposer;
use det::Validators;
use sched::{Executor, Operation, Outcome, Registry, Tier, Work};

pub use error::OperationError;

/// The operation that generates a text from the prompt in its task's input.
pub const DRAFT: &str = "model.draft";
/// The operation that generates a text again, from the prompt, the refuted proposal and the finding.
pub const REPAIR: &str = "model.repair";
/// The operation that proposes the result of the one task that its task waits for, to be judged under another
/// contract.
pub const VALIDATE: &str = "validate";
/// The operation that proposes the result of the one task that its task waits for, as the job's answer.
pub const COMMIT: &str = "commit";
/// The operation that proposes a reply which states the result of the one task that its task waits for.
pub const ANSWER: &str = "answer";
/// The operation that asks for a child task and proposes the result of that task.
pub const DELEGATE: &str = "delegate";
/// The prefix of the operations that compute a primitive, for example `prim.gcd`.
pub const PRIMITIVE: &str = "prim.";

/// The key of a task's input that has the prompt, a text.
pub const PROMPT: &str = "prompt";
/// The key of a task's input that has the labels of facts: a map from the name of a task that this one waits
/// for to the label of that task's result.
pub const FACTS: &str = "facts";
/// The key of a delegation's input that has the name of the child task's operation, a text.
pub const CHILD: &str = "operation";

/// Returns a registry with all operations of this module and the built-in validators. It grants no rights
/// yet.
#[must_use]
pub fn registry() -> Registry {
    let mut registry = Registry::new(Validators::builtin());
    registry.register(Operation::new(DRAFT, Tier::Model).repaired_by(REPAIR));
    registry.register(Operation::new(REPAIR, Tier::Model));
    registry.register(Operation::new(VALIDATE, Tier::Primitive).repaired_by(REPAIR));
    registry.register(Operation::new(COMMIT, Tier::Primitive));
    registry.register(Operation::new(ANSWER, Tier::Primitive));
    registry.register(Operation::new(DELEGATE, Tier::Agent));
    for primitive in prims::all() {
        registry.register(Operation::new(format!("{PRIMITIVE}{}", primitive.name), Tier::Primitive));
    }
    registry
}

/// Something that a running operation reports before its result is judged.
///
/// A notice is fit for a progress display and for nothing else, because nothing in it is judged.
#[derive(Clone, Copy, Debug)]
pub enum Notice<'a> {
    /// The model begins to generate a text.
    Generating,
    /// The model generated a piece of text, which nobody has judged.
    Piece(&'a str),
    /// The model has generated its text.
    Generated {
        /// The capability that the model's entry trap, a classifier, read from the prompt. None if the model
        /// has no such trap, or if the trap read none.
        requested: Option<&'a str>,
    },
}

/// An executor that runs the operations of [`registry`], with one proposer for all generations.
#[derive(Clone, Debug)]
pub struct OperationExecutor<P, N> {
    /// The model that generates the texts, or another proposer.
    pub proposer: P,
    /// The largest number of tokens of one generation, at least 1. A task's own limit can only lower it.
    pub max_new: u32,
    /// A function that is called with each [`Notice`], on the thread that runs the operation.
    pub notify: N,
}

impl<P: Proposer, N: FnMut(Notice<'_>)> Executor for OperationExecutor<P, N> {
    type Error = OperationError<P::Error>;

    fn run(&mut self, work: &Work) -> Result<Outcome, Self::Error> {
        let execution = match work.spec.operation.as_str() {
            DRAFT if work.refuted.is_none() => self.generate(work, generate::prompt(work)?),
            DRAFT | REPAIR => self.generate(work, generate::repair_prompt(work)?),
            VALIDATE | COMMIT => pass::pass_on(work),
            ANSWER => pass::answer(work),
            DELEGATE => return pass::delegate(work),
            _ => pass::compute(&work.spec),
        };
        execution.map(Outcome::Proposed)
    }
}
