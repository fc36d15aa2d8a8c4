//! Facts: labelled values, as they are shown and delivered.

use alloc::string::String;

use crate::Value;

/// A label and a value, as a fact is shown and delivered: `letter_count(strawberry, r) = 3`.
///
/// Holding one proves nothing, because anyone can write one: a fact carries no reason to believe it. The
/// facts that `nmk` shows come from judged values.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The name of the value for people, for example `letter_count(strawberry, r)`.
    pub label: String,
    /// The value.
    pub value: Value,
}
