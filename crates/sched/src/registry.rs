//! The registry: the operations that may run, the rights that are granted, and the installed validators.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use abi::Digest;
use det::{Contract, Level, ValidatorClass, Validators};

/// The right to run the operations that demand it, identified by a name such as `fact:gcd`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Capability(pub String);

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The set of capabilities that a job or a task holds.
///
/// A holder can pass on all or some of its rights, and never others.
pub type Rights = BTreeSet<Capability>;

/// The kind of work that an operation does, named after the plane in which it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// The operation generates text with a model, in the neural plane.
    Model,
    /// The operation computes with a primitive, in the deterministic plane.
    Primitive,
    /// The operation touches the outside world. The driver makes the admission of its task durable before the
    /// operation starts.
    Tool,
    /// The operation is another job, run as a child task. Only its judged value comes back, never a
    /// transcript.
    Agent,
}

impl Tier {
    /// Returns the word that stands for the tier in reports and the ledger, for example `tool`.
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

/// A registered operation: a kind of work that tasks run, with everything that its tasks must satisfy.
///
/// Registration alone states these demands. A plan names the operation and cannot lower them.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The name by which plans ask for the operation.
    pub name: String,
    /// The kind of work that the operation does.
    pub tier: Tier,
    /// The rights that every task of this operation must hold. Admission refuses a task without one of them.
    pub demands: Rights,
    /// The class of validator that must judge the results. None leaves the class to the task's contract.
    pub validator: Option<ValidatorClass>,
    /// The digest of the only contract that tasks may have. None leaves the contract to the plan.
    pub contract: Option<Digest>,
    /// The highest level that a result can have, whatever its validator shows.
    pub ceiling: Level,
    /// The name of the operation that repairs refuted results. None means that this operation runs once more.
    pub repair: Option<String>,
    /// True if a run generates text, so that every task must be allowed to spend tokens.
    pub generates: bool,
    /// The key of a task's input under which a template stands, with placeholders for results that the task
    /// waits for. None if the input has no template.
    pub fills: Option<&'static str>,
    /// The key of a task's input under which the operation of the one child stands that a run asks for. None if the
    /// children, if there are any, are not known before the run.
    pub asks: Option<&'static str>,
}

impl Operation {
    /// Returns an operation that demands no rights, allows any contract, and does not limit the level. The
    /// other methods add demands.
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
            asks: None,
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

    /// Returns the operation as one that asks for one child, whose operation stands under `key` of its task's input.
    /// A task whose child would not be admitted is refused.
    #[must_use]
    pub fn asking(mut self, key: &'static str) -> Self {
        self.asks = Some(key);
        self
    }

    /// Returns the operation with one more right that its tasks must hold. A task without it is refused.
    #[must_use]
    pub fn demanding(mut self, capability: Capability) -> Self {
        self.demands.insert(capability);
        self
    }

    /// Returns the operation with `ceiling` as the highest level of its results. A result whose verdict has a
    /// higher level counts as `ceiling`.
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

    /// Returns this operation with the name of its repair set: `operation` runs after a result of this one is
    /// refuted.
    ///
    /// The repair must pass the same gates, with the rights of the refuted task.
    #[must_use]
    pub fn repaired_by(mut self, operation: impl Into<String>) -> Self {
        self.repair = Some(operation.into());
        self
    }
}

/// The operations, granted rights and validators that admission consults. They are fixed when the kernel
/// starts.
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

    /// Registers `operation`. An operation of the same name that was registered before is replaced.
    pub fn register(&mut self, operation: Operation) {
        self.operations.insert(operation.name.clone(), operation);
    }

    /// Grants a right: jobs of this kernel may then hold it, and hold it unless they are opened with fewer
    /// rights.
    pub fn grant(&mut self, capability: Capability) {
        self.granted.insert(capability);
    }

    /// Returns the rights that are granted. No job and no task can hold any other.
    #[must_use]
    pub fn granted(&self) -> &Rights {
        &self.granted
    }

    /// Returns the installed validators, by which the proposals of tasks are judged.
    #[must_use]
    pub fn validators(&self) -> &Validators {
        &self.validators
    }

    /// Returns all registered operations, in the ascending order of their names.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.values()
    }

    /// Returns the operation that is registered under this name. Returns None if there is none; admission
    /// refuses its tasks then.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)
    }
}
