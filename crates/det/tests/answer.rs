//! Answers are read from the place in a reply that the form fixes, or not at all.

use det::{Answer, Form, extract};
use proptest::prelude::*;

fn check(reply: &str, form: Form, expected: Option<Answer>) {
    assert_eq!(extract(reply, form), expected, "{reply:?} as {}", form.word());
}

#[test]
fn integers_are_read_from_their_place() {
    let cases: &[(&str, i64)] = &[
        ("7", 7),
        (" 7 \n", 7),
        ("\n\n7\n\n", 7),
        ("7.", 7),
        ("-7", -7),
        ("-0", 0),
        ("007", 7),
        ("**7**", 7),
        ("**7.**", 7),
        ("`7`.", 7),
        ("$7$", 7),
        ("999999999999999999", 999_999_999_999_999_999),
        ("-999999999999999999", -999_999_999_999_999_999),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
        ("Answer: 7", 7),
        ("answer:7", 7),
        ("ANSWER: 7.", 7),
        ("Final answer: 7", 7),
        ("The answer is 7.", 7),
        ("The answer is: 7", 7),
        ("  Answer: 7  ", 7),
        ("**Answer:** 7", 7),
        ("**Answer: 7**", 7),
        ("`Answer: -7`", -7),
        ("Let me count.\nAnswer: 7", 7),
        ("Let me count.\r\nAnswer: 7\r\n", 7),
        ("3 + 4 = 7\nAnswer: 7\n\n \n", 7),
        ("The answer is 7.\nFinal answer: 7", 7),
        ("Answer: 07\nAnswer: 7", 7),
        ("seven", 7),
        ("Answer: Seven.", 7),
        ("Answer: twenty-one", 21),
        ("Answer: two hundred and five", 205),
        ("Answer: 3\nAnswer: three", 3),
        ("+7", 7),
        ("(7)", 7),
        ("Answer: (7)", 7),
        ("Answer: [7].", 7),
        ("Answer: \"7\"", 7),
        ("Answer: \u{201c}7\u{201d}.", 7),
        ("Answer: \\boxed{7}", 7),
        ("Answer: $\\boxed{7}$.", 7),
        ("Answer: \\(7\\)", 7),
        ("Answer: +7", 7),
        ("Answer:\n7", 7),
        ("**Answer:**\n\n**7**\n", 7),
        ("### Answer\n7", 7),
        ("Answer 7", 7),
        ("Answer = 7", 7),
        ("Answer **7**", 7),
        ("My answer: 7", 7),
        ("So the final answer is 7.", 7),
        ("- Answer: 7", 7),
        ("> Answer: 7", 7),
        ("```\nAnswer: 7\n```", 7),
        ("Here is the result.\n```text\nAnswer: 7\n```\n", 7),
        ("```\n7\n```", 7),
        ("{\"answer\": 7}", 7),
        ("```json\n{\n  \"answer\": \"7\"\n}\n```", 7),
        ("So the answer is 7, as given.\nAnswer: 7", 7),
        ("Answer: \u{2212}7", -7),
        ("\u{2212}7", -7),
        ("Answer: 7\nHope that helps!", 7),
        ("7\nI hope this helps.\nHave a nice day!", 7),
        ("```\nAnswer: 7\n```\nLet me know if you need anything else.", 7),
    ];
    for (reply, expected) in cases {
        check(reply, Form::Integer, Some(Answer::Integer(*expected)));
    }
}

