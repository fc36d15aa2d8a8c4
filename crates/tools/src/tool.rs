//! What a tool is, and how it is registered and run.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use abi::{Digest, Origin, Proposal, Value};
use det::{Contract, ContractError, Form, Level, Schema, SchemaFinding};
use sched::{Capability, Execution, Operation, Outcome, Overview, Registry, Tier, Work};
use thiserror::Error;

/// Before the name of a tool, in the name of its operation.
const OPERATION: &str = "tool.";
/// Before the name of a tool, in the capability that it demands.
const CAPABILITY: &str = "op:";
/// Domain of the digest that stands for a tool as the origin of its results.
const ORIGIN: &str = "nmk.tool.v1";

type Handler = dyn Fn(&Value, Option<&Overview>) -> Result<Value, ToolError> + Send + Sync;

/// A registered operation that touches the world.
#[derive(Clone)]
pub struct Tool {
    name: String,
    about: String,
    takes: Schema,
    contract: Arc<Contract>,
    handler: Arc<Handler>,
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tool").field("name", &self.name).field("about", &self.about).finish_non_exhaustive()
    }
}

/// Why a tool gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ToolError {
    /// There is no such tool.
    #[error("there is no tool {name}; register it")]
    Unknown {
        /// The name.
        name: String,
    },
    /// The arguments are not as the tool takes them.
    #[error("{tool} does not take these arguments: {finding}")]
    Arguments {
        /// The tool.
        tool: String,
        /// What is wrong with them.
        finding: SchemaFinding,
    },
    /// The handler failed.
    #[error("{what}")]
    Failed {
        /// What it said.
        what: String,
    },
    /// The handler panicked.
    #[error("{tool} panicked: {said}")]
    Panicked {
        /// The tool.
        tool: String,
        /// What it said.
        said: String,
    },
}

impl Tool {
    /// A tool whose arguments satisfy `takes` and whose results satisfy `returns`.
    ///
    /// # Errors
    /// The contract of its results cannot be made.
    pub fn new(
        name: impl Into<String>,
        about: impl Into<String>,
        takes: Schema,
        returns: Schema,
        handler: impl Fn(&Value) -> Result<Value, ToolError> + Send + Sync + 'static,
    ) -> Result<Self, ContractError> {
        Self::with_overview(name, about, takes, returns, move |arguments, _| handler(arguments))
    }

    /// As [`new`](Self::new); the handler is given the scheduler as it was when the run began, or none where
    /// the tool is called by itself.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_overview(
        name: impl Into<String>,
        about: impl Into<String>,
        takes: Schema,
        returns: Schema,
        handler: impl Fn(&Value, Option<&Overview>) -> Result<Value, ToolError> + Send + Sync + 'static,
    ) -> Result<Self, ContractError> {
        let contract = Arc::new(Contract::of_form(Form::Value).with_schema(returns)?);
        Ok(Self { name: name.into(), about: about.into(), takes, contract, handler: Arc::new(handler) })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it does, in a sentence.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.about
    }

    /// The name of its operation in plans.
    #[must_use]
    pub fn operation(&self) -> String {
        format!("{OPERATION}{}", self.name)
    }

    /// The right that its tasks must hold.
    #[must_use]
    pub fn capability(&self) -> Capability {
        Capability(format!("{CAPABILITY}{}", self.name))
    }

    /// The contract that its tasks stand under; reaches `Schema`.
    #[must_use]
    pub fn contract(&self) -> &Arc<Contract> {
        &self.contract
    }

    /// Calls it by itself. A panic of the handler is an error value.
    ///
    /// # Errors
    /// The arguments do not fit, or the handler gave nothing.
    pub fn call(&self, arguments: &Value) -> Result<Value, ToolError> {
        self.call_within(arguments, None)
    }

    /// As [`call`](Self::call), under a scheduler where there is one.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn call_within(&self, arguments: &Value, overview: Option<&Overview>) -> Result<Value, ToolError> {
        let tool = || self.name.clone();
        self.takes.check(arguments).map_err(|finding| ToolError::Arguments { tool: tool(), finding })?;
        catch_unwind(AssertUnwindSafe(|| (self.handler)(arguments, overview))).unwrap_or_else(|payload| {
            let said = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let said = said.or_else(|| payload.downcast_ref::<String>().cloned());
            Err(ToolError::Panicked { tool: tool(), said: said.unwrap_or_else(|| "no message".to_owned()) })
        })
    }
}

/// The tools of one application.
#[derive(Clone, Debug, Default)]
pub struct Toolbox {
    tools: BTreeMap<String, Tool>,
}

impl Toolbox {
    /// Adds a tool, in place of one of the same name.
    pub fn add(&mut self, tool: Tool) {
        self.tools.insert(tool.operation(), tool);
    }

    /// The tools, by name.
    pub fn tools(&self) -> impl Iterator<Item = &Tool> {
        self.tools.values()
    }

    /// The tool of an operation.
    #[must_use]
    pub fn find(&self, operation: &str) -> Option<&Tool> {
        self.tools.get(operation)
    }

    /// Registers every tool. Nothing is granted by it.
    pub fn register(&self, registry: &mut Registry) {
        for tool in self.tools() {
            let operation = Operation::new(tool.operation(), Tier::Tool)
                .demanding(tool.capability())
                .under(tool.contract())
                .up_to(Level::Schema);
            registry.register(operation);
        }
    }

    /// Runs a task of a tool. Its arguments are the `arguments` of the task's input; an empty map without.
    ///
    /// # Errors
    /// There is no such tool, or it gave nothing.
    pub fn run(&self, work: &Work) -> Result<Outcome, ToolError> {
        let operation = &work.spec.operation;
        let tool = self.find(operation).ok_or_else(|| ToolError::Unknown { name: operation.clone() })?;
        let none = Value::Map(BTreeMap::new());
        let value =
            tool.call_within(work.spec.input.get("arguments").unwrap_or(&none), work.overview.as_deref())?;
        let origin = Origin::Primitive { digest: Digest::of(ORIGIN, tool.name.as_bytes()) };
        let record = Value::map([("tool", Value::text(tool.name.as_str()))]);
        Ok(Outcome::Proposed(Execution { record, ..Execution::of(Proposal { value, origin }) }))
    }
}
