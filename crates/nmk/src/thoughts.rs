//! The flags about what a model thinks aloud, and the display of it.

use abi::Thinking;
use clap::Args;
use factloop::Generated;

use crate::console::Console;

/// The flags about what a model thinks aloud.
#[derive(Args, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Thoughts {
    /// Let a model think before it answers: on, off, or auto as its template has it.
    #[arg(long, value_name = "on|off|auto", value_parser = thinking)]
    pub(crate) thinking: Option<Thinking>,
    /// Show what the model thought, which nobody checks and which is no part of the answer.
    #[arg(long)]
    pub(crate) show_thinking: bool,
}

/// The error of a word that is no choice of thinking.
#[derive(Debug, thiserror::Error)]
#[error("the choices are on, off and auto")]
struct NotAChoice;

fn thinking(word: &str) -> Result<Thinking, NotAChoice> {
    Thinking::from_word(word).ok_or(NotAChoice)
}

/// Shows the thoughts of every generation that has some.
pub(crate) fn show(generated: &[Generated], console: &mut Console<'_>) {
    for one in generated.iter().filter(|one| !one.thoughts.is_empty()) {
        console.note(&format!("thoughts of {}: {}", one.task, one.thoughts));
    }
}
