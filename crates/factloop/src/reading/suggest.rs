//! Suggestions: the wording of a question that would be read, for a prompt that nearly asks it.
//!
//! A suggestion loosens no reading: the prompt stays conversation. Every word of the prompt must be one that questions of
//! that very kind have, or an operand, so a word that changes the meaning ("not", "minus", a second operation) leaves no
//! suggestion. The suggested wording must be read by the grammar. So ordinary conversation, which has other words, gets
//! none.

use super::{Reading, read};
use crate::Specification;

/// Words that stand in questions of every kind and change nothing.
const PLAIN: &str = "\
how many much what what's whats is are do does the of in there a an please tell me can you give find compute calculate \
check let see let's work out get show value answer result determine so hey hi equals equal it";

/// Words of questions about letters of a text, beside the plain ones.
const LETTERS: &str = "\
count counts counting number total appear appears appearing occur occurs have has contain contains inside within letter \
letters character characters word often time times up";
/// Words of questions about the length of a word, beside the plain ones.
const LENGTH: &str =
    "count counts counting number letter letters character characters long length word has have";
/// Words of questions about prime numbers, beside the plain ones.
const PRIME: &str = "prime number if whether";
/// Words of questions about common divisors, beside the plain ones.
const DIVISOR: &str = "gcd hcf greatest highest common divisor factor and number numbers";
/// Words of a sum of two numbers, beside the plain ones.
const SUM: &str = "sum add plus and number numbers";
/// Words of a product of two numbers, beside the plain ones.
const PRODUCT: &str = "product multiply and by number numbers";

/// Words that no question of ours has and that change its meaning, so that none of them is taken for an operand.
const OTHER_MEANING: &str = "\
not no isn't aren't don't never minus negative subtract difference between less more than least most times twice double \
half square root power or nor but except without every each all any only both first last next second third then from \
primes composite even odd";

