//! Why a chat template is refused.

use thiserror::Error;

/// Why a chat template is refused. All of it is found when a model is loaded, before a prompt is there.
#[derive(Debug, Error)]
pub enum ChatError {
    /// The file that should hold it says something else.
    #[error("{why}; fetch the file again")]
    Config {
        /// What is wrong.
        why: String,
    },
    /// The file is not text.
    #[error("it is not UTF-8 from byte {at} on; fetch the file again")]
    NotText {
        /// Where it stops being text.
        at: usize,
    },
    /// The template is longer than any template.
    #[error(
        "its chat template has {bytes} bytes, and {most} are read; give the folder a shorter chat_template.jinja"
    )]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
        /// The most that are read.
        most: usize,
    },
    /// The template is not Jinja, or does something that fails.
    #[error("its chat template fails in line {line}: {what}; give the folder another chat_template.jinja")]
    Failed {
        /// The line, from 1; 0 where it is not known.
        line: usize,
        /// What failed.
        what: String,
    },
    /// The template itself refuses one turn of a user.
    #[error(
        "its chat template refuses a single turn of a user: \"{message}\"; give the folder another chat_template.jinja"
    )]
    Raised {
        /// In the words of the template, on one line.
        message: String,
    },
    /// The template ran for too long.
    #[error("its chat template took more than {steps} steps; give the folder another chat_template.jinja")]
    OutOfSteps {
        /// The most that are run.
        steps: u64,
    },
    /// The template writes too much.
    #[error("its chat template writes more than {bytes} bytes; give the folder another chat_template.jinja")]
    TooMuch {
        /// The most that are written.
        bytes: usize,
    },
    /// The template says again and again what is said.
    #[error(
        "its chat template repeats a text {times} times, and {most} are allowed; give the folder another chat_template.jinja"
    )]
    Repeats {
        /// How often texts come out of it, together.
        times: usize,
        /// The most.
        most: usize,
    },
    /// What the user says does not come out of the template.
    #[error("its chat template leaves out what the user says; give the folder another chat_template.jinja")]
    TextLeftOut,
}
