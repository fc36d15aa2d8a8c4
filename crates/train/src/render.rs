//! How facts become text: by the function that does it in the field.

use abi::Value;

/// A verified result that the model may be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What was computed, as `function(arguments)`.
    pub label: String,
    /// The result, as text.
    pub value: String,
}

/// The body of a facts block: one line per fact, each closed by a newline.
#[must_use]
pub fn facts_body(facts: &[Fact]) -> String {
    let line = |fact: &Fact| abi::Fact { label: fact.label.clone(), value: Value::Text(fact.value.clone()) };
    factloop::block(&facts.iter().map(line).collect::<Vec<_>>())
}
