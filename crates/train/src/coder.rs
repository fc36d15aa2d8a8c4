//! The corpus of the model `coder`: Python functions with prompts, samples, counterexamples and repairs.
//!
//! A function is one operation of the tables, or two of them one after the other. Each operation has its code, its
//! phrasings and an evaluator, which computes the samples and the counterexamples that prompts show. Item `i` is a
//! pure function of `(seed, i)`. Held out are every fifth phrasing, a tenth of the pairs of operations, a sixth of
//! the constants, and a tenth of the words.

pub mod datum;
pub mod describe;
pub mod feed;
pub mod gaps;
pub mod item;
pub mod operation;
pub mod pipeline;
pub mod prompt;
pub mod repair;
pub mod report;
pub mod solve;
pub mod specification;
pub mod table;

mod compose;
mod evaluate;

pub use compose::single;
pub use item::{Item, training};
