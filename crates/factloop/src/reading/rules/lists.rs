//! Lists of numbers: their order, and their middle and ends.

use super::{Production, Rules};
use crate::Specification;

const fn production(pattern: &'static str, answer: &'static str, shown: &'static str) -> Production {
    Production { pattern, answer, shown }
}

pub(super) const MEDIAN: Rules = Rules {
    specification: Specification::Median,
    fact: None,
    productions: &[production(
        "[<asks_value>] [the] median of [the numbers] @numbers",
        "median([numbers])",
        "the median of {numbers}",
    )],
    examples: &[
        ("What is the median of 3, 1 and 2?", "median([3, 1, 2])"),
        ("Find the median of the numbers 4, 8, 15, 16 and 23.", "median([4, 8, 15, 16, 23])"),
        ("What is the median of 2 and 4?", "median([2, 4])"),
    ],
    counter_examples: &[
        "What is the median of 1 and 2?",
        "What is the median of 3?",
        "What is the mean of 3, 1 and 2?",
        "What is the median of 3 to 9?",
        "What is the median of 3, 1 or 2?",
        "What is the median of the squares of 3, 1 and 2?",
        "What is the median age of 3, 1 and 2?",
        "What is the median of 1.5, 2 and 3?",
        "What is the median of 3, 1 and 2 plus 1?",
    ],
};

pub(super) const LARGEST: Rules = Rules {
    specification: Specification::Largest,
    fact: None,
    productions: &[production(
        "[<asks_value>] the (largest|biggest|greatest|maximum) (of|among|number among) [the numbers] @numbers",
        "largest([numbers])",
        "the largest of {numbers}",
    )],
    examples: &[
        ("What is the largest of 3, 9 and 2?", "largest([3, 9, 2])"),
        ("Find the maximum of 12, -7 and 30.", "largest([12, -7, 30])"),
    ],
    counter_examples: &[
        "What is the largest of 3?",
        "What is the largest of 3, 9 or 2?",
        "What is the second largest of 3, 9 and 2?",
        "What is the largest of 3 to 9?",
        "What is the largest of 1.5 and 2?",
        "What is the largest digit of 3, 9 and 2?",
        "What is not the largest of 3, 9 and 2?",
        "What is the largest of the squares of -3 and 2?",
        "What is the largest prime of 3, 9 and 2?",
        "What is the largest and smallest of 3, 9 and 2?",
        "What is the largest of 3, 9 and 2 times 2?",
    ],
};

pub(super) const SMALLEST: Rules = Rules {
    specification: Specification::Smallest,
    fact: None,
    productions: &[production(
        "[<asks_value>] the (smallest|lowest|minimum) (of|among|number among) [the numbers] @numbers",
        "smallest([numbers])",
        "the smallest of {numbers}",
    )],
    examples: &[
        ("What is the smallest of 3, 9 and 2?", "smallest([3, 9, 2])"),
        ("Find the minimum of 12, -7 and 30.", "smallest([12, -7, 30])"),
    ],
    counter_examples: &[
        "What is the smallest of 3?",
        "What is the smallest of 3, 9 or 2?",
        "What is the second smallest of 3, 9 and 2?",
        "What is the smallest of 3 to 9?",
        "What is the smallest of 1.5 and 2?",
        "What is the smallest digit of 3, 9 and 2?",
        "What is not the smallest of 3, 9 and 2?",
        "What is the smallest of the squares of -3 and 2?",
        "What is the smallest prime of 3, 9 and 2?",
        "What is the smallest and largest of 3, 9 and 2?",
        "What is the smallest of 3, 9 and 2 times 2?",
    ],
};

pub(super) const SORT: Rules = Rules {
    specification: Specification::Sort,
    fact: None,
    productions: &[production(
        "[<polite>] (sort|order|arrange|put) [the numbers] @numbers (in (ascending|increasing) order|from (smallest to largest|lowest to highest|least to greatest))",
        "sort_numbers([numbers])",
        "{numbers} in ascending order",
    )],
    examples: &[
        ("Sort 3, 1 and 2 in ascending order.", "sort_numbers([3, 1, 2])"),
        ("Arrange the numbers 9, -4, 7 and 0 from smallest to largest.", "sort_numbers([9, -4, 7, 0])"),
    ],
    counter_examples: &[
        "Sort 3, 1 and 2.",
        "Sort 3, 1 and 2 in descending order.",
        "Sort 3, 1 and 2 in alphabetical order.",
        "Sort 3, 1 or 2 in ascending order.",
        "Sort the digits of 312 in ascending order.",
        "Sort 1.5, 1 and 2 in ascending order.",
        "Sort 3, 1 and 2 from largest to smallest.",
        "Do not sort 3, 1 and 2 in ascending order.",
        "Sort the even numbers 3, 1 and 2 in ascending order.",
        "Sort 3, 1 and 2 in ascending order twice.",
        "Sort the absolute values of 3, -1 and 2 in ascending order.",
    ],
};
