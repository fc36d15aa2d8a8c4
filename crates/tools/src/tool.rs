//! Tools, their registration, and the set of an application's tools.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use abi::{Digest, Origin, Proposal, Value};
use det::{CheckError, Contract, ContractError, Form, Level, Schema};
use sched::{Capability, Execution, Operation, Outcome, Overview, Registry, Tier, Work};
use thiserror::Error;

use crate::awaited::filled;
use crate::{RecallRefusal, WebRefusal};

/// The prefix that a tool's name has in the name of its operation.
const OPERATION: &str = "tool.";
/// The prefix that a tool's name has in the capability that it demands.
const CAPABILITY: &str = "op:";
/// The domain of the digest that stands for a tool as the origin of its results.
const ORIGIN: &str = "nmk.tool.v1";

/// The function of a tool: from arguments and the state of the scheduler to a result with its origin.
type Handler = dyn Fn(&Value, Option<&Overview>) -> Result<Proposal<Value>, ToolError> + Send + Sync;

/// An operation that reads or changes the world: a name, schemas of arguments and results, and a function.
///
/// Making a tool grants nothing. Its tasks run only if the tool is registered and its capability is granted.
#[derive(Clone)]
pub struct Tool {
    name: String,
    operation: String,
    capability: Capability,
    about: String,
    takes: Schema,
    /// The form of the arguments as a graph states them, which an error tells. Empty if there is nothing to tell.
    usage: &'static str,
    contract: Arc<Contract>,
    handler: Arc<Handler>,
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tool").field("name", &self.name).field("about", &self.about).finish_non_exhaustive()
    }
}

/// The reason why a call of a tool has no result.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ToolError {
    /// No tool of the toolbox has this name.
    #[error("there is no tool {name}; register it")]
    Unknown {
        /// The name of the operation that was asked for.
        name: String,
    },
    /// The arguments do not satisfy the schema of the tool.
    #[error("{tool} does not take these arguments: {finding}{}", stated(.usage))]
    Arguments {
        /// The name of the tool that was called.
        tool: String,
        /// The rule of the schema that is broken, or the reason why that is not known.
        finding: Box<CheckError>,
        /// The form of the arguments as a graph states them. Empty if there is nothing to tell.
        usage: &'static str,
    },
    /// A page or a search was refused.
    #[error("{tool}: {refusal}")]
    Web {
        /// The name of the tool that was called.
        tool: String,
        /// The fault, with its name and its remedy.
        refusal: WebRefusal,
    },
    /// A memory refused, or the action is none of the tool's.
    #[error("{tool}: {refusal}")]
    Recall {
        /// The name of the tool that was called.
        tool: String,
        /// The fault with its remedy.
        refusal: RecallRefusal,
    },
    /// The function of the tool returned an error, for example because a reading is not available.
    #[error("{message}")]
    Failed {
        /// The error, in words for the user.
        message: String,
    },
    /// The function of the tool panicked.
    #[error("{tool} panicked: {message}")]
    Panicked {
        /// The name of the tool that was called.
        tool: String,
        /// The message with which the function panicked.
        message: String,
    },
}

/// Returns the end of a message that tells how to state arguments.
fn stated(usage: &str) -> String {
    if usage.is_empty() { String::new() } else { format!("; state arguments = {usage}") }
}

impl Tool {
    /// Returns a tool whose arguments must satisfy `takes` and whose results must satisfy `returns`. `about`
    /// says for users what the tool does.
    ///
    /// # Errors
    /// Fails if no contract can be made with the schema `returns`.
    pub fn new(
        name: impl Into<String>,
        about: impl Into<String>,
        takes: Schema,
        returns: Schema,
        handler: impl Fn(&Value) -> Result<Value, ToolError> + Send + Sync + 'static,
    ) -> Result<Self, ContractError> {
        Self::with_overview(name, about, takes, returns, move |arguments, _| handler(arguments))
    }

    /// Returns a tool as [`new`](Self::new) does, with a function that is also given the state of the
    /// scheduler at the start of the run. That state is `None` if no scheduler calls the tool.
    ///
    /// # Errors
    /// Fails as [`new`](Self::new) does.
    pub fn with_overview(
        name: impl Into<String>,
        about: impl Into<String>,
        takes: Schema,
        returns: Schema,
        handler: impl Fn(&Value, Option<&Overview>) -> Result<Value, ToolError> + Send + Sync + 'static,
    ) -> Result<Self, ContractError> {
        let name: String = name.into();
        let origin = Origin::Primitive { digest: Digest::hash(ORIGIN, name.as_bytes()) };
        let handler = move |arguments: &Value, overview: Option<&Overview>| {
            Ok(Proposal { value: handler(arguments, overview)?, origin: origin.clone() })
        };
        Self::from_handler(name, about.into(), takes, returns, Arc::new(handler))
    }

    /// Returns a tool as [`new`](Self::new) does, whose function states the origin of each result. The origin of other
    /// tools' results is the tool itself.
    ///
    /// # Errors
    /// Fails as [`new`](Self::new) does.
    pub fn with_origin(
        name: impl Into<String>,
        about: impl Into<String>,
        takes: Schema,
        returns: Schema,
        handler: impl Fn(&Value) -> Result<Proposal<Value>, ToolError> + Send + Sync + 'static,
    ) -> Result<Self, ContractError> {
        let handler = move |arguments: &Value, _: Option<&Overview>| handler(arguments);
        Self::from_handler(name.into(), about.into(), takes, returns, Arc::new(handler))
    }

