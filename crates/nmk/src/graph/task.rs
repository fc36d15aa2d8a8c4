//! One task of a graph file: the keys that its operation reads, its contract, and its input.

use std::sync::Arc;

use abi::Value;
use det::{Call, Contract, Operand, TrustRoot};
use factloop::operations::{
    ANSWER, CHILD, CODE_GEN, COMMIT, DELEGATE, DRAFT, FACT_LOOP, PRIMITIVE, REPAIR, TEMPLATE, VALIDATE,
};
use sched::{Limits, TaskSpec};
use tools::Toolbox;

use super::{GraphError, LimitsTable, TaskTable, WEB_WALL_MS, capabilities, fact_loop};
use crate::ContractFileError;
use crate::contract_file::{Chosen, ContractTable, level, shown, value_of};
use crate::near::near;
use crate::programs::demands_a_program;
use crate::web;

/// The parts that many tasks of a graph have in common.
pub(super) struct Shared<'a> {
    /// The tools that tasks can run.
    pub(super) toolbox: &'a Toolbox,
    /// The contract of the job.
    pub(super) job: Arc<Contract>,
    /// The contract that demands nothing.
    pub(super) free: Arc<Contract>,
}

impl TaskTable {
    /// Returns a task that waits for another one.
    pub(super) fn new(name: String, operation: &str, after: &str) -> Self {
        let (operation, after) = (operation.to_owned(), vec![after.to_owned()]);
        let (answer, at_least, rights, contract, prompt) = (false, None, None, None, None);
        let (operands, arguments, child, limits) = (None, None, None, LimitsTable::default());
        let (check, risk, disagreement) = (None, None, None);
        Self {
            name,
            operation,
            after,
            answer,
            at_least,
            rights,
            contract,
            prompt,
            operands,
            arguments,
            child,
            check,
            risk,
            disagreement,
            limits,
        }
    }

    /// Returns the contract that the operation brings along, at its highest level.
    pub(super) fn own_contract(&self, toolbox: &Toolbox) -> Result<Chosen, GraphError> {
        if let Some(question) = self.question() {
            return Ok(fact_loop::chosen(question));
        }
        let contract = match toolbox.find(&self.operation) {
            Some(tool) => Contract::clone(tool.contract()),
            None => Contract::computed_value(
                self.call(self.operation.strip_prefix(PRIMITIVE).unwrap_or(&self.operation))?,
            ),
        };
        Ok(Chosen { require: contract.ceiling(), contract })
    }

    pub(super) fn spec(self, shared: &Shared<'_>, root: &impl TrustRoot) -> Result<TaskSpec, GraphError> {
        self.check_keys(shared.toolbox)?;
        let contract = self.contract(shared, root)?;
        if self.operation == CODE_GEN && !demands_a_program(&contract) {
            return Err(self.missing("a contract with a program (docs/contracts.md)"));
        }
        let at_least = self.at_least.as_deref().map(|word| level("at_least", word)).transpose();
        let at_least = at_least.map_err(|cause| self.wrong(cause))?;
        let input = self.input(shared.toolbox)?;
        self.check_child(&contract, shared.toolbox)?;
        self.check_arguments(&input, shared.toolbox)?;
        let mut spec = TaskSpec::new(self.name, self.operation, contract);
        spec.after = self.after;
        if self.answer {
            spec = spec.answering();
        }
        spec.at_least = at_least.unwrap_or(spec.at_least);
        spec.rights = self.rights.as_deref().map(capabilities);
        spec.input = input;
        let reference = Limits::REFERENCE;
        let reads_the_web = web::runs(&spec, web::SEARCH) || web::runs(&spec, web::FETCH);
        let usual_wall_ms = if reads_the_web { WEB_WALL_MS } else { reference.wall_ms };
        spec.limits = Limits {
            tokens: self.limits.tokens.unwrap_or(reference.tokens),
            wall_ms: self.limits.wall_ms.unwrap_or(usual_wall_ms),
            retries: self.limits.retries.unwrap_or(reference.retries),
        };
        Ok(spec)
    }

    /// The error of a contract or a value of this task.
    pub(super) fn wrong(&self, cause: ContractFileError) -> GraphError {
        GraphError::Contract { place: format!("task {}", shown(&self.name)), cause }
    }

    /// The contract of the task: its own, or else the one that its operation brings along.
    pub(super) fn contract(
        &self,
        shared: &Shared<'_>,
        root: &impl TrustRoot,
    ) -> Result<Arc<Contract>, GraphError> {
        if let Some(table) = &self.contract {
            let chosen = ContractTable::clone(table).chosen(None, root).map_err(|cause| self.wrong(cause))?;
            return Ok(Arc::new(chosen.contract));
        }
        if self.answer && !self.has_own_contract(shared.toolbox) {
            return Ok(Arc::clone(&shared.job));
        }
        if let Some(tool) = shared.toolbox.find(&self.operation) {
            return Ok(Arc::clone(tool.contract()));
        }
        if let Some(question) = self.question() {
            return Ok(Arc::new(question.contract));
        }
        match self.operation.strip_prefix(PRIMITIVE) {
            Some(primitive) => Ok(Arc::new(Contract::computed_value(self.call(primitive)?))),
            None => Ok(Arc::clone(&shared.free)),
        }
    }

