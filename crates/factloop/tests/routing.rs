//! What prompts are read as: the operands of every routed form, and everything that must stay
//! conversation.

use det::Call;
use factloop::route;

/// The call that answers `prompt`, as text, or `-` where it is not routed.
fn read(prompt: &str) -> String {
    route(prompt).map_or_else(|| "-".to_owned(), |routed| routed.answer.to_string())
}

fn check(table: &[(&str, &str)]) {
    for (prompt, expected) in table {
        assert_eq!(read(prompt), *expected, "{prompt}");
    }
}

#[test]
fn letter_counts() {
    check(&[
        ("How many times does the letter r appear in strawberry?", "letter_count(strawberry, r)"),
        ("how many r's are in strawberry", "letter_count(strawberry, r)"),
        ("How many rs are in strawberry?", "letter_count(strawberry, r)"),
        ("Count the letter 'e' in the word \"evergreen\".", "letter_count(evergreen, e)"),
        ("Given the word banana, count the letter a.", "letter_count(banana, a)"),
        ("In “Mississippi”, how many ‘s’s are there?", "-"),
        ("In “Mississippi”, how often does the letter ‘s’ appear?", "letter_count(Mississippi, s)"),
        ("How many is are there in insignificant?", "letter_count(insignificant, i)"),
        ("How many as are in banana?", "letter_count(banana, a)"),
        ("The word is letter. How many times does it contain the letter t?", "letter_count(letter, t)"),
        ("How many times does the letter e appear in the word letter?", "letter_count(letter, e)"),
        ("Hi! How many letters o does the word bookkeeper contain? Thanks!", "letter_count(bookkeeper, o)"),
        (
            "How many times does the letter o occur in \"hello big world\"?",
            "letter_count(hello big world, o)",
        ),
    ]);
}

#[test]
fn counts_with_a_step() {
    check(&[
        (
            "How many times does the letter r appear in strawberry? Add 4 to it.",
            "add(letter_count(strawberry, r), 4)",
        ),
        ("How many r's are in strawberry, plus four?", "add(letter_count(strawberry, r), 4)"),
        ("How many r's are in strawberry + 4?", "add(letter_count(strawberry, r), 4)"),
        ("Count the s in glass and subtract 1.", "-"),
        ("Count the letter s in glass and subtract 1.", "subtract(letter_count(glass, s), 1)"),
        ("How often does e occur in eleven? Take 2 away from it.", "subtract(letter_count(eleven, e), 2)"),
        ("How often does e occur in eleven? Then take away 2.", "subtract(letter_count(eleven, e), 2)"),
        ("How many r's are in strawberry? Add 4. Then add 5.", "-"),
        ("How many r's are in strawberry? Multiply by 4.", "-"),
        ("How many r's are in strawberry? 4", "-"),
        ("How many r's are in strawberry? Add 4.5 to it.", "-"),
    ]);
}

#[test]
fn numbers() {
    check(&[
        ("What is the gcd of 12 and 18?", "gcd(12, 18)"),
        ("gcd(12, 18)", "gcd(12, 18)"),
        ("What is the largest number that divides both 12 and 18?", "gcd(12, 18)"),
        ("What is the gcd of 12, 18 and 24?", "-"),
        ("What is the gcd of my age and 12?", "-"),
        ("Is 97 prime?", "is_prime(97)"),
        ("Can you tell me if 91 is a prime number?", "is_prime(91)"),
        ("97: prime or not?", "is_prime(97)"),
        ("Is 97 or 98 prime?", "-"),
        ("Is 2.5 prime?", "-"),
        ("Is 99999999999999999999 prime?", "-"),
    ]);
}

#[test]
fn conversation() {
    check(&[
        ("Write a letter to the prime minister.", "-"),
        ("How many letters are in the alphabet?", "-"),
        ("How many A's did you get in school?", "-"),
        ("Is Amazon Prime worth 15 a month?", "-"),
        ("In how many words can you describe a letter?", "-"),
        ("Count to ten for me.", "-"),
        ("What does the word gcd stand for?", "-"),
        ("What is a prime number?", "-"),
        ("How many times a week do you see a doctor in winter?", "-"),
        ("Count me in!", "-"),
        ("How many people live in Paris? Add 4 to it.", "-"),
        ("", "-"),
    ]);
}

#[test]
fn the_fact_is_an_operand_of_the_answer() {
    let routed = route("How many times does the letter r appear in strawberry? Add 4 to it.").unwrap();
    let value = |call: &Call| format!("{:?}", call.evaluate().unwrap());
    assert_eq!(routed.fact.to_string(), "letter_count(strawberry, r)");
    assert_eq!((value(&routed.fact), value(&routed.answer)), ("Int(3)".to_owned(), "Int(7)".to_owned()));
    assert!(!routed.is_direct());
}
