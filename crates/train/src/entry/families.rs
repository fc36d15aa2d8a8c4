//! Prompts that only look like questions for a capability.
//!
//! Slots: `{w}` and `{o}` are words, `{l}` is a letter, and `{a}`, `{b}` and `{n}` are numbers.

/// The property that makes a prompt hard to tell from a question for a capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The prompt has the words of such a question, but asks for nothing that is computed.
    Mention,
    /// The prompt asks for something else that could be computed.
    Neighbour,
}

/// Prompts about one topic, all of which belong to the same side of the split.
pub(super) struct Family {
    /// The property that makes the prompts of the family hard.
    pub(super) look: Look,
    /// The wordings of the family, with slots to fill.
    pub(super) wordings: &'static [&'static str],
}

const fn mention(wordings: &'static [&'static str]) -> Family {
    Family { look: Look::Mention, wordings }
}

const fn neighbour(wordings: &'static [&'static str]) -> Family {
    Family { look: Look::Neighbour, wordings }
}

/// Families of prompts that ask for none of the capabilities. Of five families, the fourth is for calibration
/// and the fifth for the test.
pub(super) const FAMILIES: &[Family] = &[
    mention(&[
        "What does the word {w} mean?",
        "Explain the word {w}.",
        "Is {w} a good word?",
        "Use the word {w} in a sentence.",
    ]),
    mention(&[
        "I sent a letter about {w} {n} days ago.",
        "My letter to the {w} office was {n} pages long.",
        "Answer the letter about {w} for me.",
        "Why do people still write letters about {w}?",
    ]),
    mention(&[
        "I am {n} years old and in my prime.",
        "Prime time starts at {n} on most channels.",
        "Chapter {n} is about a prime minister.",
        "The prime rate rose by {n} points.",
    ]),
    mention(&[
        "Add {w} and {o} to the list.",
        "Please add {w} to my basket.",
        "Should I add {w} to the soup?",
        "They will add {n} seats to the bus.",
    ]),
    mention(&[
        "How many people like {w}?",
        "How many times have you seen {w}?",
        "How many friends does one need?",
        "How many years does it take to learn about {w}?",
    ]),
    mention(&[
        "Count on {w} to be late.",
        "The count of {w} lived in a castle.",
        "It is not the number that counts but the {w}.",
        "I lost count of the {w} stories.",
    ]),
    mention(&[
        "Who divided the land of {w}?",
        "What divides people most, {w} or {o}?",
        "My brother and I share {n} books. Is that common?",
        "Is {w} a common name?",
    ]),
    mention(&[
        "Write {n} lines about {w}.",
        "Tell me {n} facts about {w}.",
        "Give me a story with {n} characters about {w}.",
        "Name {n} kinds of {w}.",
    ]),
    mention(&[
        "Why is {w} so popular?",
        "Where does {w} come from?",
        "Do you prefer {w} or {o}?",
        "Should I buy {w} this year?",
    ]),
    mention(&[
        "The number of {w} lovers grows each year. Why?",
        "What is the number of the {w} office?",
        "My number is {n}, call me about {w}.",
        "Number {n} won the {w} race.",
    ]),
    neighbour(&[
        "How many letters does {w} have?",
        "How long is the word {w}?",
        "Count the letters of {w}.",
        "What is the length of {w}?",
    ]),
    neighbour(&[
        "What is {a} times {b}?",
        "Multiply {a} by {b}.",
        "{a} * {b} = ?",
        "What is the product of {a} and {b}?",
    ]),
    neighbour(&[
        "Is {a} even?",
        "Is {a} an odd number?",
        "Tell me if {a} is even.",
        "Check whether {a} is an odd number.",
    ]),
    neighbour(&[
        "What is the least common multiple of {a} and {b}?",
        "Find the lcm of {a} and {b}.",
        "Smallest number that both {a} and {b} divide?",
        "Compute lcm({a}, {b}).",
    ]),
    neighbour(&[
        "Which letter comes after {l}?",
        "Is {l} a vowel?",
        "What is the place of {l} in the alphabet?",
        "Say a word with the letter {l}.",
    ]),
    neighbour(&[
        "How many vowels are in {w}?",
        "How many syllables are in {w}?",
        "How many words rhyme with {w}?",
        "Count the vowels in {w}.",
    ]),
    neighbour(&[
        "What are the prime factors of {a}?",
        "Factor {a}.",
        "Write {a} as a product of primes.",
        "Which primes divide {a}?",
    ]),
    neighbour(&[
        "Is {a} larger than {b}?",
        "Which is larger, {a} or {b}?",
        "Tell me if {a} is less than {b}.",
        "Compare {a} and {b}.",
    ]),
    neighbour(&[
        "What is the next prime after {a}?",
        "Name a prime larger than {a}.",
        "How many primes are below {a}?",
        "List the primes up to {a}.",
    ]),
    neighbour(&[
        "Does {w} contain the letter {l}?",
        "Is there a {l} in {w}?",
        "Where is the first {l} in {w}?",
        "Replace every {l} in {w}.",
    ]),
    mention(&[
        "I read {n} books about {w} last year.",
        "We met {n} times and talked about {w}.",
        "She has {n} cats and a {w}.",
        "It happened {n} weeks after the {w} party.",
    ]),
    mention(&[
        "Is it true that {w} is dangerous?",
        "Tell me whether {w} is worth it.",
        "Do you know if {w} is open today?",
        "Can you check if {w} is in the shop?",
    ]),
    mention(&[
        "What is the greatest thing about {w}?",
        "What is the largest {w} in the world?",
        "Who is the greatest {w} of all?",
        "Which is the most common {w}?",
    ]),
    mention(&[
        "How often do you think of {w}?",
        "How often should I clean the {w}?",
        "How often is a letter about {w} lost?",
        "How often does it rain in {w}?",
    ]),
    mention(&[
        "Please subtract nothing from the story of {w}.",
        "On the plus side, there was {w}.",
        "The days minus the {w} were fine.",
        "Take away the {w}, it is cold.",
    ]),
    neighbour(&[
        "What is the sum of the digits of {a}?",
        "How many digits does {a} have?",
        "Reverse the digits of {a}.",
        "What is the last digit of {a}?",
    ]),
    neighbour(&[
        "What is the square root of {a}?",
        "What is {n} squared?",
        "Is {a} a square number?",
        "What is half of {a}?",
    ]),
    neighbour(&[
        "What is {a} divided by {b}?",
        "Divide {a} by {b}.",
        "What is the remainder of {a} divided by {b}?",
        "How often does {b} go into {a}?",
    ]),
    neighbour(&[
        "Which letter is most common in {w}?",
        "What is the middle letter of {w}?",
        "Which letters of {w} occur twice?",
        "Sort the letters of {w}.",
    ]),
    neighbour(&[
        "How many words are in this: {w} {o}?",
        "Count the words: {w} {o} {w}",
        "How many words do I need to describe {w}?",
        "Which word is longer, {w} or {o}?",
    ]),
    neighbour(&[
        "List the divisors of {a}.",
        "How many divisors does {a} have?",
        "Does {b} divide {a}?",
        "What is the smallest divisor of {a}?",
    ]),
    neighbour(&[
        "Is {w} a palindrome?",
        "Are {w} and {o} anagrams?",
        "Do {w} and {o} have a letter in common?",
        "Is {w} spelled right?",
    ]),
    neighbour(&[
        "What is {n} percent of {a}?",
        "Round {a} to the next ten.",
        "What is {a} in binary?",
        "Write {n} as a Roman number.",
    ]),
    neighbour(&[
        "Add {a} to the product of {b} and {n}.",
        "What is the average of {a} and {b}?",
        "Subtract {n} from {a} twice.",
        "Count from {n} up to {a}.",
    ]),
    neighbour(&[
        "Are {a} and {b} coprime?",
        "What do {a} and {b} have in common?",
        "Is {a} a multiple of {b}?",
        "Reduce the fraction {a} over {b}.",
    ]),
    mention(&[
        "Add more detail to the text about {w}.",
        "Please add a title: {w}.",
        "Can you add Anna to the letter about {w}?",
        "What would you add to {w}?",
    ]),
    mention(&[
        "Is the {w} a prime example of bad design?",
        "Who is the prime suspect in the {w} case?",
        "Is {w} in the prime of life?",
        "The prime minister likes {w}.",
    ]),
    mention(&[
        "What is the common ground of {w} and {o}?",
        "Do {w} and {o} have a common story?",
        "Find common words for {w}.",
        "What do {w} and {o} share?",
    ]),
    mention(&[
        "How many of you like {w}?",
        "How many days until the {w} party?",
        "How much is a {w}?",
        "How many {w} can one eat in {n} days?",
    ]),
    mention(&[
        "Write a letter that begins with {w}.",
        "The letter {l} is on the door of the {w} room.",
        "He got the letter {l} for his {w} test.",
        "My favourite letter is {l}, like in {w}.",
    ]),
    mention(&[
        "I can count to {n}.",
        "Every {w} counts.",
        "We counted {n} birds near the {w}.",
        "Do not count your {w} before {n}.",
    ]),
    mention(&[
        "My house number is {n}. Where is the {w} shop?",
        "Room {n} is for the {w} class.",
        "Bus {n} goes to {w}.",
        "I was born in the year of the {w}, {n} years ago.",
    ]),
    mention(&[
        "It takes {n} minutes to cook {w}.",
        "Mix {a} grams of {w} with {b} grams of {o}.",
        "The {w} costs {a} and the {o} costs {b}. Nice!",
        "Between {a} and {b} people came to the {w} show.",
    ]),
    mention(&[
        "Tell me whether you like {w}.",
        "Is {w} true?",
        "Is it time for {w}?",
        "Is {w} related to {o}?",
    ]),
    mention(&[
        "The word {w} is on page {n}.",
        "In a word, {w}.",
        "Take my word, {w} is fine.",
        "A word about {w}, please.",
    ]),
    mention(&[
        "What happened {n} times in {w}?",
        "I said {w} {n} times.",
        "Times are hard for {w}.",
        "How many times must I say {w}?",
    ]),
    mention(&[
        "The largest {w} is in {o}.",
        "Both {w} and {o} are great.",
        "What is greater than {w}?",
        "The greatest of {n} is {w}.",
    ]),
    mention(&[
        "He scored {a} points and she scored {b}.",
        "Tonight it is {n} degrees minus.",
        "Team {w} is {n} plus points ahead.",
        "{a} to {b}, what a game of {w}!",
    ]),
    mention(&[
        "Translate {w} into French.",
        "Who wrote {w}?",
        "Sing about {w}.",
        "Talk to me about {w} and {o}.",
    ]),
    mention(&[
        "Can you help me with my {w} homework?",
        "Summarise the story of {w}.",
        "What should I wear to the {w} party?",
        "Plan {n} days in {w}.",
    ]),
];

/// Words that occur in questions for a capability, for prompts of words in random order.
pub(super) const TRAP_WORDS: [&str; 24] = [
    "how", "many", "times", "letter", "letters", "count", "add", "plus", "minus", "subtract", "prime",
    "number", "gcd", "greatest", "common", "divisor", "is", "what", "in", "the", "word", "of", "and", "to",
];
