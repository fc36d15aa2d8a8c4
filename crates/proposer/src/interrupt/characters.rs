//! The characters of a text that tell where its words, clauses and sentences end.

/// Returns true for the bytes of letters, digits and `_`, and of every character beyond ASCII.
pub(super) fn is_of_a_word(byte: u8) -> bool {
    is_of_an_ascii_word(byte) || !byte.is_ascii()
}

/// Returns true for the bytes of ASCII letters, digits and `_`.
fn is_of_an_ascii_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Returns true if a token with the bytes `next` leaves the last word of `text` whole. A script without spaces may have a
/// word in each character.
pub(super) fn leaves_words_whole(text: &[u8], next: &[u8]) -> bool {
    let is_within = |byte: Option<&u8>| byte.is_some_and(|byte| is_of_an_ascii_word(*byte));
    !(is_within(text.last()) && is_within(next.first()))
}

/// Returns true if `text` is the beginning of a first word, or nothing.
pub(super) fn is_first_word(text: &[u8]) -> bool {
    text.trim_ascii_start().iter().all(|byte| is_of_an_ascii_word(*byte))
}

/// Returns true if `text` ends with the mark that ends a sentence, perhaps behind quotation marks or brackets.
pub(super) fn ends_sentence(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&text[text.len().saturating_sub(16)..]);
    let text = text.trim_end_matches(['"', '\'', ')', ']', '*', '\u{201d}', '\u{2019}', '\u{bb}']);
    text.ends_with(['.', '!', '?', '\n', '\u{3002}', '\u{ff01}', '\u{ff1f}'])
}

/// Returns true if a sentence begins with a token of the bytes `next` behind `text`.
pub(super) fn begins_sentence(text: &[u8], next: &[u8]) -> bool {
    let is_apart = next.first().is_some_and(u8::is_ascii_whitespace)
        || text.last().is_some_and(|last| last.is_ascii_whitespace() || !last.is_ascii());
    is_apart && ends_sentence(without_spaces(text))
}

/// Returns true if a token is a mark behind which the clause before it is whole.
pub(super) fn is_end_of_clause(token: &[u8]) -> bool {
    matches!(std::str::from_utf8(token).map(str::trim), Ok("," | ";" | ":" | "\u{2013}" | "\u{2014}"))
}

/// Returns `text` without the spaces at its end.
fn without_spaces(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
    &text[..end]
}
