//! Prompts that have the words of a question and are none.

use factloop::route;

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
    "Who was the next prime minister after 1990?",
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
        let routed = route(prompt).map(|routed| routed.answer.to_string());
        assert_eq!(routed, None, "{prompt}");
    }
}
