//! Places: the lines of a reply that label its answer.

use alloc::vec::Vec;

use super::courtesy::without_courteous_sentences;
use super::value::{is_mark, labelled as value_of};
use super::{Answer, Question};

/// Words that may stand before `answer` in a label.
const LEADS: [&str; 8] = ["the", "my", "our", "so", "thus", "therefore", "final", "correct"];
/// The most words before `answer` in a label.
const MAX_LEADS: usize = 4;

/// The rest of a line behind a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Label<'t> {
    rest: &'t str,
    /// True for a label that is nothing else than one, such as `Answer:`. `Answer the question` only looks like one.
    is_certain: bool,
    /// True if a mark or `is` stands between the label and what it labels.
    is_said: bool,
}

/// The answer of a reply and the lines around it.
pub(super) struct Labelled<'t> {
    pub(super) answer: Answer,
    /// The lines that state no answer behind a label.
    pub(super) around: Vec<&'t str>,
}

/// Returns the answer that the labelled lines of `reply` state, or `Some(None)` if it has no such line.
///
/// Returns None if two of them differ, if one states no answer, or if another line stands behind the last one.
pub(super) fn labelled<'t>(reply: &'t str, question: &Question<'_>) -> Option<Option<Labelled<'t>>> {
    let (mut stated, mut is_last, mut is_announced) = (None, false, false);
    let mut around = Vec::new();
    let lines = reply.lines().filter(|line| !line.trim().is_empty() && !is_fence(line));
    for line in lines.flat_map(with_label_apart) {
        let answer = match (label(line), is_announced) {
            (Some(Label { rest, is_certain, .. }), _) => {
                // `Answer:` with nothing behind it announces the next line.
                is_announced = rest.trim_matches(|c: char| is_mark(c) || c.is_whitespace()).is_empty();
                let answer = value_of(rest, question);
                if answer.is_none() && is_certain && !is_announced {
                    return None;
                }
                answer
            }
            (None, true) => {
                is_announced = false;
                Some(value_of(line, question)?)
            }
            (None, false) => None,
        };
        is_last = answer.is_some();
        if answer.is_none() {
            around.push(line);
        }
        if let Some(answer) = answer {
            if stated.as_ref().is_some_and(|earlier| *earlier != answer) {
                return None;
            }
            stated = Some(answer);
        }
    }
    let ends_well = if stated.is_some() { is_last } else { !is_announced };
    ends_well.then(|| stated.map(|answer| Labelled { answer, around }))
}

/// Returns a line without courtesies at its ends, and apart from it a label that begins its last sentence: `So 3 + 4 = 7. The
/// answer is 7.`
fn with_label_apart(line: &str) -> impl Iterator<Item = &str> {
    let line = without_courteous_sentences(line);
    let start = last_sentence(line).filter(|start| label(&line[*start..]).is_some_and(|label| label.is_said));
    let (before, last) = line.split_at(start.unwrap_or(0));
    [before, last].into_iter().filter(|part| !part.trim().is_empty())
}

/// Returns the place where the last sentence of a line begins, if another stands before it.
pub(super) fn last_sentence(line: &str) -> Option<usize> {
    let body = line.trim_end().trim_end_matches(|c: char| is_mark(c) || matches!(c, '.' | '!' | '?'));
    [". ", "! ", "? "].iter().filter_map(|end| body.rfind(end)).max().map(|at| at + 2)
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
        return Some(Label { rest, is_certain, is_said: true });
    }
    if begins_with_word(behind, "is") {
        let behind = behind["is".len()..].trim_start();
        let rest = behind.strip_prefix(':').unwrap_or(behind);
        return Some(Label { rest, is_certain: lead == "the" && leads[1].is_empty(), is_said: true });
    }
    Some(Label { rest: behind, is_certain: false, is_said: false })
}

/// Returns true if `text` begins with `word`, in any case of its letters, and no letter or digit follows.
fn begins_with_word(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
        && !text[word.len()..]
            .starts_with(|c: char| c.is_alphanumeric() || matches!(c, '\'' | '_' | '\u{2019}'))
}

#[cfg(test)]
mod tests {
    use super::{is_fence, label};

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
            let found = label(line).map(|label| (label.rest, label.is_certain));
            assert_eq!(found, expected, "{line:?}");
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
