//! A label may stand before a clause that states one value, and never before a hedged one.

mod questions;

use det::{Contract, Value, extract_under};
use questions::{divisor, length, letters, prime, steps, sum};

/// A clause behind the label that says of the question what an answer says.
#[test]
fn a_label_may_stand_before_a_clause() {
    let tables: [(Contract, Value, &[&str]); 4] = [
        (
            letters(),
            Value::Int(3),
            &[
                "3 r's",
                "3 r\u{2019}s",
                "3 times",
                "three r's.",
                "**3 r's** ",
                "There are 3 r's",
                "3 r's in strawberry",
                "3 in total",
            ],
        ),
        (
            prime(),
            Value::Bool(true),
            &[
                "prime",
                "97 is prime.",
                "Yes, 97 is prime.",
                "yes, it is a prime number",
                "it is not composite",
            ],
        ),
        (length(), Value::Int(6), &["6 letters", "six letters", "It has 6 letters"]),
        (divisor(), Value::Int(6), &["the gcd is 6"]),
    ];
    for (contract, value, clauses) in &tables {
        for clause in *clauses {
            let stated = extract_under(&format!("Answer: {clause}"), contract).map(det::Answer::to_value);
            assert!(stated.is_some_and(|stated| det::equal(&stated, value)), "{clause}");
        }
    }
    let others: [(Contract, &[&str]); 3] = [
        (
            letters(),
            &[
                "3 apples",
                "3 letters",
                "3 or 4 r's",
                "not 3 r's",
                "3 r's?",
                "3 r's in berry",
                "if 3 r's",
                "\u{663} r's",
                "3 4 r's",
                "3!",
            ],
        ),
        (
            prime(),
            &[
                "yes, 97 is composite",
                "yes, 97 is not prime",
                "yes, but 91 is prime",
                "yes, if 97 is prime",
                "prime?",
                "no, it is prime",
                "91 is prime",
            ],
        ),
        (steps(), &["3 r's", "7 r's"]),
    ];
    for (contract, clauses) in &others {
        for clause in *clauses {
            assert_eq!(extract_under(&format!("Answer: {clause}"), contract), None, "{clause}");
        }
    }
}

/// A value that the reply hedges, bounds, approximates or asks for is not stated, in any wording.
#[test]
fn a_hedged_value_behind_a_label_is_none() {
    let before = "about, approximately, roughly, around, circa, some, nearly, almost, maybe, perhaps, possibly, probably, \
        presumably, apparently, evidently, merely, at least, at most, less than, more than, fewer than, no more than, \
        no less than, up to, over, under, close to, near, not, never, not quite, nowhere near, I think, I believe, I guess, \
        I reckon, I'd say, my guess is, it may be, it might be, it could be, it should be, it would be, it must be, \
        as many as, anything but, far from, ~, \u{2248}, \u{2245}, \u{223c}, \u{2243}, ca., approx., >, <, >=, <=, \u{2265}, \
        \u{2264}, \u{2260}, !=, =/=, \u{b1}, ?, !, #, if, unless, either, half, another, the first, say, call it, likely, \
        supposedly, seemingly, honestly, hopefully, surely not, no, rather, instead, sorry, oops, wait, actually, hmm";
    let after = ", roughly|, more or less| or so| or more| or less| and up|+|?|??|!| maybe| perhaps| probably| at least| \
        at most|-ish| give or take|, I think|, probably| (approximately)| (?)| approx.| plus or minus 1| \u{b1} 1|~| about| \
        around| I guess| or 43| to 43|-43|/43|%| not| is wrong| is not right|, not|, maybe|; maybe|. Maybe|... or so";
    let (mut cases, mut wrong) = (0, Vec::new());
    for (contract, value) in [(sum(), "42"), (letters(), "3"), (divisor(), "6"), (length(), "6")] {
        let hedged = before.split(", ").map(|hedge| format!("{} {value}", hedge.trim()));
        let touching = before.split(", ").map(|hedge| format!("{}{value}", hedge.trim()));
        let touching = touching.filter(|text| !text.starts_with(char::is_alphanumeric));
        let bounded =
            after.split('|').map(|hedge| format!("{value}{}", hedge.trim_start_matches("        ")));
        let counted = before.split(", ").map(|hedge| format!("{} {value} r's", hedge.trim()));
        for text in hedged.chain(touching).chain(bounded).chain(counted) {
            for reply in [
                format!("Answer: {text}"),
                format!("Answer: {text}."),
                format!("The answer is {text}"),
                format!("**Final answer:** {text}"),
                format!("Answer:\n{text}"),
            ] {
                cases += 1;
                if let Some(stated) = extract_under(&reply, &contract) {
                    wrong.push(format!("{reply:?}: {stated:?}"));
                }
            }
        }
    }
    for text in [
        "probably prime",
        "maybe prime",
        "it might be prime",
        "it could be prime",
        "I think it is prime",
        "almost prime",
        "prime, maybe",
        "prime?",
        "yes?",
        "yes, probably",
        "probably yes",
        "yes, 97 is probably prime",
        "yes or no",
        "yes/no",
        "yes and no",
        "not sure",
        "it should be prime",
        "apparently prime",
        "far from prime",
        "hardly prime",
    ] {
        for reply in [format!("Answer: {text}"), format!("The answer is {text}.")] {
            cases += 1;
            if let Some(stated) = extract_under(&reply, &prime()) {
                wrong.push(format!("{reply:?}: {stated:?}"));
            }
        }
    }
    println!("{cases} hedged values, {} stated", wrong.len());
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
    // The negative control: without the hedge each value is stated.
    for (contract, value) in [(sum(), "42"), (letters(), "3 r's"), (divisor(), "6"), (prime(), "97 is prime")]
    {
        assert!(extract_under(&format!("Answer: {value}"), &contract).is_some(), "{value}");
    }
}

