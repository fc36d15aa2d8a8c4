//! A count of letters with one step of arithmetic.

use super::{Production, Rules, Shared};
use crate::Specification;

pub(super) const SHARED: &[Shared] = &[
    // What joins a step to the question before it.
    ("join", &["[.|','|';'] [and] [then|now|next|finally|afterwards|after that] [',']"]),
    ("it", &["it", "that", "this", "(the|that|this|your) (result|count|number|total|answer)"]),
    ("if_you", &["what do (you|i|we) get (if|when) (you|i|we)", "what is it if (you|i|we)"]),
    ("add_n", &["add [the number] @n [more] [to <it>]"]),
    (
        "take_n",
        &[
            "subtract [the number] @n [from <it>]",
            "take away @n [from <it>]",
            "take @n (away [from <it>]|from <it>)",
        ],
    ),
    ("times_n", &["multiply [<it>] by @n"]),
    (
        "add_step",
        &[
            "<join> [please] <add_n>",
            "<join> plus @n",
            "'+' @n",
            "<join> (increase|raise) <it> by @n",
            "<join> <if_you> <add_n>",
            "<join> (what is|what's|give me|tell me) <it> plus @n",
        ],
    ),
    (
        "take_step",
        &[
            "<join> [please] <take_n>",
            "<join> minus @n",
            "'-' @n",
            "<join> (decrease|lower|reduce) <it> by @n",
            "<join> <if_you> <take_n>",
            "<join> (what is|what's|give me|tell me) <it> minus @n",
        ],
    ),
    (
        "times_step",
        &[
            "<join> [please] <times_n>",
            "<join> times @n",
            "'*' @n",
            "<join> <if_you> <times_n>",
            "<join> (what is|what's|give me|tell me) <it> times @n",
        ],
    ),
    ("double_step", &["<join> [please] double <it>", "<join> (what is|what's) (twice|double) <it>"]),
    ("triple_step", &["<join> [please] triple <it>", "<join> (what is|what's) (three times|triple) <it>"]),
    // The count that a step follows: a question of its own, or "take the number of r's in strawberry".
    ("counted", &["<count>", "take <count_phrase>"]),
];

const fn production(pattern: &'static str, answer: &'static str, shown: &'static str) -> Production {
    Production { pattern, answer, shown }
}

const FACT: Option<&str> = Some("letter_count(text, letter)");

const PLUS: &str = "add(letter_count(text, letter), n)";
const SHOWN_PLUS: &str = "the letter {letter} in \"{text}\", counted, plus {n}";

pub(super) const COUNT_THEN_ADD: Rules = Rules {
    specification: Specification::CountThenAdd,
    fact: FACT,
    productions: &[
        production("<counted> <add_step>", PLUS, SHOWN_PLUS),
        production("[<asks_value>] <count_phrase> (plus|'+') @n", PLUS, SHOWN_PLUS),
        production("[<asks_value>] @n (plus|'+'|more than) <count_phrase>", PLUS, SHOWN_PLUS),
        production("[<asks_value>] the sum of @n and <count_phrase>", PLUS, SHOWN_PLUS),
        production("[<polite>] add @n to <count_phrase>", PLUS, SHOWN_PLUS),
        production("[<polite>] add <count_phrase> to @n", PLUS, SHOWN_PLUS),
        production("[<polite>] (increase|raise) <count_phrase> by @n", PLUS, SHOWN_PLUS),
        production("<if_you> add @n to <count_phrase>", PLUS, SHOWN_PLUS),
    ],
    examples: &[
        (
            "How many times does the letter r appear in strawberry? Add 4 to it.",
            "add(letter_count(strawberry, r), 4)",
        ),
        ("How many r's are in strawberry, plus four?", "add(letter_count(strawberry, r), 4)"),
        ("Add 7 to the number of a's in banana.", "add(letter_count(banana, a), 7)"),
        ("Count the e's in cheese and add -2.", "add(letter_count(cheese, e), -2)"),
    ],
    counter_examples: &[
        "How many r's are in strawberry? Do not add 4.",
        "How many r's are in strawberry? Add 4 twice.",
        "How many r's are in strawberry? Add 4 or 5.",
        "How many r's are in strawberry? Add 4! to it.",
        "How many r's are in strawberry? Add at least 4.",
        "How many r's are in strawberry? Add 4. Then add 5.",
        "How many r's are in strawberry? Add 4.5 to it.",
        "How many r's are in strawberry? Add 4 to 5.",
        "How many r's are in strawberry? 4",
        "Add 4 to the number of e's in the word above.",
        "How many n's are in now and then plus 4?",
        "How many o's are in right now plus 4?",
        "Count us in tomorrow and add 2 more.",
    ],
};

