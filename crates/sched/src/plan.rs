//! Plans: tasks that are admitted together or not at all.

use std::collections::BTreeMap;

use abi::JobId;
use det::Contract;

use crate::Refusal;

/// What a task is to its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Its result may become the job's answer; it stands under the job's contract.
    Answer,
    /// Its result is for other tasks; it stands under a contract of its own.
    Support,
}

/// One task of a plan.
#[derive(Clone, Debug)]
pub struct TaskSpec {
    /// A name that is unique in the job.
    pub name: String,
    /// The registered operation that it runs.
    pub operation: String,
    /// Names of tasks of the same job that must have passed first.
    pub after: Vec<String>,
    /// What it is to the job.
    pub role: Role,
    /// What its result must satisfy.
    pub contract: Contract,
}

/// Tasks for one job. Dependencies name tasks of the plan or tasks that the job has already.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The job.
    pub job: JobId,
    /// The tasks, in any order.
    pub tasks: Vec<TaskSpec>,
}

impl Plan {
    /// The tasks' positions in an order in which dependencies come first.
    ///
    /// # Errors
    /// A name twice, a dependency that neither the plan nor `known` has, or a cycle; each names tasks.
    pub(crate) fn order(&self, known: impl Fn(&str) -> bool) -> Result<Vec<usize>, Refusal> {
        let mut position = BTreeMap::new();
        for (index, task) in self.tasks.iter().enumerate() {
            if known(&task.name) || position.insert(task.name.as_str(), index).is_some() {
                return Err(Refusal::DuplicateTask { task: task.name.clone() });
            }
        }
        let mut waits_for = vec![0_usize; self.tasks.len()];
        let mut unblocks: Vec<Vec<usize>> = vec![Vec::new(); self.tasks.len()];
        for (index, task) in self.tasks.iter().enumerate() {
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
        self.topological(waits_for, &unblocks)
    }

    fn topological(&self, mut waits_for: Vec<usize>, unblocks: &[Vec<usize>]) -> Result<Vec<usize>, Refusal> {
        let mut order: Vec<usize> = (0..self.tasks.len()).filter(|&index| waits_for[index] == 0).collect();
        let mut next = 0;
        while let Some(&index) = order.get(next) {
            next += 1;
            for &after in &unblocks[index] {
                waits_for[after] -= 1;
                if waits_for[after] == 0 {
                    order.push(after);
                }
            }
        }
        if order.len() == self.tasks.len() {
            return Ok(order);
        }
        let stuck = self.tasks.iter().zip(&waits_for).filter(|(_, waits)| **waits > 0);
        Err(Refusal::Cycle { tasks: stuck.map(|(task, _)| task.name.clone()).collect() })
    }
}