#[test]
fn anything_else_states_no_integer() {
    let cases = [
        "",
        " \n\t\n",
        "7 apples",
        "It is 7",
        "r occurs 7 times.",
        "7 8",
        "7\n8",
        "7,000",
        "7.0",
        "7e0",
        "--7",
        "- 7",
        "-",
        ".",
        "7..",
        "0x7",
        "9223372036854775808",
        "9999999999999999999",
        "-9223372036854775809",
        "00000000000000000007",
        "Answer: 7 or 8",
        "Answer: 7, not 8",
        "Answer: not 7",
        "the answer is not 7",
        "The answer isn't 7",
        "Answer: 7\nAnswer: 8",
        "Answer: 7\nAnswer: maybe",
        "Answer: maybe\nAnswer: 7",
        "Answer: 7\nThe answer is not 7.",
        "Answer: 7\nWait, it is 8.",
        "Answer: 7\n8",
        "Answer:",
        "Answer: Answer: 7",
        "Answer: +-7",
        "Answer: ((7)",
        "Answer: 7)",
        "Answer: seven or eight",
        "Answer: seven eight",
        "Answer:\nAnswer:",
        "Answer:\nseven apples",
        "Answer:\n7\n8",
        "Answer: 7\nAnswer:",
        "Answer 7 questions",
        "{\"answer\": 7, \"other\": 8}",
        "{\"answer\": [7]}",
        "{\"answer\": 7}\n{\"answer\": 8}",
        "{\"question\": 7}",
        "```\n7\n```\n8",
        "Answers: 7",
        "Preanswer: 7",
        "I say the answer is 7",
        "Answer: 7\rAnswer: 8",
        "Answer:: 7",
        "Answer\u{ff1a} 7",
        "Answ\u{435}r: 7",
        "\u{feff}Answer: 7",
        "Answer: \u{2212} 7",
        "Answer: \u{2013}7",
        "Answer: \u{2212}-7",
        "Answer: 7\nHope that helps, it is 8!",
        "Answer: 7\nJust kidding!",
        "Hope that helps!",
        "Answer: \u{ff17}",
        "Answer: \u{0667}",
        "Answer: 7\u{200b}",
        "Answer: 7\u{301}",
        "Answer: 7\u{0}",
        "Answer: 7\u{2028}8",
        "Answer: yes",
        "<answer>7</answer>",
    ];
    for reply in cases {
        check(reply, Form::Integer, None);
    }
}

/// Replies whose last line is a well-formed statement of 3, after another statement of something else.
#[test]
fn a_reply_that_says_two_things_states_none() {
    let others = [
        "It is 5, not 3.",
        "It's 5.",
        "it is **5**",
        "It must be 5.",
        "That is actually 5!",
        "There are 5, not 3.",
        "- Answer: 5",
        "* Answer: 5",
        "> Answer: 5",
        "1. Answer: 5",
        "2) **Answer** — 5",
        "| Answer | 5 |",
        "# Answer 5",
        "<answer>5</answer>",
        "<!-- answer: 5 -->",
        "My answer would be 5.",
        "So the correct answer is 5 r's.",
        "The answer is 5, not 3",
        "the answer = 5",
        "answer -> 5",
        "Answer: five",
        "It is five.",
        "The total is 5.",
        "Count: 5",
        "Result = 5",
        "\u{410}nswer: 5",
        "\u{410}n\u{455}w\u{435}r \u{2014} 5",
        "\u{ff21}\u{ff4e}\u{ff53}\u{ff57}\u{ff45}\u{ff52}\u{ff1a}\u{ff15}",
        "\u{1d400}nswer: 5",
        "An\u{200b}swer: 5",
        "A\u{301}nswer: 5",
        "答え：5",
        "答案: 5",
        "Ответ: 5",
        "الجواب: ٥",
        "उत्तर: ५",
        "Antwort: 5",
        "Réponse : 5",
        "5",
        "- 5",
        "1. 5",
        "a) 5",
        "(a) 5",
        "- [x] 5",
        "| r | 5 |",
        "<b>5</b>",
        "<td>answer</td><td>5</td>",
        "Die Antwort ist 5.",
        "La respuesta es 5.",
        "La r\u{e9}ponse est 5",
        "Svaret: 5",
        "My guess: 5",
        "The answer must surely be 5",
        "\u{beb}",
        "\u{17e5}",
        "**5.**",
        "\u{2212}3",
        "\\boxed{5}",
        "$$\\boxed{5}$$",
        "Not 3.",
        "It is not 3.",
        "It isn't 3!",
        "The answer is not 3.",
        "That is 3,000.",
        "It is 3.5.",
    ];
    for other in others {
        for end in ["\n", "\r\n", "\n\n", "\u{2028}\n", "\r\n\r\n"] {
            check(&format!("{other}{end}Answer: 3"), Form::Integer, None);
        }
        check(&format!("Answer: 3\n{other}\nAnswer: 3"), Form::Integer, None);
    }
    for other in [
        "No, it is odd.",
        "It is prime: no",
        "Answer - no",
        "- no",
        "\u{41d}o.\nIt's no.",
        "It is not yes.",
        "It isn't.",
        "It's not.",
        "It is not so.",
        "That is not the case!",
        "Never.",
        "Certainly not.",
        "I disagree.",
        "I don't think so",
        "N",
        "- F",
        "\u{2612} yes \u{2611} no",
        "\u{2610} yes \u{2611} no",
        "yes \u{2717} no \u{2713}",
        "\u{274c} yes",
        "[ ] yes [x] no",
    ] {
        check(&format!("{other}\nAnswer: yes"), Form::YesNo, None);
    }
}

