//! The refusals of a graph: what is wrong with its file, its grants, its plan, and the errors that a person sees.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use abi::JobId;
use det::Validators;
use sched::{Capability, Consulted, DriveError, Event, Gate, JobError, Kernel, Millis, Plan, Refusal};
use tools::Toolbox;

use super::Arguments;
use crate::config::Config;
use crate::engine::job_failure;
use crate::graph::{Graph, GraphError};
use crate::near::near;
use crate::primitives;
use crate::recall::DRY_RUN;
use crate::run::{RunError, is_about, under_the_contract};
use crate::{Error, excerpt, operations, web};

pub(super) fn wrong_graph(path: &Path, cause: GraphError) -> Error {
    Error::Graph { path: shown(path), cause: Box::new(cause) }
}

/// Returns the path of a graph as messages show it.
pub(super) fn shown(path: &Path) -> PathBuf {
    if path == "-" { PathBuf::from("standard input") } else { path.to_owned() }
}

/// Returns the error of the command for an error of the run. A refusal names the file of the graph, or the
/// request.
pub(super) fn failure(error: RunError, model: String, graph: Option<&Path>, config: &Config) -> Error {
    match error {
        RunError::Threads(cause) => Error::Threads(cause),
        RunError::Job(JobError::Drive(DriveError::Refused(refusal))) => refused_plan(&refusal, graph),
        RunError::Job(error) => job_failure(model, &config.ledger, error),
    }
}

/// Fails if a capability that the user grants is none of `toolbox`.
pub(in crate::command) fn check_grants(
    granted: &[String],
    toolbox: &Toolbox,
    help: &str,
) -> Result<(), Error> {
    let registry = operations::registry(toolbox);
    let known: BTreeSet<&Capability> =
        registry.operations().flat_map(|operation| &operation.demands).collect();
    match granted.iter().find(|word| !known.iter().any(|known| known.0 == **word)) {
        None => Ok(()),
        Some(word) => {
            let (facts, mut known): (Vec<&str>, Vec<&str>) =
                known.into_iter().map(|known| known.0.as_str()).partition(|known| known.starts_with("fact:"));
            // There is one for each kind of question, and the others would be lost among them.
            known.extend(facts.first().map(|_| "fact:KIND for each kind of question"));
            let (word, known) = (excerpt::from_text(word), known.join(", "));
            let what = match word.starts_with(primitives::CAPABILITY) {
                true => format!("--grant {word}: no task runs such a function; the capabilities are {known}"),
                false => format!("--grant {word}: there is no such capability; the capabilities are {known}"),
            };
            Err(Error::Usage { what, help: help.to_owned() })
        }
    }
}

/// Fails if a task may search and no search is configured, before anything runs. Without the grant the kernel refuses it.
pub(super) fn check_search(graph: &Graph, arguments: &Arguments, config: &Config) -> Result<(), Error> {
    let is_granted = arguments.grant.iter().any(|right| right == "op:web_search");
    let searching = graph.tasks.iter().find(|task| web::runs(task, web::SEARCH));
    match (searching, arguments.graph.as_deref()) {
        (Some(task), Some(path)) if is_granted && config.web.search.is_none() => {
            let (gate, name) = (Gate::Operation.word(), excerpt::from_text(&task.name));
            let refusal =
                format!("refused at the {gate} gate: {name} runs {}, and {}", web::SEARCH, web::NO_SEARCH);
            Err(Error::GraphRefused { path: shown(path), refusal })
        }
        _ => Ok(()),
    }
}

/// Returns the error for a plan that the kernel refused, which names the file of the graph or the request.
pub(super) fn refused_plan(refusal: &Refusal, graph: Option<&Path>) -> Error {
    let refusal = match refusal {
        Refusal::UnknownOperation { task, operation } => unknown_operation(refusal.gate(), task, operation),
        other => other.to_string(),
    };
    match graph {
        Some(path) => Error::GraphRefused { path: shown(path), refusal },
        None => Error::RequestRefused { refusal },
    }
}

/// Returns the refusal of an operation that does not exist, with those that a person may have meant.
fn unknown_operation(gate: Gate, task: &str, operation: &str) -> String {
    let registry = operations::registry(operations::builtin_toolbox());
    let near = near(operation, registry.operations().map(|known| known.name.as_str()));
    let meant =
        if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) };
    let (gate, operation) = (gate.word(), excerpt::from_text(operation));
    format!(
        "refused at the {gate} gate: {task} runs {operation}, which is no operation{meant}; docs/graph.md has the \
         operations, and nmk prims list the primitives"
    )
}

/// Returns the refusal with which a run of the graph would end at once, if there is one, and true if the job itself is
/// refused and not its plan.
pub(super) fn admissible(
    graph: &Graph,
    granted: &[String],
    toolbox: &Toolbox,
    validators: Validators,
) -> Result<(), (Refusal, bool)> {
    let (mut graph, own) = (graph.clone(), under_the_contract(graph));
    // How many tokens a task may spend is configured, and a dry run reads no configuration.
    graph.grant_tokens(1);
    let job = JobId(0);
    let registry = operations::registry_with(toolbox, validators, granted.iter().cloned().map(Capability));
    let mut kernel = Kernel::new(registry, 1);
    let dry = Consulted::no_memory(DRY_RUN);
    let opened = kernel.step(Millis(0), Event::Open(graph.job(job, Millis(0), dry)));
    opened.map_err(|refusal| (refusal, true))?;
    let admitted = kernel.step(Millis(0), Event::Admit(Plan { job, tasks: graph.tasks }));
    admitted.map_err(|refusal| {
        let is_of_the_job = is_about(&refusal, &own);
        (refusal, is_of_the_job)
    })?;
    Ok(())
}