/// A part of a prompt.
#[derive(Debug, PartialEq)]
enum Part<'p> {
    /// A word of questions, in lower case.
    Word(String),
    /// A single letter, or the plural of one: `r`, `r's`, `Rs`.
    Letter(char),
    /// A text in quotes.
    Quoted(&'p str),
    /// A whole number in digits.
    Number(i64),
    /// Any other word.
    Other(&'p str),
}

/// Returns a wording that is read as the question that `prompt` seems to ask. Returns None if the prompt is read, or
/// if it does not seem to ask one.
#[must_use]
pub fn suggestion(prompt: &str) -> Option<String> {
    const MOST_BYTES: usize = 200;
    if prompt.len() > MOST_BYTES || !matches!(read(prompt), Reading::Conversation) {
        return None;
    }
    let parts = parts(prompt)?;
    // The question without its negation has the opposite answer.
    if parts.contains(&Part::Word("not".to_owned())) {
        return None;
    }
    let wording = worded(&parts)?;
    let is_read = |(specification, wording): &(Specification, String)| match read(wording) {
        Reading::Question(routed) => routed.specification == *specification,
        Reading::Refused(_) | Reading::Conversation => false,
    };
    Some(wording).filter(is_read).map(|(_, wording)| wording)
}

/// Returns the kind and the wording of the question that the parts seem to ask.
fn worded(parts: &[Part<'_>]) -> Option<(Specification, String)> {
    let words: Vec<&str> = parts.iter().filter_map(word).collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    // One operation: a second one would be another question.
    let has_one = |wanted: &[&str]| words.iter().filter(|word| wanted.contains(word)).count() == 1;
    let all_in = |own: &str| words.iter().all(|word| is_among(PLAIN, word) || is_among(own, word));
    let numbers: Vec<i64> = parts.iter().filter_map(number).collect();
    let letters: Vec<char> = parts.iter().filter_map(letter).collect();
    let text = text(parts);
    let names_text = parts.iter().any(|part| matches!(part, Part::Quoted(_) | Part::Other(_)));
    let counts = has(&["many", "count", "counts", "counting", "number", "often", "times", "total"]);
    match (letters.as_slice(), numbers.as_slice(), text) {
        ([letter], [], Some(text)) if counts && all_in(LETTERS) => {
            Some((Specification::LetterCount, format!("How many {letter}'s are in \"{text}\"?")))
        }
        ([], [], Some(text))
            if has(&["letters", "long", "length"]) && has(&["letters", "word"]) && all_in(LENGTH) =>
        {
            Some((Specification::TextLength, format!("How many letters are in the word \"{text}\"?")))
        }
        _ if names_text || !letters.is_empty() => None,
        (_, [n], _) if has_one(&["prime"]) && all_in(PRIME) => {
            Some((Specification::IsPrime, format!("Is {n} a prime number?")))
        }
        (_, [first @ .., last], _)
            if !first.is_empty()
                && (has_one(&["gcd", "hcf"])
                    || (has_one(&["common"]) && has_one(&["divisor", "factor"])))
                && all_in(DIVISOR) =>
        {
            let first: Vec<String> = first.iter().map(i64::to_string).collect();
            Some((Specification::Gcd, format!("What is the gcd of {} and {last}?", first.join(", "))))
        }
        (_, [a, b], _) if has_one(&["sum", "add", "plus"]) && all_in(SUM) => {
            Some((Specification::Sum, format!("What is the sum of {a} and {b}?")))
        }
        (_, [a, b], _) if has_one(&["product", "multiply"]) && all_in(PRODUCT) => {
            Some((Specification::Product, format!("What is the product of {a} and {b}?")))
        }
        _ => None,
    }
}

fn is_among(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|listed| listed == word)
}

fn word<'p>(part: &'p Part<'_>) -> Option<&'p str> {
    match part {
        Part::Word(word) => Some(word),
        _ => None,
    }
}

fn number(part: &Part<'_>) -> Option<i64> {
    match part {
        Part::Number(number) => Some(*number),
        _ => None,
    }
}

fn letter(part: &Part<'_>) -> Option<char> {
    match part {
        Part::Letter(letter) => Some(*letter),
        _ => None,
    }
}

/// Returns the text that the parts name: the one in quotes, or the last word if nothing else is unknown and no
/// article makes it a thing.
fn text<'p>(parts: &[Part<'p>]) -> Option<&'p str> {
    let quoted: Vec<&'p str> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Quoted(text) => Some(*text),
            _ => None,
        })
        .collect();
    let others = parts.iter().filter(|part| matches!(part, Part::Other(_))).count();
    match (quoted.as_slice(), others, parts) {
        ([text], 0, _) => Some(text),
        ([], 1, [.., before, Part::Other(word)]) => {
            let is_thing = matches!(before, Part::Word(word) if ["a", "an", "the"].contains(&word.as_str()));
            (!is_thing && word.len() > 2).then_some(*word)
        }
        _ => None,
    }
}

/// Returns the parts of a prompt. Returns None if it has a mark that changes the meaning of what it stands beside.
fn parts(prompt: &str) -> Option<Vec<Part<'_>>> {
    let mut out = Vec::new();
    let mut rest = prompt.trim();
    while let Some(c) = rest.chars().next() {
        if let Some(close) = closing(c) {
            let (text, after) = rest[c.len_utf8()..].split_once(close)?;
            out.push(Part::Quoted(text.trim()));
            rest = after.trim_start();
            continue;
        }
        let end = rest.find(|c: char| c.is_whitespace() || closing(c).is_some()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let is_last = after.trim().is_empty();
        let word = word.trim_matches(['(', ')', ',', ';', ':', '?']);
        // A mark of exclamation behind a number is a factorial.
        let is_factorial = word.ends_with('!') && word.starts_with(|c: char| c.is_ascii_digit());
        let ends: &[char] = if is_factorial { &[] } else { &['.', '!', '?', '='] };
        let word = if is_last { word.trim_end_matches(ends) } else { word };
        if !word.is_empty() {
            out.push(part(word, out.last())?);
        }
        rest = after.trim_start();
    }
    Some(out)
}

fn closing(c: char) -> Option<char> {
    match c {
        '"' => Some('"'),
        '\u{201c}' => Some('\u{201d}'),
        _ => None,
    }
}

