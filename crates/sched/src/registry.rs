//! The registry: the operations that may run, the rights that are granted, and the installed validators.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use abi::Digest;
use det::{Contract, Level, ValidatorClass, Validators};

/// The right to run operations that demand it, by name. For example `fact:gcd`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Capability(pub String);

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A set of capabilities that a job or a task holds. Rights are passed on whole or in part, never widened.
pub type Rights = BTreeSet<Capability>;

/// The plane in which an operation works. A tool's admission must be durable before it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// The neural plane: the operation generates text.
    Model,
    /// The deterministic plane: the operation computes.
    Primitive,
    /// The world: the operation touches it. The driver makes the admission durable before the operation
    /// starts.
    Tool,
    /// Another job's work, run as a child task. Only its judged value comes back, never a transcript.
    Agent,
}

impl Tier {
    /// The name of the tier, in reports and in the ledger.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Primitive => "primitive",
            Self::Tool => "tool",
            Self::Agent => "agent",
        }
    }
}

/// A registered operation with everything that its tasks must satisfy.
///
/// Registration alone states these demands. A plan names the operation and cannot lower them.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The name that plans use.
    pub name: String,
    /// The plane in which the operation works.
    pub tier: Tier,
    /// The rights that every task of this operation must hold.
    pub demands: Rights,
    /// The class of validator that must judge the results. None leaves the choice to the contract.
    pub validator: Option<ValidatorClass>,
    /// Digest of the contract that all tasks must have. None leaves the choice to the plan.
    pub contract: Option<Digest>,
    /// The highest level that a result can have, whatever its validator shows.
    pub ceiling: Level,
    /// The operation that repairs refuted results. None means that this operation runs once more.
    pub repair: Option<String>,
    /// True if a run generates text, so that every task must be allowed to spend tokens.
    pub generates: bool,
    /// The key of a task's input under which a template stands, with placeholders for results that the task
    /// waits for. None if the input has no template.
    pub fills: Option<&'static str>,
}

impl Operation {
    /// Returns an operation that demands no rights, allows any contract, and has no ceiling. The other
    /// methods add demands.
    #[must_use]
    pub fn new(name: impl Into<String>, tier: Tier) -> Self {
        Self {
            name: name.into(),
            tier,
            demands: Rights::new(),
            validator: None,
            contract: None,
            ceiling: Level::Proven,
            repair: None,
            generates: false,
            fills: None,
        }
    }

    /// Returns the operation as one that generates text. A task of it that may spend no tokens is refused.
    #[must_use]
    pub fn generating(mut self) -> Self {
        self.generates = true;
        self
    }

    /// Returns the operation as one that fills the template under `key` of its task's input. A placeholder that
    /// names no task that is waited for is refused.
    #[must_use]
    pub fn filling(mut self, key: &'static str) -> Self {
        self.fills = Some(key);
        self
    }

    /// Returns the operation with one more right that its tasks must hold. A task without it is refused.
    #[must_use]
    pub fn demanding(mut self, capability: Capability) -> Self {
        self.demands.insert(capability);
        self
    }

    /// Returns the operation with `ceiling` as the highest level of its results. A verdict above it counts as
    /// `ceiling`.
    #[must_use]
    pub fn up_to(mut self, ceiling: Level) -> Self {
        self.ceiling = ceiling;
        self
    }

    /// Returns the operation with `contract` as the only contract that its tasks may have. Any other is
    /// refused.
    #[must_use]
    pub fn under(mut self, contract: &Contract) -> Self {
        self.contract = Some(contract.digest());
        self
    }

    /// Returns the operation with `class` as the class of validator that must judge its results. A contract
    /// of another class is refused.
    #[must_use]
    pub fn judged_by(mut self, class: ValidatorClass) -> Self {
        self.validator = Some(class);
        self
    }

    /// Returns the operation with another operation that repairs its refuted results. The repair must pass
    /// the same gates with the rights of the refuted task.
    #[must_use]
    pub fn repaired_by(mut self, operation: impl Into<String>) -> Self {
        self.repair = Some(operation.into());
        self
    }
}

/// The operations, grants and validators that admission consults. Fixed when the kernel starts.
#[derive(Debug)]
pub struct Registry {
    operations: BTreeMap<String, Operation>,
    granted: Rights,
    validators: Validators,
}

impl Registry {
    /// Returns a registry with the installed `validators`. It has no operations and grants no rights, so it
    /// admits nothing.
    #[must_use]
    pub fn new(validators: Validators) -> Self {
        Self { operations: BTreeMap::new(), granted: Rights::new(), validators }
    }

    /// Registers `operation`. An operation of the same name is replaced.
    pub fn register(&mut self, operation: Operation) {
        self.operations.insert(operation.name.clone(), operation);
    }

    /// Grants a right: jobs of this kernel may hold it, and by default do. A job can be opened with fewer
    /// rights.
    pub fn grant(&mut self, capability: Capability) {
        self.granted.insert(capability);
    }

    /// The rights that are granted. No job and no task can hold any other.
    #[must_use]
    pub fn granted(&self) -> &Rights {
        &self.granted
    }

    /// The installed validators, by which proposals of tasks are judged.
    #[must_use]
    pub fn validators(&self) -> &Validators {
        &self.validators
    }

    /// All registered operations, in the ascending order of their names.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.values()
    }

    /// The registered operation with this name. None if there is none, and its tasks are then refused.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)
    }
}
