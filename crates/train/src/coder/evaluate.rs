//! Helpers of the evaluators, each with the meaning that Python gives it.

/// Returns the decimal digits of a number that is not negative.
pub(super) fn digits(n: i64) -> Option<Vec<i64>> {
    (n >= 0).then(|| n.to_string().bytes().map(|digit| i64::from(digit - b'0')).collect())
}

/// Returns a copy of a list in reverse order.
pub(super) fn reversed<T: Clone>(list: &[T]) -> Vec<T> {
    list.iter().rev().cloned().collect()
}

/// Returns true if `n` is a prime number.
pub(super) fn is_prime(n: i64) -> bool {
    n > 1 && (2..).take_while(|i| i * i <= n).all(|i| n % i != 0)
}

/// Returns the sum of the numbers from 1 to `n`.
pub(super) fn triangle(n: i64) -> Option<i64> {
    Some(n.checked_mul(n.checked_add(1)?)? / 2).filter(|_| n >= 0)
}

/// Returns the prime factors of a number that is not large, in ascending order.
pub(super) fn prime_factors(n: i64) -> Option<Vec<i64>> {
    let (mut rest, mut i, mut factors) = (n, 2, Vec::new());
    while i <= rest {
        while rest % i == 0 {
            factors.push(i);
            rest /= i;
        }
        i += 1;
    }
    (0..100_000).contains(&n).then_some(factors)
}

/// Returns the Roman numeral of a number below four thousand.
pub(super) fn roman(n: i64) -> Option<String> {
    let (mut rest, mut out) = (n, String::new());
    for (value, letters) in ROMAN {
        while rest >= value {
            out.push_str(letters);
            rest -= value;
        }
    }
    (0..4000).contains(&n).then_some(out)
}

/// The Roman numerals by value.
const ROMAN: [(i64, &str); 13] = [
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
];

/// Returns the number that a Roman numeral stands for.
pub(super) fn from_roman(text: &str) -> Option<i64> {
    (1..200).find(|n| roman(*n).as_deref() == Some(text))
}

/// Returns the quotient rounded down, as `//` does.
pub(super) fn floor_div(n: i64, k: i64) -> Option<i64> {
    (k > 0).then(|| n.div_euclid(k))
}

/// Returns the remainder of the quotient rounded down, as `%` does.
pub(super) fn floor_mod(n: i64, k: i64) -> Option<i64> {
    (k > 0).then(|| n.rem_euclid(k))
}

/// Returns the greatest common divisor of two numbers that are not negative.
pub(super) fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Returns the list without what occurred before, in the order of the first occurrences.
pub(super) fn unique<T: Clone + PartialEq>(list: &[T]) -> Vec<T> {
    list.iter()
        .enumerate()
        .filter(|(at, item)| !list[..*at].contains(item))
        .map(|(_, item)| item.clone())
        .collect()
}

/// Returns a sorted copy of a list.
pub(super) fn sorted<T: Clone + Ord>(list: &[T]) -> Vec<T> {
    let mut list = list.to_vec();
    list.sort();
    list
}

/// Returns the first item with the largest key, as `max` does.
pub(super) fn first_max<T: Clone, K: Ord>(list: &[T], key: impl Fn(&T) -> K) -> Option<T> {
    list.iter().rev().max_by_key(|item| key(item)).cloned()
}

/// Returns the sum of a list, or `None` if it is too large.
pub(super) fn total(list: &[i64]) -> Option<i64> {
    list.iter().try_fold(0i64, |sum, v| sum.checked_add(*v))
}

/// Returns the product of a list, or `None` if it is too large.
pub(super) fn product(list: &[i64]) -> Option<i64> {
    list.iter().try_fold(1i64, |all, v| all.checked_mul(*v))
}

/// Returns each item changed by `f`, or `None` if one has no result.
pub(super) fn each(list: &[i64], f: impl Fn(i64) -> Option<i64>) -> Option<Vec<i64>> {
    list.iter().map(|v| f(*v)).collect()
}

/// Returns the items for which `keep` is true.
pub(super) fn kept<T: Clone>(list: &[T], keep: impl Fn(&T) -> bool) -> Vec<T> {
    list.iter().filter(|item| keep(item)).cloned().collect()
}

/// Returns a count as a number of the corpus.
pub(super) fn size(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Returns a length that a number of the corpus states.
pub(super) fn len(k: i64) -> Option<usize> {
    usize::try_from(k).ok()
}

/// Returns the characters of a text for which `keep` is true.
pub(super) fn letters(text: &str, keep: impl Fn(char) -> bool) -> String {
    text.chars().filter(|c| keep(*c)).collect()
}

/// Returns the words of a text, as `split()` does.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Returns the text with its characters in reverse order.
pub(super) fn backwards(text: &str) -> String {
    text.chars().rev().collect()
}

/// Returns true for a vowel in lower or upper case.
pub(super) fn is_vowel(c: char) -> bool {
    "aeiouAEIOU".contains(c)
}

/// Returns the text with its first character in upper case and all others in lower case.
pub(super) fn capitalized(text: &str) -> String {
    text.char_indices()
        .map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
        .collect()
}

/// Returns the text with every letter after something else in upper case, and all others in lower case.
pub(super) fn title(text: &str) -> String {
    let mut before = ' ';
    text.chars()
        .map(|c| {
            let start = !before.is_ascii_alphabetic();
            before = c;
            if start { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
        })
        .collect()
}

/// Returns the text with upper case and lower case exchanged.
pub(super) fn swapped(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
        .collect()
}

/// Returns the runs of equal characters, each with its length.
pub(super) fn runs(text: &str) -> Vec<(char, usize)> {
    let mut runs: Vec<(char, usize)> = Vec::new();
    for c in text.chars() {
        match runs.last_mut() {
            Some((last, count)) if *last == c => *count += 1,
            _ => runs.push((c, 1)),
        }
    }
    runs
}

/// Returns the text with its small letters moved `k` places on in the alphabet.
pub(super) fn shifted(text: &str, k: i64) -> Option<String> {
    let k = u8::try_from(k.rem_euclid(26)).ok()?;
    Some(
        text.bytes()
            .map(|c| if c.is_ascii_lowercase() { (c - b'a' + k) % 26 + b'a' } else { c })
            .map(char::from)
            .collect(),
    )
}

/// Returns true if every bracket is closed by its own kind in the right order.
pub(super) fn balanced(text: &str) -> bool {
    let mut open = Vec::new();
    for c in text.chars() {
        match c {
            '(' | '[' | '{' => open.push(c),
            ')' | ']' | '}' => {
                let pair = open.pop().map(|o| [o, c].iter().collect::<String>());
                if !matches!(pair.as_deref(), Some("()" | "[]" | "{}")) {
                    return false;
                }
            }
            _ => {}
        }
    }
    open.is_empty()
}

/// Returns the number that a text states, as `int` does for plain digits with a sign.
pub(super) fn number(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

/// Returns the numbers between separators.
pub(super) fn numbers(text: &str, separator: &str) -> Option<Vec<i64>> {
    text.split(separator).map(number).collect()
}

/// Returns the words of a name in camel case, in small letters with `_` between them.
pub(super) fn snake(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Returns the numbers that stand in a text, digit after digit.
pub(super) fn found_numbers(text: &str) -> Option<Vec<i64>> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).map(number).collect()
}
