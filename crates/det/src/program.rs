//! Programs that run apart from the kernel, and the two traits through which their raw results come back.
//!
//! Nothing in this crate can run a program. The holder of a [`TrustRoot`](crate::TrustRoot) installs a runner, with
//! [`Validator::isolated`](crate::Validator::isolated); this crate chooses what is run, compares what came back, and
//! alone says what that shows.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use abi::Value;

use crate::notation::line;

/// Starts processes in which programs run, isolated from the kernel.
///
/// A runner returns what a program did and no opinion about it. The one who installs a runner vouches that a program
/// in it can reach neither the kernel nor the expected values.
pub trait ProgramRunner {
    /// Returns a process in which nothing has run yet.
    ///
    /// # Errors
    /// [`RunnerError`] if none can be started, which says nothing about any program.
    fn start(&self) -> Result<Box<dyn ProgramProcess>, RunnerError>;
}

/// A process for one program.
pub trait ProgramProcess {
    /// Returns what runs the program. The verdict records it.
    fn executor(&self) -> Executor;

    /// Loads `source`, which must define the function `entry`.
    ///
    /// # Errors
    /// The [`ProgramFault`] of the program.
    fn load(&mut self, source: &str, entry: &str) -> Result<(), ProgramFault>;

    /// Calls the function and returns how the call ended.
    ///
    /// # Errors
    /// The [`ProgramFault`] of the program.
    fn call(&mut self, arguments: &[Value]) -> CallEnd;
}

/// The end of one call: the value that was returned, or a fault.
pub type CallEnd = Result<Value, ProgramFault>;

/// The name, the version and the isolation of what ran a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executor {
    /// The name and the version, for example `cpython 3.11.7`.
    pub name: String,
    /// The isolation that was in force, in words.
    pub isolation: String,
}

impl fmt::Display for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.isolation)
    }
}

/// The reason why a program, or a call of it, has no result. Every fault is the program's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgramFault {
    /// The program raised an exception.
    Raised {
        /// The name of the exception's class, which the program may have chosen.
        kind: String,
        /// The text of the exception, which the program may have chosen.
        what: String,
        /// The line of the program that was reached last. 0 if it is not known.
        line: u32,
    },
    /// The program did something else: it did not return in time, ended its process, or sent what nobody asked for.
    Other {
        /// The fault in words.
        what: String,
    },
}

impl fmt::Display for ProgramFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Raised { kind, what, line: at } => {
                write!(f, "it raises {}", line(kind))?;
                if *at > 0 {
                    write!(f, " in line {at}")?;
                }
                if what.is_empty() { Ok(()) } else { write!(f, " ({})", line(&without_addresses(what))) }
            }
            Self::Other { what } => f.write_str(&line(what)),
        }
    }
}

/// The reason why nothing could be run. No program has a part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunnerError {
    /// The reason in words.
    pub what: String,
}

impl fmt::Display for RunnerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl core::error::Error for RunnerError {}

/// Returns a text without addresses of memory, which are others in every process: the same program would have another
/// finding whenever it is judged again.
fn without_addresses(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("0x") {
        let digits = &rest[at + 2..];
        let end = digits.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(digits.len());
        out.push_str(&rest[..at + 2]);
        out.push_str(if end > 0 { "…" } else { "" });
        rest = &digits[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::ProgramFault;
    use alloc::string::ToString;

    #[test]
    fn a_fault_reads_the_same_in_every_process() {
        let raised = |what: &str, line| {
            ProgramFault::Raised { kind: "TypeError".into(), what: what.into(), line }.to_string()
        };
        let addressed = "it raises TypeError in line 3 (<object object at 0x…> and 0x)";
        assert_eq!(raised("<object object at 0x7f00deadBEEF> and 0x", 3), addressed);
        assert_eq!(raised("", 0), "it raises TypeError");
        assert_eq!(raised("a\nb", 0), "it raises TypeError (a\\nb)");
    }
}
