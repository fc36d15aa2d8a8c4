//! The catalog of primitives: a contract can name these and no others.

use crate::{
    Primitive, arithmetic, bits, calendar, documents, letters, lists, matching, number_theory, numerals,
    paths, polynomial, primes, satisfiability, texts, words,
};

static CATALOG: [Primitive; 56] = [
    arithmetic::ADD,
    calendar::ADD_DAYS,
    number_theory::BINOMIAL,
    bits::BIT_LENGTH,
    bits::BYTE_SWAP,
    bits::CRC32,
    calendar::DAY_OF_WEEK,
    calendar::DAYS_BETWEEN,
    polynomial::DERIVATIVE,
    number_theory::DIGIT_SUM,
    primes::DIVISOR_COUNT,
    number_theory::FACTORIAL,
    number_theory::FIBONACCI,
    numerals::FROM_BASE,
    numerals::FROM_ROMAN,
    arithmetic::GCD,
    texts::GRAPHEME_COUNT,
    number_theory::INTEGER_SQRT,
    calendar::IS_LEAP_YEAR,
    texts::IS_PALINDROME,
    arithmetic::IS_PRIME,
    satisfiability::IS_SATISFIABLE,
    documents::JSON_CANONICAL,
    documents::JSON_GET,
    lists::LARGEST,
    number_theory::LCM,
    bits::LEADING_ZEROS,
    letters::LETTER_COUNT,
    texts::LEVENSHTEIN,
    lists::MEDIAN,
    lists::MOST_COMMON,
    arithmetic::MULTIPLY,
    primes::NEXT_PRIME,
    primes::NTH_PRIME,
    bits::PARITY,
    bits::POPCOUNT,
    number_theory::POWER,
    number_theory::POWER_MODULO,
    primes::PRIME_COUNT,
    primes::PRIME_FACTORS,
    matching::REGEX_MATCH,
    number_theory::REMAINDER,
    texts::REVERSE_TEXT,
    numerals::ROMAN,
    bits::ROTATE_LEFT,
    satisfiability::SATISFYING_MODEL,
    paths::SHORTEST_DISTANCE,
    lists::SMALLEST,
    lists::SORT_NUMBERS,
    arithmetic::SUBTRACT,
    texts::TEXT_INDEX,
    letters::TEXT_LENGTH,
    numerals::TO_BASE,
    lists::TOTAL,
    bits::TRAILING_ZEROS,
    words::WORD_COUNT,
];

/// Returns every primitive of the catalog, in ascending order of names.
///
/// No two have the same name, so a contract that names a primitive names exactly one function.
#[must_use]
pub fn all() -> &'static [Primitive] {
    &CATALOG
}

/// Returns the primitive named `name`, or None if the catalog has none of that name.
///
/// ```
/// use prims::{Value, find};
///
/// let gcd = find("gcd").expect("a primitive of the catalog");
/// assert!(matches!(gcd.call(&[Value::Int(12), Value::Int(18)]), Ok(Value::Int(6))));
/// ```
#[must_use]
pub fn find(name: &str) -> Option<&'static Primitive> {
    CATALOG.iter().find(|primitive| primitive.name == name)
}
