//! How facts become text.

/// A verified result that the model may be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What was computed, as `function(arguments)`.
    pub label: String,
    /// The result.
    pub value: String,
}

/// The body of a facts block: one line per fact, each closed by a newline.
#[must_use]
pub fn facts_body(facts: &[Fact]) -> String {
    facts.iter().map(|fact| format!("{} = {}\n", fact.label, fact.value)).collect()
}
