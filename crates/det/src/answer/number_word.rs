//! Numbers in one word of English.

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
    let place = |list: &[&str], word: &str| {
        list.iter().position(|name| *name == word).and_then(|at| u8::try_from(at).ok())
    };
    let tens = |word: &str| place(&TENS, word).map(|at| 20 + 10 * at);
    match word.split_once('-') {
        None => place(&UNITS, word).or_else(|| tens(word)),
        Some((left, right)) => Some(tens(left)? + place(&UNITS[1..10], right)? + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::number_word;

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
