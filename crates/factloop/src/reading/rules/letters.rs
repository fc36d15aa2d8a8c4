//! Questions about the number of times that a letter occurs in a text.

use super::{Production, Rules, Shared};
use crate::Specification;

pub(super) const SHARED: &[Shared] = &[
    ("text", &["<named_text>", "@bare"]),
    // A text that "has" letters which the question calls letters. Without that word a person has them on a report card,
    // and methane has atoms of them.
    ("owner", &["<named_text>", "@plain"]),
    // A text that is called one. In front of a question a bare word is an idiom as well: "in short", "take care".
    (
        "named_text",
        &[
            "[the] word @word",
            "@quoted",
            "[the] (phrase|sentence|text|string|name|expression|line|title|words) @quoted",
        ],
    ),
    // A character may also be a person in a story.
    ("letter", &["[the] letter @letter", "[the] character @bare_letter", "@bare_letter"]),
    ("letters", &["@letters", "<called_letters>"]),
    (
        "called_letters",
        &["letter @letters", "letters @letter", "@letter letters", "(occurrences|instances) of <letter>"],
    ),
    ("appear", &["appear", "occur", "show up", "come up"]),
    ("appears", &["appears", "occurs", "shows up", "comes up"]),
    ("times", &["how (many times|often|frequently)"]),
    // A count as a noun phrase: "the number of r's in strawberry".
    (
        "count_phrase",
        &[
            "[the] [total] (number|count) of [the] (<letters>|<letter>) [there are|that are|found] in <text>",
            "[the] number of times [that] <letter> <appears> in <text>",
        ],
    ),
    // A count as a clause: "how many r's there are in strawberry".
    (
        "count_clause",
        &[
            "<times> <letter> <appears> in <text>",
            "how many <letters> (are|there are|are there) in <text>",
            "how many <letters> <named_text> (has|contains)",
            "how many <called_letters> <owner> (has|contains)",
        ],
    ),
    // A count as a direct question.
    (
        "count_question",
        &[
            "<times> does [the] letter @letter <appear> in <text>",
            "<times> does [the] character @bare_letter <appear> in <text>",
            "how many times does @bare_letter <appear> in <text>",
            // "How often does X come up in conversation?"
            "<times> does <letter> <appear> in <named_text>",
            "<times> is [the] letter @letter used in <text>",
            "<times> is [the] character @bare_letter used in <text>",
            "<times> is <letter> used in <named_text>",
            "<times> do you (see|find) [the] letter @letter in <text>",
            "<times> do you (see|find) [the] character @bare_letter in <text>",
            "<times> do you (see|find) <letter> in <named_text>",
            "how many <letters> [are|are there|can you (find|see|count)|do you (find|see|count)] in <text>",
            "how many <letters> does <named_text> (have|contain)",
            "how many <called_letters> does <owner> (have|contain)",
            "in <named_text> [','] <times> does <letter> <appear>",
            "in <named_text> [','] <times> is <letter> used",
            "in <named_text> [','] how many <letters> are there",
            "<named_text> (has|contains) how many <letters>",
        ],
    ),
    (
        "count_command",
        &[
            "count [the|all|all the] (<letters>|<letter>) in <text>",
            "count <count_clause>",
            "count <count_phrase>",
        ],
    ),
    // The text first, then a question about "it".
    (
        "text_first",
        &[
            "look at <named_text> .",
            "(look at|take|consider) <named_text> (.|','|and)",
            "given <named_text> (','|.)",
            "the word is @quoted .",
        ],
    ),
    (
        "count_in_it",
        &[
            "<times> does <letter> <appear> [in it]",
            "<times> does it contain <letter>",
            "how many <letters> are (there|in it|there in it)",
            "how many <letters> does it (have|contain)",
            "count [the|all|all the] (<letters>|<letter>) [in it]",
        ],
    ),
    (
        "count",
        &[
            "<count_question>",
            "[<polite>] <count_command>",
            "[<asks_value>] <count_phrase>",
            "<asks_clause> <count_clause>",
            "<text_first> <count_in_it>",
            "look at @plain . how many <letters> are (in it|there in it)",
        ],
    ),
];

pub(super) const LETTER_COUNT: Rules = Rules {
    specification: Specification::LetterCount,
    fact: None,
    productions: &[Production {
        pattern: "<count>",
        answer: "letter_count(text, letter)",
        shown: "the letter {letter} in \"{text}\", counted",
    }],
    examples: &[
        ("How many times does the letter r appear in strawberry?", "letter_count(strawberry, r)"),
        ("how many r's are in strawberry", "letter_count(strawberry, r)"),
        ("Count the letter 'e' in the word \"evergreen\".", "letter_count(evergreen, e)"),
        ("In “Mississippi”, how often does the letter ‘s’ appear?", "letter_count(Mississippi, s)"),
        ("How many e's are in thirty-seven?", "letter_count(thirty-seven, e)"),
        ("How many o's are in \"good morning\"?", "letter_count(good morning, o)"),
        ("The word is \"letter\". How many times does it contain the letter t?", "letter_count(letter, t)"),
    ],
    counter_examples: &[
        "How many o's are in good morning?",
        "How many r's are in strawberry and cherry?",
        "How many r's are not in strawberry?",
        "How many different r's are in strawberry?",
        "How many more r's are in strawberry?",
        "How many words with r are in strawberry?",
        "How many r's are in total?",
        "How many times does \"a\" appear in \"a banana\"?",
        "How many C's are in a good report card?",
        "How many letters are in strawberry?",
        "In short, how many r's are there?",
        "In fact, how often does the letter e appear?",
        "Take care and count the e's.",
        "Given time, how many e's are there?",
        "Consider yourself. How many e's are there?",
        "How often does the letter e occur in Italian?",
        "How many e's does somebody have?",
        "How many e's are in the word list?",
        "How many e's are in hundred plus 4?",
        "How many e's are in seven take away 4?",
        "How many e's are in seven, plus 4?",
        "How many ss are in Mississippi?",
        "How many LS are in hello?",
        "How many e's are in the Word document?",
        "In word problems, how many e's are there?",
        "How many A's does Sarah have?",
        "How often is C used in industry?",
        "How often does X come up in conversation?",
        "Look at Paul. How many p's are there?",
        "Look at diamonds. How many c's are there?",
        "How many r's does the word not contain?",
        "How many r's does the word actually contain?",
        "Tell me how many r's the word actually contains.",
        "In the word above, how many e's are there?",
        "Look at the word carefully. How many r's are there?",
        "The word is long. How many e's does it have?",
        "Please count us in tomorrow.",
        "How many is in gross?",
        "How many ms are in second?",
        "How many g's are in kilogram?",
        "How many e's are in pretty please?",
        "How many h's are in heartfelt thanks?",
        "How many r's are in sorry i am in a hurry?",
        "In Scrabble, how many e's are there?",
        "In theory, how many e's are there?",
        "How many P's does marketing have?",
        "How many H's does methane contain?",
        "How many d's does dad have?",
        "How many g's does kilogram have?",
        "How many times does Q appear in \"Star Trek Voyager\"?",
        "How many times does the character Q appear in \"Star Trek Voyager\"?",
    ],
};
