//! Faults of a TOML text, as errors show them.

use abi::bounds::cut;

use crate::excerpt;

/// The most bytes of the reader's message that an error shows. The message may quote a key of any length.
const MAX_MESSAGE_BYTES: usize = 1024;

/// Returns the line of the fault in `text`, from 1. None if the reader does not state it.
pub(crate) fn line(text: &str, error: &toml::de::Error) -> Option<usize> {
    let head = text.get(..error.span()?.start)?;
    Some(1 + head.matches('\n').count())
}

/// Returns the fault as one line: the place in `text`, then the message of the TOML reader. The text itself is not
/// repeated, because one of its lines can be as long as the file.
pub(crate) fn sentence(text: &str, error: &toml::de::Error) -> String {
    let message = excerpt::one_line(&cut(error.message(), MAX_MESSAGE_BYTES));
    match line(text, error) {
        Some(line) => format!("line {line}: {message}"),
        None => message,
    }
}
