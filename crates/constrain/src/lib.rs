//! Answers that a JSON Schema shapes while they are decoded.
//!
//! A [`Vocabulary`] holds the bytes of the tokens of one model as a trie. A [`CompiledSchema`] is the automaton
//! of a JSON Schema over that trie. A [`SchemaConstraint`] is a trap on the choice of tokens: before each choice
//! it forbids every token after which no document of the schema is possible, and it lets the answer end only
//! after a whole document.
//!
//! The automaton comes from the crate `llguidance`. It knows a part of JSON Schema. A keyword that it does not
//! know is left out of the automaton and named in the notes, so the automaton accepts more documents than the
//! schema, and never rejects one for a reason that nobody is told. Nothing here grants anything: the judge reads
//! the finished document under the whole schema and does not know that a constraint was there.
//!
//! Schemas are not trusted. Size, depth, and the work of compiling and of each mask are bounded by counts, so
//! that what is refused is refused everywhere.

#![forbid(unsafe_code)]

mod constraint;
mod document;
mod error;
mod relax;
mod schema;
mod vocabulary;

pub use constraint::{DeadEnd, SchemaConstraint};
pub use error::ConstrainError;
pub use neural;
pub use schema::{CompiledSchema, MAX_MEMBERS, MAX_SCHEMA_BYTES, MAX_SCHEMA_DEPTH};
pub use text;
pub use vocabulary::Vocabulary;
