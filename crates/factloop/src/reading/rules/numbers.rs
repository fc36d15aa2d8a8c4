//! Sums, differences and products of numbers.

use super::{Production, Rules};
use crate::Specification;

const fn production(pattern: &'static str, answer: &'static str, shown: &'static str) -> Production {
    Production { pattern, answer, shown }
}

const SUM_OF_TWO: &str = "add(n, m)";
const SUM_OF_ALL: &str = "add(numbers)";
const SHOWN_SUM: &str = "{n} plus {m}";
const SHOWN_SUM_OF_ALL: &str = "the sum of {numbers}";

pub(super) const SUM: Rules = Rules {
    specification: Specification::Sum,
    fact: None,
    productions: &[
        production("[<asks_value>|how much is] @n (plus|'+') @m ['=']", SUM_OF_TWO, SHOWN_SUM),
        production(
            "[<asks_value>|how much is] @n (plus|'+') @m (plus|'+') @k ['=']",
            "add(add(n, m), k)",
            "{n} plus {m} plus {k}",
        ),
        production(
            "[<asks_value>|how much is] [the] sum of [the numbers] @numbers",
            SUM_OF_ALL,
            SHOWN_SUM_OF_ALL,
        ),
        production("[<polite>] add [the numbers] @numbers [together|up]", SUM_OF_ALL, SHOWN_SUM_OF_ALL),
        production("[<polite>] add @m to @n", SUM_OF_TWO, SHOWN_SUM),
        production("what do (you|i|we) get (if|when) (you|i|we) add @numbers", SUM_OF_ALL, SHOWN_SUM_OF_ALL),
        production(
            "[<asks_value>|how much is] @n (plus|'+') @m (plus|'+') @k (plus|'+') @j ['=']",
            "add(add(add(n, m), k), j)",
            "{n} plus {m} plus {k} plus {j}",
        ),
        production(
            "[<asks_value>|how much is] @n (plus|'+') @m (plus|'+') @k (plus|'+') @j (plus|'+') @i ['=']",
            "add(add(add(add(n, m), k), j), i)",
            "{n} plus {m} plus {k} plus {j} plus {i}",
        ),
        production("what (does|do) @n (plus|'+') @m (equal|make)", SUM_OF_TWO, SHOWN_SUM),
        production("[<computes>] @m added to @n", SUM_OF_TWO, SHOWN_SUM),
        production("[<polite>] (add together|sum [up]) [the numbers] @numbers", SUM_OF_ALL, SHOWN_SUM_OF_ALL),
        production("what do (you|i|we) get (if|when) (you|i|we) add @m to @n", SUM_OF_TWO, SHOWN_SUM),
    ],
    examples: &[
        ("What is 12 plus 30?", "add(12, 30)"),
        ("12 + 30 = ?", "add(12, 30)"),
        ("What is the sum of 4, 8 and 15?", "add(add(4, 8), 15)"),
        ("Add 30 to 12.", "add(12, 30)"),
        ("What is -5 + 3?", "add(-5, 3)"),
        ("What does 12 plus 30 equal?", "add(12, 30)"),
        ("12 added to 30", "add(30, 12)"),
        ("Add together 12 and 30.", "add(12, 30)"),
        ("Sum 12, 30 and 4.", "add(add(12, 30), 4)"),
        ("1 + 2 + 3 + 4", "add(add(add(1, 2), 3), 4)"),
        ("Sum of 3 and 4", "add(3, 4)"),
    ],
    counter_examples: &[
        "What is the sum of the digits of 12 and 30?",
        "What is 12 plus 30 percent?",
        "What is about 12 plus 30?",
        "What is 12 plus 30 times 2?",
        "What is 12 plus?",
        "What is the sum of 1,234 and 5?",
        "What is 3! + 4?",
        "Add 12 and 30 minutes.",
        "What does 12 plus 30 mean?",
        "What does 12 plus 30 equal in hexadecimal?",
        "12 added to 30 percent",
        "I want 12 added to 30.",
        "Add together 12 and 30 squared.",
        "Sum 12 to 30.",
        "Sum up 12 and 30 words.",
        "1 + 2 + 3 + ... + 10",
        "1 + 2 * 3 + 4",
        "What is minus 3 plus 4?",
        "Sum of 3",
        "Sum of 3 or 4",
        "Sum of 3 to 4",
        "Sum of digits of 34",
        "Sum of 3 and 4 squared",
        "A sum of 3 and 4",
    ],
};

const LESS: &str = "subtract(n, m)";
const SHOWN_LESS: &str = "{n} minus {m}";

pub(super) const DIFFERENCE: Rules = Rules {
    specification: Specification::Difference,
    fact: None,
    productions: &[
        production("[<asks_value>|how much is] @n (minus|take away) @m ['=']", LESS, SHOWN_LESS),
        production("[<computes>] @n '-' @m ['=']", LESS, SHOWN_LESS),
        production("what (does|do) @n (minus|take away) @m (equal|make)", LESS, SHOWN_LESS),
        production("[<polite>] subtract @m from @n", LESS, SHOWN_LESS),
        production("[<polite>] take @m (away from|from) @n", LESS, SHOWN_LESS),
        production("what do (you|i|we) get (if|when) (you|i|we) subtract @m from @n", LESS, SHOWN_LESS),
    ],
    examples: &[
        ("What is 100 minus 37?", "subtract(100, 37)"),
        ("Subtract 15 from 40.", "subtract(40, 15)"),
        ("What does 40 minus 15 equal?", "subtract(40, 15)"),
        ("12 - 5", "subtract(12, 5)"),
        ("5 - -3", "subtract(5, -3)"),
    ],
    counter_examples: &[
        "What is the difference between 12 and 5?",
        "What is 10 minus 2 minus 3?",
        "Subtract 15 from 40 twice.",
        "12-5",
        "What is 9-11?",
        "I need 20-30.",
        "I need 20 - 30.",
        "Give me 5 - 10 please.",
        "Which is 5 - 10?",
        "What is ninety - nine?",
        "Subtract 15 from 40 percent.",
    ],
};

pub(super) const PRODUCT: Rules = Rules {
    specification: Specification::Product,
    fact: None,
    productions: &[
        production(
            "[<asks_value>|how much is] @n (times|'*'|multiplied by) @m ['=']",
            "multiply(n, m)",
            "{n} times {m}",
        ),
        production("[<computes>] @n x @m ['=']", "multiply(n, m)", "{n} times {m}"),
        production(
            "what (does|do) @n (times|'*'|x|multiplied by) @m (equal|make)",
            "multiply(n, m)",
            "{n} times {m}",
        ),
        production(
            "[<asks_value>|how much is] [the] product of [the numbers] @numbers",
            "multiply(numbers)",
            "the product of {numbers}",
        ),
        production("[<polite>] multiply @n (by|and|with) @m", "multiply(n, m)", "{n} times {m}"),
    ],
    examples: &[
        ("What is the product of 6 and 7?", "multiply(6, 7)"),
        ("What's twelve times eleven?", "multiply(12, 11)"),
        ("6 × 7", "multiply(6, 7)"),
        ("Product of 6 and 7", "multiply(6, 7)"),
        ("What does 6 times 7 equal?", "multiply(6, 7)"),
        ("Multiply 14 by 3, please.", "multiply(14, 3)"),
    ],
    counter_examples: &[
        "How many times is 6 in 42?",
        "I need 2 x 4.",
        "What is 6 times?",
        "Multiply 6 by itself.",
        "What is 6 times 7 plus 1?",
        "What is the product of 6 or 7?",
        "A product of 6 and 7",
        "Product of the 6 and 7 series",
    ],
};
