//! Places: the lines of a reply that label its answer.

use super::Answer;
use super::clauses::Clauses;
use super::value::{is_mark, labelled as value_of};

/// Words that may stand before `answer` in a label.
const LEADS: [&str; 8] = ["the", "my", "our", "so", "thus", "therefore", "final", "correct"];
/// The longest line that is looked at for words that disown an answer, in bytes.
const MOST_BYTES: usize = 400;
/// The most words before `answer` in a label.
const MAX_LEADS: usize = 4;

/// The rest of a line behind a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Label<'t> {
    rest: &'t str,
    /// True for a label that is nothing else than one, such as `Answer:`. `Answer the question` only looks like one.
    is_certain: bool,
}

/// Returns the answer that the labelled lines of `reply` state, or `Some(None)` if it has no such line.
///
/// Returns None if two of them differ, if one states no answer, or if another line stands behind the last one.
pub(super) fn labelled(reply: &str, clauses: &Clauses<'_>) -> Option<Option<Answer>> {
    let (mut stated, mut is_last, mut is_announced) = (None, false, false);
    let (mut before, mut disowned) = ("", false);
    for line in reply.lines().filter(|line| !line.trim().is_empty() && !is_fence(line)) {
        if label(line).is_some_and(|label| label.is_certain) && (disowned || disowns(before)) {
            return None;
        }
        disowned |= takes_back(line);
        before = line;
        let answer = match (label(line), is_announced) {
            (Some(Label { rest, is_certain }), _) => {
                // `Answer:` with nothing behind it announces the next line.
                is_announced = rest.trim_matches(|c: char| is_mark(c) || c.is_whitespace()).is_empty();
                let answer = value_of(rest, clauses);
                if answer.is_none() && is_certain && !is_announced {
                    return None;
                }
                answer
            }
            (None, true) => {
                is_announced = false;
                Some(value_of(line, clauses)?)
            }
            (None, false) => None,
        };
        is_last = answer.is_some();
        if let Some(answer) = answer {
            if stated.as_ref().is_some_and(|earlier| *earlier != answer) {
                return None;
            }
            stated = Some(answer);
        }
    }
    let ends_well = if stated.is_some() { is_last } else { !is_announced };
    ends_well.then_some(stated)
}

/// Words that begin a line which disowns the answer below it, if it announces one.
const DISOWNING: [&str; 18] = [
    "not",
    "never",
    "wrong",
    "incorrect",
    "false",
    "avoid",
    "don't",
    "do not",
    "must not",
    "unlike",
    "suppose",
    "supposing",
    "assume",
    "assuming",
    "imagine",
    "pretend",
    "if",
    "nobody",
];
/// Words before a word for an answer, or for those who give it, that disown what they announce.
const FAULTY: [&str; 9] =
    ["wrong", "incorrect", "false", "mistaken", "bad", "silly", "stupid", "invalid", "fake"];

/// Returns true if a line says of the answer below it that it is none: `Wrong answers include:`, `Not`.
fn disowns(line: &str) -> bool {
    let line =
        line.trim_matches(|c: char| is_mark(c) || c.is_whitespace() || matches!(c, '>' | '#' | '-' | '_'));
    let ends = line.ends_with(|c: char| matches!(c, ':' | ',') || c.is_alphanumeric() || c == '\u{2026}');
    if !ends || line.len() > MOST_BYTES {
        return false;
    }
    let is_faulty = |word: &str| FAULTY.iter().any(|faulty| faulty.eq_ignore_ascii_case(word));
    let announces = line.ends_with(':') || line.split_whitespace().nth(1).is_none();
    announces
        && (DISOWNING.iter().any(|word| begins_with_word(line, word))
            || line.split(|c: char| !c.is_alphanumeric()).any(is_faulty))
}

/// Words with which a line points at the answer below it.
const POINTING: [&str; 12] = [
    "below",
    "next line",
    "last line",
    "final line",
    "line that follows",
    "what follows",
    "following answer",
    "following line",
    "my answer",
    "this answer",
    "my reply",
    "this reply",
];
/// Words that take back, or change, what a line points at.
const CHANGING: [&str; 15] = [
    "ignore",
    "disregard",
    "discard",
    "opposite",
    "joke",
    "lie",
    "lies",
    "nonsense",
    "untrue",
    "add",
    "subtract",
    "double",
    "reverse",
    "negate",
    "made-up",
];
/// Lines with which somebody takes back all that is said.
const JOKING: [&str; 9] = [
    "i lied",
    "i am lying",
    "i'm lying",
    "told to lie",
    "just kidding",
    "i am joking",
    "i'm joking",
    "opposite day",
    "jk",
];
/// A word of each line in [`JOKING`].
const JOKES: [&str; 7] = ["lied", "lying", "lie", "kidding", "joking", "day", "jk"];
/// The most bytes of a line that takes back what it points at. A longer one explains.
const MOST_POINTING: usize = 80;

