//! The errors of calls of primitives that have no result.

use core::fmt;

use abi::counted;

/// The reason why a call of a primitive has no result.
///
/// The caller is at fault: the operands do not fit the parameters, or the function is undefined for them. The
/// same call has the same error on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallError {
    /// The number of operands differs from the number of parameters.
    Arity {
        /// The name of the primitive that was called.
        primitive: &'static str,
        /// The number of parameters that the primitive has.
        expected: usize,
        /// The number of operands that the call gave.
        found: usize,
    },
    /// An operand has another type than the parameter at its place.
    OperandType {
        /// The name of the primitive that was called.
        primitive: &'static str,
        /// The name of the parameter that the operand does not fit.
        parameter: &'static str,
        /// The type name of the parameter, for example `int`.
        expected: &'static str,
        /// The type name of the operand, for example `text`.
        found: &'static str,
    },
    /// An operand has the right type, but the function is not defined for its value.
    OutOfDomain {
        /// The name of the primitive that was called.
        primitive: &'static str,
        /// The demand on the operand, in words, for example `a single letter`.
        demand: &'static str,
    },
    /// The result does not fit a signed integer of 64 bits.
    Overflow {
        /// The name of the primitive that was called.
        primitive: &'static str,
    },
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arity { primitive, expected, found } => {
                write!(f, "{primitive} takes {}, {found} given", counted(*expected, "operand"))
            }
            Self::OperandType { primitive, parameter, expected, found } => {
                write!(f, "{primitive} takes {expected} for {parameter}, {found} given")
            }
            Self::OutOfDomain { primitive, demand } => write!(f, "{primitive} demands {demand}"),
            Self::Overflow { primitive } => write!(f, "the result of {primitive} exceeds 64 bits"),
        }
    }
}

impl core::error::Error for CallError {}
