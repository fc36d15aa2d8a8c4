//! The call of an admitted function, confined, in the executor of its exam.

use std::path::Path;

use abi::{Digest, Value};
use holdout::{ArgumentError, Driver, ExperimentError, Precondition, Program};
use sandbox::{Fault, SandboxError};

use super::Primitive;
use crate::gate::{Drivers, ExecutorName, Record};

/// An admitted function whose executor is ready.
#[derive(Debug)]
pub(crate) struct Callable {
    record: Record,
    digest: Digest,
    drivers: Drivers,
}

/// The reason why a call has no result.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The executor of the function's exam is none of this program's.
    #[error("its executor {name} is none of this program's")]
    Executor {
        /// The name of the executor.
        name: String,
    },
    /// The machine cannot run the function in confinement.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The arguments are not those that the function takes.
    #[error("the arguments are refused: {0}")]
    Arguments(#[from] ArgumentError),
    /// The precondition of the specification does not allow the arguments.
    #[error(
        "the precondition of the specification does not allow these arguments, about which no exam says anything"
    )]
    NotAllowed,
    /// The precondition could not be asked.
    #[error(transparent)]
    Precondition(#[from] ExperimentError),
    /// The function did not return.
    #[error("no result: {0}")]
    Program(#[from] Fault),
}

impl Callable {
    /// Makes a function ready whose record was checked. `python` is the machine's own interpreter.
    ///
    /// # Errors
    /// [`CallError`] if its executor is not there.
    pub(crate) fn new(primitive: Primitive, python: &Path) -> Result<Self, CallError> {
        let Primitive { kept, record } = primitive;
        let name = record.executor().unwrap_or_default();
        let executor =
            ExecutorName::from_word(name).ok_or_else(|| CallError::Executor { name: name.to_owned() })?;
        Ok(Self { digest: kept.record_digest(), record, drivers: Drivers::new(executor, python)? })
    }

    /// Returns the digest of the function's record.
    pub(crate) fn record_digest(&self) -> Digest {
        self.digest
    }

    /// Returns the record of the function's exam.
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    /// Calls the function in a process of its own, with arguments that its specification allows.
    ///
    /// # Errors
    /// [`CallError`] if the arguments are refused, or the function does not return.
    pub(crate) fn call(&self, arguments: Vec<Value>) -> Result<Value, CallError> {
        let spec = &self.record.spec;
        let arguments = spec.arguments_of(arguments)?;
        if !Precondition::start(spec, Some(self.drivers.helper()))?.allows(&arguments)? {
            return Err(CallError::NotAllowed);
        }
        let signature = spec.signature();
        let program = Program { source: &self.record.candidate, entry: spec.entry(), signature: &signature };
        let mut running = self.drivers.candidate().start()?;
        running.load(program)?;
        Ok(running.call(&arguments)?)
    }
}
