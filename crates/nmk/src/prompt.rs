//! The prompt of a question: from the command line, from a file, or from standard input.

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use abi::bounds::MAX_PROMPT_BYTES;

use crate::surroundings;

/// The place from which a prompt is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptPlace {
    /// The prompt is an argument of the command.
    CommandLine,
    /// The prompt is the content of a file that a flag names.
    File(PathBuf),
    /// The prompt is what is piped into the command.
    StandardInput,
}

impl fmt::Display for PromptPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine => f.write_str("command line"),
            Self::File(path) => write!(f, "--file {}", path.display()),
            Self::StandardInput => f.write_str("standard input"),
        }
    }
}

/// The reason why there is no prompt to ask.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// No prompt is stated, and standard input is a terminal, so that nothing is piped in.
    #[error(
        "there is no prompt (command line): write it in quotes, as in nmk ask \"Is 7 a prime number?\", pass --file \
         FILE, or pipe it in"
    )]
    Missing,
    /// The prompt is empty or has nothing but white space.
    #[error(
        "the prompt is empty ({place}): say what you want to know, as in nmk ask \"Is 7 a prime number?\""
    )]
    Empty {
        /// The place of the prompt.
        place: PromptPlace,
    },
    /// The prompt is not UTF-8.
    #[error("the prompt is not UTF-8 ({place}, byte {at}): pass it in UTF-8")]
    NotUtf8 {
        /// The place of the prompt.
        place: PromptPlace,
        /// The number of the first byte that is not UTF-8.
        at: usize,
    },
    /// The prompt has a byte of zero, which no text has.
    #[error("the prompt is binary and not text ({place}, byte {at} is zero): pass a text in UTF-8")]
    Binary {
        /// The place of the prompt.
        place: PromptPlace,
        /// The number of the first byte that is zero.
        at: usize,
    },
    /// The prompt is longer than a ledger can keep.
    #[error("the prompt is too large ({place}): at most {} MiB are read", MAX_PROMPT_BYTES >> 20)]
    TooLarge {
        /// The place of the prompt.
        place: PromptPlace,
    },
    /// The file of the prompt is a folder.
    #[error("the prompt is a folder ({place}): name a file in it")]
    Folder {
        /// The place of the prompt.
        place: PromptPlace,
    },
    /// The prompt cannot be read.
    #[error("the prompt cannot be read ({place}): {cause}")]
    Unreadable {
        /// The place of the prompt.
        place: PromptPlace,
        /// The error of the operating system.
        cause: io::Error,
    },
}

/// Returns the prompt that the command line states: its argument, the content of `file`, or standard input if the
/// argument or the file is `-`, or if there is neither and something is piped in.
///
/// A byte order mark at the start of a file is not part of the prompt, nor are line ends at its end, as in
/// `"$(cat FILE)"` of a shell.
///
/// # Errors
/// [`PromptError`] if there is no prompt, or if it cannot be read or is no text.
pub(crate) fn from_command_line(
    argument: Option<&OsStr>,
    file: Option<&Path>,
) -> Result<String, PromptError> {
    let (place, bytes) = match (argument, file) {
        (Some(argument), _) if argument != "-" => {
            (PromptPlace::CommandLine, argument.as_encoded_bytes().to_vec())
        }
        (None, Some(path)) if path != "-" => {
            let place = PromptPlace::File(path.to_owned());
            let bytes = content(path, &place)?;
            (place, bytes)
        }
        (None, None) if surroundings::is_typed_in() => return Err(PromptError::Missing),
        _ => {
            let place = PromptPlace::StandardInput;
            let bytes = bounded(io::stdin().lock(), &place)?;
            (place, bytes)
        }
    };
    text(bytes, place)
}

fn content(path: &Path, place: &PromptPlace) -> Result<Vec<u8>, PromptError> {
    if path.is_dir() {
        return Err(PromptError::Folder { place: place.clone() });
    }
    let file = File::open(path).map_err(|cause| PromptError::Unreadable { place: place.clone(), cause })?;
    bounded(file, place)
}

/// Returns all that `reader` gives. Fails if that is more than the largest prompt and a byte order mark.
fn bounded(reader: impl Read, place: &PromptPlace) -> Result<Vec<u8>, PromptError> {
    crate::bounded::read(reader, MAX_PROMPT_BYTES)
        .map_err(|cause| PromptError::Unreadable { place: place.clone(), cause })?
        .ok_or_else(|| PromptError::TooLarge { place: place.clone() })
}

fn text(bytes: Vec<u8>, place: PromptPlace) -> Result<String, PromptError> {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Err(PromptError::NotUtf8 { place, at: error.utf8_error().valid_up_to() }),
    };
    if let Some(at) = text.find('\0') {
        return Err(PromptError::Binary { place, at });
    }
    let text = match place {
        PromptPlace::CommandLine => text,
        _ => text.strip_prefix('\u{feff}').unwrap_or(&text).trim_end_matches(['\r', '\n']).to_owned(),
    };
    if text.trim().is_empty() {
        return Err(PromptError::Empty { place });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::{PromptError, PromptPlace, text};

    #[test]
    fn a_mark_and_the_last_line_ends_are_no_part_of_a_prompt() {
        let kept = "Zwei\r\n\n Zeilen ";
        for written in ["{}", "{}\n", "{}\r\n", "\u{feff}{}\n\n"] {
            let bytes = written.replace("{}", kept).into_bytes();
            assert_eq!(text(bytes, PromptPlace::StandardInput).expect("a prompt"), kept);
        }
        let inside = "a\u{feff}b";
        assert_eq!(text(inside.into(), PromptPlace::StandardInput).expect("a prompt"), inside);
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        let refused = |bytes: &[u8]| text(bytes.to_vec(), PromptPlace::StandardInput).expect_err("no prompt");
        assert!(matches!(refused(b"\xff\xfeH\0i\0"), PromptError::NotUtf8 { at: 0, .. }));
        assert!(matches!(refused(b"\x7fELF\0\0"), PromptError::Binary { at: 4, .. }));
        for empty in ["", "\n", " \t\r\n", "\u{feff}", "\u{feff}\n"] {
            assert!(matches!(refused(empty.as_bytes()), PromptError::Empty { .. }), "{empty:?}");
        }
    }
}
