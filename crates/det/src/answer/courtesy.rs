//! Courtesies: the lines with which a reply takes its leave, and which say nothing about its answer.

use super::place::last_sentence;
use super::value::is_mark;

/// Lines that may follow an answer, as a whole. A line with anything else in it may take the answer back.
const LINES: [&str; 30] = [
    "hope that helps",
    "hope this helps",
    "i hope that helps",
    "i hope this helps",
    "happy to help",
    "glad to help",
    "glad i could help",
    "let me know if you have any questions",
    "let me know if you have any other questions",
    "let me know if you have any other question",
    "let me know if you have another question",
    "thank you for the question",
    "thank you for your question",
    "thanks for the question",
    "thanks for asking",
    "let me know if you have any more questions",
    "let me know if you have any further questions",
    "let me know if you have more questions",
    "let me know if you need anything else",
    "let me know if you need more help",
    "let me know if you need any more help",
    "let me know if you need further help",
    "feel free to ask if you have any other questions",
    "feel free to ask if you have any more questions",
    "is there anything else i can help you with",
    "is there anything else you need",
    "have a nice day",
    "have a great day",
    "you're welcome",
    "thank you",
];
/// The most such lines behind an answer.
const MOST_LINES: usize = 2;

/// Returns a reply without the lines of courtesy at its end.
pub(super) fn without_courtesies(reply: &str) -> &str {
    let mut rest = reply;
    for _ in 0..MOST_LINES {
        let trimmed = rest.trim_end();
        let start = trimmed.rfind('\n').map_or(0, |at| at + 1);
        if start == 0 || !is_courtesy(&trimmed[start..]) {
            break;
        }
        rest = &trimmed[..start];
    }
    rest
}

/// Returns a line without the sentences of courtesy at its start and its end: `Happy to help! There are 3.`
pub(super) fn without_courteous_sentences(line: &str) -> &str {
    let mut rest = line;
    while let Some(at) = rest.find(['.', '!', '?']).filter(|at| rest[at + 1..].starts_with(' ')) {
        if !is_courtesy(&rest[..at]) {
            break;
        }
        rest = &rest[at + 2..];
    }
    while let Some(start) = last_sentence(rest).filter(|start| is_courtesy(&rest[*start..])) {
        rest = &rest[..start];
    }
    rest
}

fn is_courtesy(line: &str) -> bool {
    let line = line.trim().trim_matches(is_mark).trim_end_matches(['.', '!', '?']);
    let plain = |c: char| if c == '\u{2019}' { '\'' } else { c.to_ascii_lowercase() };
    LINES.iter().any(|known| line.chars().map(plain).eq(known.chars()))
}

#[cfg(test)]
mod tests {
    use super::without_courtesies;

    #[test]
    fn courtesies_at_the_end_are_left_out_and_nothing_else_is() {
        let table = [
            ("Answer: 3\nHope that helps!", "Answer: 3\n"),
            ("Answer: 3\n\n**I hope this helps.**\nHave a nice day!\n", "Answer: 3\n\n"),
            ("3\nYou\u{2019}re welcome!", "3\n"),
            ("Answer: 3\nHope that helps, it is 4!", "Answer: 3\nHope that helps, it is 4!"),
            ("Answer: 3\nThank you for nothing.", "Answer: 3\nThank you for nothing."),
            ("Hope that helps!", "Hope that helps!"),
            ("Hope that helps!\nAnswer: 3", "Hope that helps!\nAnswer: 3"),
            ("", ""),
        ];
        for (reply, expected) in table {
            assert_eq!(without_courtesies(reply), expected, "{reply:?}");
        }
    }
}
