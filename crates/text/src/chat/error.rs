//! The reasons why a chat template is refused.

use thiserror::Error;

/// The reason why a chat template is refused. Every reason is found while a model is loaded, before any prompt.
#[derive(Debug, Error)]
pub enum ChatError {
    /// The file that should hold the template has another form.
    #[error("{why}; fetch the file again")]
    Config {
        /// The part that is wrong.
        why: String,
    },
    /// The file is not text.
    #[error("it is not UTF-8 from byte {at} on; fetch the file again")]
    NotText {
        /// The offset of the first byte that is not UTF-8.
        at: usize,
    },
    /// The template is longer than any that is read.
    #[error(
        "its chat template has {bytes} bytes, and {most} are read; give the folder a shorter chat_template.jinja"
    )]
    TooLong {
        /// Length of the template in bytes.
        bytes: usize,
        /// The longest that is read, in bytes.
        most: usize,
    },
    /// The template is not Jinja, or a step of it fails.
    #[error("its chat template fails in line {line}: {what}; give the folder another chat_template.jinja")]
    Failed {
        /// The line, from 1; 0 if the line is not known.
        line: usize,
        /// The step that failed.
        what: String,
    },
    /// The template itself refuses one turn of a user.
    #[error(
        "its chat template refuses a single turn of a user: \"{message}\"; give the folder another chat_template.jinja"
    )]
    Raised {
        /// The template's own words, on one line.
        message: String,
    },
    /// The template ran for too long.
    #[error("its chat template took more than {steps} steps; give the folder another chat_template.jinja")]
    OutOfSteps {
        /// The most steps that are run.
        steps: u64,
    },
    /// The template writes too much.
    #[error("its chat template writes more than {bytes} bytes; give the folder another chat_template.jinja")]
    TooMuch {
        /// The most bytes that are written.
        bytes: usize,
    },
    /// The template repeats the texts too often.
    #[error(
        "its chat template repeats a text {times} times, and {most} are allowed; give the folder another chat_template.jinja"
    )]
    Repeats {
        /// Times that the texts come out of the template, together.
        times: usize,
        /// The most times that are allowed.
        most: usize,
    },
    /// The prompt or the facts do not come out of the template.
    #[error("its chat template leaves out what the user says; give the folder another chat_template.jinja")]
    TextLeftOut,
}
