//! The drivers of the gate: what runs candidates, and what runs the Python code of specifications.

use std::path::Path;

use holdout::{Confined, Laboratory};
use sandbox::{Interpreter, Launcher, Limits, Pool, Python, SandboxError};

/// The machine's own interpreter, if the user names none.
pub(crate) const PYTHON: &str = "python3";
/// The workers that are kept ready.
const READY: usize = 2;

/// The interpreter that runs candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ExecutorName {
    /// The machine's own Python, confined.
    Cpython,
    /// The interpreter that is built in, confined too. It lacks a part of Python.
    Monty,
}

impl ExecutorName {
    /// Returns the name that records state.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Cpython => "cpython",
            Self::Monty => "monty",
        }
    }

    /// Returns the executor of this name. None if this program has none.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Cpython, Self::Monty].into_iter().find(|name| name.word() == word)
    }
}

/// The drivers of one command.
#[derive(Debug)]
pub(crate) struct Drivers {
    pub(crate) executor: ExecutorName,
    candidate: Confined,
    /// The driver of the specification's code, where it is another one.
    helper: Option<Confined>,
}

impl Drivers {
    /// Returns drivers that run candidates by `executor`, and the code of specifications by the machine's own Python.
    ///
    /// # Errors
    /// [`SandboxError`] if the machine's Python cannot be used.
    pub(crate) fn new(executor: ExecutorName, python: &Path) -> Result<Self, SandboxError> {
        let machines = driver(Python::find(python)?.into(), READY)?;
        Ok(match executor {
            ExecutorName::Cpython => Self { executor, candidate: machines, helper: None },
            ExecutorName::Monty => {
                Self { executor, candidate: driver(Interpreter::Monty, READY)?, helper: Some(machines) }
            }
        })
    }

    /// Returns the driver of candidates.
    pub(crate) fn candidate(&self) -> &Confined {
        &self.candidate
    }

    /// Returns the driver of the machine's own Python.
    pub(crate) fn helper(&self) -> &Confined {
        self.helper.as_ref().unwrap_or(&self.candidate)
    }

    /// Returns the drivers as an experiment takes them.
    pub(crate) fn laboratory(&self) -> Laboratory<'_> {
        Laboratory { candidate: &self.candidate, helper: Some(self.helper()) }
    }
}

fn driver(interpreter: Interpreter, ready: usize) -> Result<Confined, SandboxError> {
    let launcher = Launcher::from_this_program(interpreter, Limits::DEFAULT)?;
    Ok(Confined::new(Pool::new(launcher, ready)))
}