    fn from_handler(
        name: String,
        about: String,
        takes: Schema,
        returns: Schema,
        handler: Arc<Handler>,
    ) -> Result<Self, ContractError> {
        let contract = Arc::new(Contract::from_form(Form::Value).with_schema(returns)?);
        let operation = format!("{OPERATION}{name}");
        let capability = Capability(format!("{CAPABILITY}{name}"));
        Ok(Self { name, operation, capability, about, takes, usage: "", contract, handler })
    }

    /// Returns the same tool under another name of its operation, whose tasks must hold `capability`.
    #[must_use]
    pub fn run_as(self, operation: impl Into<String>, capability: Capability) -> Self {
        Self { operation: operation.into(), capability, ..self }
    }

    /// Returns the same tool, whose errors tell how a graph states the arguments: `usage`.
    #[must_use]
    pub fn used_as(self, usage: &'static str) -> Self {
        Self { usage, ..self }
    }

    /// Returns the name of the tool, without the prefix of its operation.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns a short text for users that says what the tool does.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.about
    }

    /// Returns the name of the tool's operation in plans, for example `tool.datetime`.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// Returns the capability that tasks of the tool must hold, for example `op:datetime`.
    #[must_use]
    pub fn capability(&self) -> &Capability {
        &self.capability
    }

    /// Returns the contract that tasks of the tool must have: results must satisfy the tool's schema.
    #[must_use]
    pub fn contract(&self) -> &Arc<Contract> {
        &self.contract
    }

    /// Calls the tool without a scheduler and returns its result, which nobody has judged yet.
    ///
    /// # Errors
    /// Fails if the arguments do not satisfy the tool's schema, or if its function fails or panics.
    pub fn call(&self, arguments: &Value) -> Result<Value, ToolError> {
        self.call_within(arguments, None)
    }

    /// Calls the tool as [`call`](Self::call) does, and passes the state of the scheduler, if there is one,
    /// to its function.
    ///
    /// # Errors
    /// Fails as [`call`](Self::call) does.
    pub fn call_within(&self, arguments: &Value, overview: Option<&Overview>) -> Result<Value, ToolError> {
        self.propose(arguments, overview).map(|proposal| proposal.value)
    }

    /// Checks arguments without calling the tool.
    ///
    /// # Errors
    /// Fails if the arguments do not satisfy the tool's schema.
    pub fn check_arguments(&self, arguments: &Value) -> Result<(), ToolError> {
        let refused = |finding| ToolError::Arguments {
            tool: self.name.clone(),
            finding: Box::new(finding),
            usage: self.usage,
        };
        self.takes.check(arguments).map_err(refused)
    }

    fn propose(&self, arguments: &Value, overview: Option<&Overview>) -> Result<Proposal<Value>, ToolError> {
        let tool = || self.name.clone();
        self.check_arguments(arguments)?;
        catch_unwind(AssertUnwindSafe(|| (self.handler)(arguments, overview))).unwrap_or_else(|payload| {
            let message = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let message = message.or_else(|| payload.downcast_ref::<String>().cloned());
            Err(ToolError::Panicked {
                tool: tool(),
                message: message.unwrap_or_else(|| "no message".to_owned()),
            })
        })
    }
}

/// The tools of one application, by the names of their operations.
#[derive(Clone, Debug, Default)]
pub struct Toolbox {
    tools: BTreeMap<String, Tool>,
}

impl Toolbox {
    /// Adds a tool. A tool of the same name that was added before is replaced.
    pub fn add(&mut self, tool: Tool) {
        self.tools.insert(tool.operation.clone(), tool);
    }

    /// Returns all tools of the application, in the order of their names.
    pub fn tools(&self) -> impl Iterator<Item = &Tool> {
        self.tools.values()
    }

    /// Returns the tool whose operation has this name, or None if there is none.
    #[must_use]
    pub fn find(&self, operation: &str) -> Option<&Tool> {
        self.tools.get(operation)
    }

    /// Registers the operation of every tool. This grants nothing: the caller grants each capability
    /// separately.
    pub fn register(&self, registry: &mut Registry) {
        for tool in self.tools() {
            let operation = Operation::new(tool.operation(), Tier::Tool)
                .demanding(tool.capability().clone())
                .under(tool.contract())
                .up_to(Level::Schema);
            registry.register(operation);
        }
    }

    /// Runs a task of a tool, as part of an executor. The arguments are the value under `arguments` in the
    /// task's input, or an empty map. A text in them that is `{NAME}` and nothing else stands for the result of the task
    /// NAME, if this one waited for it, and `{NAME.results.0}` for a part of that. What was made of such a result has its
    /// origin, unless a primitive computed it.
    ///
    /// # Errors
    /// Fails if no tool has the task's operation, and as [`Tool::call`] does.
    pub fn run(&self, work: &Work) -> Result<Outcome, ToolError> {
        let operation = &work.spec.operation;
        let tool = self.find(operation).ok_or_else(|| ToolError::Unknown { name: operation.clone() })?;
        let none = Value::Map(BTreeMap::new());
        let arguments = work.spec.input.get("arguments").unwrap_or(&none);
        let filled = filled(arguments, &work.inputs)?;
        let mut proposal = tool.propose(&filled.value, work.overview.as_deref())?;
        if let Some(origin) = filled.origin {
            proposal.origin = origin;
        }
        let record = Value::map([("tool", Value::text(tool.name.as_str()))]);
        Ok(Outcome::Proposed(Execution { record, ..Execution::from_proposal(proposal) }))
    }
}
