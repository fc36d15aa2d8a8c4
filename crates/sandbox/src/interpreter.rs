//! The interpreters that a worker can run.

use abi::Value;

use crate::Python;

/// The version of `monty` that is built in.
#[cfg(feature = "monty")]
pub(crate) const MONTY_VERSION: &str = "0.0.23";

/// The interpreter that a worker runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interpreter {
    /// The machine's own CPython. The worker becomes it, and may read the interpreter's own folders.
    Cpython(Python),
    /// The interpreter `monty`, which is built in. The worker runs it itself, and may read no file at all. A part of
    /// Python is missing: source that uses it is [unsupported](crate::Fault::Unsupported).
    #[cfg(feature = "monty")]
    Monty,
}

impl Interpreter {
    /// Returns the name that records state: `cpython` or `monty`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Cpython(_) => "cpython",
            #[cfg(feature = "monty")]
            Self::Monty => "monty",
        }
    }

    /// Returns the version, for example `3.11.7`.
    #[must_use]
    pub fn version(&self) -> &str {
        match self {
            Self::Cpython(python) => python.version(),
            #[cfg(feature = "monty")]
            Self::Monty => MONTY_VERSION,
        }
    }

    /// Returns true if the worker runs the interpreter itself, and becomes no other program.
    pub(crate) fn is_built_in(&self) -> bool {
        !matches!(self, Self::Cpython(_))
    }

    /// Returns what the worker must know about the interpreter, as a part of its first frame. None if a path is not
    /// UTF-8.
    pub(crate) fn to_value(&self) -> Option<Value> {
        match self {
            Self::Cpython(python) => python.to_value(),
            #[cfg(feature = "monty")]
            Self::Monty => Some(Value::Null),
        }
    }
}

impl From<Python> for Interpreter {
    fn from(python: Python) -> Self {
        Self::Cpython(python)
    }
}
