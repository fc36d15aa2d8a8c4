//! Plans that a model made, narrowed to what a template allows.

use std::collections::{HashMap, HashSet};
use std::fmt;

use abi::Proposal;

use crate::TaskSpec;

/// One step of a proposed plan. It can say what is to be done and when, and nothing about contracts,
/// rights, levels, roles or limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name in the proposal.
    pub id: String,
    /// The operation that it asks for.
    pub operation: String,
    /// Names of the steps that it waits for.
    pub after: Vec<String>,
}

/// A step that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Its name in the proposal.
    pub id: String,
    /// Why.
    pub why: Unfit,
}

/// Why a step was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The template has no task of that operation.
    UnknownOperation {
        /// The operation.
        operation: String,
    },
    /// All of the template's tasks of that operation are taken by earlier steps.
    Exhausted {
        /// The operation.
        operation: String,
    },
    /// An earlier step has that name.
    DuplicateId,
    /// It waits for a step that is not there, was left out, or waits for it.
    Waits {
        /// That step.
        step: String,
    },
    /// The template's task waits for another one that is not in the plan.
    Needs {
        /// The template's task.
        task: String,
    },
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownOperation { operation } => {
                write!(f, "the template has no task of the operation {operation}")
            }
            Self::Exhausted { operation } => {
                write!(f, "the template has no further task of the operation {operation}")
            }
            Self::DuplicateId => f.write_str("an earlier step has that name"),
            Self::Waits { step } => write!(f, "it waits for {step}, which is not in the plan before it"),
            Self::Needs { task } => {
                write!(f, "the template lets it run only after {task}, which is not in the plan before it")
            }
        }
    }
}

/// What is left of a proposed plan.
#[derive(Clone, Debug, Default)]
pub struct Narrowed {
    /// Tasks of the template under their own names, each once at most, dependencies first.
    pub tasks: Vec<TaskSpec>,
    /// The steps that were left out.
    pub dropped: Vec<Dropped>,
}

/// A step and the template's task that it stands for.
struct Choice<'a> {
    step: Step,
    task: &'a TaskSpec,
}

/// Narrows a proposed plan to tasks of `template`.
///
/// A step picks a template's task by its operation. Everything but additional waiting is the template's.
/// Nothing is added; a step that waits for something that is not there is left out, never run without it.
#[must_use]
pub fn narrow(template: &[TaskSpec], proposed: Proposal<Vec<Step>>) -> Narrowed {
    let mut narrowed = Narrowed::default();
    let mut open = choose(template, proposed.value, &mut narrowed.dropped);
    // Names of the tasks in the plan, by the ids of their steps.
    let mut placed: HashMap<String, String> = HashMap::new();
    let mut names: HashSet<String> = HashSet::new();
    // A pass places a step or is the last; the template bounds the number of steps.
    loop {
        let before = open.len();
        for choice in std::mem::take(&mut open) {
            if obstacle(&choice, &placed, &names).is_some() {
                open.push(choice);
                continue;
            }
            let mut spec = choice.task.clone();
            for step in &choice.step.after {
                let name = &placed[step];
                if !spec.after.contains(name) {
                    spec.after.push(name.clone());
                }
            }
            names.insert(spec.name.clone());
            placed.insert(choice.step.id, spec.name.clone());
            narrowed.tasks.push(spec);
        }
        if open.len() == before {
            break;
        }
    }
    for choice in open {
        let why = obstacle(&choice, &placed, &names).expect("an unplaced step has an obstacle");
        narrowed.dropped.push(Dropped { id: choice.step.id, why });
    }
    narrowed
}

/// The template's tasks that steps stand for, each taken by one step.
fn choose<'a>(template: &'a [TaskSpec], steps: Vec<Step>, dropped: &mut Vec<Dropped>) -> Vec<Choice<'a>> {
    let mut free: HashMap<&str, Vec<&TaskSpec>> = HashMap::new();
    for task in template.iter().rev() {
        free.entry(&task.operation).or_default().push(task);
    }
    let mut ids = HashSet::new();
    let mut chosen = Vec::new();
    for step in steps {
        let why = match free.get_mut(step.operation.as_str()) {
            None => Unfit::UnknownOperation { operation: step.operation },
            Some(_) if ids.contains(&step.id) => Unfit::DuplicateId,
            Some(tasks) => match tasks.pop() {
                Some(task) => {
                    ids.insert(step.id.clone());
                    chosen.push(Choice { step, task });
                    continue;
                }
                None => Unfit::Exhausted { operation: step.operation },
            },
        };
        dropped.push(Dropped { id: step.id, why });
    }
    chosen
}

/// What keeps a step out of the plan as it is so far.
fn obstacle(choice: &Choice<'_>, placed: &HashMap<String, String>, names: &HashSet<String>) -> Option<Unfit> {
    let needed = choice.task.after.iter().find(|task| !names.contains(*task));
    let waited = choice.step.after.iter().find(|step| !placed.contains_key(*step));
    match (needed, waited) {
        (Some(task), _) => Some(Unfit::Needs { task: task.clone() }),
        (None, Some(step)) => Some(Unfit::Waits { step: step.clone() }),
        (None, None) => None,
    }
}
