//! Cases: calls of a program's function, each with the way in which it must end.

use alloc::string::String;
use alloc::vec::Vec;

use abi::Value;

use crate::fuel::{Fuel, Spent};
use crate::{CallEnd, ExpectedFrom, ProgramFault, Tolerance, agrees, measure, notation};

/// One call of a program's function, with the way in which the call must end.
#[derive(Clone, Debug)]
pub struct Case {
    /// The arguments of the call, in the order of the function's parameters.
    pub arguments: Vec<Value>,
    /// The way in which the call must end.
    pub expected: Expected,
    /// The difference up to which two floats count as one number.
    pub tolerance: Tolerance,
    /// True if the case is kept from the one who writes the program: no finding tells its arguments or its end.
    pub is_held_out: bool,
    /// The one who vouches that the expected end is right.
    pub from: ExpectedFrom,
}

/// The way in which a call must end.
#[derive(Clone, Debug)]
pub enum Expected {
    /// The call returns this value, up to the tolerance of its case.
    Returns(Value),
    /// The call raises an exception whose class has exactly this name.
    Raises(String),
}

impl Case {
    /// Returns a case whose call must return `value`. It has no tolerance and is not held out.
    #[must_use]
    pub fn returning(arguments: Vec<Value>, value: Value, from: ExpectedFrom) -> Self {
        let expected = Expected::Returns(value);
        Self { arguments, expected, tolerance: Tolerance::NONE, is_held_out: false, from }
    }

    /// Returns the case as one line in the notation of Python, for example `f(3, 4) == 7`. Each part is cut where it
    /// is long.
    #[must_use]
    pub fn shown(&self, entry: &str) -> String {
        let call = notation::python_call(entry, &self.arguments);
        match &self.expected {
            Expected::Returns(value) if self.tolerance == Tolerance::NONE => {
                alloc::format!("{call} == {}", notation::python_value(value))
            }
            Expected::Returns(value) => {
                let within = self.tolerance.get();
                alloc::format!("{call} == {} within {within:e}", notation::python_value(value))
            }
            Expected::Raises(kind) => alloc::format!("{call} raises {}", notation::line(kind)),
        }
    }

    /// Returns true if a call that ended so holds the case. Fails if the fuel ends before that is known.
    pub(crate) fn holds(&self, end: &CallEnd, fuel: &mut Fuel) -> Result<bool, Spent> {
        Ok(match (&self.expected, end) {
            (Expected::Returns(expected), Ok(got)) => {
                let bytes = measure(got).bytes.saturating_add(measure(expected).bytes);
                fuel.spend_for(bytes, 1)?;
                agrees(expected, got, self.tolerance)
            }
            (Expected::Raises(expected), Err(ProgramFault::Raised { kind, .. })) => expected == kind,
            _ => false,
        })
    }
}
