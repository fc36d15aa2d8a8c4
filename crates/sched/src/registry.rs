//! What may run at all, and with which rights.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use det::Validators;

/// The right to run operations that demand it, for example `fact:gcd`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Capability(pub String);

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A registered operation. What it demands is its registration's to say, never a plan's.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The name that plans use.
    pub name: String,
    /// The rights that every task of it must hold.
    pub demands: BTreeSet<Capability>,
}

/// The operations, grants and validators that admission consults.
#[derive(Debug)]
pub struct Registry {
    operations: BTreeMap<String, Operation>,
    granted: BTreeSet<Capability>,
    validators: Validators,
}

impl Registry {
    /// A registry without operations and without rights, over the installed `validators`.
    #[must_use]
    pub fn new(validators: Validators) -> Self {
        Self { operations: BTreeMap::new(), granted: BTreeSet::new(), validators }
    }

    /// Registers `operation`, which replaces one of the same name.
    pub fn register(&mut self, operation: Operation) {
        self.operations.insert(operation.name.clone(), operation);
    }

    /// Grants a right to the jobs of this kernel.
    pub fn grant(&mut self, capability: Capability) {
        self.granted.insert(capability);
    }

    /// The installed validators.
    #[must_use]
    pub fn validators(&self) -> &Validators {
        &self.validators
    }

    pub(crate) fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)
    }

    pub(crate) fn is_granted(&self, capability: &Capability) -> bool {
        self.granted.contains(capability)
    }
}
