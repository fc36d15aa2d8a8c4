//! The kinds of question that the grammar can read.

use det::Form;

/// A kind of question, with one way to compute its answer by primitives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Specification {
    /// The number of times that a letter occurs in a text.
    LetterCount,
    /// The count of a letter in a text, plus a number.
    CountThenAdd,
    /// The count of a letter in a text, minus a number; or a number minus such a count.
    CountThenSubtract,
    /// The count of a letter in a text, times a number.
    CountThenMultiply,
    /// The greatest common divisor of two numbers or more.
    Gcd,
    /// The question if a number is prime, to be answered with yes or no.
    IsPrime,
    /// The sum of two whole numbers or more.
    Sum,
    /// The difference of two whole numbers.
    Difference,
    /// The product of two whole numbers or more.
    Product,
    /// The number of letters of a word, which is not the number of its characters.
    TextLength,
    /// The number of times that a word occurs in a text, as a whole word.
    WordCount,
}

impl Specification {
    /// Every specification, in the order in which lists and help texts name them.
    pub const ALL: [Self; 11] = [
        Self::LetterCount,
        Self::CountThenAdd,
        Self::CountThenSubtract,
        Self::CountThenMultiply,
        Self::Gcd,
        Self::IsPrime,
        Self::Sum,
        Self::Difference,
        Self::Product,
        Self::TextLength,
        Self::WordCount,
    ];

    /// The specifications that the entry head of the shipped model, which reads a request from a prompt, was
    /// trained on, in the order of its classes.
    pub const FITTED: [Self; 5] =
        [Self::LetterCount, Self::CountThenAdd, Self::CountThenSubtract, Self::Gcd, Self::IsPrime];

    /// Returns the word that stands for the kind of question in reports, in `nmk.toml` and in the ledger, for
    /// example `letter_count`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::LetterCount => "letter_count",
            Self::CountThenAdd => "count_then_add",
            Self::CountThenSubtract => "count_then_subtract",
            Self::CountThenMultiply => "count_then_multiply",
            Self::Gcd => "gcd",
            Self::IsPrime => "is_prime",
            Self::Sum => "sum",
            Self::Difference => "difference",
            Self::Product => "product",
            Self::TextLength => "text_length",
            Self::WordCount => "word_count",
        }
    }

    /// Returns the form in which a reply must state the answer to this kind of question.
    #[must_use]
    pub fn form(self) -> Form {
        match self {
            Self::IsPrime => Form::YesNo,
            _ => Form::Integer,
        }
    }
}
