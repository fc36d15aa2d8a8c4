//! The greatest common divisor of numbers.

use super::{Production, Rules, Shared};
use crate::Specification;

pub(super) const SHARED: &[Shared] =
    &[("gcd_name", &["(gcd|hcf|gcf)", "(greatest|highest|largest|biggest) common (divisor|factor)"])];

const ANSWER: &str = "gcd(numbers)";
const SHOWN: &str = "the greatest common divisor of {numbers}";

pub(super) const GCD: Rules = Rules {
    specification: Specification::Gcd,
    fact: None,
    productions: &[
        Production {
            pattern: "[<asks_value>] [the] <gcd_name> (of|for|between) [the numbers] @numbers",
            answer: ANSWER,
            shown: SHOWN,
        },
        Production {
            pattern: "[<asks_value>] (gcd|hcf|gcf) '(' @numbers ')' ['=']",
            answer: ANSWER,
            shown: SHOWN,
        },
        Production { pattern: "[<asks_value>] [the] (gcd|hcf|gcf) @numbers", answer: ANSWER, shown: SHOWN },
        Production {
            pattern: "[<asks_value>] the (largest|biggest|greatest|highest) (number|integer) that [evenly] divides \
                      [both|all of] @divisible [evenly]",
            answer: ANSWER,
            shown: SHOWN,
        },
    ],
    examples: &[
        ("What is the gcd of 12 and 18?", "gcd(12, 18)"),
        ("gcd(12, 18)", "gcd(12, 18)"),
        ("gcd(0, 0)", "gcd(0, 0)"),
        ("gcd(100,200)", "gcd(100, 200)"),
        ("What is the gcd of 12, 18 and 24?", "gcd(gcd(12, 18), 24)"),
        ("What is the largest number that divides both 12 and 18?", "gcd(12, 18)"),
        ("What is the gcd of 10,007 and 20,014?", "gcd(10007, 20014)"),
        ("gcd 12 and 18", "gcd(12, 18)"),
        ("hcf 45, 75", "gcd(45, 75)"),
    ],
    counter_examples: &[
        "What is the gcd of all the numbers from 12 to 24?",
        "What is the gcd of 12 to 18?",
        "What is the gcd of 12 or 18?",
        "What is the gcd of 12 and not 18?",
        "What is the gcd of 12?",
        "What is the gcd of 12 and 18 and 24?",
        "What is the gcd of 100,200 and 300?",
        "What is the gcd of my age and 12?",
        "Why is the gcd of 12 and 18 useful?",
        "What is the gcd of the squares of 12 and 18?",
        "What is the gcd of 12-18?",
        "What is gcd(4, 8)!",
        "What is the largest number that divides both 0 and 0?",
        "gcd 12 18",
        "gcd 12",
        "gcd 12-18",
        "gcd 12 to 18",
        "gcd 12 or 18",
        "lcm 12 and 18",
    ],
};
