//! Errors: contracts that cannot be made, judgements and admissions that could not take place.
//!
//! A judgement that goes against its subject is not an error. Its verdict holds a
//! [`Finding`](crate::Finding).

use alloc::string::String;
use core::fmt;

use abi::Digest;

use crate::fuel::{JUDGEMENT_FUEL, Spent};
use crate::{Level, ValidatorClass};

/// The fault of a contract or a validator that cannot be made.
///
/// The caller who described the contract or the validator is at fault, never the subject of a judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContractError {
    /// No primitive has that name.
    UnknownPrimitive {
        /// The name.
        name: String,
    },
    /// The operands do not fit the primitive.
    Operands(prims::CallError),
    /// Calls, or a given value, nest more deeply than `limit`.
    TooDeep {
        /// The deepest nesting allowed.
        limit: usize,
    },
    /// The form cannot state a value of the expected type.
    Unstatable {
        /// The form.
        form: &'static str,
        /// The type of what is expected.
        found: &'static str,
    },
    /// The canonical value is not a contract of this version.
    Unreadable {
        /// The field that does not fit.
        field: &'static str,
    },
    /// A trust root was given for a value that the proposer says is right.
    ProposerVouched,
    /// A validator from outside claims a level that only admission reaches.
    CeilingTooHigh {
        /// The validator.
        validator: String,
        /// The level that it claims.
        ceiling: Level,
    },
    /// A validator of the same class is installed already.
    AlreadyInstalled {
        /// The validator that was to be added.
        validator: String,
    },
}

impl fmt::Display for ContractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownPrimitive { name } => write!(f, "there is no primitive named {name}"),
            Self::Operands(error) => error.fmt(f),
            Self::TooDeep { limit } => write!(f, "the expectation nests more than {limit} deep"),
            Self::Unstatable { form, found } => write!(f, "the form {form} cannot state a {found}"),
            Self::Unreadable { field } => {
                write!(f, "the value is no contract of this version: its {field} does not fit")
            }
            Self::ProposerVouched => f.write_str("a proposer's value needs no root; use Contract::proposed"),
            Self::CeilingTooHigh { validator, ceiling } => {
                write!(f, "{validator} claims {ceiling}; a validator from outside reaches oracle at most")
            }
            Self::AlreadyInstalled { validator } => {
                write!(f, "a validator of the class of {validator} is installed already")
            }
        }
    }
}

impl core::error::Error for ContractError {}

/// The reason why a judgement could not take place. Nothing may be concluded about the subject then.
///
/// The installation is at fault (no validator), the contract (an expectation without a value), or the
/// subject (nesting that no walk over it is allowed to follow, or work beyond the fuel of a judgement).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JudgeError {
    /// No validator of the demanded class is installed.
    NoValidator {
        /// The class demanded.
        class: ValidatorClass,
    },
    /// The expectation has no value at its operands.
    Undefined(prims::CallError),
    /// The subject nests more deeply than the canonical encoding allows.
    TooDeep {
        /// Depth of the subject.
        depth: usize,
    },
    /// The judgement takes more steps than [`JUDGEMENT_FUEL`].
    OutOfFuel,
}

impl fmt::Display for JudgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoValidator { class } => write!(f, "no validator of class {class} is installed"),
            Self::Undefined(error) => write!(f, "the expectation has no value: {error}"),
            Self::TooDeep { depth } => {
                write!(f, "the subject nests {depth} deep; {} is the limit", abi::MAX_DEPTH)
            }
            Self::OutOfFuel => write!(
                f,
                "the fuel ended: the judgement takes more than {JUDGEMENT_FUEL} steps; make the result smaller or the contract simpler"
            ),
        }
    }
}

impl core::error::Error for JudgeError {}

impl From<Spent> for JudgeError {
    fn from(Spent: Spent) -> Self {
        Self::OutOfFuel
    }
}

/// The reason why a stored admission is not accepted. The content stays a claim then.
///
/// [`readmit`](crate::readmit) reports the first thing that does not fit and changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadmitError {
    /// A proposer wrote the contract, and such a contract reaches `Property` at most.
    ProposersContract,
    /// The record states no draws, or a chance that bounds nothing.
    NoBound,
    /// The content nests more deeply than the canonical encoding allows.
    TooDeep {
        /// Depth of the content.
        depth: usize,
    },
    /// The record is about other content.
    OtherContent {
        /// Digest that the record names.
        recorded: Digest,
        /// Digest of the content at hand.
        found: Digest,
    },
    /// The record was made under another contract.
    OtherContract {
        /// Digest that the record names.
        recorded: Digest,
        /// Digest of the contract at hand.
        found: Digest,
    },
    /// The signer is not in the trust store.
    UnknownSigner,
    /// The signature does not fit the record.
    BadSignature,
}

impl fmt::Display for ReadmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ProposersContract => f.write_str("a proposer wrote the contract; property is its limit"),
            Self::NoBound => f.write_str("the record bounds nothing: no draws, or alpha not inside (0, 1)"),
            Self::TooDeep { depth } => {
                write!(f, "the content nests {depth} deep; {} is the limit", abi::MAX_DEPTH)
            }
            Self::OtherContent { recorded, found } => {
                write!(f, "the record admits {recorded}, the content is {found}")
            }
            Self::OtherContract { recorded, found } => {
                write!(f, "the record was made under {recorded}, the contract is {found}")
            }
            Self::UnknownSigner => f.write_str("the record's signer is not in the trust store"),
            Self::BadSignature => f.write_str("the signature does not fit the record"),
        }
    }
}

impl core::error::Error for ReadmitError {}
