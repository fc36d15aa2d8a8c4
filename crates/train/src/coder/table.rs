//! All operations of the coder's corpus, table by table.

mod arithmetic;
mod lists;
mod numbers;
mod parsing;
mod selections;
mod texts;
mod words;

use super::operation::Operation;

/// The tables, each with the name of its area.
const TABLES: [(&str, &[Operation]); 7] = [
    ("numbers", numbers::TABLE),
    ("arithmetic", arithmetic::TABLE),
    ("lists", lists::TABLE),
    ("selections", selections::TABLE),
    ("texts", texts::TABLE),
    ("words", words::TABLE),
    ("parsing", parsing::TABLE),
];

/// Returns all operations, in the order of the tables.
pub fn operations() -> impl Iterator<Item = &'static Operation> + Clone {
    TABLES.iter().flat_map(|(_, table)| table.iter())
}

/// Returns the names of the areas, each with the number of its operations.
#[must_use]
pub fn areas() -> Vec<(&'static str, usize)> {
    TABLES.iter().map(|(name, table)| (*name, table.len())).collect()
}
