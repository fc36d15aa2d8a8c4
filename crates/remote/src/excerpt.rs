//! Excerpts: text from outside on one line, for messages.
//!
//! A server, a model or a file can put control characters into its text, which move the cursor of a terminal,
//! and marks that reorder what a person reads. The functions here replace both by spaces.

/// The length of the longest excerpt, in characters. A cut excerpt ends in `…`.
const MAX_CHARS: usize = 160;

/// The length of the longest message of a server that is shown, in characters: the cause can stand at its end.
const MAX_MESSAGE_CHARS: usize = 1000;

/// Returns the start of `text` on one line, at most 160 characters and `…` if more follow. Each run of white
/// space and control characters becomes one space.
#[must_use]
pub fn from_text(text: &str) -> String {
    cut(text, MAX_CHARS)
}

/// Returns the message of a server as [`from_text`] does, with at most 1000 characters.
pub(crate) fn from_message(text: &str) -> String {
    cut(text, MAX_MESSAGE_CHARS)
}

fn cut(text: &str, most: usize) -> String {
    // Eight times the limit fills the excerpt even after runs of space shrink, unless the text is mostly space.
    let visible: String = text.chars().take(8 * most).map(|c| if is_unsafe(c) { ' ' } else { c }).collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    line.chars().take(most).chain(['…']).collect()
}

/// Returns the whole of `text` on one line. Each run of white space and control characters becomes one space.
#[must_use]
pub fn one_line(text: &str) -> String {
    let visible: String = text.chars().map(|c| if is_unsafe(c) { ' ' } else { c }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the start of `bytes` on one line, as [`from_text`] does. Bytes that are not UTF-8 become `U+FFFD`.
#[must_use]
pub fn from_bytes(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(4 * 8 * MAX_CHARS)];
    from_text(&String::from_utf8_lossy(head))
}

/// Returns true for a character that a terminal must not be sent: a control character, a separator of lines, or a format
/// character of Unicode (the category `Cf`), such as the marks that change the direction of text.
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}')
        || matches!(c,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}'
            | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0001}' | '\u{e0020}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_short_line_without_control_characters() {
        assert_eq!(from_text(" a\r\n\tb\x1b[2Jc\u{202e} "), "a b [2Jc");
        assert_eq!(from_text(&"x".repeat(1000)).chars().count(), MAX_CHARS + 1);
        assert_eq!(from_message(&"x".repeat(2000)).chars().count(), MAX_MESSAGE_CHARS + 1);
        assert_eq!(from_bytes(b"\xff<html>"), "\u{fffd}<html>");
        assert_eq!(one_line("a\u{200b}b\u{2028}c\u{feff}d\u{e0041}e"), "a b c d e");
    }
}
