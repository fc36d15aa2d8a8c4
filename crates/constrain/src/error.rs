//! The reasons why no automaton can be made for a schema.

use abi::counted;
use thiserror::Error;

use crate::schema::{MAX_MEMBERS, MAX_SCHEMA_BYTES, MAX_SCHEMA_DEPTH};

/// The reason why an answer cannot be constrained. It can still be generated and judged.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConstrainError {
    /// The schema is not JSON.
    #[error("the schema is not JSON ({0})")]
    NotJson(String),
    /// The schema is longer than [`MAX_SCHEMA_BYTES`].
    #[error("the schema has {bytes}, and at most {MAX_SCHEMA_BYTES} become an automaton", bytes = counted(*bytes, "byte"))]
    TooLong {
        /// The length of the schema in bytes.
        bytes: usize,
    },
    /// The schema nests deeper than [`MAX_SCHEMA_DEPTH`].
    #[error("the schema nests {depth} deep, and at most {MAX_SCHEMA_DEPTH} become an automaton")]
    TooDeep {
        /// The depth of the schema.
        depth: usize,
    },
    /// A schema inside the schema has more than [`MAX_MEMBERS`] properties, required names or other members.
    #[error("one of its schemas has {members} members, and at most {MAX_MEMBERS} become an automaton")]
    TooManyMembers {
        /// The number of members.
        members: usize,
    },
    /// The combinations of the alternatives in the schema are more than the automaton can hold.
    #[error("the schema combines {alternatives} alternatives, and at most {most} become an automaton")]
    TooManyAlternatives {
        /// The number of combinations, or the largest number that can be told.
        alternatives: u64,
        /// The largest number that is taken.
        most: u64,
    },
    /// No document satisfies the schema.
    #[error("no document satisfies the schema ({0})")]
    Unsatisfiable(String),
    /// The automaton would exceed its bounds, or the library does not know the schema in another way.
    #[error("the schema becomes no automaton ({0})")]
    Refused(String),
    /// The bytes of the model's tokens cannot be determined.
    #[error("{0}")]
    Tokens(String),
    /// The model has no token that ends an answer, so a whole document could not end.
    #[error("the model has no end token, after which a document would be whole")]
    NoEndToken,
    /// The vocabulary is larger than the automaton can address.
    #[error("the vocabulary has {tokens}, and the automaton addresses {most}", tokens = counted(*tokens, "token"))]
    TooManyTokens {
        /// The number of tokens.
        tokens: usize,
        /// The largest number of tokens.
        most: usize,
    },
}