const MINUS: &str = "subtract(letter_count(text, letter), n)";
const SHOWN_MINUS: &str = "the letter {letter} in \"{text}\", counted, minus {n}";
const FROM: &str = "subtract(n, letter_count(text, letter))";
const SHOWN_FROM: &str = "{n} minus the count of the letter {letter} in \"{text}\"";

pub(super) const COUNT_THEN_SUBTRACT: Rules = Rules {
    specification: Specification::CountThenSubtract,
    fact: FACT,
    productions: &[
        production("<counted> <take_step>", MINUS, SHOWN_MINUS),
        production("[<asks_value>] <count_phrase> (minus|'-') @n", MINUS, SHOWN_MINUS),
        production("[<asks_value>] @n less than <count_phrase>", MINUS, SHOWN_MINUS),
        production("[<polite>] subtract @n from <count_phrase>", MINUS, SHOWN_MINUS),
        production("[<polite>] take @n (away from|from) <count_phrase>", MINUS, SHOWN_MINUS),
        production("[<polite>] (decrease|lower|reduce) <count_phrase> by @n", MINUS, SHOWN_MINUS),
        production("<if_you> subtract @n from <count_phrase>", MINUS, SHOWN_MINUS),
        production("[<asks_value>] @n (minus|'-') <count_phrase>", FROM, SHOWN_FROM),
        production("[<polite>] subtract <count_phrase> from @n", FROM, SHOWN_FROM),
        production("[<polite>] take <count_phrase> (away from|from) @n", FROM, SHOWN_FROM),
        production("<if_you> subtract <count_phrase> from @n", FROM, SHOWN_FROM),
        production("<counted> <join> [please] subtract <it> from @n", FROM, SHOWN_FROM),
    ],
    examples: &[
        ("Count the letter s in glass and subtract 1.", "subtract(letter_count(glass, s), 1)"),
        (
            "How often does the letter e occur in eleven? Take 2 away from it.",
            "subtract(letter_count(eleven, e), 2)",
        ),
        ("Subtract the number of r's in strawberry from 10.", "subtract(10, letter_count(strawberry, r))"),
        ("How many r's are in strawberry? Subtract it from 10.", "subtract(10, letter_count(strawberry, r))"),
    ],
    counter_examples: &[
        "Subtract the number of r's in strawberry.",
        "Subtract from 10 the number of r's in strawberry and 2.",
        "How many r's are in strawberry? Subtract nothing.",
        "How many r's are in strawberry? Never subtract 1.",
        "How many r's are in strawberry? Subtract 1 from 10.",
    ],
};

const TIMES: &str = "multiply(letter_count(text, letter), n)";
const SHOWN_TIMES: &str = "the letter {letter} in \"{text}\", counted, times {n}";
const TWICE: &str = "multiply(letter_count(text, letter), 2)";
const SHOWN_TWICE: &str = "the letter {letter} in \"{text}\", counted, times 2";
const THRICE: &str = "multiply(letter_count(text, letter), 3)";
const SHOWN_THRICE: &str = "the letter {letter} in \"{text}\", counted, times 3";

pub(super) const COUNT_THEN_MULTIPLY: Rules = Rules {
    specification: Specification::CountThenMultiply,
    fact: FACT,
    productions: &[
        production("<counted> <times_step>", TIMES, SHOWN_TIMES),
        production("[<asks_value>] <count_phrase> (times|'*'|multiplied by) @n", TIMES, SHOWN_TIMES),
        production("[<asks_value>] @n (times|'*'|multiplied by) <count_phrase>", TIMES, SHOWN_TIMES),
        production("[<polite>] multiply <count_phrase> by @n", TIMES, SHOWN_TIMES),
        production("[<polite>] multiply @n by <count_phrase>", TIMES, SHOWN_TIMES),
        production("<counted> <double_step>", TWICE, SHOWN_TWICE),
        production("[<asks_value>] (twice|double) <count_phrase>", TWICE, SHOWN_TWICE),
        production("[<polite>] double <count_phrase>", TWICE, SHOWN_TWICE),
        production("<counted> <triple_step>", THRICE, SHOWN_THRICE),
        production("[<asks_value>] triple <count_phrase>", THRICE, SHOWN_THRICE),
    ],
    examples: &[
        ("How many r's are in strawberry? Multiply it by 4.", "multiply(letter_count(strawberry, r), 4)"),
        ("Count the letter e in cheese and double it.", "multiply(letter_count(cheese, e), 2)"),
        ("What is 3 times the number of s's in mississippi?", "multiply(letter_count(mississippi, s), 3)"),
    ],
    counter_examples: &[
        "How many r's are in strawberry? Multiply it by itself.",
        "How many r's are in strawberry? Halve it.",
        "How many r's are in strawberry? Double or triple it.",
        "How many r's are in strawberry? Raise it to the power of 4.",
    ],
};
