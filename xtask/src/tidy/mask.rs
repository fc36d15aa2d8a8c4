//! Rust source in which comments and literals are blanked, so that a search finds only code.

use std::ops::Range;

/// Replaces what is inside comments, strings and characters by spaces. Line breaks and byte offsets stay the
/// same.
pub(crate) fn mask(text: &str) -> String {
    let mut masked = text.as_bytes().to_vec();
    for span in spans(text) {
        for byte in &mut masked[span] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    // Only whole characters were blanked: every span begins and ends at an ASCII byte.
    String::from_utf8(masked).unwrap_or_default()
}

/// Returns the comments and literals of a source text, in order, as ranges of bytes.
pub(crate) fn spans(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut spans = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = span_end(bytes, at);
        if end > at {
            spans.push(at..end);
        }
        at = end.max(at + 1);
    }
    spans
}

/// Returns the end of the comment or literal that begins at `at`, or `at` itself if none begins there.
fn span_end(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    match rest[0] {
        b'/' if rest.starts_with(b"//") => at + line_length(rest),
        b'/' if rest.starts_with(b"/*") => at + block_length(rest),
        b'"' => at + string_length(rest),
        b'\'' => at + character_length(rest),
        b'r' if at == 0 || !is_word(bytes[at - 1]) || prefixed(bytes, at) => at + raw_length(rest),
        _ => at,
    }
}

/// Returns true if the `r` at `at` follows the `b` or `c` of `br"…"` or `cr"…"`.
fn prefixed(bytes: &[u8], at: usize) -> bool {
    matches!(bytes[at - 1], b'b' | b'c') && (at < 2 || !is_word(bytes[at - 2]))
}

pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn line_length(rest: &[u8]) -> usize {
    rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len())
}

fn block_length(rest: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

fn string_length(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// Returns the length of a character literal; 0 for a lifetime.
fn character_length(rest: &[u8]) -> usize {
    if rest.get(1) == Some(&b'\\') {
        let after = rest.iter().skip(3).position(|&byte| byte == b'\'');
        return after.map_or(0, |found| found + 4);
    }
    // At most one character of four bytes lies between the quotes.
    let found = rest.iter().skip(2).take(4).position(|&byte| byte == b'\'').map(|found| found + 2);
    match found {
        Some(end) if end == 2 || !rest[1].is_ascii() => end + 1,
        _ => 0,
    }
}

fn raw_length(rest: &[u8]) -> usize {
    let hashes = rest[1..].iter().take_while(|&&byte| byte == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return 0;
    }
    let mut close = vec![b'"'];
    close.resize(1 + hashes, b'#');
    let body = 2 + hashes;
    let found = rest[body..].windows(close.len()).position(|window| window == close);
    found.map_or(rest.len(), |found| body + found + close.len())
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn code_stays_and_the_rest_goes() {
        let cases = [
            ("let a = 1; // dbg!(a)\nb", "let a = 1; b"),
            ("a /* x /* y */ z */ b", "a b"),
            (r#"f("dbg!(\"x\")", 'c')"#, "f( , )"),
            (r###"r#"a "quoted" b"# + br"x" + r"""###, "+ b +"),
            ("fn f<'a>(x: &'a str) -> char { '\\'' }", "fn f<'a>(x: &'a str) -> char { }"),
            ("'\\u{1f}' 'é' '\"' \"'\"", ""),
            ("for x in r { her \"x\" }", "for x in r { her }"),
        ];
        for (text, expected) in cases {
            let masked = mask(text);
            assert_eq!(masked.split_whitespace().collect::<Vec<_>>().join(" "), expected, "{text}");
            assert_eq!((masked.len(), masked.lines().count()), (text.len(), text.lines().count()));
        }
    }
}
