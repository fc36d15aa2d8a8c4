//! Facts, computed and written by the same functions that the product uses.

use abi::Value;

/// A verified result that can be given to the model before its prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The computation, as `function(arguments)`.
    pub label: String,
    /// The result as text.
    pub value: String,
}

impl Fact {
    /// Returns the fact that a primitive computes from these operands. None if the primitive refuses them.
    #[must_use]
    pub fn computed(primitive: &str, operands: &[Value]) -> Option<Self> {
        let value = prims::find(primitive)?.call(operands).ok()?;
        let operands: Vec<String> = operands.iter().map(factloop::rendered).collect();
        Some(Self {
            label: format!("{primitive}({})", operands.join(", ")),
            value: factloop::rendered(&value),
        })
    }
}

/// Returns the body of a facts block: one line for each fact, each with a newline at its end.
#[must_use]
pub fn facts_body(facts: &[Fact]) -> String {
    let line = |fact: &Fact| abi::Fact { label: fact.label.clone(), value: Value::Text(fact.value.clone()) };
    factloop::block(&facts.iter().map(line).collect::<Vec<_>>())
}
