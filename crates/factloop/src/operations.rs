//! The operations that a job can run, and the executor that runs them.
//!
//! There is one set of operations. A question, a question under a contract and a task graph are plans over
//! this set, and differ only in their tasks. Nothing here is trusted: an operation proposes a value, and the
//! value is judged before anyone sees it.

mod error;
mod examples;
mod generate;
mod json_span;
mod loose_json;
mod pass;
mod program;
mod prompt;
mod retraction;
mod stated;

use abi::{Draft, Proposer, Step};
use det::{Level, ValidatorClass, Validators};
use sched::{Capability, Executor, Operation, Outcome, Registry, Tier, Work};

use crate::Specification;
use crate::facts::{fact_capability, fact_operation};

pub use error::OperationError;
pub use program::program_demand;
pub use stated::{finding_in_words, stated};

/// The operation that generates a text from the prompt in its task's input.
pub const DRAFT: &str = "model.draft";
/// The operation that generates a text again, from the prompt, the refuted proposal and the finding.
pub const REPAIR: &str = "model.repair";
/// The operation that generates a program, which is judged by the cases of its contract.
pub const CODE_GEN: &str = "code_gen";
/// The language of the programs that [`CODE_GEN`] generates.
pub const LANGUAGE: &str = "python";
/// The operation that proposes the result of the one task that its task waits for, to be judged under another
/// contract.
pub const VALIDATE: &str = "validate";
/// The operation that proposes the result of the one task that its task waits for, as the job's answer.
pub const COMMIT: &str = "commit";
/// The levels below the highest one up to which [`commit_up_to`] passes a result on.
const CEILINGS: [Level; 5] = [Level::None, Level::Syntax, Level::Schema, Level::Property, Level::Oracle];

/// Returns the name of the operation that commits as [`COMMIT`] does, up to a level: a result keeps the ceiling of the
/// operation that made it.
#[must_use]
pub fn commit_up_to(ceiling: Level) -> String {
    if CEILINGS.contains(&ceiling) { format!("{COMMIT}.{}", ceiling.word()) } else { COMMIT.to_owned() }
}

/// The operation that states the result of its one dependency as the job's answer, in the form of its contract.
pub const ANSWER: &str = "answer";
/// The operation that asks for a child task and proposes the result of that task.
pub const DELEGATE: &str = "delegate";
/// The operation that drafts an answer to a question, which [`FACT_REREAD`] drafts again with a fact where it is refuted.
pub const FACT_LOOP: &str = "fact_loop";
/// The operation that drafts an answer again, with the judged facts that the task waited for ahead of its prompt.
pub const FACT_REREAD: &str = "fact_loop.reread";
/// The capability that [`FACT_LOOP`] demands.
pub const FACT_LOOP_CAPABILITY: &str = "op:fact_loop";
/// The prefix of the operations that compute a fact, for example `fact.gcd`, which demands the capability `fact:gcd`.
pub const FACT: &str = "fact.";
/// The prefix of the operations that compute a primitive, for example `prim.gcd`.
pub const PRIMITIVE: &str = "prim.";

/// The key of a task's input under which the prompt stands, as a text that is used as it is.
pub const PROMPT: &str = "prompt";
/// The key of a task's input under which a template of the prompt stands, as a text. Each `{name}` in it stands for
/// the result of the task of that name, which the task waits for.
pub const TEMPLATE: &str = "template";
/// The key of a task's input under which labels of facts stand, as a map from the name of a dependency to the
/// label of its result.
pub const FACTS: &str = "facts";
/// The key of a task's input under which a JSON Schema stands as a text: the document that the task generates is to satisfy
/// it, because a later task is judged under it.
pub const SCHEMA: &str = "schema";
/// The key of a task's input under which a demand on a program stands as a text, with which the prompt ends: a later task is
/// judged under a contract with cases.
pub const DEMAND: &str = "demand";
/// The key of a generation's input under which the rule of decoding stands, in the form of
/// [`abi::Decoding::to_value`]. A generation without it is greedy.
pub const DECODING: &str = "decoding";
/// The key of a task's input that names the task whose result is passed on, where the task waits for several.
pub const OF: &str = "of";
/// The key of a delegation's input that has the name of the child task's operation, a text.
pub const CHILD: &str = "operation";

