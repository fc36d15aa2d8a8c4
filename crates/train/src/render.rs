//! Facts, computed and written by the functions that do it in the field.

use abi::Value;

/// A verified result that the model may be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What was computed, as `function(arguments)`.
    pub label: String,
    /// The result, as text.
    pub value: String,
}

impl Fact {
    /// The fact that a primitive supplies on these operands; none where it refuses them.
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

/// The body of a facts block: one line per fact, each closed by a newline.
#[must_use]
pub fn facts_body(facts: &[Fact]) -> String {
    let line = |fact: &Fact| abi::Fact { label: fact.label.clone(), value: Value::Text(fact.value.clone()) };
    factloop::block(&facts.iter().map(line).collect::<Vec<_>>())
}
