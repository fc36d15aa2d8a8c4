//! The operations of a job on this machine: those of `factloop` over the chosen model, and the tools.
//!
//! Nothing here is trusted: the kernel has every proposal judged.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use abi::{Draft, Identity, Origin, Proposal, Proposer, Request, Step, Value};
use det::Validators;
use factloop::operations::{self, Notice, OperationError, OperationExecutor};
use sched::{Capability, Execution, Executor, Outcome, Registry, Work};
use tools::{Recall, Toolbox, Web, World};

use crate::machine::Machine;
use crate::memory_access::NoMemory;
use crate::model::ModelFailure;
use crate::web::NoWeb;
use crate::{AnyModel, ErrorCode};

/// The reason why an operation of a job proposed nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    /// A tool failed, or does not take its arguments.
    #[error(transparent)]
    Tool(#[from] tools::ToolError),
    /// The code that was proposed was revoked here.
    #[error("its code was revoked here: {why}")]
    Revoked {
        /// The reason that was given.
        why: String,
    },
    /// The store of functions does not say whether the code was revoked.
    #[error(transparent)]
    Store(escalate::StoreError),
    /// An operation other than a tool proposed nothing.
    #[error(transparent)]
    Operation(#[from] OperationError<ModelFailure>),
}

impl TaskError {
    /// Returns the code of the failure of a model or a tool. None if what was proposed could not be used.
    fn failure(&self) -> Option<ErrorCode> {
        match self {
            Self::Tool(_) => Some(ErrorCode::Operation),
            Self::Operation(OperationError::Model(failure)) => Some(failure.code()),
            Self::Operation(_) | Self::Revoked { .. } | Self::Store(_) => None,
        }
    }
}

/// The tasks whose last run ended because a model or a tool failed, each with the code of that failure, for all workers
/// of a job.
#[derive(Clone, Debug, Default)]
pub(crate) struct Broken(Arc<Mutex<BTreeMap<String, ErrorCode>>>);

impl Broken {
    /// Returns the code of the failure if a task that `reason` begins with failed in its last run.
    pub(crate) fn explains(&self, reason: &str) -> Option<ErrorCode> {
        let tasks = self.tasks();
        let mut explained = tasks
            .iter()
            .filter(|(task, _)| reason.strip_prefix(task.as_str()).is_some_and(|rest| rest.starts_with(':')));
        explained.next().map(|(_, code)| *code)
    }

    fn note(&self, task: &str, ended: &Result<Outcome, TaskError>) {
        match ended.as_ref().err().and_then(TaskError::failure) {
            Some(code) => self.tasks().insert(task.to_owned(), code),
            None => self.tasks().remove(task),
        };
    }

    fn tasks(&self) -> MutexGuard<'_, BTreeMap<String, ErrorCode>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The operation of a search that proposes the code of a function which was admitted for another specification.
pub(crate) const RECALL: &str = "recall";
/// The key of the input of [`RECALL`] under which the code stands.
pub(crate) const CODE: &str = "code";
/// The key of the input of [`RECALL`] under which the name of the model that wrote the code stands.
pub(crate) const AUTHOR: &str = "author";

/// Returns the built-in tools, of which those of the web reach nothing. They are made once, because every graph that is read
/// needs them.
pub(crate) fn builtin_toolbox() -> &'static Toolbox {
    static TOOLBOX: LazyLock<Toolbox> = LazyLock::new(|| toolbox_over(Arc::new(NoWeb)));
    &TOOLBOX
}

/// Adds the tools of the memory to `toolbox`.
pub(crate) fn add_memory(toolbox: &mut Toolbox, recall: Arc<dyn Recall>) {
    for tool in [tools::memory(Arc::clone(&recall)), tools::memory_write(recall)] {
        toolbox.add(tool.expect("the contracts of the built-in tools are tested"));
    }
}

/// Adds the built-in tools to `toolbox`, those of the web over `web`.
pub(crate) fn add_builtin(toolbox: &mut Toolbox, web: Arc<dyn Web>) {
    let world: Arc<dyn World> = Arc::new(Machine);
    let all = [
        tools::datetime(Arc::clone(&world)),
        tools::sysinfo(world),
        tools::web_search(Arc::clone(&web)),
        tools::web_fetch(web),
    ];
    for tool in all {
        toolbox.add(tool.expect("the contracts of the built-in tools are tested"));
    }
}

fn toolbox_over(web: Arc<dyn Web>) -> Toolbox {
    let mut toolbox = Toolbox::default();
    add_builtin(&mut toolbox, web);
    add_memory(&mut toolbox, Arc::new(NoMemory));
    toolbox
}

/// Returns a registry of all operations, those of `toolbox` included, with the built-in validators. It grants no rights.
pub(crate) fn registry(toolbox: &Toolbox) -> Registry {
    registry_with(toolbox, Validators::builtin(), [])
}

/// Returns a registry of all operations, those of `toolbox` included, with these validators. It grants the rights in
/// `granted`.
pub(crate) fn registry_with(
    toolbox: &Toolbox,
    validators: Validators,
    granted: impl IntoIterator<Item = Capability>,
) -> Registry {
    let mut registry = operations::registry_with(validators);
    toolbox.register(&mut registry);
    granted.into_iter().for_each(|right| registry.grant(right));
    registry
}

/// An executor that runs all operations, tools included, with one model for the generations.
#[derive(Clone, Debug)]
pub(crate) struct TaskExecutor<P, N> {
    operations: OperationExecutor<P, N>,
    toolbox: Toolbox,
    broken: Broken,
}

impl<P, N: FnMut(Notice<'_>)> TaskExecutor<P, N> {
    /// Returns an executor over `model` and `toolbox`, which calls `notify` with what a running operation tells. A generation
    /// has at most `max_new` tokens.
    pub(crate) fn new(model: P, toolbox: Toolbox, max_new: u32, notify: N) -> Self {
        let operations = OperationExecutor { proposer: model, max_new, notify };
        Self { operations, toolbox, broken: Broken::default() }
    }

    /// Returns the tasks that failed so far, as every copy of this executor notes them.
    pub(crate) fn broken(&self) -> Broken {
        self.broken.clone()
    }
}

impl<P: Proposer<Error = ModelFailure>, N: FnMut(Notice<'_>)> Executor for TaskExecutor<P, N> {
    type Error = TaskError;

    fn run(&mut self, work: &Work) -> Result<Outcome, TaskError> {
        let ended = match self.toolbox.find(&work.spec.operation) {
            Some(_) => self.toolbox.run(work).map_err(TaskError::from),
            None if work.spec.operation == RECALL => Ok(recall(&work.spec.input)),
            None => self.operations.run(work).map_err(TaskError::from),
        };
        self.broken.note(&work.spec.name, &ended);
        ended
    }
}

/// Returns the proposal of an admitted function's code. Of the model that wrote it, the name alone is known.
fn recall(input: &Value) -> Outcome {
    let text = |key| input.get(key).and_then(Value::as_text).unwrap_or_default();
    let origin = Origin::RemoteModel { name: text(AUTHOR).to_owned() };
    Outcome::Proposed(Execution::from_proposal(Proposal { value: Value::text(text(CODE)), origin }))
}

/// One model that several workers share, one at a time.
#[derive(Clone, Debug)]
pub(crate) struct SharedModel(Arc<Mutex<AnyModel>>);

impl SharedModel {
    pub(crate) fn new(model: AnyModel) -> Self {
        Self(Arc::new(Mutex::new(model)))
    }

    /// Waits for the model and returns it. After a panic of another worker it can still be used, because
    /// every generation starts anew.
    fn lock(&self) -> MutexGuard<'_, AnyModel> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Proposer for SharedModel {
    type Error = ModelFailure;

    fn identity(&self) -> Identity {
        self.lock().identity()
    }

    fn propose(
        &mut self,
        request: &Request<'_>,
        progress: &mut dyn FnMut(Step<'_>),
    ) -> Result<Proposal<Draft>, ModelFailure> {
        self.lock().propose(request, progress)
    }

    fn has_room(&self, request: &Request<'_>) -> bool {
        self.lock().has_room(request)
    }
}