/// Returns a registry with all operations of this module and the built-in validators. It grants no rights
/// yet.
#[must_use]
pub fn registry() -> Registry {
    registry_with(Validators::builtin())
}

/// Returns a registry with all operations of this module and these validators. It grants no rights yet.
#[must_use]
pub fn registry_with(validators: Validators) -> Registry {
    let mut registry = Registry::new(validators);
    let prompted = |name, tier| Operation::new(name, tier).filling(TEMPLATE);
    registry.register(prompted(DRAFT, Tier::Model).generating().repaired_by(REPAIR));
    let isolated = ValidatorClass::Isolated(LANGUAGE.to_owned());
    registry.register(prompted(CODE_GEN, Tier::Model).generating().repaired_by(REPAIR).judged_by(isolated));
    registry.register(prompted(REPAIR, Tier::Model).generating());
    registry.register(prompted(VALIDATE, Tier::Primitive).repaired_by(REPAIR));
    registry.register(Operation::new(COMMIT, Tier::Primitive));
    for ceiling in CEILINGS {
        registry.register(Operation::new(commit_up_to(ceiling), Tier::Primitive).up_to(ceiling));
    }
    registry.register(Operation::new(ANSWER, Tier::Primitive));
    registry.register(prompted(DELEGATE, Tier::Agent).asking(CHILD));
    for name in [FACT_LOOP, FACT_REREAD] {
        // The loop trusts its own reading of the prompt, so its answers count as properties.
        let looped = Operation::new(name, Tier::Model).generating().up_to(Level::Property);
        let looped = looped.demanding(Capability(FACT_LOOP_CAPABILITY.to_owned()));
        registry.register(if name == FACT_LOOP { looped.repaired_by(FACT_REREAD) } else { looped });
    }
    for specification in Specification::ALL {
        let operation = Operation::new(fact_operation(specification), Tier::Primitive);
        registry.register(operation.demanding(fact_capability(specification)));
    }
    for primitive in prims::all() {
        registry.register(Operation::new(format!("{PRIMITIVE}{}", primitive.name), Tier::Primitive));
    }
    registry
}

/// Something that a running operation tells before its result is judged. Nobody checks it: a progress display shows
/// it, and a report has two parts of it under names that say so, `reply` and `requested`.
#[derive(Clone, Copy, Debug)]
pub enum Notice<'a> {
    /// The model begins to generate a text.
    Generating {
        /// The name of the task for which it is asked.
        task: &'a str,
    },
    /// The model goes on with its text, which nobody has judged.
    Step(Step<'a>),
    /// The model has generated its text.
    Generated {
        /// The name of the task for which it was asked.
        task: &'a str,
        /// The largest number of tokens that it was allowed.
        max_new: u32,
        /// The reply and the thoughts, unproven. The record of its traps has the capability that the model's
        /// entry trap, a classifier, read from the prompt.
        draft: &'a Draft,
    },
}

/// An executor that runs the operations of [`registry`], with one proposer for all generations.
#[derive(Clone, Debug)]
pub struct OperationExecutor<P, N> {
    /// The model that generates the texts, or another proposer.
    pub proposer: P,
    /// The most tokens of one generation, at least 1. A task's own limit can only lower it, and a local model
    /// has no more than can be recorded.
    pub max_new: u32,
    /// A function that is called with each [`Notice`], on the thread that runs the operation.
    pub notify: N,
}

impl<P: Proposer, N: FnMut(Notice<'_>)> Executor for OperationExecutor<P, N> {
    type Error = OperationError<P::Error>;

    fn run(&mut self, work: &Work) -> Result<Outcome, Self::Error> {
        let execution = match work.spec.operation.as_str() {
            DRAFT | CODE_GEN if work.refuted.is_none() => self.generate(work, prompt::prompt(work)?),
            FACT_LOOP | FACT_REREAD => self.generate(work, prompt::prompt(work)?),
            DRAFT | CODE_GEN | REPAIR => self.generate(work, prompt::repair_prompt(work)?),
            VALIDATE | COMMIT | ANSWER => pass::pass_on(work),
            operation if CEILINGS.iter().any(|ceiling| commit_up_to(*ceiling) == operation) => {
                pass::pass_on(work)
            }
            DELEGATE => return pass::delegate(work),
            _ => pass::compute(&work.spec),
        };
        execution.map(Outcome::Proposed)
    }
}