/// A number with an exponent is the same number however it is written, and another one is a second statement.
#[test]
fn exponents_are_read_where_numbers_are() {
    for (reply, states) in [
        ("Answer: 1e22", true),
        ("The value is 2.5.\nAnswer: 2.5", true),
        ("The value is 1E3.\nAnswer: 1000", false),
        ("The value is 1e3.\nAnswer: 1001", false),
    ] {
        assert_eq!(extract(reply, Form::Number).is_some(), states, "{reply}");
    }
}

/// The steps of a reply on the way to its answer are no second answer.
#[test]
fn steps_on_the_way_state_nothing() {
    let steps = [
        "1 + 1 = 2 and 2 + 1 = 3.",
        "1 + 2 = 3",
        "It is 3.",
        "- Answer: 3",
        "The total is 3.",
        "\\boxed{3}",
        "Let me count them step by step.",
        "So the final result is **three**.",
    ];
    for step in steps {
        check(&format!("{step}\nAnswer: 3"), Form::Integer, Some(Answer::Integer(3)));
    }
    for step in ["Yes.", "So yes.", "Let me check this.", "I checked each part carefully."] {
        check(&format!("{step}\nAnswer: yes"), Form::YesNo, Some(Answer::YesNo(true)));
    }
}

#[test]
fn yes_and_no_are_words() {
    let cases = [
        ("yes", Some(true)),
        ("No.", Some(false)),
        ("**YES**", Some(true)),
        ("Answer: no", Some(false)),
        ("I checked.\nThe answer is yes.", Some(true)),
        ("Answer: yes\nFinal answer: Yes.", Some(true)),
        ("Answer: yes\nAnswer: no", None),
        ("yes and no", None),
        ("Answer: yes, it is prime", None),
        ("Answer: not no", None),
        ("yess", None),
        ("true", Some(true)),
        ("Answer: **False**", Some(false)),
        ("Yes!", Some(true)),
        ("**No**!", Some(false)),
        ("Answer: True.\nHope that helps!", Some(true)),
        ("Yes!!", None),
        ("Yes?", None),
        ("truely", None),
        ("Not true", None),
        ("1", None),
        ("y\u{117f}es", None),
        ("no yes", None),
        ("", None),
    ];
    for (reply, expected) in cases {
        check(reply, Form::YesNo, expected.map(Answer::YesNo));
    }
}

#[test]
fn forms_without_an_answer_state_none() {
    for form in [Form::Free, Form::Text, Form::Value] {
        check("Answer: 7", form, None);
        check("yes", form, None);
    }
}

proptest! {
    /// Labels are matched by byte length, so a wrong slice would panic on text of wide characters.
    #[test]
    fn never_panics(reply in "(?s).{0,80}", wide in "[*`$é€𝄞]{0,14}(answer:|the answer is)?[-é0-9.]{0,3}") {
        for form in [Form::Integer, Form::YesNo, Form::Text, Form::Value, Form::Free] {
            let _ = extract(&reply, form);
            let _ = extract(&wide, form);
            let _ = extract(&format!("{reply}\nAnswer: {wide}"), form);
        }
    }

    #[test]
    fn reads_what_was_written(int in -999_999_999_999_999_999..=999_999_999_999_999_999_i64) {
        let stated = Some(Answer::Integer(int));
        prop_assert_eq!(extract(&int.to_string(), Form::Integer), stated.clone());
        prop_assert_eq!(extract(&format!("Because.\n**Answer:** `{int}`."), Form::Integer), stated);
        prop_assert_eq!(extract(&format!("Answer: {int}\nAnswer: {}", int + 1), Form::Integer), None);
    }

    /// A whole reply that states a number is a rendering of that number, and no other text states it.
    #[test]
    fn states_nothing_but_digits(reply in "[-0-9.*`$ a]{0,8}") {
        if let Some(Answer::Integer(int)) = extract(&reply, Form::Integer) {
            let bare: String = reply.chars().filter(|c| c.is_ascii_digit() || *c == '-').collect();
            prop_assert_eq!(bare.parse::<i64>().ok(), Some(int));
        }
    }
}