fn part<'p>(word: &'p str, before: Option<&Part<'_>>) -> Option<Part<'p>> {
    let lower = word.to_lowercase();
    let after = |words: &[&str]| matches!(before, Some(Part::Word(word)) if words.contains(&word.as_str()));
    let mut letters = lower.chars();
    let first = letters.next()?;
    let is_letter = first.is_ascii_alphabetic() && matches!(letters.as_str(), "" | "'s" | "\u{2019}s" | "s");
    // "a" and "i", and "as" and "is", are words unless something counts them.
    let is_word = matches!(lower.as_str(), "a" | "i" | "as" | "is" | "us");
    let counted = after(&["many", "count", "letter", "number"]) || after(&["of", "the", "times", "does"]);
    if is_letter
        && (!is_word || (lower.len() == 1 && after(&["many", "count", "letter"])))
        && (counted || lower.len() > 1)
    {
        return Some(Part::Letter(first));
    }
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return word.parse().ok().map(Part::Number);
    }
    // A word of any kind is no operand; whether it belongs to the kind in question is seen later.
    if [PLAIN, LETTERS, LENGTH, PRIME, DIVISOR, SUM, PRODUCT, OTHER_MEANING]
        .iter()
        .any(|list| is_among(list, &lower))
    {
        return Some(Part::Word(lower));
    }
    match word {
        "+" => Some(Part::Word("plus".to_owned())),
        "=" => Some(Part::Word("equals".to_owned())),
        word if word.chars().all(char::is_alphabetic) => Some(Part::Other(word)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::suggestion;

    #[test]
    fn a_near_miss_is_worded() {
        let table = [
            ("How many r in strawberry?", "How many r's are in \"strawberry\"?"),
            ("how many Rs strawberry", "How many r's are in \"strawberry\"?"),
            ("How many a in banana", "How many a's are in \"banana\"?"),
            ("count the r's inside \"straw berry\"", "How many r's are in \"straw berry\"?"),
            ("97 prime?", "Is 97 a prime number?"),
            ("3 plus 4 is what", "What is the sum of 3 and 4?"),
            ("product 6 7", "What is the product of 6 and 7?"),
            ("check 97 prime", "Is 97 a prime number?"),
            ("hcf 12 18 24", "What is the gcd of 12, 18 and 24?"),
            ("gcd 12 18", "What is the gcd of 12 and 18?"),
            ("sum 12 5", "What is the sum of 12 and 5?"),
            ("how long is word banana", "How many letters are in the word \"banana\"?"),
        ];
        for (prompt, wording) in table {
            assert_eq!(suggestion(prompt).as_deref(), Some(wording), "{prompt}");
        }
    }

    #[test]
    fn other_prompts_get_none() {
        let prompts = [
            "How many r's are in strawberry?",
            "Is 97 prime?",
            "How many days are in a week?",
            "How many letters are in the alphabet?",
            "How many letters did Paul write?",
            "How long is a marathon?",
            "How many g in a kg?",
            "Is 7! prime?",
            "What is 3.5 plus 2?",
            "Is Amazon Prime worth 15 dollars?",
            "What is the time?",
            "Tell me about prime numbers.",
            "Add 2 eggs and 3 cups of flour.",
            "What does the letter of the law mean?",
            "",
            // A word or a mark that changes the meaning is not dropped.
            "97 not prime?",
            "Isn't 97 prime?",
            "Is minus 7 prime?",
            "Is negative 7 prime?",
            "Is -7 prime!",
            "What is minus 3 plus 4?",
            "What is 3 plus minus 4?",
            "Multiply 3 by minus 4",
            "What is the gcd of 12 and 18 plus 1?",
            "What is twice the gcd of 12 and 18?",
            "3 + 4!",
            "3! + 4",
            "sum 3 4!",
            "How many r's are not in strawberry?",
            "Is the sum of 3 and 4 prime?",
            "How many r's are in the word length limit?",
            "sum 3 4 times 2",
            "add 3 plus plus 4",
            "gcd 12 18 or 24",
            "prime 7 or 8",
            "the next prime 7",
            "sum 3 between 4",
            "product of 3 and 4 minus",
            "difference 3 5",
        ];
        for prompt in prompts {
            assert_eq!(suggestion(prompt), None, "{prompt}");
        }
    }
}
