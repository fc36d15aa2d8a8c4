//! Python in a confined process.

use std::time::Duration;

use abi::Value;
use sandbox::{Fault, Interpreter, Pool, SandboxError, Worker};

use crate::{Driver, Executor, Program, Running};

/// The driver that runs Python source in confined processes, by the interpreter of their pool.
#[derive(Debug)]
pub struct Confined {
    pool: Pool,
}

impl Confined {
    /// Returns a driver whose processes come from this pool.
    #[must_use]
    pub fn new(pool: Pool) -> Self {
        Self { pool }
    }
}

impl Driver for Confined {
    fn start(&self) -> Result<Box<dyn Running>, SandboxError> {
        let interpreter = self.pool.launcher().interpreter().clone();
        Ok(Box::new(Process { worker: self.pool.take()?, interpreter }))
    }

    fn reads_python(&self) -> bool {
        true
    }

    fn hint(&self) -> &'static str {
        match self.pool.launcher().interpreter() {
            Interpreter::Cpython(_) => "",
            _ => "; --executor cpython may run it",
        }
    }
}

struct Process {
    worker: Worker,
    interpreter: Interpreter,
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
        let version = self.interpreter.version().to_owned();
        Executor { name: self.interpreter.name(), version, isolation }
    }
}
