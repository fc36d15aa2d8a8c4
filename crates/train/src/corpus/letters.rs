//! Questions that count a letter, with or without one step of arithmetic on the count.

use super::decorate::{choose, decorate, fill};
use super::{Item, Task};
use crate::held_out::{self, Split};
use crate::render::Fact;
use crate::rng::Rng;
use crate::words;
use abi::Value;

/// Phrasings of a question for a count. Every fifth one is held out.
const COUNT: [&str; 35] = [
    "How many times does the letter {l} appear in {w}?",
    "How many times does {l} appear in {w}?",
    "How many {l}s are in {w}?",
    "Count the letter {l} in {w}.",
    "How many times does the letter {l} occur in {w}?",
    "How many times does the letter \"{l}\" appear in \"{w}\"?",
    "How many times does the letter '{l}' appear in the word '{w}'?",
    "How often does the letter {l} occur in {w}?",
    "What is the number of times {l} appears in {w}?",
    "How many times does the letter '{l}' occur in '{w}'?",
    "In the word {w}, how many times does the letter {l} appear?",
    "In {w}, how many {l}s are there?",
    "Count how many times {l} occurs in {w}.",
    "Tell me how many {l}s there are in {w}.",
    "Count how many times the letter {l} appears in the word {w}.",
    "Find the number of {l}s in {w}.",
    "How many letters {l} does {w} have?",
    "How many letters {l} does the word {w} contain?",
    "Please count the {l}s in {w}.",
    "Please count the letter {l} in the word {w}.",
    "What is the count of the letter {l} in {w}?",
    "How many instances of the letter {l} are in {w}?",
    "How many times do you see the letter {l} in {w}?",
    "Look at the word {w}. How many times does the letter {l} appear in it?",
    "Look at {w}. How many {l}s are in it?",
    "Take the word {w}. Count the letter {l} in it.",
    "Give me the number of times the letter {l} appears in {w}.",
    "How many {l}'s are there in {w}?",
    "How many {l} letters are there in {w}?",
    "How many {l}'s are in the word {w}?",
    "How often is the letter {l} used in {w}?",
    "How often does {l} appear in the word {w}?",
    "The word is {w}. How many times does it contain the letter {l}?",
    "Given the word {w}, how many times does the letter {l} occur?",
    "Given the word {w}, count the letter {l}.",
];

/// Phrasings of an addition after the count. Every fifth one is held out.
const ADD: [&str; 25] = [
    "Add {n} to it.",
    "Add {n}.",
    "Then add {n}.",
    "Now add {n} to that.",
    "Then add {n} to it.",
    "Add {n} to the result.",
    "Plus {n}.",
    "And then add {n} to that number.",
    "Increase it by {n}.",
    "Add {n} to the count.",
    "Then increase the result by {n}.",
    "What do you get if you add {n}?",
    "What is that plus {n}?",
    "After that, add {n}.",
    "Then add {n} to the result.",
    "Give me that number plus {n}.",
    "Now add {n} more.",
    "Add {n} to your answer.",
    "What is it if you add {n} to it?",
    "Now add {n} to the number.",
    "Finally add {n}.",
    "Then raise it by {n}.",
    "Add the number {n} to that count.",
    "Next, add {n} to that.",
    "Next, add {n} to the count.",
];
const SUBTRACT: [&str; 25] = [
    "Subtract {n} from it.",
    "Subtract {n}.",
    "Then subtract {n}.",
    "Now subtract {n} from that.",
    "Then subtract {n} from it.",
    "Subtract {n} from the result.",
    "Minus {n}.",
    "And then subtract {n} from that number.",
    "Decrease it by {n}.",
    "Subtract {n} from the count.",
    "Then decrease the result by {n}.",
    "What do you get if you subtract {n}?",
    "What is that minus {n}?",
    "After that, take away {n}.",
    "Then subtract {n} from the result.",
    "Give me that number minus {n}.",
    "Now take away {n}.",
    "Subtract {n} from your answer.",
    "What is it if you take {n} away from it?",
    "Now subtract {n} from the number.",
    "Finally subtract {n}.",
    "Then lower it by {n}.",
    "Subtract the number {n} from that count.",
    "Next, subtract {n} from that.",
    "Next, subtract {n} from the count.",
];

