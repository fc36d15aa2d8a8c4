//! What may run at all, and with which rights.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use abi::Digest;
use det::{Contract, Level, ValidatorClass, Validators};

/// The right to run operations that demand it, for example `fact:gcd`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Capability(pub String);

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A set of capabilities that someone holds.
pub type Rights = BTreeSet<Capability>;

/// On which side of the boundary an operation works; what a task waits for that asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// The neural plane: a generation.
    Model,
    /// The deterministic plane.
    Primitive,
    /// The world. An admission of this tier is durable before the operation starts.
    Tool,
    /// Another job's work, done as a child task: its typed result crosses, never a transcript.
    Agent,
}

impl Tier {
    /// The word for it in reports and in the ledger.
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

/// A registered operation. What it demands is its registration's to say, never a plan's.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The name that plans use.
    pub name: String,
    /// Where it works.
    pub tier: Tier,
    /// The rights that every task of it must hold.
    pub demands: Rights,
    /// The class of validator that its results must be judged by; none leaves it to the contract.
    pub validator: Option<ValidatorClass>,
    /// The contract that all its tasks stand under; none leaves it to the plan.
    pub contract: Option<Digest>,
    /// The highest level that its results can have, whatever their validator shows.
    pub ceiling: Level,
    /// The operation that repairs its refuted results; none for itself once more.
    pub repair: Option<String>,
}

impl Operation {
    /// An operation that demands nothing, under any contract, without a ceiling.
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
        }
    }

    /// Demands a right.
    #[must_use]
    pub fn demanding(mut self, capability: Capability) -> Self {
        self.demands.insert(capability);
        self
    }

    /// Bounds the level of its results.
    #[must_use]
    pub fn up_to(mut self, ceiling: Level) -> Self {
        self.ceiling = ceiling;
        self
    }

    /// Holds all its tasks to one contract.
    #[must_use]
    pub fn under(mut self, contract: &Contract) -> Self {
        self.contract = Some(contract.digest());
        self
    }

    /// Demands a class of validator.
    #[must_use]
    pub fn judged_by(mut self, class: ValidatorClass) -> Self {
        self.validator = Some(class);
        self
    }

    /// Names the operation that repairs its refuted results.
    #[must_use]
    pub fn repaired_by(mut self, operation: impl Into<String>) -> Self {
        self.repair = Some(operation.into());
        self
    }
}

/// The operations, grants and validators that admission consults.
#[derive(Debug)]
pub struct Registry {
    operations: BTreeMap<String, Operation>,
    granted: Rights,
    validators: Validators,
}

impl Registry {
    /// A registry without operations and without rights, over the installed `validators`.
    #[must_use]
    pub fn new(validators: Validators) -> Self {
        Self { operations: BTreeMap::new(), granted: Rights::new(), validators }
    }

    /// Registers `operation`, which replaces one of the same name.
    pub fn register(&mut self, operation: Operation) {
        self.operations.insert(operation.name.clone(), operation);
    }

    /// Grants a right to the jobs of this kernel.
    pub fn grant(&mut self, capability: Capability) {
        self.granted.insert(capability);
    }

    /// The rights that a job can be given.
    #[must_use]
    pub fn granted(&self) -> &Rights {
        &self.granted
    }

    /// The installed validators.
    #[must_use]
    pub fn validators(&self) -> &Validators {
        &self.validators
    }

    /// The registered operations, by name.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.values()
    }

    /// The operation of that name.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)
    }
}
