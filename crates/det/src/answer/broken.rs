//! Words that are broken into letters or pieces: `A n s w e r : 4`, `An swer: 4`.

use alloc::string::String;

use super::statements::{LABELS, Line};
use super::tokens::Token;

/// Marks that may stand between the letters of a broken word, beside a space.
const BETWEEN: [char; 8] = [' ', '.', '-', '_', '*', '\u{b7}', '/', '|'];
/// The fewest letters of a broken word, unless the line has no whole one.
const FEWEST_LETTERS: usize = 3;
/// The longest line whose letters are joined, in bytes. A longer one explains.
const MOST_BYTES: usize = 1_000;
/// The most tokens before a value in which a broken label is looked for.
const MOST_TOKENS: usize = 24;
/// The letters of the longest label.
const LONGEST_LABEL: usize = 10;

/// Returns a line with the letters that stand apart joined to words, or None if it has no run of them.
///
/// Letters belong to one word while the same single mark, or a single space, stands between them.
pub(super) fn rejoined(line: &str) -> Option<String> {
    if line.len() > MOST_BYTES {
        return None;
    }
    let (mut out, mut has_run) = (String::new(), false);
    let is_spelled = line.split(|c: char| !c.is_alphabetic()).all(|word| word.chars().nth(1).is_none());
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let is_begun = out.ends_with(char::is_alphanumeric);
        match if is_begun { None } else { run(rest) } {
            Some((words, end, count)) if count >= FEWEST_LETTERS || is_spelled => {
                out.push_str(&words);
                rest = &rest[end..];
                has_run = true;
            }
            Some((_, end, _)) => {
                out.push_str(&rest[..end]);
                rest = &rest[end..];
            }
            None => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    has_run.then_some(out)
}

/// Returns the words that a run of single letters at the start of `text` spells, its length in bytes, and the number of
/// its letters. Returns None if there are fewer than two.
fn run(text: &str) -> Option<(String, usize, usize)> {
    let (mut words, mut end, mut count) = (String::new(), 0, 0);
    let mut joint = None;
    let mut rest = text;
    loop {
        let letter = rest.chars().next().filter(|c| c.is_alphabetic())?;
        let after = &rest[letter.len_utf8()..];
        if after.starts_with(char::is_alphanumeric) {
            break;
        }
        words.push(letter);
        count += 1;
        end = text.len() - after.len();
        let next = after.trim_start_matches(BETWEEN);
        let between = &after[..after.len() - next.len()];
        if between.is_empty() || !next.starts_with(char::is_alphabetic) {
            break;
        }
        if *joint.get_or_insert(between) != between {
            words.push(' ');
        }
        rest = next;
    }
    (count > 1).then_some((words, end, count))
}

impl Line<'_, '_> {
    /// Returns true if the tokens before `at` are the pieces of a broken label: `An swer`.
    pub(super) fn ends_a_broken_label(&self, at: usize) -> bool {
        let (mut label, mut pieces) = (String::new(), 0);
        for token in self.tokens[..at].iter().rev().take(MOST_TOKENS) {
            match token {
                Token::Mark(':' | '=' | '-' | '.' | '\u{b7}') => continue,
                Token::Word(word) if label.is_empty() && matches!(&**word, "is" | "are" | "equals") => {
                    continue;
                }
                // A piece of a label ends as one does. Most words are none, and a long reply has many of them.
                Token::Word(word)
                    if word.len() < 2 * LONGEST_LABEL
                        && (!label.is_empty()
                            || LABELS
                                .iter()
                                .any(|label| label.as_bytes().last() == word.as_bytes().last())) =>
                {
                    let letters: String = word.chars().filter(|c| c.is_alphabetic()).collect();
                    pieces += if letters.len() < word.len() { 2 } else { 1 };
                    label = letters + &label;
                }
                Token::Mark(_) | Token::Word(_) | Token::Number(_) => return false,
            }
            if pieces > 1 && LABELS.contains(&label.as_str()) {
                return true;
            }
            if !LABELS.iter().any(|known| known.ends_with(label.as_str())) {
                return false;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::rejoined;

    #[test]
    fn letters_that_stand_apart_are_joined() {
        let table = [
            ("A n s w e r : 4", Some("Answer : 4")),
            ("a.n.s.w.e.r: 4", Some("answer: 4")),
            ("I t  i s  4 .", Some("It is  4 .")),
            ("N o .", Some("No .")),
            ("f o r t y - t w o", Some("forty two")),
            ("a b", Some("ab")),
            ("x y is what", None),
            ("a plain line, with a b in it", None),
            ("Ans wer: 4", None),
            ("", None),
        ];
        for (line, expected) in table {
            assert_eq!(rejoined(line).as_deref(), expected, "{line}");
        }
    }
}
