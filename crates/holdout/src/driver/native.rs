//! Rust functions of this process, without isolation.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use abi::Value;
use sandbox::{Fault, SandboxError};

use crate::{Driver, Executor, Program, Running};

/// A function of this process that stands for a program.
pub type NativeFunction = Arc<dyn Fn(&[Value]) -> Result<Value, Fault> + Send + Sync>;

/// The driver of functions that are part of this process. It isolates nothing, and records say so.
#[derive(Clone, Default)]
pub struct Native {
    functions: Arc<BTreeMap<String, NativeFunction>>,
}

impl Native {
    /// Returns a driver of these functions. A program's source is the name of its function.
    #[must_use]
    pub fn new(functions: impl IntoIterator<Item = (String, NativeFunction)>) -> Self {
        Self { functions: Arc::new(functions.into_iter().collect()) }
    }
}

impl std::fmt::Debug for Native {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.functions.keys()).finish()
    }
}

impl Driver for Native {
    fn start(&self) -> Result<Box<dyn Running>, SandboxError> {
        Ok(Box::new(Loaded { functions: Arc::clone(&self.functions), loaded: None }))
    }

    fn reads_python(&self) -> bool {
        false
    }
}

struct Loaded {
    functions: Arc<BTreeMap<String, NativeFunction>>,
    loaded: Option<NativeFunction>,
}

impl Running for Loaded {
    fn load(&mut self, program: Program<'_>) -> Result<(), Fault> {
        self.loaded = self.functions.get(program.source).cloned();
        self.loaded.as_ref().map(|_| ()).ok_or(Fault::NoEntry)
    }

    fn call(&mut self, arguments: &[Value]) -> Result<Value, Fault> {
        self.loaded.as_ref().ok_or(Fault::NoEntry)?(arguments)
    }

    fn limit_calls(&mut self, _within: Duration) {}

    fn last_request(&self) -> Duration {
        // A function of this process cannot be stopped, so nothing follows from its time.
        Duration::ZERO
    }

    fn executor(&self) -> Executor {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Executor { name: "native", version, isolation: "none".to_owned() }
    }
}
