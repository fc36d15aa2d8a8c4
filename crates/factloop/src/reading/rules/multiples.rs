//! Common multiples, factorials, choices, powers and remainders.

use super::{Production, Rules};
use crate::Specification;

const fn production(pattern: &'static str, answer: &'static str, shown: &'static str) -> Production {
    Production { pattern, answer, shown }
}

pub(super) const LCM: Rules = Rules {
    specification: Specification::Lcm,
    fact: None,
    productions: &[
        production(
            "[<asks_value>] [the] (lcm|(least|lowest|smallest) common multiple) (of|for|between) [the numbers] @multiples",
            "lcm(numbers)",
            "the least common multiple of {numbers}",
        ),
        production(
            "[<asks_value>] lcm '(' @multiples ')' ['=']",
            "lcm(numbers)",
            "the least common multiple of {numbers}",
        ),
    ],
    examples: &[
        ("What is the lcm of 4 and 6?", "lcm(4, 6)"),
        ("What is the least common multiple of 4, 6 and 10?", "lcm(lcm(4, 6), 10)"),
        ("lcm(12, 18)", "lcm(12, 18)"),
        ("Find the lowest common multiple of 21 and 6.", "lcm(21, 6)"),
    ],
    counter_examples: &[
        "What is the lcm of 4?",
        "What is the lcm of 4 or 6?",
        "What is the lcm of 0 and 6?",
        "What is the lcm of -4 and 6?",
        "What is the lcm of 4 and 6 and 10?",
        "What is the least common denominator of 4 and 6?",
        "What is the largest common multiple of 4 and 6?",
        "What is the second least common multiple of 4 and 6?",
        "What is the lcm of 4 to 6?",
        "What is not the lcm of 4 and 6?",
    ],
};

pub(super) const FACTORIAL: Rules = Rules {
    specification: Specification::Factorial,
    fact: None,
    productions: &[
        production(
            "[<asks_value>] [the] factorial of [the number] @a",
            "factorial(a)",
            "the factorial of {a}",
        ),
        production("[<computes>] @a factorial ['=']", "factorial(a)", "the factorial of {a}"),
    ],
    examples: &[
        ("What is the factorial of 5?", "factorial(5)"),
        ("What is 10 factorial?", "factorial(10)"),
        ("Compute the factorial of twelve.", "factorial(12)"),
    ],
    counter_examples: &[
        "What is 5!?",
        "What is the factorial of -5?",
        "What is the factorial of 21?",
        "What is the factorial of 5 plus 1?",
        "What is 5 double factorial?",
        "What is the factorial of 2.5?",
        "What is the factorial of 5 and 6?",
        "What is the inverse factorial of 120?",
        "What is the factorial of 3!?",
    ],
};

pub(super) const BINOMIAL: Rules = Rules {
    specification: Specification::Binomial,
    fact: None,
    productions: &[
        production(
            "[<computes>] @a choose @k ['=']",
            "binomial(a, k)",
            "the number of sets of {k} out of {a} things",
        ),
        production(
            "[<asks_value>] the binomial coefficient @a choose @k",
            "binomial(a, k)",
            "the number of sets of {k} out of {a} things",
        ),
    ],
    examples: &[
        ("What is 5 choose 2?", "binomial(5, 2)"),
        ("What is the binomial coefficient 10 choose 3?", "binomial(10, 3)"),
        ("Calculate 52 choose 5.", "binomial(52, 5)"),
    ],
    counter_examples: &[
        "What is 5 choose -2?",
        "What is 5 choose 2 with repetition?",
        "What is 5 choose 2 or 3?",
        "What is 5 multichoose 2?",
        "What did 5 choose 2 times?",
        "From 5, choose 2.",
        "What is 5 choose 2 choose 1?",
        "How many ways are there to choose 2 of 5?",
    ],
};

pub(super) const POWER_MODULO: Rules = Rules {
    specification: Specification::PowerModulo,
    fact: None,
    productions: &[production(
        "[<computes>] @b to the power [of] @a (mod|modulo) @c ['=']",
        "power_modulo(b, a, c)",
        "the remainder of {b} to the power of {a} by {c}",
    )],
    examples: &[
        ("What is 3 to the power of 200 mod 13?", "power_modulo(3, 200, 13)"),
        ("Compute 7 to the power of 100 modulo 10.", "power_modulo(7, 100, 10)"),
    ],
    counter_examples: &[
        "What is 3 to the power of 200?",
        "What is -3 to the power of 3 mod 5?",
        "What is 3 to the power of -1 mod 5?",
        "What is 3 to the power of 2 mod 0?",
        "What is 3 to the power of 2 mod 5 plus 1?",
        "What is 3 to the power of 2 to the power of 3 mod 5?",
        "What is 3 to the 200 mod 13?",
        "What is 0 to the power of 0 mod 5?",
    ],
};

pub(super) const REMAINDER: Rules = Rules {
    specification: Specification::Remainder,
    fact: None,
    productions: &[
        production(
            "[<computes>] @a (mod|modulo) @c ['=']",
            "remainder(a, c)",
            "the remainder of {a} divided by {c}",
        ),
        production(
            "[<asks_value>] the remainder (when @a is divided by|of @a divided by) @c",
            "remainder(a, c)",
            "the remainder of {a} divided by {c}",
        ),
    ],
    examples: &[
        ("What is 17 mod 5?", "remainder(17, 5)"),
        ("What is the remainder when 100 is divided by 7?", "remainder(100, 7)"),
        ("Find the remainder of 45 divided by 6.", "remainder(45, 6)"),
    ],
    counter_examples: &[
        "What is -17 mod 5?",
        "What is 17 mod -5?",
        "What is 17 mod 0?",
        "What is 17 mod 5 plus 1?",
        "What is 3 plus 17 mod 5?",
        "What is the remainder when 100 is divided?",
        "What is the remainder when 7 divides 100?",
        "What is the remainder when 10.5 is divided by 7?",
        "What is 17 mod 5 mod 3?",
        "What is 17 divided by 5?",
    ],
};
