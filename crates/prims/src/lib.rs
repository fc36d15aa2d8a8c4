//! Pure primitives, whose results `det` compares answers with.
//!
//! A primitive is a pure function of its operands, with a name, a version and a digest. So a contract can
//! name the computation instead of its result, and a ledger entry can say which one ran. No primitive reads
//! anything but its operands: the crate is `no_std`, so there is nothing else to read.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod arithmetic;
mod bits;
mod calendar;
mod catalog;
mod documents;
mod error;
mod letters;
mod lists;
mod matching;
mod number_theory;
mod numerals;
mod operands;
mod paths;
mod polynomial;
mod primes;
mod primitive;
mod record;
mod satisfiability;
mod texts;
mod words;

/// The plain data in which this crate speaks, so that it can be used by itself.
pub use abi::{Digest, Value};
pub use catalog::{all, find};
pub use error::CallError;
pub use primitive::{Kind, Parameter, Primitive, Sample};
pub use record::{Method, Record};
