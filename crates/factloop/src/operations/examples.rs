//! Documents of a reply that its own words call examples.

use std::ops::Range;

use super::json_span::places;

/// Words that call the document behind them an example, with a space on either side.
const ANNOUNCING: [&str; 8] = [
    " example ",
    " examples ",
    " e.g. ",
    " for instance ",
    " such as ",
    " sample ",
    " template ",
    " placeholder ",
];
/// The most bytes before a document in which it can be called an example.
const MOST_BYTES: usize = 200;

/// Returns the reply without the documents that it calls examples, if another document stands behind them. Returns
/// None if there is nothing to leave out: an example that nothing follows may be the answer.
pub(super) fn without_examples(reply: &str) -> Option<String> {
    let places = places(reply);
    let (last, earlier) = places.split_last()?;
    if is_example(reply, last) {
        return None;
    }
    let examples: Vec<&Range<usize>> = earlier.iter().filter(|place| is_example(reply, place)).collect();
    if examples.is_empty() {
        return None;
    }
    let (mut rest, mut at) = (String::with_capacity(reply.len()), 0);
    for example in examples {
        rest.push_str(&reply[at..example.start]);
        rest.push('\n');
        at = example.end;
    }
    rest.push_str(&reply[at..]);
    Some(rest)
}

/// Returns true if the words before a document call it an example: those of its sentence, or the line above it.
fn is_example(reply: &str, place: &Range<usize>) -> bool {
    let mut from = place.start.saturating_sub(MOST_BYTES);
    while !reply.is_char_boundary(from) {
        from += 1;
    }
    let before = reply[from..place.start].trim_end();
    let line = before.rsplit('\n').next().unwrap_or_default();
    // A document of one line ends the sentence before it.
    let sentence = line.rsplit(['!', '?', ';', '}', ']']).next().unwrap_or_default();
    let sentence = sentence.rsplit(". ").find(|part| !part.trim().is_empty()).unwrap_or_default();
    let sentence = if sentence.trim_end().ends_with("e.g.") { " e.g. " } else { sentence };
    let words: String = sentence
        .to_lowercase()
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '.'))
        .fold(String::from(" "), |words, word| words + word + " ");
    ANNOUNCING.iter().any(|announcing| words.contains(announcing))
}
