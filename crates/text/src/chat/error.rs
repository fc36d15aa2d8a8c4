//! The reasons why a chat template is refused.

use abi::counted;
use thiserror::Error;

/// The reason why a checkpoint's chat template is refused. Every reason is found before any prompt is
/// known.
#[derive(Debug, Error)]
pub enum ChatError {
    /// A file that should hold the template is not JSON, or a key of it has another form.
    #[error("{why}; fetch the file again")]
    Config {
        /// The part of the file that is wrong, in words.
        why: String,
    },
    /// The file of the template is not UTF-8.
    #[error("it is not UTF-8 from byte {at} on; fetch the file again")]
    NotText {
        /// Offset of the first byte that is not UTF-8.
        at: usize,
    },
    /// The template is longer than the longest that is read.
    #[error(
        "its chat template has {bytes}, and {most} are read; give the folder a shorter chat_template.jinja", bytes = counted(*bytes, "byte"))]
    TooLong {
        /// Length of the template, in bytes.
        bytes: usize,
        /// Length of the longest template that is read, in bytes.
        most: usize,
    },
    /// The template is not valid Jinja, or a step of it fails.
    #[error("its chat template fails in line {line}: {what}; give the folder another chat_template.jinja")]
    Failed {
        /// Number of the line in the template, from 1; 0 if the line is not known.
        line: usize,
        /// The step that failed, in the words of the Jinja library.
        what: String,
    },
    /// The template refuses a conversation by calling `raise_exception`.
    #[error(
        "its chat template refuses the conversation: \"{message}\"; ask without --system and --messages, or give the \
         folder another chat_template.jinja"
    )]
    Raised {
        /// The message of the template itself, on one line.
        message: String,
    },
    /// The template takes more steps than are allowed, for example in a loop.
    #[error("its chat template took more than {steps}; give the folder another chat_template.jinja", steps = counted(*steps, "step"))]
    OutOfSteps {
        /// The most steps that are allowed.
        steps: u64,
    },
    /// The template writes more than is allowed.
    #[error("its chat template writes more than {bytes}; give the folder another chat_template.jinja", bytes = counted(*bytes, "byte"))]
    TooMuch {
        /// The most bytes that are allowed.
        bytes: usize,
    },
    /// The template repeats a text more often than is allowed.
    #[error(
        "its chat template repeats a text more than {most}; give the folder another chat_template.jinja", most = counted(*most, "time"))]
    Repeats {
        /// The most times that are allowed.
        most: usize,
    },
    /// The template cannot be told whether the model shall think.
    #[error("its chat template has no switch for thoughts; leave out --thinking")]
    NoThinkingSwitch,
    /// The prompt, or the facts, are missing from what the template writes.
    #[error("its chat template leaves out what the user says; give the folder another chat_template.jinja")]
    TextLeftOut,
    /// A message before the prompt is missing from what the template writes.
    #[error("its chat template leaves out message {number} of the conversation; ask without it")]
    MessageLeftOut {
        /// The number of the message, from 1.
        number: usize,
    },
    /// The model reads a prompt alone, and no messages before it.
    #[error("it reads no system message and no earlier messages; pass another model with --model")]
    NoConversation,
}
