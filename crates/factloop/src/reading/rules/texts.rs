//! The length of a word, and how often a word occurs in a text.

use super::{Production, Rules};
use crate::Specification;

const fn length(pattern: &'static str) -> Production {
    Production { pattern, answer: "text_length(text)", shown: "the letters of \"{text}\", counted" }
}

pub(super) const TEXT_LENGTH: Rules = Rules {
    specification: Specification::TextLength,
    fact: None,
    productions: &[
        length("how many letters [are|are there] in ([the] word @word|@quoted)"),
        length("how many letters does ([the] word @word|@quoted) (have|contain)"),
        length("how long is the word @word"),
        length("[<asks_value>] the length of the word @word"),
        length("[<asks_value>] [the] number of letters in ([the] word @word|@quoted)"),
        length("[<polite>] count the letters (in|of) ([the] word @word|@quoted)"),
        length("<asks_clause> how many letters (are|there are|are there) in ([the] word @word|@quoted)"),
    ],
    examples: &[
        ("How many letters are in the word strawberry?", "text_length(strawberry)"),
        ("How many letters does \"banana\" have?", "text_length(banana)"),
        ("What is the length of the word apple?", "text_length(apple)"),
    ],
    counter_examples: &[
        "How many letters are in the alphabet?",
        "How many letters are in strawberry?",
        "How many letters are in \"good morning\"?",
        "How many letters are in the word?",
        "How many different letters are in the word banana?",
        "How many vowels are in the word banana?",
        "Count the letters in my name.",
        "How many letters does the word not have?",
        "How many letters does the word actually have?",
        "How many letters are in the word above?",
        "Count the letters in the word again.",
        "How long is the word exactly?",
    ],
};

const fn words(pattern: &'static str) -> Production {
    Production {
        pattern,
        answer: "word_count(text, wanted)",
        shown: "the word \"{wanted}\" in \"{text}\", counted as a whole word",
    }
}

pub(super) const WORD_COUNT: Rules = Rules {
    specification: Specification::WordCount,
    fact: None,
    productions: &[
        words("<times> does the word @wanted <appear> in [the (phrase|sentence|text|line|title)] @quoted"),
        words(
            "in [the (phrase|sentence|text|line|title)] @quoted [','] <times> does the word @wanted <appear>",
        ),
        words("[<polite>] count the word @wanted in [the (phrase|sentence|text|line|title)] @quoted"),
    ],
    examples: &[
        ("How many times does the word \"a\" appear in \"a banana\"?", "word_count(a banana, a)"),
        (
            "How often does the word the occur in the sentence \"The cat saw the dog.\"?",
            "word_count(The cat saw the dog, the)",
        ),
    ],
    counter_examples: &[
        "How many times does the word a appear in a banana?",
        "How many words are in \"a banana\"?",
        "How many times does the word \"a b\" appear in \"a b a b\"?",
        "How many times does the word never appear in \"the cat sat\"?",
        "How many times does the word also appear in \"the cat sat\"?",
    ],
};
