//! A loose look at a prompt that was not read: the kind of question that it seems to ask.
//!
//! The look decides nothing. It leads to a note that tells a person how such questions are worded, so it may be wrong, in
//! either direction, where the grammar may not.

mod marks;

use crate::Specification;
use marks::marked_kind;

/// Words that may stand around numbers and signs in a question about arithmetic.
const AROUND: &str = "\
what what's whats is are does do the of a an and to with by from please tell me can you give find compute calculate \
result value answer equals equal how much it number numbers so hey hi if i get together makes make";
/// Words that may stand in a question about a prime number, beside those around numbers.
const PRIME: &str = "\
prime primes or and not no yes isn't aren't really truly actually composite whether if check considered true that only \
one both right correct";
/// Words that may stand in a question about the length of a word, beside those around numbers.
const LENGTH: &str =
    "letters letter characters many count length long word have has there in does do contain contains";
/// Words that stand for an operation on numbers.
const OPERATIONS: &str = "\
plus minus times sum add added difference subtract subtracted product multiply multiplied double twice triple negative \
less take away increase increased decreased between";

/// Returns the kind of question that an unread `prompt` seems to ask. Returns None if it seems to ask none of ours.
pub(super) fn seeming_kind(prompt: &str) -> Option<Specification> {
    let lower = prompt.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '\u{2019}')))
        .map(|word| word.trim_matches(['\'', '\u{2019}']))
        .filter(|word| !word.is_empty())
        .collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let numbers = words.iter().filter(|word| is_number(word)).count();
    let unknown = |own: &str| {
        words.iter().filter(|word| !(is_number(word) || listed(AROUND, word) || listed(own, word))).count()
    };
    let quotes = lower.matches(['"', '\u{201c}', '\u{201d}']).count();
    let counts = has(&["many", "count", "often", "times", "number"]);
    if let Some(kind) = marked_kind(&lower, &words, numbers) {
        return Some(kind);
    }
    if has(&["prime", "primes"]) && numbers > 0 && unknown(PRIME) == 0 {
        Some(Specification::IsPrime)
    } else if numbers > 0
        && (has(&["gcd", "hcf"]) || (has(&["common"]) && has(&["divisor", "factor", "divisors"])))
    {
        Some(Specification::Gcd)
    } else if counts
        && has_letter(&words)
        && (words.len() <= 5
            || has(&["in", "inside", "within", "contain", "contains", "spell", "spelled"])
            || (has(&["have"]) && has(&["does"])))
    {
        Some(Specification::LetterCount)
    } else if counts && quotes >= 4 && has(&["occur", "appear", "occurs", "appears", "word"]) {
        Some(Specification::WordCount)
    } else if ((has(&["letters"]) || (has(&["characters"]) && quotes >= 2))
        && has(&["many", "count"])
        && !has(&["alphabet"])
        && unknown(LENGTH) == 1)
        || (has(&["length"]) && unknown(LENGTH) == 1 && (quotes >= 2 || words.len() <= 3))
    {
        Some(Specification::TextLength)
    } else {
        arithmetic(&lower, &words, numbers)
    }
}

/// Returns the kind of a prompt that is arithmetic and nothing else.
fn arithmetic(lower: &str, words: &[&str], numbers: usize) -> Option<Specification> {
    let sign = |signs: &[char]| lower.contains(signs);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let known = |word: &&str| is_number(word) || listed(AROUND, word) || listed(OPERATIONS, word);
    // Three numbers with hyphens are a date.
    let subtracts = sign(&['-', '\u{2212}']) && (numbers == 2 || lower.contains(" - "));
    // "7x6", and "12 and 30" of which the question is how much they are.
    let is_product = |word: &&str| word.split_once('x').is_some_and(|(a, b)| is_digits(a) && is_digits(b));
    if numbers == 1 && words.iter().any(is_product) && words.iter().all(known) {
        return Some(Specification::Product);
    }
    let adds = numbers > 1 && has(&["much"]) && has(&["and"]);
    let operates =
        words.iter().any(|word| listed(OPERATIONS, word)) || sign(&['+', '*', '\u{d7}']) || subtracts || adds;
    if numbers == 0 || !operates || !words.iter().all(known) {
        return None;
    }
    // A single number with a sign, such as a date or a telephone number, asks nothing.
    if numbers == 1 && !has(&["double", "twice", "triple"]) {
        return None;
    }
    Some(
        if has(&["times", "product", "multiply", "multiplied", "double", "twice", "triple"])
            || sign(&['*', '\u{d7}'])
        {
            Specification::Product
        } else if has(&["plus", "sum", "add", "added", "increase", "increased"]) || sign(&['+']) || adds {
            Specification::Sum
        } else {
            Specification::Difference
        },
    )
}

fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|listed| listed == word)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns true if a prompt has a number, a text in quotes, or a word of questions that can be checked.
pub(super) fn may_ask(prompt: &str) -> bool {
    const WORDS: [&str; 12] = [
        "letter", "letters", "many", "often", "count", "prime", "plus", "minus", "times", "gcd", "add",
        "subtract",
    ];
    let lower = prompt.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    lower.contains(['"', '\u{201c}']) || words.any(|word| is_number(word) || WORDS.contains(&word))
}

/// Returns true for a number in digits or in words.
fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        || det::number_word(word).is_some()
        || matches!(word, "hundred" | "thousand" | "million")
}

/// Returns true if a word is a letter that is counted: `r's`, or `r` behind "letter" or "many".
fn has_letter(words: &[&str]) -> bool {
    let single = |word: &str| word.len() == 1 && word.starts_with(|c: char| c.is_ascii_alphabetic());
    words.iter().enumerate().any(|(place, word)| {
        let plural =
            word.split_once(['\'', '\u{2019}']).is_some_and(|(letter, rest)| single(letter) && rest == "s");
        let before = place.checked_sub(1).map_or("", |before| words[before]);
        // "a" and "i" behind these are words.
        let named = matches!(before, "is" | "does" | "the") && !matches!(*word, "a" | "i");
        plural || (single(word) && (named || matches!(before, "letter" | "many" | "letters")))
    })
}

#[cfg(test)]
mod tests {
    use super::seeming_kind;
    use crate::Specification;

    #[test]
    fn what_nearly_asks_a_question_is_told_its_kind() {
        use Specification::{Difference, Gcd, IsPrime, LetterCount, Product, Sum, TextLength, WordCount};
        let table = [
            ("What is 9223372036854775807 + 1?", Sum),
            ("what is ninety nine plus one", Sum),
            ("3+-4", Sum),
            ("1.5 + 2", Sum),
            ("3 + 4!", Sum),
            ("10-3", Difference),
            ("3 - (-4)", Difference),
            ("What is minus 3 minus minus 4?", Difference),
            ("What is 12345678901 * 98765432109?", Product),
            ("(3 + 4) * 2", Product),
            ("What is 2 times 3 times 4?", Product),
            ("twice 5", Product),
            ("double 5", Product),
            ("3 times 4 equals?", Product),
            ("Is 18446744073709551557 prime?", IsPrime),
            ("prime(97)", IsPrime),
            ("Are 97 and 101 prime?", IsPrime),
            ("Is one hundred and one prime?", IsPrime),
            ("Is 21 prime or composite?", IsPrime),
            ("Is 91 really prime?", IsPrime),
            ("97 not prime?", IsPrime),
            ("gcd of 1,200 and 18.5", Gcd),
            ("What is the gcd of 12 and 18 plus 1?", Gcd),
            ("How many e's are in the quick brown fox?", LetterCount),
            ("How many a's are in banana and apple?", LetterCount),
            ("How many z's are in pizza pizza?", LetterCount),
            ("how many r in strawberry and raspberry", LetterCount),
            ("How many r's are not in strawberry?", LetterCount),
            ("Length of banana", TextLength),
            ("What is the length of \"banana\"?", TextLength),
            ("How many letters does banana have?", TextLength),
            ("How many characters are in \"banana\"?", TextLength),
            ("How much is 12 and 30?", Sum),
            ("If I add 12 to 30, what do I get?", Sum),
            ("7x6", Product),
            ("What's the difference between 12 and 5?", Difference),
            ("97 is prime, right?", IsPrime),
            ("How many times is r in strawberry?", LetterCount),
            ("How many r does strawberry have?", LetterCount),
            ("strawberry: how many r?", LetterCount),
            ("Spell strawberry and count the r's.", LetterCount),
            ("How often does \"a b\" occur in \"a b c a b\"?", WordCount),
        ];
        for (prompt, kind) in table {
            assert_eq!(seeming_kind(prompt), Some(kind), "{prompt}");
        }
    }

