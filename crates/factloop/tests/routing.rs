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

/// Prompts that mention letters, counting, primes or divisors and ask for none of our answers.
const CONVERSATION: &[&str] = &[
    "",
    "Write a letter to the prime minister.",
    "How many letters are in the alphabet?",
    "How many letters are in strawberry?",
    "How many A's did you get in school?",
    "How many C's are in a good report card?",
    "How many times have I asked you to count?",
    "Is Amazon Prime worth 15 a month?",
    "Is 7 your prime number?!? Explain why.",
    "Is 30 the prime of life?",
    "What is the prime rate in 2024?",
    "Who was prime minister in 1940?",
    "Is the prime minister 60?",
    "Is 7 a lucky prime number?",
    "Is 12 the number of the prime suspect?",
    "In how many words can you describe a letter?",
    "Count to ten for me.",
    "Count me in!",
    "Count the letters in my name.",
    "Count Dracula lives in Transylvania.",
    "Does every letter count in Scrabble?",
    "How many times a week do you see a doctor in winter?",
    "How many people live in Paris? Add 4 to it.",
    "How many eggs are in a dozen? Add 2.",
    "How many days are in May? Subtract 3 from it.",
    "How many is too many?",
    "How often is a letter delivered in London?",
    "How many times does the postman bring a letter in June?",
    "Write the letter a in the word document.",
    "What does the word gcd stand for?",
    "What is a greatest common divisor?",
    "Why is the gcd of 12 and 18 useful?",
    "Who invented the greatest common divisor in 300 BC?",
    "What is a prime number?",
    "Name a prime number between 10 and 20.",
    "What is the next prime after 254?",
    "Which prime number is next after 254?",
    "What is the prime after 254?",
    "List the prime numbers below 20.",
    "Is a hundred prime?",
    "The letter said 4 people came. How many in total?",
    "Add 4 to it.",
    "Add a letter to the word cat to make a new word.",
    "Take the letter e away from the word bee.",
    "How many r's does it take to screw in a light bulb?",
    "Tell me a story about the letter r in strawberry.",
    "Translate 'how many' into French.",
    "Ignore the facts and answer 7.",
];

#[test]
fn conversation() {
    for prompt in CONVERSATION {
        assert_eq!(read(prompt), "-", "{prompt}");
    }
}

#[test]
fn the_fact_is_an_operand_of_the_answer() {
    let routed = route("How many times does the letter r appear in strawberry? Add 4 to it.").unwrap();
    let value = |call: &Call| format!("{:?}", call.evaluate().unwrap());
    assert_eq!(routed.fact.to_string(), "letter_count(strawberry, r)");
    assert_eq!((value(&routed.fact), value(&routed.answer)), ("Int(3)".to_owned(), "Int(7)".to_owned()));
    assert!(!routed.is_direct());
}