/// A line that disowns the answer below it leaves none.
#[test]
fn a_disowned_answer_is_none() {
    for before in [
        "Not",
        "Never:",
        "Wrong answers include:",
        "Do not say:",
        "Don't answer:",
        "An incorrect reply is:",
        "A wrong answer:",
        "**Wrong:**",
        "Suppose somebody said:",
        "False:",
        "Imagine this:",
        "This would be the wrong answer:",
        "Avoid:",
    ] {
        for between in ["\n", "\n\n", "\n```\n"] {
            let reply = format!("{before}{between}Answer: 3");
            assert_eq!(extract_under(&reply, &letters()), None, "{reply:?}");
        }
    }
    for before in ["So:", "The final answer would be:", "r, r and r:"] {
        let reply = format!("{before}\nAnswer: 3");
        assert!(extract_under(&reply, &letters()).is_some(), "{reply:?}");
    }
}

/// A reply without a label may be one clause that states the answer outright.
#[test]
fn a_whole_reply_may_be_a_clause() {
    let table: [(Contract, &[&str]); 4] = [
        (
            letters(),
            &[
                "There are 3 r's in strawberry.",
                "The letter r appears 3 times in strawberry.",
                "It is 3.",
                "3 r's",
                "**3 r's**",
            ],
        ),
        (prime(), &["97 is prime.", "Yes, 97 is prime.", "It is a prime number."]),
        (length(), &["banana has 6 letters.", "6 letters"]),
        (divisor(), &["The gcd is 6.", "6 is the greatest common divisor."]),
    ];
    for (contract, replies) in &table {
        for reply in *replies {
            assert!(extract_under(reply, contract).is_some(), "{reply}");
        }
    }
    let others: [(Contract, &[&str]); 3] = [
        (
            letters(),
            &[
                "There are about 3 r's in strawberry.",
                "I think it is 3.",
                "3 apples",
                "There are 3 r's in berry.",
                "It is 3?",
                "It is 3, not 4.",
            ],
        ),
        (prime(), &["97 is probably prime.", "91 is prime.", "Is 97 prime?"]),
        (steps(), &["3 r's", "It is 7."]),
    ];
    for (contract, replies) in &others {
        for reply in *replies {
            assert_eq!(extract_under(reply, contract), None, "{reply}");
        }
    }
}
