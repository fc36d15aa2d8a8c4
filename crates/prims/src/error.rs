//! Why a call has no value.

use core::fmt;

/// A call that does not fit its primitive, or at which the primitive is undefined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallError {
    /// The wrong number of operands.
    Arity {
        /// The primitive called.
        primitive: &'static str,
        /// How many it takes.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// An operand of the wrong type.
    OperandType {
        /// The primitive called.
        primitive: &'static str,
        /// The parameter in question.
        parameter: &'static str,
        /// The type that it takes.
        expected: &'static str,
        /// The type that was given.
        found: &'static str,
    },
    /// An operand of the right type outside the domain.
    OutOfDomain {
        /// The primitive called.
        primitive: &'static str,
        /// What the domain demands.
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
