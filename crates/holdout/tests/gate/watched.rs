//! A driver that measures how long the slowest load and the slowest call took.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use abi::Value;
use holdout::{Confined, Driver, Executor, Program, Running};
use sandbox::{Fault, SandboxError};

/// The slowest load and the slowest call so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slowest {
    pub(crate) load: Duration,
    pub(crate) call: Duration,
}

/// A driver that passes everything on to another one.
pub(crate) struct Watched {
    inner: Confined,
    slowest: Arc<Mutex<Slowest>>,
}

impl Watched {
    pub(crate) fn new(inner: Confined) -> Self {
        Self { inner, slowest: Arc::default() }
    }

    /// Returns the slowest load and call since this was asked last.
    pub(crate) fn take(&self) -> Slowest {
        std::mem::take(&mut self.slowest.lock().expect("no test panics while it holds this"))
    }
}

impl Driver for Watched {
    fn start(&self) -> Result<Box<dyn Running>, SandboxError> {
        Ok(Box::new(Process { inner: self.inner.start()?, slowest: Arc::clone(&self.slowest) }))
    }

    fn reads_python(&self) -> bool {
        self.inner.reads_python()
    }
}

struct Process {
    inner: Box<dyn Running>,
    slowest: Arc<Mutex<Slowest>>,
}

impl Running for Process {
    fn load(&mut self, program: Program<'_>) -> Result<(), Fault> {
        let began = Instant::now();
        let loaded = self.inner.load(program);
        let mut slowest = self.slowest.lock().expect("no test panics while it holds this");
        slowest.load = slowest.load.max(began.elapsed());
        loaded
    }

    fn call(&mut self, arguments: &[Value]) -> Result<Value, Fault> {
        let began = Instant::now();
        let got = self.inner.call(arguments);
        let mut slowest = self.slowest.lock().expect("no test panics while it holds this");
        slowest.call = slowest.call.max(began.elapsed());
        got
    }

    fn limit_calls(&mut self, within: Duration) {
        self.inner.limit_calls(within);
    }

    fn last_request(&self) -> Duration {
        self.inner.last_request()
    }

    fn executor(&self) -> Executor {
        self.inner.executor()
    }
}
