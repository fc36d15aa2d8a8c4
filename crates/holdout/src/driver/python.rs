//! Python in a confined process.

use std::time::Duration;

use abi::Value;
use sandbox::{Fault, Pool, SandboxError, Worker};

use crate::{Driver, Executor, Program, Running};

/// The driver that runs Python source in confined processes of the machine's own interpreter.
#[derive(Debug)]
pub struct Cpython {
    pool: Pool,
}

impl Cpython {
    /// Returns a driver whose processes come from this pool.
    #[must_use]
    pub fn new(pool: Pool) -> Self {
        Self { pool }
    }
}

impl Driver for Cpython {
    fn start(&self) -> Result<Box<dyn Running>, SandboxError> {
        let version = self.pool.launcher().python().version().to_owned();
        Ok(Box::new(Process { worker: self.pool.take()?, version }))
    }

    fn reads_python(&self) -> bool {
        true
    }
}

struct Process {
    worker: Worker,
    version: String,
}

impl Running for Process {
    fn load(&mut self, program: Program<'_>) -> Result<(), Fault> {
        self.worker.load_typed(program.source, program.entry, program.signature)
    }

    fn call(&mut self, arguments: &[Value]) -> Result<Value, Fault> {
        self.worker.call(arguments)
    }

    fn limit_calls(&mut self, within: Duration) {
        self.worker.limit_calls(within);
    }

    fn last_request(&self) -> Duration {
        self.worker.last_request()
    }

    fn executor(&self) -> Executor {
        let isolation = self.worker.isolation().to_string();
        Executor { name: "cpython", version: self.version.clone(), isolation }
    }
}
