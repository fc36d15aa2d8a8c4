//! The reasons why a call on a session failed.

use thiserror::Error;

use crate::decoder::NonFinite;

/// The reason why a call on a session failed. The session is unchanged: position, history, keys and values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SessionError {
    /// No token or row was given.
    #[error("nothing was given; a step needs one token or row at least")]
    Empty,
    /// A token id is not in the vocabulary.
    #[error("token {token} (number {index} of the chunk) is not below the vocabulary size {vocab_size}")]
    TokenOutOfVocabulary {
        /// The id.
        token: u32,
        /// The index of the token in the chunk.
        index: usize,
        /// The vocabulary's size; ids are below it.
        vocab_size: usize,
    },
    /// The injected values are not rows of the model's width.
    #[error("{values} values were injected, which are not rows of the model's width {width}")]
    InjectedWidth {
        /// Values given.
        values: usize,
        /// The model's width.
        width: usize,
    },
    /// An injected value is not finite.
    #[error("value {index} of injected row {row} is not finite")]
    InjectedNonFinite {
        /// The row, from 0.
        row: usize,
        /// The index of the value in the row.
        index: usize,
    },
    /// The sequence would be longer than the model's context.
    #[error(
        "{position} positions and {added} more exceed the model's context of {capacity}; shorten the prompt or \
         ask for fewer new tokens"
    )]
    ContextOverflow {
        /// Positions held.
        position: usize,
        /// Positions asked for.
        added: usize,
        /// Positions that the model allows.
        capacity: usize,
    },
    /// The target of a rewind is a position that was not reached yet.
    #[error("cannot rewind to {to}: the session is at {position}")]
    RewindAhead {
        /// The position asked for.
        to: usize,
        /// The session's position.
        position: usize,
    },
    /// The target of a rewind is behind the keys that sliding-window layers still hold.
    #[error("cannot rewind to {to}: keys behind {earliest} were dropped; prefill the prefix again")]
    RewindTooFar {
        /// The position asked for.
        to: usize,
        /// The earliest position that can be rewound to.
        earliest: usize,
    },
    /// A mask leaves fewer experts than one token uses, or is for another number of experts.
    #[error(
        "the mask leaves {left} experts in layer {layer} and a token uses {chosen}; allow as many at least"
    )]
    FewExperts {
        /// The layer.
        layer: usize,
        /// Experts that are left.
        left: usize,
        /// Experts that one token uses.
        chosen: usize,
    },
    /// Traps forbid every token, or forbid the answer to end at a stop sequence.
    #[error("no token is allowed at position {position}: traps forbid all of them; forbid less")]
    NothingAllowed {
        /// The position at which a token was to be chosen.
        position: usize,
    },
    /// The forward pass gave values that are not finite.
    #[error(transparent)]
    NonFinite(#[from] NonFinite),
}
