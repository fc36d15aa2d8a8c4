//! Nouns for a number of things: `a quartet of r's`, `half a dozen`.

use super::tokens::Token;

/// Nouns for a number of things, each line with the number at its head.
const NOUNS: [(u8, &str); 10] = [
    (2, "pair couple duo twosome duet"),
    (3, "trio triple triplet threesome triad trinity"),
    (4, "quartet quartette quadruple quadruplet foursome tetrad quad"),
    (5, "quintet quintette quintuple quintuplet fivesome pentad"),
    (6, "sextet sextette sextuple sextuplet sixsome hexad"),
    (7, "septet septuple septuplet heptad"),
    (8, "octet octuple octuplet ogdoad"),
    (9, "nonet nonuple"),
    (10, "decet decuple"),
    (12, "dozen"),
];

/// Returns the number of things for which a noun stands.
pub(super) fn collective(word: &str) -> Option<u8> {
    // Most words are none, and a long reply has many of them.
    if !matches!(
        word.bytes().next(),
        Some(b'b' | b'c' | b'd' | b'f' | b'g' | b'h' | b'n' | b'o' | b'p' | b'q' | b's' | b't')
    ) {
        return None;
    }
    NOUNS.iter().find(|(_, nouns)| nouns.split(' ').any(|noun| noun == word)).map(|(number, _)| *number)
}

/// Returns the number of things for which the words at `at` stand, true if the number is all that they say, and the
/// number of their tokens. A noun counts before "of", and where it ends a line that is nothing else: `A quartet.`
pub(super) fn counted(tokens: &[Token<'_>], at: usize) -> Option<(u8, bool, usize)> {
    let word = |at: usize| tokens.get(at).map_or("", Token::word);
    if word(at) == "half" && word(at + 1) == "a" && word(at + 2) == "dozen" {
        return Some((6, false, 3));
    }
    let number = collective(word(at))?;
    let is_mark = |token: &Token<'_>| matches!(token, Token::Mark(_));
    let is_article = |token: &Token<'_>| is_mark(token) || matches!(token.word(), "a" | "an" | "the");
    let is_before_of = word(at + 1) == "of";
    let is_alone = || tokens[..at].iter().rev().all(is_article) && tokens[at + 1..].iter().all(is_mark);
    (is_before_of || is_alone()).then_some((number, !is_before_of, 1))
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::counted;

    #[test]
    fn a_noun_counts_what_follows_it() {
        let table = [
            ("quartet of r's", Some((4, false, 1))),
            ("quartet", Some((4, true, 1))),
            ("pair.", Some((2, true, 1))),
            ("pair up", None),
            ("half a dozen r's", Some((6, false, 3))),
            ("half of it", None),
            ("double r", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(counted(&tokens(text), 0), expected, "{text}");
        }
    }
}
