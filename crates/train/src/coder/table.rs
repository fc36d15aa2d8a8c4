//! All operations of the coder's corpus, table by table.

mod arithmetic;
mod forms;
mod numbers;
mod orders;
mod parsing;
mod pieces;
mod selections;
mod spelling;
mod sums;
mod words;

use super::operation::Operation;

/// The tables, each with the name of its area. Their order is part of the corpus.
const TABLES: [(&str, &[Operation]); 10] = [
    ("numbers", numbers::TABLE),
    ("arithmetic", arithmetic::TABLE),
    ("lists", sums::TABLE),
    ("lists", orders::TABLE),
    ("selections", selections::TABLE),
    ("texts", spelling::TABLE),
    ("texts", forms::TABLE),
    ("texts", pieces::TABLE),
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
    let mut areas: Vec<(&'static str, usize)> = Vec::new();
    for (name, table) in TABLES {
        match areas.last_mut() {
            Some((last, count)) if *last == name => *count += table.len(),
            _ => areas.push((name, table.len())),
        }
    }
    areas
}
