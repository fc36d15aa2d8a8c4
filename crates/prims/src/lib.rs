//! Pure primitives that compute verified values.
//!
//! A primitive is a total function of its operands with a name, a version and a digest, so that a
//! contract can name it and a ledger entry can say which one ran. None of them reads anything but its
//! operands. The crate is `no_std`: there is nothing else to read.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod arithmetic;
mod catalog;
mod error;
mod letters;
mod primitive;
mod words;

/// The plain data in which this crate speaks, so that it can be used by itself.
pub use abi::{Digest, Value};
pub use catalog::{all, find};
pub use error::CallError;
pub use primitive::{Kind, Parameter, Primitive};
