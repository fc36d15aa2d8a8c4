//! The length of a word, and how often a word occurs in a text.

use super::{Production, Rules, Shared};
use crate::Specification;

pub(super) const SHARED: &[Shared] =
    &[("sentence", &["the (phrase|sentence|text|line|title) @quoted", "@unnamed"])];

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
        // "The length of "Titanic"" is that of a film.
        length("[<asks_value>] the length of @lower"),
        length("[<polite>] count the number of letters (in|of) ([the] word @word|@quoted)"),
        length("[<asks_value>] [the] number of letters in ([the] word @word|@quoted)"),
        length("[<polite>] count the letters (in|of) ([the] word @word|@quoted)"),
        length("<asks_clause> how many letters (are|there are|are there) in ([the] word @word|@quoted)"),
    ],
    examples: &[
        ("How many letters are in the word strawberry?", "text_length(strawberry)"),
        ("How many letters does \"banana\" have?", "text_length(banana)"),
        ("What is the length of the word apple?", "text_length(apple)"),
        ("What is the length of \"apple\"?", "text_length(apple)"),
        ("Count the number of letters in the word strawberry.", "text_length(strawberry)"),
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
        "What is the length of \"Titanic\"?",
        "What is the length of titanic?",
        "Count the number of letters in strawberry.",
        "Count the number of different letters in the word strawberry.",
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
        words("<times> does the word @wanted <appear> in <sentence>"),
        words("in <sentence> [','] <times> does the word @wanted <appear>"),
        words("[<polite>] count [the|all|all the] [occurrences of] the word @wanted in <sentence>"),
        words("how many occurrences of the word @wanted (are|are there) in <sentence>"),
        words(
            "[<asks_value>] the number of (occurrences of the word @wanted|times the word @wanted <appears>) in <sentence>",
        ),
    ],
    examples: &[
        ("How many times does the word \"a\" appear in \"a banana\"?", "word_count(a banana, a)"),
        (
            "How often does the word the occur in the sentence \"The cat saw the dog.\"?",
            "word_count(The cat saw the dog, the)",
        ),
        (
            "How many occurrences of the word \"the\" are there in \"the cat saw the dog\"?",
            "word_count(the cat saw the dog, the)",
        ),
        ("Count the occurrences of the word a in \"a banana\".", "word_count(a banana, a)"),
    ],
    counter_examples: &[
        "How many times does the word \"love\" appear in \"Romeo and Juliet\"?",
        "How many times does the word \"shark\" appear in \"Jaws\"?",
        "How many occurrences of the word are in \"the cat saw the dog\"?",
        "How many occurrences of the word the are not in \"the cat saw the dog\"?",
        "What is the number of words in \"the cat saw the dog\"?",
        "How many times does the word a appear in a banana?",
        "How many words are in \"a banana\"?",
        "How many times does the word \"a b\" appear in \"a b a b\"?",
        "How many times does the word never appear in \"the cat sat\"?",
        "How many times does the word also appear in \"the cat sat\"?",
    ],
};