/// Returns true if a line says of the answer that follows it that it is none, or is another one: `Ignore the next line.`
fn takes_back(line: &str) -> bool {
    if line.len() > MOST_POINTING {
        return false;
    }
    let is_one_of = |words: &[&str], word: &str| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    let (mut changes, mut jokes) = (false, false);
    for word in line.split(|c: char| !(c.is_alphanumeric() || c == '-')) {
        changes |= is_one_of(&CHANGING, word) || is_one_of(&FAULTY, word);
        jokes |= is_one_of(&JOKES, word);
    }
    // Most lines have none of these words, and a long reply has many lines.
    if !changes && !jokes {
        return false;
    }
    let line = line.to_ascii_lowercase().replace('\u{2019}', "'");
    let has = |phrase: &&str| {
        line.match_indices(*phrase).any(|(at, _)| {
            let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            !is_letter(line[..at].chars().next_back()) && !is_letter(line[at + phrase.len()..].chars().next())
        })
    };
    (jokes && JOKING.iter().any(has)) || (changes && POINTING.iter().any(has))
}

/// Returns true for a line that only opens or closes a fenced block.
pub(super) fn is_fence(line: &str) -> bool {
    let line = line.trim();
    let Some(mark @ ('`' | '~')) = line.chars().next() else { return false };
    let language = line.trim_start_matches(mark);
    line.len() - language.len() >= 3 && language.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Returns the label at the start of a line, behind the marks of a list, a quote or a heading.
fn label(line: &str) -> Option<Label<'_>> {
    let mut rest = line.trim_start_matches(|c: char| {
        is_mark(c) || c.is_whitespace() || matches!(c, '>' | '#' | '-' | '+' | '\u{2022}')
    });
    let mut leads = [""; MAX_LEADS];
    for lead in &mut leads {
        let Some(found) = LEADS.iter().find(|word| begins_with_word(rest, word)) else { break };
        *lead = found;
        rest = rest[found.len()..].trim_start_matches([',', ' ', '\t']);
    }
    let rest = begins_with_word(rest, "answer").then(|| &rest["answer".len()..])?;
    let behind = rest.trim_start_matches(|c: char| is_mark(c) || c.is_whitespace());
    let lead: &str = leads[0];
    if let Some(rest) = behind.strip_prefix([':', '=']) {
        let is_certain = behind.starts_with(':') && matches!(leads, ["" | "final", "", ..]);
        return Some(Label { rest, is_certain });
    }
    if begins_with_word(behind, "is") {
        let behind = behind["is".len()..].trim_start();
        let rest = behind.strip_prefix(':').unwrap_or(behind);
        return Some(Label { rest, is_certain: lead == "the" && leads[1].is_empty() });
    }
    Some(Label { rest: behind, is_certain: false })
}

/// Returns true if `text` begins with `word`, in any case of its letters, and no letter or digit follows.
fn begins_with_word(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
        && !text[word.len()..]
            .starts_with(|c: char| c.is_alphanumeric() || matches!(c, '\'' | '_' | '\u{2019}'))
}

#[cfg(test)]
mod tests {
    use super::{Label, is_fence, label};

    #[test]
    fn labels_are_found_at_the_start_of_a_line() {
        let table = [
            ("Answer: 3", Some((" 3", true))),
            ("**Final answer:** 3", Some(("** 3", true))),
            ("The answer is: 3", Some((" 3", true))),
            ("> - Answer = 3", Some((" 3", false))),
            ("So, the correct answer is 3", Some(("3", false))),
            ("### Answer", Some(("", false))),
            ("Answer the question", Some(("the question", false))),
            ("The answer isn't 3", Some(("isn't 3", false))),
            ("Answers: 3", None),
            ("An answer: 3", None),
            ("To answer: 3", None),
            ("answer_key: 3", None),
            ("", None),
        ];
        for (line, expected) in table {
            let found = label(line);
            assert_eq!(found, expected.map(|(rest, is_certain)| Label { rest, is_certain }), "{line:?}");
        }
    }

    #[test]
    fn fences_stand_alone_in_their_lines() {
        for (line, fence) in
            [("```", true), (" ~~~~json ", true), ("``` a b", false), ("``", false), ("```3`", false)]
        {
            assert_eq!(is_fence(line), fence, "{line}");
        }
    }
}
