//! Facts that a generation told about itself, for reports. Nobody judges them.

use abi::{Draft, Stop, Usage, counted};

/// One generation of a job: its reply, its thoughts and the reason for its end, as the model tells them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The name of the task for which the model was asked.
    pub task: String,
    /// The whole reply without the thoughts, unproven. Empty if the model stated nothing.
    pub reply: String,
    /// The thoughts of the model, which are no part of the reply; empty if it wrote none.
    pub thoughts: String,
    /// The reason why the generation stopped.
    pub stop: Stop,
    /// The largest number of tokens that the generation was allowed.
    pub max_new: u32,
    /// The number of tokens that the generation used, and who counted them.
    pub usage: Usage,
    /// The number of generated tokens: the figure of `usage`, or the tokens that were counted.
    pub tokens: u64,
    /// The number of tokens of the prompt. None if the model states none.
    pub prompt_tokens: Option<u64>,
}

impl Generated {
    /// Returns what `draft` tells about the generation for `task`, which was allowed `max_new` tokens.
    #[must_use]
    pub fn from_draft(task: &str, max_new: u32, draft: &Draft) -> Self {
        Self {
            task: task.to_owned(),
            reply: draft.text.clone(),
            thoughts: draft.thoughts.clone(),
            stop: draft.stop,
            max_new,
            usage: draft.usage,
            tokens: draft.used(),
            prompt_tokens: draft.prompt_tokens,
        }
    }

    /// Returns in words why a part of the answer is missing. None if the model ended an answer by itself.
    #[must_use]
    pub fn cut(&self) -> Option<String> {
        let states_nothing = self.reply.trim().is_empty();
        let thinks = self.only_thought();
        Some(match self.stop {
            Stop::End if self.exceeds() => {
                format!(
                    "the endpoint counted {}, and {} were allowed",
                    counted(self.tokens, "token"),
                    self.max_new
                )
            }
            Stop::End if thinks => "the model only thought and stated no answer".to_owned(),
            Stop::End if states_nothing => "the model stated nothing".to_owned(),
            Stop::End => return None,
            Stop::Length if thinks => {
                format!("the model still thought when its {} ended", counted(self.tokens, "token"))
            }
            Stop::Length => format!("the answer was cut off after {}", counted(self.tokens, "token")),
            Stop::ContentFilter => "a content filter of the endpoint ended the answer".to_owned(),
            Stop::Refusal => "the model refused to answer".to_owned(),
            Stop::ToolCall => "the model called a tool instead of answering".to_owned(),
        })
    }

    /// Returns true if the generation is said to have used more tokens than it was allowed. An endpoint may count thoughts that it does
    /// not show.
    #[must_use]
    pub fn exceeds(&self) -> bool {
        self.tokens > u64::from(self.max_new)
    }

    /// Returns true if the model wrote thoughts and no reply.
    fn only_thought(&self) -> bool {
        self.reply.trim().is_empty() && !self.thoughts.trim().is_empty()
    }

    /// Returns the change that would help against a missing part of the answer. None if no part is missing, or if
    /// nothing in particular would help.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        match self.stop {
            Stop::End if self.exceeds() => Some("raise --max-new"),
            Stop::End => None,
            // The model ended before the limit of its caller.
            Stop::Length if self.tokens < u64::from(self.max_new) => Some(match self.usage {
                Usage::Counted => "shorten the prompt, or pass a model with a longer context",
                Usage::Stated(_) | Usage::Estimated(_) => {
                    "ask for a shorter answer, or raise the endpoint's own limit"
                }
            }),
            Stop::Length if self.only_thought() => {
                Some("raise --max-new, or let the model not think with --thinking off")
            }
            Stop::Length => Some("raise --max-new"),
            Stop::ContentFilter => Some("word the question differently, or pass another model"),
            Stop::Refusal => Some("word the question differently, or pass another model"),
            Stop::ToolCall => Some("ask for an answer in words, or pass another model"),
        }
    }
}
