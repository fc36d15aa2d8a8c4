//! The reasons why a call on a session failed.

use abi::counted;
use thiserror::Error;

use crate::decoder::NonFinite;

/// The reason why a call on a session failed. The session is then unchanged: its position, history, keys and
/// values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SessionError {
    /// A call was given no token and no row to append.
    #[error("nothing was given; a step needs one token or row at least")]
    Empty,
    /// A token id is not below the size of the vocabulary.
    #[error("token {token} (number {index} of the chunk) is not below the vocabulary size {vocab_size}")]
    TokenOutOfVocabulary {
        /// The id that is not in the vocabulary.
        token: u32,
        /// Index of the token in the chunk that was given, from 0.
        index: usize,
        /// The vocabulary's size; every id is below it.
        vocab_size: usize,
    },
    /// The number of injected values is not a multiple of the model's width.
    #[error("{values} were injected, which are not rows of the model's width {width}", values = counted(*values, "value"))]
    InjectedWidth {
        /// Number of values that were given.
        values: usize,
        /// The model's width, which is the number of values of one row.
        width: usize,
    },
    /// An injected value is infinite or not a number.
    #[error("value {index} of injected row {row} is not finite")]
    InjectedNonFinite {
        /// Index of the row that holds the value, from 0.
        row: usize,
        /// Index of the value in its row, from 0.
        index: usize,
    },
    /// The sequence would become longer than the model's context.
    #[error(
        "{position} and {added} more exceed the model's context of {capacity}; shorten the prompt or \
         ask for fewer new tokens", position = counted(*position, "position"))]
    ContextOverflow {
        /// Number of positions that the session holds already.
        position: usize,
        /// Number of positions that were to be added.
        added: usize,
        /// Number of positions that the model's context has.
        capacity: usize,
    },
    /// A rewind was asked to go to a position that the session has not reached yet.
    #[error("cannot rewind to {to}: the session is at {position}")]
    RewindAhead {
        /// The position that the rewind was asked to go to.
        to: usize,
        /// The position of the session.
        position: usize,
    },
    /// A rewind was asked to go further back than the keys that sliding-window layers still hold.
    #[error("cannot rewind to {to}: keys behind {earliest} were dropped; prefill the prefix again")]
    RewindTooFar {
        /// The position that the rewind was asked to go to.
        to: usize,
        /// The earliest position that the session can be rewound to.
        earliest: usize,
    },
    /// The mask of a trap leaves fewer experts than one token uses, or was made for another number of
    /// experts.
    #[error(
        "the mask leaves {left} in layer {layer} and a token uses {chosen}; allow as many at least", left = counted(*left, "expert"))]
    FewExperts {
        /// Index of the layer that the mask is for, from 0.
        layer: usize,
        /// Number of experts that the mask allows.
        left: usize,
        /// Number of experts that one token uses.
        chosen: usize,
    },
    /// Traps forbid every token at a position, or forbid the answer to end at the stop sequence that it has
    /// reached.
    #[error("no token is allowed at position {position}: traps forbid all of them; forbid less")]
    NothingAllowed {
        /// The position at which a token was to be chosen.
        position: usize,
    },
    /// Values of the forward pass became infinite or NaN.
    #[error(transparent)]
    NonFinite(#[from] NonFinite),
}
