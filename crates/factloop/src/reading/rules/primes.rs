//! Questions about a number: is it prime?

use super::{Production, Rules, Shared};
use crate::Specification;

pub(super) const SHARED: &[Shared] = &[
    ("prime_subject", &["[the number|the integer] @n"]),
    ("prime", &["[a] prime [number]"]),
    ("whether", &["if", "whether [or not]"]),
    // What asks for one of the two answers, behind the question.
    ("one_of_two", &["[.|','] [(answer|reply|say) [with|in]] yes or no"]),
];

const ANSWER: &str = "is_prime(n)";
const SHOWN: &str = "whether {n} is a prime number";

const fn production(pattern: &'static str) -> Production {
    Production { pattern, answer: ANSWER, shown: SHOWN }
}

pub(super) const IS_PRIME: Rules = Rules {
    specification: Specification::IsPrime,
    fact: None,
    productions: &[
        production("is <prime_subject> <prime> [or not|<one_of_two>]"),
        production("yes or no (':'|','|.) is <prime_subject> <prime>"),
        production("is it true that <prime_subject> is <prime>"),
        production("<asks_clause> <whether> <prime_subject> is <prime> [or not]"),
        production("[<polite>] (decide|see|test) <whether> <prime_subject> is <prime> [or not]"),
        production("true or false (':'|','|.) <prime_subject> is <prime>"),
        production("would you say [that] <prime_subject> is <prime>"),
        production("@n ':' <prime> or not"),
        production("[<polite>] (test|check) <prime_subject> for primality"),
    ],
    examples: &[
        ("Is 97 prime?", "is_prime(97)"),
        ("Can you tell me if 91 is a prime number?", "is_prime(91)"),
        ("97: prime or not?", "is_prime(97)"),
        ("Is 10,007 prime?", "is_prime(10007)"),
        ("Is ninety-seven prime?", "is_prime(97)"),
        ("Is it true that 97 is prime?", "is_prime(97)"),
        ("Is -7 prime?", "is_prime(-7)"),
        ("True or false: 97 is prime.", "is_prime(97)"),
        ("Is 97 prime? Yes or no?", "is_prime(97)"),
        ("Is 97 a prime number? Answer with yes or no.", "is_prime(97)"),
        ("Yes or no: is 97 prime?", "is_prime(97)"),
    ],
    counter_examples: &[
        "Is it true that 97 is not prime?",
        "Isn't 97 prime?",
        "What is prime number 7?",
        "Is 7! prime?",
        "Is .5 prime?",
        "Is 97 or 98 prime?",
        "Is 97 the only prime?",
        "Is 7 a lucky prime number?",
        "Is 97 a prime factor?",
        "Is the 97th number prime?",
        "Is 2.5 prime?",
        "Is 99999999999999999999 prime?",
        "Is a hundred prime?",
        "Is 97 prime and 98 even?",
        "Is 97 prime or composite?",
        "True or false: 97 is not prime.",
        "True or false: 97 is prime and 98 is even.",
        "False or true: 97 is prime.",
        "True: 97 is prime.",
        "False: 97 is prime.",
        "Is 97 prime? Yes.",
        "Is 97 prime? No or yes?",
        "Is 97 prime? Yes or no or both?",
        "Is 97 prime? Answer no or yes the other way round.",
        "Is 97 prime? Do not answer yes or no.",
        "Is 97 not prime, yes or no?",
        "Is 97 prime? Answer with yes and no.",
        "Is 97 prime yes",
        "Yes: is 97 prime?",
    ],
};
