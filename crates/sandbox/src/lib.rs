//! Untrusted Python code in a confined process, whose result is plain data.
//!
// The example starts itself again as a worker, which a test of documentation cannot do. `cargo xtask standalone` runs it.
#![cfg_attr(not(doctest), doc = include_str!("../README.md"))]
#![forbid(unsafe_code)]

#[cfg(all(target_os = "linux", feature = "monty"))]
mod built_in;
#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod confine;
mod entry;
mod fault;
mod frame;
mod interpreter;
mod isolation;
mod limits;
mod names;
#[cfg(target_os = "linux")]
mod pipes;
mod pool;
mod python;
mod shape;
mod spawner;
mod worker;

/// The plain data in which this crate speaks, so that it can be used by itself.
pub use abi;
pub use entry::worker_entry;
pub use fault::{Fault, SandboxError};
pub use interpreter::Interpreter;
pub use isolation::Isolation;
pub use limits::Limits;
pub use names::is_python_name;
pub use pool::Pool;
pub use python::Python;
pub use shape::{Shape, Signature};
pub use worker::{Launcher, Worker};
