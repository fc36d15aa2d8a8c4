//! The spelling of words: backwards, and in comparison.

use super::{Production, Rules};
use crate::Specification;

const fn production(pattern: &'static str, answer: &'static str, shown: &'static str) -> Production {
    Production { pattern, answer, shown }
}

pub(super) const REVERSE: Rules = Rules {
    specification: Specification::Reverse,
    fact: None,
    productions: &[
        production(
            "[<polite>] reverse [the word] @spelled",
            "reverse_text(text)",
            "the word \"{text}\" with its letters in the opposite order",
        ),
        production(
            "[<polite>] (spell|write) [the word] @spelled (backwards|backward|in reverse)",
            "reverse_text(text)",
            "the word \"{text}\" with its letters in the opposite order",
        ),
        production(
            "what is [the word] @spelled (spelled|written) (backwards|backward|in reverse)",
            "reverse_text(text)",
            "the word \"{text}\" with its letters in the opposite order",
        ),
    ],
    examples: &[
        ("Reverse the word strawberry.", "reverse_text(strawberry)"),
        ("Spell \"hello\" backwards.", "reverse_text(hello)"),
        ("What is the word desserts spelled backwards?", "reverse_text(desserts)"),
    ],
    counter_examples: &[
        "Reverse strawberry.",
        "Reverse the word order.",
        "Reverse the word Paris.",
        "Reverse \"hello world\".",
        "Reverse the words in \"hello world\".",
        "Reverse the word above.",
        "Spell strawberry backwards.",
        "Reverse the string.",
        "What is the reverse of good?",
        "Do not reverse the word strawberry.",
        "Reverse the word strawberry twice.",
        "Spell the word strawberry.",
        "Reverse the last two letters of the word strawberry.",
        "Reverse the word processor.",
    ],
};

pub(super) const PALINDROME: Rules = Rules {
    specification: Specification::Palindrome,
    fact: None,
    productions: &[
        production(
            "is [the word] @spelled a palindrome [or not|<one_of_two>]",
            "is_palindrome(text)",
            "whether \"{text}\" reads the same backwards",
        ),
        production(
            "is it true that [the word] @spelled is a palindrome",
            "is_palindrome(text)",
            "whether \"{text}\" reads the same backwards",
        ),
        production(
            "<asks_clause> <whether> [the word] @spelled is a palindrome [or not]",
            "is_palindrome(text)",
            "whether \"{text}\" reads the same backwards",
        ),
        production(
            "is (the number @a|@digits) a palindrome [or not|<one_of_two>]",
            "is_palindrome(to_base(a, 10))",
            "whether the digits of {a} read the same backwards",
        ),
        production(
            "<asks_clause> <whether> (the number @a|@digits) is a palindrome [or not]",
            "is_palindrome(to_base(a, 10))",
            "whether the digits of {a} read the same backwards",
        ),
    ],
    examples: &[
        ("Is the word racecar a palindrome?", "is_palindrome(racecar)"),
        ("Is \"banana\" a palindrome?", "is_palindrome(banana)"),
        ("Check whether the word level is a palindrome.", "is_palindrome(level)"),
        ("Is 12321 a palindrome?", "is_palindrome(to_base(12321, 10))"),
    ],
    counter_examples: &[
        "Is racecar a palindrome?",
        "Is eleven a palindrome?",
        "Is \"racecar!\" a palindrome?",
        "Is \"Anna\" a palindrome?",
        "Is the word Level a palindrome?",
        "Is the word racecar not a palindrome?",
        "Isn't the word racecar a palindrome?",
        "Is \"never odd or even\" a palindrome?",
        "Is the word a palindrome?",
        "Is the word really a palindrome?",
        "Is it a palindrome?",
        "Is the word racecar or banana a palindrome?",
        "Is -121 a palindrome?",
        "Is 12.21 a palindrome?",
        "Is 5 a palindrome in binary?",
        "Is the word racecar the longest palindrome?",
        "Is 12321 a palindrome prime?",
        "Is this word a palindrome?",
    ],
};

pub(super) const LEVENSHTEIN: Rules = Rules {
    specification: Specification::Levenshtein,
    fact: None,
    productions: &[
        production(
            "[<asks_value>] [the] levenshtein distance (between|of) [the words] @one and @other",
            "levenshtein(one, other)",
            "the Levenshtein distance of \"{one}\" and \"{other}\"",
        ),
        production(
            "[<asks_value>] [the] levenshtein distance from @one to @other",
            "levenshtein(one, other)",
            "the Levenshtein distance of \"{one}\" and \"{other}\"",
        ),
    ],
    examples: &[
        (
            "What is the Levenshtein distance between \"kitten\" and \"sitting\"?",
            "levenshtein(kitten, sitting)",
        ),
        ("Compute the Levenshtein distance from \"flaw\" to \"lawn\".", "levenshtein(flaw, lawn)"),
    ],
    counter_examples: &[
        "What is the edit distance between \"kitten\" and \"sitting\"?",
        "What is the Levenshtein distance between kitten and sitting?",
        "What is the Levenshtein distance between \"Kitten\" and \"kitten\"?",
        "What is the Levenshtein distance of \"kitten\"?",
        "What is the normalized Levenshtein distance between \"kitten\" and \"sitting\"?",
        "What is the Levenshtein distance between \"kitten\" or \"sitting\"?",
        "What is the Hamming distance between \"kitten\" and \"mitten\"?",
        "What is the Levenshtein ratio of \"kitten\" and \"mitten\"?",
    ],
};
