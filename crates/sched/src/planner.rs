//! Plans that a model proposed, narrowed to the tasks that a template allows.

use std::collections::{HashMap, HashSet};
use std::fmt;

use abi::Proposal;

use crate::TaskSpec;

/// One step of a plan that a model proposed: an operation, and the steps that it waits for.
///
/// A step has no fields for contracts, rights, levels, roles or limits, so a model cannot propose them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The name of the step, as the model chose it.
    pub id: String,
    /// The name of the operation that the step asks for.
    pub operation: String,
    /// Names of the steps that this one waits for.
    pub after: Vec<String>,
}

/// A step of a proposed plan that was left out, with the reason. Such a step is reported to the user, and
/// nothing is put in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// The name of the step, as the model chose it.
    pub id: String,
    /// The reason why the step was left out.
    pub why: Unfit,
}

/// The reason why a step of a proposed plan was left out of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The template has no task that runs the operation.
    UnknownOperation {
        /// The name of the operation that the step asks for.
        operation: String,
    },
    /// Earlier steps have taken all tasks of the template that run the operation.
    Exhausted {
        /// The name of the operation that the step asks for.
        operation: String,
    },
    /// An earlier step of the proposed plan has the same name.
    DuplicateId,
    /// The step waits for another step that does not exist, was left out, or waits for this one.
    Waits {
        /// The name of the other step, as the model chose it.
        step: String,
    },
    /// The task that the step stands for waits for another task of the template that is not in the plan.
    Needs {
        /// The name of the other task in the template.
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

/// The part of a proposed plan that fits a template, and the steps that do not, as [`narrow`] returns them.
///
/// The tasks still have to pass admission like those of any other plan.
#[derive(Clone, Debug, Default)]
pub struct Narrowed {
    /// Tasks of the template under their own names, each at most once, dependencies first.
    pub tasks: Vec<TaskSpec>,
    /// The steps that were left out, each with its reason.
    pub dropped: Vec<Dropped>,
}

/// A step together with the task of the template that it stands for.
struct Choice<'a> {
    step: Step,
    task: &'a TaskSpec,
}

/// Reduces a plan that a model proposed to tasks of `template`, a list of tasks that the kernel's owner
/// allows.
///
/// A step picks one of the template's tasks by its operation. The step can only make that task wait for more
/// tasks; everything else comes from the template. No task is added, and a step that waits for a missing step
/// is left out instead of running without it.
#[must_use]
pub fn narrow(template: &[TaskSpec], proposed: Proposal<Vec<Step>>) -> Narrowed {
    let mut narrowed = Narrowed::default();
    let mut open = choose(template, proposed.value, &mut narrowed.dropped);
    // The name of the template's task for each step that is in the plan.
    let mut placed: HashMap<String, String> = HashMap::new();
    let mut names: HashSet<String> = HashSet::new();
    // Each pass places at least one step or ends the loop, and the template bounds the number of steps.
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

/// Pairs each step with a task of the template that runs its operation. No task is given to two steps. Steps
/// that get none go to `dropped`.
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

/// Returns the reason why a step cannot join the tasks that are in the plan so far, or None if it can.
fn obstacle(choice: &Choice<'_>, placed: &HashMap<String, String>, names: &HashSet<String>) -> Option<Unfit> {
    let needed = choice.task.after.iter().find(|task| !names.contains(*task));
    let waited = choice.step.after.iter().find(|step| !placed.contains_key(*step));
    match (needed, waited) {
        (Some(task), _) => Some(Unfit::Needs { task: task.clone() }),
        (None, Some(step)) => Some(Unfit::Waits { step: step.clone() }),
        (None, None) => None,
    }
}
