//! The errors of the workshop: a fault in its own data, in almost every case.

use std::path::PathBuf;

use sandbox::{Fault, SandboxError};

/// The reason why the set cannot be made or compared.
#[derive(Debug, thiserror::Error)]
pub enum NovelError {
    /// A file of families is not as it must be.
    #[error("the families of {place}: {cause}")]
    Families {
        /// The domain, or the name of the file.
        place: String,
        /// The fault, with its line.
        cause: Box<toml::de::Error>,
    },
    /// A template has a mark that stands for no parameter.
    #[error("{family}: the template has a mark without a parameter at `{at}`")]
    Mark {
        /// The family of the template.
        family: String,
        /// The text from the mark on.
        at: String,
    },
    /// A text that must be JSON is not.
    #[error("{family}: {what} are no JSON ({cause})")]
    Json {
        /// The family with the text.
        family: String,
        /// The part of the family.
        what: &'static str,
        /// The fault.
        cause: serde_json::Error,
    },
    /// A pair of steps names a step that is not there, or steps that do not fit each other.
    #[error("the pair {pair:?} joins no two steps that fit")]
    Pair {
        /// The pair as it is written.
        pair: String,
    },
    /// The families of a domain have too few variants.
    #[error("{domain} has {found} {what}, and needs {needed}")]
    TooFew {
        /// The domain.
        domain: &'static str,
        /// The kind of items.
        what: &'static str,
        /// The number that was found.
        found: usize,
        /// The number that the domain needs.
        needed: usize,
    },
    /// Code of a family has no result.
    #[error("{family}: its code: {fault}")]
    Python {
        /// The family of the code.
        family: String,
        /// The fault of the code.
        fault: Fault,
    },
    /// A family of questions makes something else than a question.
    #[error("{family}: it makes no question with a grader, a right reply and two wrong ones")]
    Question {
        /// The family.
        family: String,
    },
    /// No process can be started for the code of the families.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A file of the set cannot be read or written.
    #[error("{path}: {cause}", path = path.display())]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        cause: std::io::Error,
    },
}
