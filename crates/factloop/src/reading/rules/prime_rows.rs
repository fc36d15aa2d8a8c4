//! The row of the primes, and the factors and divisors of numbers.

use super::{Production, Rules};
use crate::Specification;

const fn production(pattern: &'static str, answer: &'static str, shown: &'static str) -> Production {
    Production { pattern, answer, shown }
}

pub(super) const PRIME_FACTORS: Rules = Rules {
    specification: Specification::PrimeFactors,
    fact: None,
    productions: &[production(
        "[<asks_value>] [the] prime (factorization|factorisation|decomposition) of [the number] @a",
        "prime_factors(a)",
        "the prime factorization of {a}, with repeated factors",
    )],
    examples: &[
        ("What is the prime factorization of 84?", "prime_factors(84)"),
        ("Find the prime factorisation of 360.", "prime_factors(360)"),
        ("What is the prime factorization of the number 97?", "prime_factors(97)"),
    ],
    counter_examples: &[
        "What are the prime factors of 12?",
        "What are the different prime factors of 84?",
        "How many prime factors does 84 have?",
        "What is the largest prime factor of 84?",
        "What is the prime factorization of 1?",
        "What is the prime factorization of -84?",
        "What is the prime factorization of 84 and 90?",
        "What is the prime factorization of 84 squared?",
        "What is not the prime factorization of 84?",
    ],
};

pub(super) const NTH_PRIME: Rules = Rules {
    specification: Specification::NthPrime,
    fact: None,
    productions: &[production(
        "[<asks_value>] the @ordinal prime [number]",
        "nth_prime(ordinal)",
        "the prime number at place {ordinal}",
    )],
    examples: &[
        ("What is the 10th prime number?", "nth_prime(10)"),
        ("What is the third prime?", "nth_prime(3)"),
        ("Find the 100th prime number.", "nth_prime(100)"),
        ("What is the 21st prime?", "nth_prime(21)"),
    ],
    counter_examples: &[
        "What is the 10th prime number above 100?",
        "What is the 0th prime number?",
        "What is the 10th prime number minus 1?",
        "What is the 10th number?",
        "What is the 10th composite number?",
        "What is the 10th even prime number?",
        "What is the 10th twin prime?",
        "What is the 10th last prime number?",
        "What is the 10 prime number?",
        "What is the 11st prime number?",
        "Is the 10th prime number odd?",
        "What is the third prime minister of Canada?",
        "What is the 9th or 10th prime number?",
    ],
};

pub(super) const NEXT_PRIME: Rules = Rules {
    specification: Specification::NextPrime,
    fact: None,
    productions: &[
        production(
            "[<asks_value>] the next prime [number] (after|above) @n",
            "next_prime(n)",
            "the smallest prime number above {n}",
        ),
        production(
            "[<asks_value>] the (first|smallest) prime [number] (after|above|(greater|larger) than) @n",
            "next_prime(n)",
            "the smallest prime number above {n}",
        ),
    ],
    examples: &[
        ("What is the next prime after 97?", "next_prime(97)"),
        ("Find the smallest prime number greater than 100.", "next_prime(100)"),
        ("What is the first prime number above 1000?", "next_prime(1000)"),
    ],
    counter_examples: &[
        "What is the next prime before 97?",
        "What is the next prime?",
        "What is the smallest prime number greater than or equal to 97?",
        "What is the second prime after 97?",
        "What is the next prime year after 2024?",
        "What is the largest prime below 97?",
        "What is the smallest prime not above 97?",
        "What is the next prime after the 10th prime?",
        "What is the next prime after 97 plus 1?",
        "What is the next prime from 97?",
    ],
};

pub(super) const PRIME_COUNT: Rules = Rules {
    specification: Specification::PrimeCount,
    fact: None,
    productions: &[
        production(
            "how many (primes|prime numbers) (are|are there|exist) (below|under|less than|smaller than) @n",
            "prime_count(subtract(n, 1))",
            "the number of primes that are less than {n}",
        ),
        production(
            "how many (primes|prime numbers) (are|are there|exist) (up to|at most|(no|not) (greater|larger) than) @n",
            "prime_count(n)",
            "the number of primes that are at most {n}",
        ),
        production(
            "[<asks_value>] the number of (primes|prime numbers) (below|under|less than|smaller than) @n",
            "prime_count(subtract(n, 1))",
            "the number of primes that are less than {n}",
        ),
        production(
            "[<asks_value>] the number of (primes|prime numbers) (up to|at most|(no|not) (greater|larger) than) @n",
            "prime_count(n)",
            "the number of primes that are at most {n}",
        ),
    ],
    examples: &[
        ("How many primes are there below 100?", "prime_count(subtract(100, 1))"),
        ("How many prime numbers are less than 11?", "prime_count(subtract(11, 1))"),
        ("How many primes are there up to 11?", "prime_count(11)"),
        ("What is the number of primes not greater than 50?", "prime_count(50)"),
    ],
    counter_examples: &[
        "How many primes are there between 10 and 20?",
        "How many primes are there above 100?",
        "How many primes are there?",
        "How many primes are not below 100?",
        "How many odd primes are there below 100?",
        "How many primes are there below 100 digits?",
        "How many numbers are there below 100?",
        "How many primes are there from 1 to 10?",
        "How many primes are less than or equal to 11?",
        "How many primes are there until 11?",
        "How many primes are there below 10 or 20?",
        "How many primes are there below 3000000?",
    ],
};

pub(super) const DIVISOR_COUNT: Rules = Rules {
    specification: Specification::DivisorCount,
    fact: None,
    productions: &[
        production(
            "how many [positive] divisors does [the number] @a have",
            "divisor_count(a)",
            "the number of positive divisors of {a}",
        ),
        production(
            "[<asks_value>] the number of [positive] divisors of [the number] @a",
            "divisor_count(a)",
            "the number of positive divisors of {a}",
        ),
    ],
    examples: &[
        ("How many divisors does 12 have?", "divisor_count(12)"),
        ("What is the number of positive divisors of 360?", "divisor_count(360)"),
    ],
    counter_examples: &[
        "How many prime divisors does 12 have?",
        "How many proper divisors does 12 have?",
        "How many divisors does 0 have?",
        "How many negative divisors does 12 have?",
        "How many common divisors does 12 have?",
        "How many divisors do 12 and 18 have?",
        "How many divisors does 12 not have?",
        "How many even divisors does 12 have?",
    ],
};
