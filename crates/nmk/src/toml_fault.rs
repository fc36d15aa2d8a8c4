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

/// Words of the reader for the types of values, and the words of this project's documents.
const TYPES: [(&str, &str); 14] = [
    ("expected a sequence", "a list is expected"),
    ("expected a map", "a table is expected"),
    ("expected a string", "a text is expected"),
    ("expected a boolean", "true or false is expected"),
    ("expected string or table", "a text or a table is expected"),
    ("expected path string", "a path is expected"),
    ("expected one of ", "the keys are "),
    ("unknown field ", "unknown key "),
    ("missing field ", "missing key "),
    ("duplicate field ", "duplicate key "),
    ("invalid type: integer ", "this is the integer "),
    ("invalid type: string ", "this is the text "),
    ("invalid type: map", "this is a table"),
    ("invalid type: sequence", "this is a list"),
];

/// Returns a message of the reader in the words of this project's documents.
fn plain(message: &str) -> String {
    let mut plain =
        TYPES.iter().fold(message.to_owned(), |message, (words, plain)| message.replace(words, plain));
    // Rust's names of types tell a person nothing.
    for (name, words) in
        [("struct ", "a table"), ("u64", "a whole number from 0"), ("u32", "a whole number from 0")]
    {
        if let Some((head, tail)) = plain.split_once(&format!("expected {name}")) {
            let rest = if name == "struct " { tail.trim_start_matches(char::is_alphanumeric) } else { tail };
            plain = format!("{head}{words} is expected{rest}");
        }
    }
    plain
}

/// Returns the message of the TOML reader as one line, in the words of this project's documents.
pub(crate) fn message(error: &toml::de::Error) -> String {
    plain(&excerpt::one_line(&cut(error.message(), MAX_MESSAGE_BYTES)))
}

/// Returns the fault as one line: the place in `text`, then the message of the TOML reader. The text itself is not
/// repeated, because one of its lines can be as long as the file.
pub(crate) fn sentence(text: &str, error: &toml::de::Error) -> String {
    let message = message(error);
    match line(text, error) {
        Some(line) => format!("line {line}: {message}"),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn the_words_of_the_reader_become_those_of_the_documents() {
        let table = [
            ("invalid type: integer `3`, expected a sequence", "this is the integer `3`, a list is expected"),
            (
                "invalid type: string \"x\", expected struct JobTable",
                "this is the text \"x\", a table is expected",
            ),
            (
                "unknown field `forms`, expected one of `form`, `schema`",
                "unknown key `forms`, the keys are `form`, `schema`",
            ),
            ("missing field `language`", "missing key `language`"),
            (
                "invalid type: string \"x\", expected u64",
                "this is the text \"x\", a whole number from 0 is expected",
            ),
            ("unclosed table, expected `]`", "unclosed table, expected `]`"),
        ];
        for (message, words) in table {
            assert_eq!(plain(message), words);
        }
    }
}
