//! Short, harmless renderings of text that others wrote.

const MAX_CHARS: usize = 160;

/// One line of `text`: control characters become spaces, runs of space shrink, and it is cut.
pub(crate) fn of_text(text: &str) -> String {
    // Twice the limit is enough to fill it after shrinking, or the text is mostly space.
    let visible: String =
        text.chars().take(8 * MAX_CHARS).map(|c| if is_unsafe(c) { ' ' } else { c }).collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MAX_CHARS {
        return line;
    }
    line.chars().take(MAX_CHARS).chain(['…']).collect()
}

/// The whole of `text` on one line: control characters become spaces, runs of space shrink.
pub(crate) fn one_line(text: &str) -> String {
    let visible: String = text.chars().map(|c| if is_unsafe(c) { ' ' } else { c }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One line of `bytes`; what is not UTF-8 is replaced.
pub(crate) fn of_bytes(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(4 * 8 * MAX_CHARS)];
    of_text(&String::from_utf8_lossy(head))
}

/// Control characters move the cursor; bidirectional marks reorder what is read.
fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_short_line_without_control_characters() {
        assert_eq!(of_text(" a\r\n\tb\x1b[2Jc\u{202e} "), "a b [2Jc");
        assert_eq!(of_text(&"x".repeat(1000)).chars().count(), MAX_CHARS + 1);
        assert_eq!(of_bytes(b"\xff<html>"), "\u{fffd}<html>");
    }
}
