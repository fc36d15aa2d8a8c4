use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use abi::{JobId, Origin, Proposal, Value};
use det::{Expectation, Validators};
use nmk::graph::{Graph, parse};
use sched::{
    BlobDigests, Cause, Consulted, Effect, Event, History, JobSpec, Kernel, Millis, Operation, Plan,
    Registry, Tier,
};

use super::text;
use crate::root::Root;

/// The most tasks of a graph that is run; larger graphs are only parsed.
const MAX_TASKS: usize = 64;
/// The most events of a run. A graph that has not ended by then is a finding.
const MAX_EVENTS: usize = 10_000;

const JOB: JobId = JobId(1);
const NOW: Millis = Millis(0);

/// Returns the job of a graph, for which no memory was asked.
fn job(graph: &Graph) -> JobSpec {
    graph.job(JOB, NOW, Consulted::no_memory("a target opens none"))
}

/// Checks a task graph: an accepted one must be parsed the same way twice. An admitted one must resolve, run
/// to an end whatever its executors do, and leave a legal history.
pub(super) fn graph(bytes: &[u8]) {
    let text = text(bytes);
    let graph = match parse(&text, &Root) {
        Ok(graph) => graph,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let again = parse(&text, &Root).expect("a graph that was read");
    let contracts = |graph: &Graph| graph.tasks.iter().map(|task| task.contract.digest()).collect::<Vec<_>>();
    assert_eq!(contracts(&graph), contracts(&again));
    assert_eq!(job(&graph).contract.digest(), job(&again).contract.digest());
    if graph.tasks.len() <= MAX_TASKS {
        run(&graph, bytes.len());
    }
}

/// An operation that any task may run, and that reads its prompt as a template.
fn operation(name: &str) -> Operation {
    Operation::new(name, Tier::Primitive).filling(factloop::operations::TEMPLATE)
}

/// Runs a graph to its end and returns its history.
fn run(graph: &Graph, variant: usize) -> History {
    let mut registry = Registry::new(Validators::builtin());
    let names: BTreeSet<&str> = graph.tasks.iter().map(|task| task.operation.as_str()).collect();
    names.into_iter().for_each(|name| registry.register(operation(name)));
    job(graph).rights.into_iter().flatten().for_each(|right| registry.grant(right));
    let mut kernel = Kernel::new(registry, 2);
    let mut history = History::default();
    let mut events = VecDeque::from([
        Event::Open(job(graph)),
        Event::Admit(Plan { job: JOB, tasks: graph.tasks.clone() }),
    ]);
    let mut asked_to_end = false;
    for _ in 0..MAX_EVENTS {
        let Some(event) = events.pop_front() else {
            if asked_to_end || !kernel.is_open(JOB) {
                ended(&kernel, &history);
                return history;
            }
            asked_to_end = true;
            events.push_back(Event::Abstain { job: JOB, reason: "nothing passed".to_owned() });
            continue;
        };
        let admits = matches!(event, Event::Admit(_));
        // A task may have ended before the event about it comes; the kernel refuses it then.
        let Ok(effects) = kernel.step(NOW, event) else { continue };
        if admits {
            resolved(&kernel, graph);
        }
        for effect in effects {
            events.extend(answer(effect, &kernel, &mut history, variant));
        }
    }
    panic!("a graph of {} tasks did not end", graph.tasks.len());
}

/// Returns the event that follows an effect. An executor proposes a right or a wrong value, or fails.
fn answer(effect: Effect, kernel: &Kernel, history: &mut History, variant: usize) -> Option<Event> {
    match effect {
        Effect::Record(record) => {
            let entry =
                record.into_entry(&BlobDigests::default()).with_value_body().expect("a record is shallow");
            history.take(&entry).unwrap_or_else(|wrong| panic!("the kernel records {entry:?}: {wrong}"));
            None
        }
        Effect::Run(task) => {
            let contract = Arc::clone(&kernel.spec(task)?.contract);
            let right = match contract.expectation() {
                Expectation::Computed(call) => call.evaluate().ok(),
                Expectation::Given { value, .. } => Some(value.clone()),
                _ => None,
            };
            let value = match (variant + task.number as usize) % 4 {
                0 => return Some(Event::Failed { task, cause: Cause::Executor { message: "no".into() } }),
                1 => Value::text("Answer: 7"),
                _ => right.unwrap_or(Value::Int(7)),
            };
            let subject = Proposal { value, origin: Origin::RemoteModel { name: "fuzz".to_owned() } };
            Some(Event::Proposed { task, subject, record: Value::Null, inputs: Vec::new(), tokens: 0 })
        }
        Effect::Judge { task, subject, inputs } => {
            let contract = Arc::clone(&kernel.spec(task)?.contract);
            Some(match subject.judge(kernel.registry().validators(), task, &contract, inputs) {
                Ok(judged) => Event::Judged { task, judged },
                Err(error) => Event::Unjudged { task, why: error.to_string() },
            })
        }
        _ => None,
    }
}

/// Checks that admitted tasks have unique names, and wait only for other admitted tasks, without a cycle.
fn resolved(kernel: &Kernel, graph: &Graph) {
    let names: BTreeSet<&str> = graph.tasks.iter().map(|task| task.name.as_str()).collect();
    assert_eq!(names.len(), graph.tasks.len(), "admitted with a name twice");
    assert_eq!(kernel.tasks(JOB).count(), graph.tasks.len());
    let mut placed = BTreeSet::new();
    while placed.len() < graph.tasks.len() {
        let before = placed.len();
        for task in kernel.tasks(JOB) {
            if kernel.dependencies(task).all(|other| placed.contains(&other)) {
                placed.insert(task);
            }
        }
        assert!(placed.len() > before, "admitted with a cycle or an unknown task");
    }
}

/// Checks that the job and all of its tasks have ended.
fn ended(kernel: &Kernel, history: &History) {
    assert!(!kernel.is_open(JOB) && kernel.running() == 0, "the job does not end");
    for task in kernel.tasks(JOB) {
        let state = kernel.state(task);
        assert!(state.is_some_and(sched::TaskState::is_settled), "{task} ended as {state:?}");
    }
    assert_eq!(history.unfinished().count(), 0, "the history leaves the job open");
}

#[cfg(test)]
mod tests {
    use sched::JobEnd;

    use super::*;

    #[test]
    fn the_seeds_are_admitted_and_one_is_committed() {
        let sum = parse(include_str!("../../seeds/graph/sum.toml"), &Root).expect("a graph");
        let end = |variant| run(&sum, variant).job(JOB).and_then(|job| job.end.clone());
        assert!(matches!(end(2), Some(JobEnd::Committed { .. })));
        assert_eq!(end(0), Some(JobEnd::Abstained), "its first task fails");
        let large = parse(include_str!("../../seeds/graph/every_key.toml"), &Root).expect("a graph");
        let history = run(&large, 2);
        assert!(history.job(JOB).is_some_and(|job| job.tasks.len() >= large.tasks.len()));
    }
}
