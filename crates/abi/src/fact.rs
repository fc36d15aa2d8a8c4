//! Facts: values with labels, as they are shown to people and models.

use alloc::string::String;

use crate::Value;

/// A value with a label, which is shown as one line: `letter_count(strawberry, r) = 3`.
///
/// Holding one proves nothing, because anyone can make one: a fact carries no verdict. The facts that `nmk`
/// shows come from judged values.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The name of the value for people: the computation that gave it, for example `letter_count(strawberry,
    /// r)`.
    pub label: String,
    /// The value that the computation gave, which is shown after the label.
    pub value: Value,
}
