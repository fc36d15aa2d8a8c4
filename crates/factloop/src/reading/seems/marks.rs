//! The words by which a prompt seems to ask a question of a kind that has a name of its own, such as a factorial.

use super::{AROUND, is_number, listed};
use crate::Specification;

/// The words of one kind of question.
struct Marks {
    kind: Specification,
    /// Sets of words. All words of one set must stand in the prompt.
    any: &'static [&'static [&'static str]],
    /// The least number of numbers in the prompt.
    numbers: usize,
    /// True if the prompt must name a text, in quotes or behind "word".
    text: bool,
}

impl Marks {
    const fn numbers(kind: Specification, any: &'static [&'static [&'static str]], numbers: usize) -> Self {
        Self { kind, any, numbers, text: false }
    }

    const fn text(kind: Specification, any: &'static [&'static [&'static str]]) -> Self {
        Self { kind, any, numbers: 0, text: true }
    }
}

/// Words that may stand in a question of any of these kinds, beside those around numbers.
const OWN: &str = "\
all or into as not no plus minus times add squared twice than in on for there have has be was were will fall falls that \
which when write convert calculate show list sort order \
ascending arrange put positive whole integer integers date day days week weekday year years word letters spelled spell \
backwards reversed reverse set base between up below under above after before later earlier less greater larger smaller \
next first following following representation form decimal binary bits ones notation numeral numerals roman latin same \
divided division divide modulo mod remainder power raised choose ways many things items out factor factors prime primes \
factorization factorisation divisors digits digit sum list largest smallest biggest maximum minimum max min highest lowest \
median middle common multiple least lcm factorial distance edit levenshtein palindrome leap january february march april \
may june july august september october november december monday tuesday wednesday thursday friday saturday sunday";

/// The kinds, those with the rarer words first.
const KINDS: &[Marks] = {
    use Specification as S;
    &[
        Marks::numbers(S::Lcm, &[&["lcm"], &["common", "multiple"]], 1),
        Marks::numbers(S::Factorial, &[&["factorial"]], 1),
        Marks::numbers(S::Binomial, &[&["choose"]], 2),
        Marks::numbers(
            S::PowerModulo,
            &[&["power", "modulo"], &["power", "mod"], &["power", "remainder"]],
            3,
        ),
        Marks::numbers(S::Remainder, &[&["remainder"], &["modulo"], &["mod"]], 2),
        Marks::numbers(
            S::PrimeFactors,
            &[&["factorization"], &["factorisation"], &["prime", "factors"], &["factor", "primes"]],
            1,
        ),
        Marks::numbers(S::NextPrime, &[&["next", "prime"], &["prime", "after"], &["smallest", "prime"]], 1),
        Marks::numbers(S::PrimeCount, &[&["many", "primes"], &["many", "prime"], &["count", "primes"]], 1),
        Marks::numbers(
            S::DivisorCount,
            &[&["many", "divisors"], &["many", "factors"], &["number", "divisors"]],
            1,
        ),
        Marks::numbers(S::DigitSum, &[&["digit", "sum"], &["digits", "sum"], &["digits", "add"]], 1),
        Marks::numbers(
            S::Popcount,
            &[&["ones", "binary"], &["bits", "set"], &["popcount"], &["1s", "binary"]],
            1,
        ),
        Marks::numbers(S::Binary, &[&["binary"]], 1),
        Marks::numbers(S::Roman, &[&["roman"]], 1),
        Marks::text(S::Reverse, &[&["backwards"], &["reverse"], &["reversed"]]),
        Marks::text(S::Palindrome, &[&["palindrome"]]),
        Marks::numbers(S::Palindrome, &[&["palindrome"]], 1),
        Marks::text(S::Levenshtein, &[&["levenshtein"], &["edit", "distance"]]),
        Marks::numbers(S::DaysApart, &[&["days", "between"], &["days", "apart"], &["days", "until"]], 2),
        Marks::numbers(S::DateLater, &[&["date", "days", "after"], &["date", "days", "before"]], 2),
        Marks::numbers(S::Weekday, &[&["day", "week"], &["weekday"]], 1),
        Marks::numbers(S::LeapYear, &[&["leap"]], 1),
        Marks::numbers(S::Median, &[&["median"]], 2),
        Marks::numbers(S::Largest, &[&["largest"], &["maximum"], &["biggest"], &["max"], &["highest"]], 2),
        Marks::numbers(S::Smallest, &[&["smallest"], &["minimum"], &["min"], &["lowest"]], 2),
        Marks::numbers(S::Sort, &[&["sort"], &["ascending"], &["arrange"]], 2),
    ]
};

/// Returns the kind whose words stand in a prompt of lower case. A prompt with a word that no such question has, other than
/// those of a text in quotes or behind "word", has none.
pub(super) fn marked_kind(lower: &str, words: &[&str], numbers: usize) -> Option<Specification> {
    let has = |word: &&str| words.contains(word);
    let quotes = lower.matches(['"', '\u{201c}', '\u{201d}']).count();
    let unknown =
        words.iter().filter(|word| !(is_number(word) || listed(AROUND, word) || listed(OWN, word))).count();
    let has_text = quotes >= 2 || words.contains(&"word");
    let is_ordinal = |word: &&&str| {
        word.starts_with(|c: char| c.is_ascii_digit()) && word.ends_with(|c: char| c.is_ascii_alphabetic())
    };
    if unknown == 0 && words.iter().any(|word| is_ordinal(&word)) && has(&"prime") {
        return Some(Specification::NthPrime);
    }
    let fits = |marks: &&Marks| {
        let allowed = if marks.text && has_text { unknown } else { 0 };
        numbers >= marks.numbers
            && (!marks.text || has_text)
            && unknown <= allowed
            && marks.any.iter().any(|set| set.iter().all(has))
    };
    KINDS.iter().find(fits).map(|marks| marks.kind)
}
