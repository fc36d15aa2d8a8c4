//! Numbers in words of English.

/// Cardinal numbers that are one word, in order from zero.
const UNITS: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// Returns the number below one hundred that a word in lower case states, such as `seven` or `twenty-one`.
/// Returns None for every other word.
///
/// ```
/// assert_eq!(det::number_word("twenty-one"), Some(21));
/// assert_eq!(det::number_word("first"), None);
/// ```
#[must_use]
pub fn number_word(word: &str) -> Option<u8> {
    // Most words are no numbers, and a long reply has many of them.
    if !matches!(word.bytes().next(), Some(b'e' | b'f' | b'n' | b'o' | b's' | b't' | b'z')) {
        return None;
    }
    let place = |list: &[&str], word: &str| {
        list.iter().position(|name| *name == word).and_then(|at| u8::try_from(at).ok())
    };
    let tens = |word: &str| place(&TENS, word).map(|at| 20 + 10 * at);
    match word.split_once('-') {
        None => place(&UNITS, word).or_else(|| tens(word)),
        Some((left, right)) => Some(tens(left)? + place(&UNITS[1..10], right)? + 1),
    }
}

/// Returns the number that the words from `at` on state together, such as `twenty one` or `two hundred and five`, and
/// the position after them. Returns None if there is no number, or one in a single word below one hundred.
pub(super) fn number_words<'w>(word: impl Fn(usize) -> &'w str, at: usize) -> Option<(u32, usize)> {
    let (mut total, mut end) = below_thousand(&word, at)?;
    if word(end) == "thousand" {
        (total, end) = (total * 1000, end + 1);
        let next = end + usize::from(word(end) == "and");
        if let Some((rest, after)) = below_thousand(&word, next) {
            (total, end) = (total + rest, after);
        }
    }
    (end > at + 1 || total >= 100).then_some((total, end))
}

fn below_thousand<'w>(word: &impl Fn(usize) -> &'w str, at: usize) -> Option<(u32, usize)> {
    let (mut total, mut end) =
        below_hundred(word, at).or_else(|| (word(at) == "hundred").then_some((1, at)))?;
    if word(end) == "hundred" {
        (total, end) = (total * 100, end + 1);
        let next = end + usize::from(word(end) == "and");
        if let Some((rest, after)) = below_hundred(word, next) {
            (total, end) = (total + rest, after);
        }
    }
    Some((total, end))
}

fn below_hundred<'w>(word: &impl Fn(usize) -> &'w str, at: usize) -> Option<(u32, usize)> {
    let first = number_word(word(at))?;
    let unit = (first >= 20 && first % 10 == 0).then(|| number_word(word(at + 1))).flatten();
    match unit.filter(|unit| (1..10).contains(unit)) {
        Some(unit) => Some((u32::from(first + unit), at + 2)),
        None => Some((u32::from(first), at + 1)),
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{number_word, number_words};

    #[test]
    fn numbers_of_several_words_are_joined() {
        let table = [
            ("forty two", Some((42, 2))),
            ("two hundred and five apples", Some((205, 4))),
            ("one thousand two hundred", Some((1200, 4))),
            ("hundred", Some((100, 1))),
            ("forty and two", None),
            ("seven", None),
            ("one two", None),
            ("apples", None),
        ];
        for (text, expected) in table {
            let words: Vec<&str> = text.split(' ').collect();
            let word = |at: usize| words.get(at).copied().unwrap_or_default();
            assert_eq!(number_words(word, 0), expected, "{text}");
        }
    }

    #[test]
    fn numbers_are_counted_in_words() {
        let table = [
            ("zero", Some(0)),
            ("nineteen", Some(19)),
            ("ninety", Some(90)),
            ("forty-two", Some(42)),
            ("ninety-nine", Some(99)),
            ("forty-ten", None),
            ("twenty-zero", None),
            ("one-two", None),
            ("Seven", None),
            ("", None),
        ];
        for (word, expected) in table {
            assert_eq!(number_word(word), expected, "{word}");
        }
    }
}
