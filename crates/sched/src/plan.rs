//! The order of a plan, in which dependencies come first.

use foldhash::{HashMap, HashMapExt};

use crate::{Refusal, TaskSpec};

/// Returns the positions of the tasks in an order in which dependencies come first.
///
/// `known` returns true for the name of a task that was admitted to the job before.
///
/// # Errors
/// Fails if a name occurs twice, if a dependency is neither in the plan nor `known`, or if tasks wait for
/// each other. The refusal names the tasks.
pub(crate) fn order(tasks: &[TaskSpec], known: impl Fn(&str) -> bool) -> Result<Vec<usize>, Refusal> {
    let mut position = HashMap::with_capacity(tasks.len());
    for (index, task) in tasks.iter().enumerate() {
        if known(&task.name) || position.insert(task.name.as_str(), index).is_some() {
            return Err(Refusal::DuplicateTask { task: task.name.clone() });
        }
    }
    let mut waits_for = vec![0_usize; tasks.len()];
    let mut unblocks: Vec<Vec<usize>> = vec![Vec::new(); tasks.len()];
    for (index, task) in tasks.iter().enumerate() {
        for dependency in &task.after {
            if let Some(&before) = position.get(dependency.as_str()) {
                waits_for[index] += 1;
                unblocks[before].push(index);
            } else if !known(dependency) {
                let (task, dependency) = (task.name.clone(), dependency.clone());
                return Err(Refusal::UnknownDependency { task, dependency });
            }
        }
    }
    topological(tasks, waits_for, &unblocks)
}

/// Sorts positions so that dependencies come first, or fails with a cycle. `waits_for` counts the
/// dependencies of each position; `unblocks` lists its dependents.
fn topological(
    tasks: &[TaskSpec],
    mut waits_for: Vec<usize>,
    unblocks: &[Vec<usize>],
) -> Result<Vec<usize>, Refusal> {
    let mut positions: Vec<usize> = (0..tasks.len()).filter(|&index| waits_for[index] == 0).collect();
    let mut next = 0;
    while let Some(&index) = positions.get(next) {
        next += 1;
        for &after in &unblocks[index] {
            waits_for[after] -= 1;
            if waits_for[after] == 0 {
                positions.push(after);
            }
        }
    }
    if positions.len() == tasks.len() {
        return Ok(positions);
    }
    Err(Refusal::Cycle { tasks: one_cycle(tasks, &waits_for, unblocks) })
}

/// Returns the names of one cycle among the tasks that could not be sorted, each waiting for the next. Tasks
/// that only wait for a cycle are not named.
fn one_cycle(tasks: &[TaskSpec], waits_for: &[usize], unblocks: &[Vec<usize>]) -> Vec<String> {
    let stuck = |index: &usize| waits_for[*index] > 0;
    // Each stuck task has a stuck dependency, so walking from dependency to dependency must reach a task
    // again.
    let mut before = vec![None; tasks.len()];
    for index in (0..tasks.len()).filter(stuck) {
        for &after in unblocks[index].iter().filter(|after| stuck(after)) {
            before[after] = Some(index);
        }
    }
    let mut at = (0..tasks.len()).find(stuck).expect("a task is stuck");
    let mut seen = vec![false; tasks.len()];
    while !std::mem::replace(&mut seen[at], true) {
        at = before[at].expect("a stuck task waits for a stuck one");
    }
    let mut names = Vec::new();
    let start = at;
    loop {
        names.push(tasks[at].name.clone());
        at = before[at].expect("a stuck task waits for a stuck one");
        if at == start {
            break;
        }
    }
    names
}
