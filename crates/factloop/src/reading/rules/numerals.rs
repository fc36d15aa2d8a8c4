//! Digits: their sum, and numbers in binary and in Roman numerals.

use super::{Production, Rules};
use crate::Specification;

const fn production(pattern: &'static str, answer: &'static str, shown: &'static str) -> Production {
    Production { pattern, answer, shown }
}

pub(super) const DIGIT_SUM: Rules = Rules {
    specification: Specification::DigitSum,
    fact: None,
    productions: &[production(
        "[<asks_value>] [the] (sum of the digits|digit sum) of [the number] @a",
        "digit_sum(a)",
        "the sum of the digits of {a}",
    )],
    examples: &[
        ("What is the sum of the digits of 2024?", "digit_sum(2024)"),
        ("What is the digit sum of 98765?", "digit_sum(98765)"),
    ],
    counter_examples: &[
        "What is the sum of the digits of 12 and 30?",
        "What is the sum of the first digits of 2024?",
        "What is the sum of the even digits of 2024?",
        "What is the sum of the digits of -2024?",
        "What is the sum of the digits of 20.24?",
        "What is the product of the digits of 2024?",
        "What is the sum of the binary digits of 2024?",
        "What is the sum of the digits of pi?",
        "What is the digital root of 2024?",
        "What is the sum of the digits of 2024 squared?",
    ],
};

pub(super) const POPCOUNT: Rules = Rules {
    specification: Specification::Popcount,
    fact: None,
    productions: &[
        production(
            "how many ones (are|are there) in the binary (form|representation|expansion) of [the number] @decimal",
            "popcount(a)",
            "the number of ones in the binary form of {a}",
        ),
        production(
            "how many bits are set in [the number] @decimal",
            "popcount(a)",
            "the number of ones in the binary form of {a}",
        ),
    ],
    examples: &[
        ("How many ones are there in the binary representation of 255?", "popcount(255)"),
        ("How many ones are in the binary form of 13?", "popcount(13)"),
        ("How many bits are set in 1023?", "popcount(1023)"),
    ],
    counter_examples: &[
        "How many zeros are in the binary form of 13?",
        "How many ones are in 13?",
        "How many ones are in the binary form of -13?",
        "How many ones are not in the binary form of 13?",
        "How many bits are in 1023?",
        "How many bits are set in 10110?",
        "How many bits are not set in 1023?",
        "How many ones are in the decimal form of 111?",
        "How many bits are set in the mask?",
    ],
};

pub(super) const BINARY: Rules = Rules {
    specification: Specification::Binary,
    fact: None,
    productions: &[
        production("[<computes>] @a in binary", "to_base(a, 2)", "{a} in binary"),
        production(
            "[<polite>] (convert|write) [the number] @a (to|in|into) binary",
            "to_base(a, 2)",
            "{a} in binary",
        ),
        production(
            "[<asks_value>] [the] binary (form|representation) of [the number] @a",
            "to_base(a, 2)",
            "{a} in binary",
        ),
    ],
    examples: &[
        ("What is 10 in binary?", "to_base(10, 2)"),
        ("Convert 255 to binary.", "to_base(255, 2)"),
        ("What is the binary representation of 1000?", "to_base(1000, 2)"),
    ],
    counter_examples: &[
        "What is 10 in decimal?",
        "What is -10 in binary?",
        "What is 10 in binary plus 1?",
        "What is 1 plus 1 in binary?",
        "What is 2.5 in binary?",
        "What is 10 in binary coded decimal?",
        "Convert 1010 from binary.",
        "Convert 10 to binary and hexadecimal.",
        "What is 10 in hexadecimal?",
        "What is 10 not in binary?",
        "What is 10 or 11 in binary?",
        "What is 10 in binary in reverse?",
        "What is the binary complement of 10?",
    ],
};

pub(super) const ROMAN: Rules = Rules {
    specification: Specification::Roman,
    fact: None,
    productions: &[
        production("[<computes>] @a in roman numerals", "roman(a)", "{a} as a Roman numeral"),
        production(
            "[<polite>] (convert|write) [the number] @a (to|in|into|as) (roman numerals|a roman numeral)",
            "roman(a)",
            "{a} as a Roman numeral",
        ),
        production(
            "[<asks_value>] [the] roman numeral (for|of) [the number] @a",
            "roman(a)",
            "{a} as a Roman numeral",
        ),
    ],
    examples: &[
        ("What is 1994 in Roman numerals?", "roman(1994)"),
        ("Write 14 as a Roman numeral.", "roman(14)"),
        ("What is the Roman numeral for 49?", "roman(49)"),
    ],
    counter_examples: &[
        "What is 0 in Roman numerals?",
        "What is 4000 in Roman numerals?",
        "What is XIV in Roman numerals?",
        "What are Roman numerals?",
        "What is 10 in Greek numerals?",
        "What is 10 plus 4 in Roman numerals?",
        "What is -4 in Roman numerals?",
        "Write 14 and 15 as Roman numerals.",
        "Write 14 roman numerals.",
        "What is the Roman numeral for half?",
    ],
};
