//! Facts for prompts, computed and written by the same functions that the product uses.

use abi::Value;

/// A computed result that is given to the model before its prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The computation, as `function(arguments)`, for example `letter_count(strawberry, r)`.
    pub label: String,
    /// The result of the computation, as text.
    pub value: String,
}

impl Fact {
    /// Returns the fact that a primitive computes from these operands. Returns `None` if there is no such
    /// primitive, or if it refuses the operands.
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

/// Returns the text of a facts block: one line for each fact, each with a newline at its end.
#[must_use]
pub fn facts_body(facts: &[Fact]) -> String {
    let line = |fact: &Fact| abi::Fact { label: fact.label.clone(), value: Value::Text(fact.value.clone()) };
    factloop::block(&facts.iter().map(line).collect::<Vec<_>>())
}
