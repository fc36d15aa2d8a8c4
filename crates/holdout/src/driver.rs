//! Drivers: the ways in which a program is run.

mod external;
mod native;
mod python;

use std::time::Duration;

use abi::Value;
use sandbox::{Fault, SandboxError, Signature};

pub use external::{Clock, External};
pub use native::{Native, NativeFunction};
pub use python::Confined;

/// A program and the function of it that is called.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    /// The source of the program. For a [`Native`] driver it is the name of a function.
    pub source: &'a str,
    /// The name of the function.
    pub entry: &'a str,
    /// The types of the function's arguments and result.
    pub signature: &'a Signature,
}

/// The name, the version and the isolation of what runs a program, as its record states them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executor {
    /// The name: `cpython`, `monty`, `native` or `external`.
    pub name: &'static str,
    /// The version, for example `3.11.7`.
    pub version: String,
    /// The isolation that was in force, as the parent checked it; `none` if there is none.
    pub isolation: String,
}

/// A way to run programs.
pub trait Driver {
    /// Returns a process, or what stands for one, in which nothing has run yet.
    ///
    /// # Errors
    /// [`SandboxError`] if it cannot be started, or if less isolation is in force than is demanded.
    fn start(&self) -> Result<Box<dyn Running>, SandboxError>;

    /// Returns true if the driver runs Python source, so that wrong programs can be made of a candidate's.
    fn reads_python(&self) -> bool;

    /// Returns a remark for those whose candidate this driver cannot run, where another driver may. Empty if there is
    /// nothing to say.
    fn hint(&self) -> &'static str {
        ""
    }
}

/// A process that runs a program.
pub trait Running {
    /// Loads a program in place of the one that was loaded before.
    ///
    /// # Errors
    /// The [`Fault`] of the program.
    fn load(&mut self, program: Program<'_>) -> Result<(), Fault>;

    /// Calls the function of the program that was loaded last.
    ///
    /// # Errors
    /// The [`Fault`] of the program.
    fn call(&mut self, arguments: &[Value]) -> Result<Value, Fault>;

    /// Sets the time in which every later call must return.
    fn limit_calls(&mut self, within: Duration);

    /// Returns the time that the last load or call took. It bounds the time of the candidate and of wrong programs, and decides
    /// nothing else.
    fn last_request(&self) -> Duration;

    /// Returns what runs the program.
    fn executor(&self) -> Executor;
}