    #[test]
    fn kinds_with_a_name_are_told_by_it() {
        use Specification::*;
        let table = [
            ("What is the lowest common multiple of 4 or 6?", Lcm),
            ("What is 25 factorial?", Factorial),
            ("10 choose 3", Binomial),
            ("7 mod 3", Remainder),
            ("What is 3 to the power of 5 mod 7?", PowerModulo),
            ("Factor 84 into primes.", PrimeFactors),
            ("What are the prime factors of 12?", PrimeFactors),
            ("What is the 10th prime number minus 1?", NthPrime),
            ("What is the next prime from 97?", NextPrime),
            ("How many primes are there between 10 and 20?", PrimeCount),
            ("How many divisors do 12 and 18 have?", DivisorCount),
            ("Add up the digits of 2024.", DigitSum),
            ("How many ones are in the decimal form of 111 in binary?", Popcount),
            ("255 to binary", Binary),
            ("Write 14 and 15 as Roman numerals.", Roman),
            ("What is the reverse of the word good?", Reverse),
            ("Is \"Anna\" a palindrome?", Palindrome),
            ("Is 5 a palindrome in binary?", Binary),
            ("What is the edit distance between \"kitten\" and \"sitting\"?", Levenshtein),
            ("How many days are between 2024-02-28 and 2024-03-01?", DaysApart),
            ("What weekday was 20 July 1969?", Weekday),
            ("leap year 2024?", LeapYear),
            ("median 3 1 2", Median),
            ("max of 3, 9 and 2", Largest),
            ("Which is the smallest: 3, 9 or 2?", Smallest),
            ("sort 3 1 2", Sort),
        ];
        for (prompt, kind) in table {
            assert_eq!(seeming_kind(prompt), Some(kind), "{prompt}");
        }
        for prompt in [
            "What is the median age in Rome?",
            "Who were the 3 largest Roman emperors?",
            "Sort out 2 of my problems before 3 o'clock.",
            "How many days between 2 jobs did you rest?",
            "I have 3 factors to weigh.",
            "What is the power of love?",
            "Choose 2 of these 3 names for my dog.",
            "What is the highest mountain?",
            "Reverse the car.",
            "Is a binary star 2 stars?",
        ] {
            assert_eq!(seeming_kind(prompt), None, "{prompt}");
        }
    }

    #[test]
    fn conversation_is_told_nothing() {
        let prompts = [
            "How many days are in a week?",
            "How many letters are in the alphabet?",
            "Tell me about prime numbers.",
            "Is Amazon Prime worth it?",
            "Write a poem about the number of stars.",
            "Add 2 eggs and 3 cups of flour.",
            "What happened on 9-11?",
            "Call me at 555-1234.",
            "2024-02-29",
            "7",
            "What is the time?",
            "How many characters can a password have?",
            "How many times have you been asked about the letter r?",
            "What is the difference between a 1080p and a 4k screen?",
            "How much is 12 dollars and 30 cents in euros?",
            "What is the right x to have?",
            "What is the length of a marathon?",
            "How long is the Nile?",
            "How many people live in Rome?",
            "Hello!",
            "",
        ];
        for prompt in prompts {
            assert_eq!(seeming_kind(prompt), None, "{prompt}");
        }
    }
}
