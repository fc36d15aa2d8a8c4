//! A labelled value.

use alloc::string::String;

use crate::Value;

/// A label and a value, as a fact is shown and delivered: `letter_count(strawberry, r) = 3`.
///
/// Holding one proves nothing: it is what is said, not why it should be believed. Facts that a
/// primitive computed are made by `factloop` from the call itself.
#[derive(Clone, Debug)]
pub struct Fact {
    /// What the value is of, for example `letter_count(strawberry, r)`.
    pub label: String,
    /// The value.
    pub value: Value,
}
