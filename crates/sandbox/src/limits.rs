//! The limits of a worker.

use std::time::Duration;

use abi::Value;

/// The most that a worker may use. Everything beyond ends the call, or the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The address space of the worker, in bytes, the interpreter included.
    pub memory_bytes: u64,
    /// The processor time over the whole life of a worker, in whole seconds.
    pub cpu_seconds: u64,
    /// The time from the start of a worker until its interpreter waits for source.
    pub start: Duration,
    /// The time in which the source must be loaded.
    pub load: Duration,
    /// The time in which one call must return.
    pub call: Duration,
    /// The largest request and the largest result, in bytes of the canonical encoding.
    pub frame_bytes: usize,
    /// The deepest recursion of Python functions.
    pub recursion: u32,
}

impl Limits {
    /// The default limits: 512 MiB, 60 processor-seconds, ten seconds to start, five to load, five a call, frames of
    /// 4 MiB, and Python's own depth of recursion.
    pub const DEFAULT: Self = Self {
        memory_bytes: 512 << 20,
        cpu_seconds: 60,
        start: Duration::from_secs(10),
        load: Duration::from_secs(5),
        call: Duration::from_secs(5),
        frame_bytes: 4 << 20,
        recursion: 1000,
    };

    /// Returns the limits that the worker sets for itself, as a part of its first frame.
    pub(crate) fn to_value(self) -> Value {
        let int = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
        Value::map([("memory_bytes", int(self.memory_bytes)), ("cpu_seconds", int(self.cpu_seconds))])
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