/// The arithmetic that follows a count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Add,
    Subtract,
}

fn fact(word: &str, letter: char) -> Option<Fact> {
    Fact::computed("letter_count", &[Value::text(word), Value::text(letter.to_string())])
}

/// Returns a word, one of its letters, and how often the letter occurs, at most six times. A third of the
/// training words are invented for a count from none to nine, so that the step after the count is learnt for
/// every digit, and not only for the few counts that real words have.
fn subject(rng: &mut Rng, split: Split) -> (String, char, i64) {
    if split == Split::Train && rng.percent(35) {
        return words::invented_with_count(rng);
    }
    loop {
        let word = words::draw(rng, split);
        let letter = words::draw_letter(rng, &word);
        let count = words::count(&word, letter);
        if count <= 6 {
            return (word, letter, count);
        }
    }
}

pub(super) fn letter_count(rng: &mut Rng, split: Split) -> Item {
    let (word, letter, count) = subject(rng, split);
    let (at, template) = choose(rng, split, &COUNT);
    let question = fill(template, &[("{l}", &letter.to_string()), ("{w}", &word)]);
    let mut item = Item::new(Task::LetterCount, decorate(rng, question), format!("Answer: {count}"));
    item.fact = fact(&word, letter);
    item.letter = Some(letter);
    item.words.push(word);
    item.phrasings.push(at);
    item
}

/// Returns the second operand: up to fifty for evaluation. In training the range is wider and flatter, so
/// that pairs are learnt digit by digit and not by heart.
fn operand(rng: &mut Rng, split: Split) -> i64 {
    match split {
        Split::HeldOut => rng.between(1, 50),
        Split::Train if rng.percent(30) => rng.between(1, 20),
        Split::Train => rng.between(1, 99),
    }
}

/// The material of an item that counts and then computes.
struct Subject {
    word: String,
    letter: char,
    count: i64,
    number: i64,
}

pub(super) fn count_then(rng: &mut Rng, split: Split, step: Step) -> Item {
    loop {
        let (word, letter, count) = subject(rng, split);
        let number = operand(rng, split);
        if split.admits(held_out::pair(count, number)) {
            return phrased(rng, split, step, Subject { word, letter, count, number });
        }
    }
}

/// Returns a count-then-add item with a held-out word and phrasing, and any number up to twenty.
pub(super) fn everyday(rng: &mut Rng) -> Item {
    let (word, letter, count) = subject(rng, Split::HeldOut);
    let number = rng.between(1, 20);
    phrased(rng, Split::HeldOut, Step::Add, Subject { word, letter, count, number })
}

fn phrased(rng: &mut Rng, split: Split, step: Step, subject: Subject) -> Item {
    let Subject { word, letter, count, number } = subject;
    let (task, list, result) = match step {
        Step::Add => (Task::CountThenAdd, &ADD, count + number),
        Step::Subtract => (Task::CountThenSubtract, &SUBTRACT, count - number),
    };
    let (first, question) = choose(rng, split, &COUNT);
    let (second, order) = choose(rng, split, list);
    let values = [("{l}", &*letter.to_string()), ("{w}", &*word), ("{n}", &*number.to_string())];
    let prompt = fill(&format!("{question} {order}"), &values);
    let mut item = Item::new(task, decorate(rng, prompt), format!("Answer: {result}"));
    item.fact = fact(&word, letter);
    item.letter = Some(letter);
    item.pair = Some((count, number));
    item.words.push(word);
    item.phrasings.extend([first, second]);
    item
}
