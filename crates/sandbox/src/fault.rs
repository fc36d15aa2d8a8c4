//! Faults of candidates, and errors of the sandbox itself.

use std::fmt;
use std::path::PathBuf;

/// The reason why a candidate has no result. Every fault is the candidate's own; the sandbox is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The source is larger than a frame, or a call's arguments are.
    TooLarge {
        /// The size in bytes of the canonical encoding.
        bytes: usize,
        /// The largest frame.
        limit: usize,
    },
    /// The source was loaded and defines no function of the demanded name.
    NoEntry,
    /// The source uses a part of Python that the built-in interpreter lacks. None of it was run.
    Unsupported {
        /// The construct, the module, or the name that is missing.
        construct: String,
        /// The line in which it stands.
        line: u32,
    },
    /// The source or the function raised an exception.
    Raised {
        /// The name of the exception's class. The candidate may have chosen it.
        kind: String,
        /// The text of the exception, cut.
        what: String,
        /// The line of the candidate that was reached last. 0 if it is not known.
        line: u32,
    },
    /// The result is no plain data.
    NoValue {
        /// The type of the result, or of the part that is no plain data.
        what: String,
    },
    /// The result is larger than a frame.
    ResultTooLarge {
        /// The size as the worker states it.
        what: String,
    },
    /// Nothing came back within the limit. The worker was killed.
    OutOfTime,
    /// The interpreter could not get more memory.
    OutOfMemory,
    /// The worker ended in the middle of the work: it exited, crashed, or ran out of processor time.
    Ended {
        /// The end of the process, in the words of the operating system.
        what: String,
    },
    /// The worker sent something other than the one reply that was asked for. The worker was killed.
    Forged {
        /// The thing that was wrong with what it sent.
        what: String,
    },
}

impl Fault {
    /// Returns the word that stands for the fault in reports and golden files.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::NoEntry => "no_entry",
            Self::Unsupported { .. } => "unsupported",
            Self::Raised { .. } => "raised",
            Self::NoValue { .. } => "no_value",
            Self::ResultTooLarge { .. } => "result_too_large",
            Self::OutOfTime => "out_of_time",
            Self::OutOfMemory => "out_of_memory",
            Self::Ended { .. } => "ended",
            Self::Forged { .. } => "forged",
        }
    }

    /// Returns true if the worker is gone, so that another call needs another worker.
    #[must_use]
    pub fn ends_worker(&self) -> bool {
        matches!(self, Self::OutOfTime | Self::Ended { .. } | Self::Forged { .. })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { bytes, limit } => {
                write!(f, "the source or the arguments have {bytes} bytes and {limit} is the limit")
            }
            Self::NoEntry => f.write_str("the source defines no function of that name"),
            Self::Unsupported { construct, line } => {
                write!(f, "unsupported: {}, line {line}", Line(construct))
            }
            Self::Raised { kind, what, line: 0 } => write!(f, "it raised {}: {}", Line(kind), Line(what)),
            Self::Raised { kind, what, line } => {
                write!(f, "it raised {} in line {line}: {}", Line(kind), Line(what))
            }
            Self::NoValue { what } => write!(f, "the result is no plain data: {}", Line(what)),
            Self::ResultTooLarge { what } => write!(f, "the result is too large: {}", Line(what)),
            Self::OutOfTime => f.write_str("it did not return in time"),
            Self::OutOfMemory => f.write_str("it needs more memory than it may have"),
            Self::Ended { what } => write!(f, "its process ended: {what}"),
            Self::Forged { what } => write!(f, "it sent what was not asked for: {what}"),
        }
    }
}

impl std::error::Error for Fault {}

/// Text of a candidate on one line. Characters that break lines, move the cursor or are not seen are shown as escapes, so
/// that a message cannot be mistaken for more than one.
struct Line<'a>(&'a str);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '\'' | '"' | '\\' => write!(f, "{c}"),
            c => write!(f, "{}", c.escape_debug()),
        })
    }
}

/// The reason why the sandbox cannot run a candidate at all. The candidate has no part in it.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// No Python interpreter can be used.
    #[error("{program} cannot be used as a Python interpreter ({what}): install python3, or name another")]
    Python {
        /// The program that was asked.
        program: PathBuf,
        /// The reason.
        what: String,
    },
    /// The worker's process cannot be started.
    #[error("{program} cannot be started as a worker: {cause}")]
    Start {
        /// The program whose main function calls [`worker_entry`](crate::worker_entry).
        program: PathBuf,
        /// The error of the operating system.
        cause: std::io::Error,
    },
    /// The operating system gives less isolation than is demanded, so no candidate is run.
    #[error(
        "unsandboxed: {what}; a machine with Linux 6.12 or later, Landlock and seccomp can run candidates"
    )]
    Unsandboxed {
        /// The part of the isolation that is missing.
        what: String,
    },
    /// The worker ended or fell silent before it was given a candidate.
    #[error("the worker did not get ready: {what}")]
    NotReady {
        /// The reason.
        what: String,
    },
}
