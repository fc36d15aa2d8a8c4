//! Positions in a text, as people count them.

/// A place in a text: a line and a column, both counted from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// Returns the position of the character that contains byte `at` of `text`, or the position after the last
/// character if `at` is the length of the text or more.
pub(crate) fn position(text: &str, at: usize) -> Position {
    let before = &text[..text.floor_char_boundary(at)];
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let last = before.rsplit('\n').next().unwrap_or("");
    Position { line, column: last.chars().count() + 1 }
}