    /// Returns true if the operation brings its contract along: the call of a primitive, or the contract of a tool.
    pub(super) fn has_own_contract(&self, toolbox: &Toolbox) -> bool {
        self.operation.starts_with(PRIMITIVE)
            || toolbox.find(&self.operation).is_some()
            || self.question().is_some()
    }

    pub(super) fn call(&self, primitive: &str) -> Result<Call, GraphError> {
        if prims::find(primitive).is_none() {
            let near = near(primitive, prims::all().iter().map(|primitive| primitive.name));
            return Err(GraphError::NoPrimitive { task: shown(&self.name), found: shown(primitive), near });
        }
        let missing = || self.missing("operands = [...]");
        let operands = self.operands.as_ref().ok_or_else(missing)?;
        let literal = |value: &toml::Value| value_of(value, "operands").map(Operand::Literal);
        let operands = operands.iter().map(literal).collect::<Result<_, _>>();
        let operands = operands.map_err(|cause| self.wrong(cause))?;
        Call::new(primitive, operands).map_err(|cause| GraphError::Call { task: shown(&self.name), cause })
    }

    pub(super) fn missing(&self, what: &'static str) -> GraphError {
        GraphError::Missing { task: shown(&self.name), operation: shown(&self.operation), what }
    }

    /// Fails if the task states a key that its operation does not read. The kernel refuses an operation that it does
    /// not know, so every key passes there.
    pub(super) fn check_keys(&self, toolbox: &Toolbox) -> Result<(), GraphError> {
        let read: &[&str] = match self.operation.as_str() {
            DRAFT | CODE_GEN | REPAIR => &["contract", "prompt"],
            // The prompt is what the repair of a validation is asked.
            VALIDATE => &["contract", "prompt"],
            DELEGATE => &["contract", "prompt", "child", "arguments"],
            COMMIT | ANSWER => &["contract"],
            // The contract of a question is that of its answer.
            FACT_LOOP => &["prompt"],
            // The contract of a primitive is its call, and a tool brings its own.
            operation if operation.starts_with(PRIMITIVE) => &["operands"],
            operation if toolbox.find(operation).is_some() => &["arguments"],
            _ => return Ok(()),
        };
        let stated = [
            ("contract", self.contract.is_some()),
            ("prompt", self.prompt.is_some()),
            ("operands", self.operands.is_some()),
            ("arguments", self.arguments.is_some()),
            ("child", self.child.is_some()),
        ];
        match stated.into_iter().find(|(key, stated)| *stated && !read.contains(key)) {
            None => Ok(()),
            Some((key, _)) => {
                Err(GraphError::Unread { task: shown(&self.name), operation: shown(&self.operation), key })
            }
        }
    }

    /// Fails if the task runs a tool, by itself or by its child, that does not take its arguments.
    pub(super) fn check_arguments(&self, input: &Value, toolbox: &Toolbox) -> Result<(), GraphError> {
        let operation =
            self.child.as_deref().filter(|_| self.operation == DELEGATE).unwrap_or(&self.operation);
        let Some(tool) = toolbox.find(operation) else { return Ok(()) };
        let none = Value::map::<String>([]);
        let arguments = input.get("arguments").unwrap_or(&none);
        // What another task returns is not known yet.
        if tools::awaits(arguments, &self.after) {
            return Ok(());
        }
        let checked = tool.check_arguments(arguments);
        checked.map_err(|cause| GraphError::Arguments { task: shown(&self.name), cause })
    }

    fn is_unprompted(&self) -> bool {
        self.prompt.as_deref().is_none_or(|prompt| prompt.trim().is_empty())
    }

    /// Returns the input of the operation. Fails if the task lacks something that its operation needs.
    pub(super) fn input(&self, toolbox: &Toolbox) -> Result<Value, GraphError> {
        let mut input = Vec::new();
        if let Some(prompt) = &self.prompt {
            input.push((TEMPLATE, Value::text(prompt.as_str())));
        }
        if let Some(child) = &self.child {
            input.push((CHILD, Value::text(child.as_str())));
        }
        if let Some(arguments) = &self.arguments {
            let arguments = value_of(arguments, "arguments").map_err(|cause| self.wrong(cause))?;
            input.push(("arguments", arguments));
        }
        if self.operation.starts_with(PRIMITIVE) && toolbox.find(&self.operation).is_some() {
            // An admitted function: a primitive of the kernel has its operands in its contract.
            let operands = self.operands.as_ref().ok_or_else(|| self.missing("operands = [...]"))?;
            let values = operands.iter().map(|operand| value_of(operand, "operands"));
            let values = values.collect::<Result<_, _>>().map_err(|cause| self.wrong(cause))?;
            input.push(("arguments", Value::List(values)));
        }
        match self.operation.as_str() {
            DRAFT | CODE_GEN | FACT_LOOP if self.is_unprompted() => Err(self.missing("a prompt")),
            FACT_LOOP => Ok(self.looped(self.prompt.as_deref().unwrap_or_default())),
            DELEGATE if self.child.is_none() => Err(self.missing("child = \"OPERATION\"")),
            VALIDATE | COMMIT | ANSWER if self.after.len() != 1 => {
                Err(self.missing("exactly one task in `after`"))
            }
            _ if input.is_empty() => Ok(Value::Null),
            _ => Ok(Value::map(input)),
        }
    }
}
