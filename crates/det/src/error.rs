//! Errors: contracts that cannot be made, judgements and admissions that could not take place.
//!
//! A judgement that goes against its subject is not an error. Its verdict holds a
//! [`Finding`](crate::Finding).

use alloc::string::String;
use core::fmt;

use abi::Digest;

use crate::fuel::{JUDGEMENT_FUEL, Spent};
use crate::{Level, RunnerError, ValidatorClass};

/// The reason why a contract, or a validator from outside, cannot be made.
///
/// The caller who described the contract or the validator is at fault, never the subject of a judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContractError {
    /// The contract names a primitive that crate `prims` does not have.
    UnknownPrimitive {
        /// The name that the contract states and that no primitive has.
        name: String,
    },
    /// The operands do not fit the parameters of the primitive, in number or in type.
    Operands(prims::CallError),
    /// Calls, or a given value, nest more deeply than `limit`.
    TooDeep {
        /// The deepest nesting allowed, in levels of calls or of lists and maps.
        limit: usize,
    },
    /// The form of the contract cannot state a value of the expected type.
    Unstatable {
        /// The word of the form, for example `integer`.
        form: &'static str,
        /// The type name of what is expected, for example `text`, or a description of what the contract
        /// demands.
        found: &'static str,
    },
    /// The value is not the canonical value of a contract of this version.
    Unreadable {
        /// The name of the first field that is missing or has an unknown content, for example `form`.
        field: &'static str,
    },
    /// A trust root was given for a value whose voucher is the proposer, which needs none.
    ProposerVouched,
    /// A validator from outside claims [`Level::Proven`], which only an admission by the hold-out gate
    /// reaches.
    CeilingTooHigh {
        /// The name that the validator was given by the code that tried to make it.
        validator: String,
        /// The highest level that the validator claims for its verdicts.
        ceiling: Level,
    },
    /// A validator of the same class is installed already.
    AlreadyInstalled {
        /// The name of the validator that was to be added.
        validator: String,
    },
}

impl fmt::Display for ContractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownPrimitive { name } => write!(f, "there is no primitive named {name}"),
            Self::Operands(error) => error.fmt(f),
            Self::TooDeep { limit } => write!(f, "the expectation nests more than {limit} deep"),
            Self::Unstatable { form, found } => {
                write!(f, "the form {form} cannot state a value of the type {found}")
            }
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
    /// No validator of the class that the contract demands is installed.
    NoValidator {
        /// The class that the contract demands, for example `answer`.
        class: ValidatorClass,
    },
    /// A primitive that the contract names has no result for its operands, for example because a sum
    /// overflows.
    Undefined(prims::CallError),
    /// The subject nests more deeply than the canonical encoding allows.
    TooDeep {
        /// The depth to which lists and maps nest in the subject; [`abi::MAX_DEPTH`] is the limit.
        depth: usize,
    },
    /// The judgement takes more steps than [`JUDGEMENT_FUEL`].
    OutOfFuel,
    /// The runner of the validator could not run the program.
    NotRun(RunnerError),
}

impl fmt::Display for JudgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoValidator { class } => write!(f, "no validator of class {class} is installed"),
            Self::Undefined(error) => write!(f, "the expectation has no value: {error}"),
            Self::TooDeep { depth } => {
                write!(f, "the subject nests {depth} deep; {} is the limit", abi::MAX_DEPTH)
            }
            Self::NotRun(error) => write!(f, "the program was not run: {error}"),
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
    /// A proposer wrote the contract, and such a contract reaches [`Level::Property`] at most.
    ProposersContract,
    /// The record states no draws, or a chance of passing by luck that is 0 or 100 percent.
    NoBound,
    /// The content nests more deeply than the canonical encoding allows.
    TooDeep {
        /// The depth to which lists and maps nest in the content; [`abi::MAX_DEPTH`] is the limit.
        depth: usize,
    },
    /// The record admits another content than the one at hand.
    OtherContent {
        /// The digest of the content that the record names.
        recorded: Digest,
        /// The digest of the content that was passed to [`readmit`](crate::readmit).
        found: Digest,
    },
    /// The record was made under another contract than the one at hand.
    OtherContract {
        /// The digest of the contract that the record names.
        recorded: Digest,
        /// The digest of the contract that was passed to [`readmit`](crate::readmit).
        found: Digest,
    },
    /// The public key of the signer is not in the [`TrustStore`](crate::TrustStore).
    UnknownSigner,
    /// The signature was not made over this record with the key of its signer.
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
