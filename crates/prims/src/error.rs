//! The errors of calls that have no value.

use core::fmt;

/// The reason why a call of a primitive has no value.
///
/// The caller is at fault: the operands do not fit the parameters, or the function is undefined there. The
/// same call has the same error on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallError {
    /// The number of operands is not that of the parameters.
    Arity {
        /// The primitive called.
        primitive: &'static str,
        /// Number of parameters.
        expected: usize,
        /// Number of operands given.
        found: usize,
    },
    /// An operand has another type than its parameter.
    OperandType {
        /// The primitive called.
        primitive: &'static str,
        /// The parameter that the operand does not fit.
        parameter: &'static str,
        /// The type of the parameter.
        expected: &'static str,
        /// The type of the operand.
        found: &'static str,
    },
    /// An operand has the right type and lies outside the domain.
    OutOfDomain {
        /// The primitive called.
        primitive: &'static str,
        /// The demand of the domain, in words.
        demand: &'static str,
    },
    /// The result does not fit 64 bits.
    Overflow {
        /// The primitive called.
        primitive: &'static str,
    },
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arity { primitive, expected, found } => {
                write!(f, "{primitive} takes {expected} operands, {found} given")
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
