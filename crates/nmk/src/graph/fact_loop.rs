//! The task `fact_loop` of a graph: the question that its prompt asks, and the task that computes the fact for it.

use abi::Value;
use det::{Contract, Level};
use factloop::operations::{FACT, FACT_LOOP, FACTS, PROMPT};
use factloop::{Routed, Specification};
use sched::TaskSpec;

use super::{Graph, TaskTable, capabilities};
use crate::contract_file::{Chosen, shown};
use crate::notes::Note;

impl TaskTable {
    /// Returns the question that a task `fact_loop` asks. None for another operation, and for a prompt of conversation.
    pub(super) fn question(&self) -> Option<Routed> {
        let prompt = self.prompt.as_deref().filter(|_| self.operation == FACT_LOOP)?;
        factloop::route(prompt)
    }

    /// Returns the name of the task that computes the fact.
    fn fact_name(&self) -> String {
        format!("{}.fact", self.name)
    }

    /// Returns the task that computes the fact of a task `fact_loop` and has its own check, apart from that of the answer.
    pub(super) fn fact(&self) -> Option<TaskSpec> {
        let Routed { specification, fact, .. } = self.question()?;
        let operation = format!("{FACT}{}", specification.word());
        let mut spec = TaskSpec::new(self.fact_name(), operation, Contract::computed_value(fact));
        // The task computes on behalf of this one, so it holds no more.
        spec.rights = self.rights.as_deref().map(capabilities);
        Some(spec)
    }

    /// Returns the input of a task `fact_loop`. The prompt is read as it is, without placeholders.
    pub(super) fn looped(&self, prompt: &str) -> Value {
        let mut input = vec![(PROMPT, Value::text(prompt))];
        if let Some(Routed { fact, .. }) = self.question() {
            input.push((FACTS, Value::map([(self.fact_name(), Value::text(fact.to_string()))])));
        }
        Value::map(input)
    }
}

/// Returns the contract of a question as that of its task, at the level that the operation reaches.
pub(super) fn chosen(question: Routed) -> Chosen {
    Chosen { contract: question.contract, require: Level::Property }
}

impl Graph {
    /// Returns a note for each task `fact_loop` whose prompt is not read as a question: its draft is not checked.
    pub(crate) fn unread(&self) -> Vec<Note> {
        let prompts = self.tasks.iter().filter(|task| task.operation == FACT_LOOP);
        let prompts = prompts.filter_map(|task| Some((task, task.input.get(PROMPT)?.as_text()?)));
        let unread = prompts.filter(|(_, prompt)| factloop::route(prompt).is_none());
        unread.map(|(task, prompt)| Note::unread_of(&shown(&task.name), prompt)).collect()
    }

    /// Returns the tasks `fact_loop` that have a fact, each with the kind of its question.
    pub(crate) fn fact_loops(&mut self) -> impl Iterator<Item = (&mut TaskSpec, Specification)> {
        self.tasks.iter_mut().filter_map(|task| {
            let is_loop = task.operation == FACT_LOOP;
            let prompt = task.input.get(PROMPT).and_then(Value::as_text).filter(|_| is_loop)?;
            let specification = factloop::route(prompt)?.specification;
            Some((task, specification))
        })
    }
}
