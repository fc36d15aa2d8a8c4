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
    /// The least common multiple of two positive numbers or more.
    Lcm,
    /// The factorial of a number.
    Factorial,
    /// The number of sets of some size that can be chosen out of a number of things.
    Binomial,
    /// The remainder of a power by a number.
    PowerModulo,
    /// The remainder of a division of numbers that are not negative.
    Remainder,
    /// The prime factorization of a number, with repeated factors.
    PrimeFactors,
    /// The prime number at a place, counted from 1.
    NthPrime,
    /// The smallest prime number above a number.
    NextPrime,
    /// The number of primes below a number, or up to it.
    PrimeCount,
    /// The number of positive divisors of a number.
    DivisorCount,
    /// The sum of the decimal digits of a number.
    DigitSum,
    /// The number of ones in the binary form of a number.
    Popcount,
    /// The binary form of a number.
    Binary,
    /// The Roman numeral of a number.
    Roman,
    /// A word with its letters in the opposite order.
    Reverse,
    /// The question if a word or a number reads the same backwards.
    Palindrome,
    /// The Levenshtein distance of two words.
    Levenshtein,
    /// The day of the week of a date.
    Weekday,
    /// The question if a year is a leap year.
    LeapYear,
    /// The number of days from one date to a later one.
    DaysApart,
    /// The date that is some days after another one, or before it.
    DateLater,
    /// The median of two numbers or more, if it is whole.
    Median,
    /// The largest of two numbers or more.
    Largest,
    /// The smallest of two numbers or more.
    Smallest,
    /// Two numbers or more in ascending order.
    Sort,
}

impl Specification {
    /// Every specification, in the order in which lists and help texts name them.
    pub const ALL: [Self; 36] = [
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
        Self::Lcm,
        Self::Factorial,
        Self::Binomial,
        Self::PowerModulo,
        Self::Remainder,
        Self::PrimeFactors,
        Self::NthPrime,
        Self::NextPrime,
        Self::PrimeCount,
        Self::DivisorCount,
        Self::DigitSum,
        Self::Popcount,
        Self::Binary,
        Self::Roman,
        Self::Reverse,
        Self::Palindrome,
        Self::Levenshtein,
        Self::Weekday,
        Self::LeapYear,
        Self::DaysApart,
        Self::DateLater,
        Self::Median,
        Self::Largest,
        Self::Smallest,
        Self::Sort,
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
            Self::Lcm => "lcm",
            Self::Factorial => "factorial",
            Self::Binomial => "binomial",
            Self::PowerModulo => "power_modulo",
            Self::Remainder => "remainder",
            Self::PrimeFactors => "prime_factors",
            Self::NthPrime => "nth_prime",
            Self::NextPrime => "next_prime",
            Self::PrimeCount => "prime_count",
            Self::DivisorCount => "divisor_count",
            Self::DigitSum => "digit_sum",
            Self::Popcount => "popcount",
            Self::Binary => "binary",
            Self::Roman => "roman",
            Self::Reverse => "reverse",
            Self::Palindrome => "palindrome",
            Self::Levenshtein => "levenshtein",
            Self::Weekday => "weekday",
            Self::LeapYear => "leap_year",
            Self::DaysApart => "days_apart",
            Self::DateLater => "date_later",
            Self::Median => "median",
            Self::Largest => "largest",
            Self::Smallest => "smallest",
            Self::Sort => "sort",
        }
    }

    /// Returns the form in which a reply must state the answer to this kind of question.
    #[must_use]
    pub fn form(self) -> Form {
        match self {
            Self::IsPrime | Self::Palindrome | Self::LeapYear => Form::YesNo,
            Self::Binary | Self::Roman | Self::Reverse | Self::Weekday | Self::DateLater => Form::Word,
            Self::PrimeFactors | Self::Sort => Form::Integers,
            _ => Form::Integer,
        }
    }
}
