//! Questions that copy or transform words, without any arithmetic in them.

use super::decorate::{choose, decorate, fill};
use super::{Item, Task};
use crate::held_out::Split;
use crate::rng::Rng;
use crate::words;

const COPY: [&str; 20] = [
    "Repeat after me: {t}",
    "Repeat: {t}",
    "Say: {t}",
    "Copy this text: {t}",
    "Please repeat after me: {t}",
    "Please repeat: {t}",
    "Say the following: {t}",
    "Echo: {t}",
    "Copy: {t}",
    "Please say: {t}",
    "Write this: {t}",
    "Write the following: {t}",
    "Repeat the following: {t}",
    "Repeat this text: {t}",
    "Repeat this: {t}",
    "Please write: {t}",
    "Can you repeat this: {t}",
    "Can you say: {t}",
    "Please copy this: {t}",
    "Copy the following: {t}",
];
const UPPER: [&str; 5] = [
    "Write {t} in capital letters.",
    "Uppercase: {t}",
    "Put {t} in upper case.",
    "Write in capitals: {t}",
    "Put {t} in capital letters.",
];
const FIRST_WORD: [&str; 5] = [
    "What is the first word of: {t}",
    "First word: {t}",
    "Give me the first word of: {t}",
    "Tell me the first word: {t}",
    "Give the first word: {t}",
];
const LAST_WORD: [&str; 5] = [
    "What is the last word of: {t}",
    "Last word: {t}",
    "Give me the last word of: {t}",
    "Tell me the last word: {t}",
    "Give the last word: {t}",
];
const REVERSE: [&str; 5] = [
    "Reverse the order of these words: {t}",
    "Reverse the words: {t}",
    "Write these words backwards: {t}",
    "Put these words in reverse order: {t}",
    "Write these words in reverse order: {t}",
];
const FIRST_LETTER: [&str; 5] = [
    "What is the first letter of {t}?",
    "First letter of {t}?",
    "Tell me the first letter of {t}.",
    "Which letter does {t} start with?",
    "Give me the first letter of {t}.",
];
const LAST_LETTER: [&str; 5] = [
    "What is the last letter of {t}?",
    "Last letter of {t}?",
    "Tell me the last letter of {t}.",
    "Which letter does {t} end with?",
    "Give me the last letter of {t}.",
];
const SPELL: [&str; 5] = [
    "Spell {t}.",
    "How do you spell {t}?",
    "Spell the word {t}.",
    "How is the word {t} spelled?",
    "How is {t} spelled?",
];

fn draw_words(rng: &mut Rng, split: Split, low: i64, high: i64) -> Vec<String> {
    let count = rng.between(low, high);
    (0..count).map(|_| words::draw_real(rng, split).to_owned()).collect()
}

fn text_item(
    rng: &mut Rng,
    split: Split,
    task: Task,
    list: &[&'static str],
    words: Vec<String>,
    answer: String,
) -> Item {
    let (at, template) = choose(rng, split, list);
    let prompt = fill(template, &[("{t}", &words.join(" "))]);
    let prompt = if template.ends_with("{t}") { prompt } else { decorate(rng, prompt) };
    let mut item = Item::new(task, prompt, answer);
    item.words = words;
    item.phrasings.push(at);
    item
}

pub(super) fn copy(rng: &mut Rng, split: Split) -> Item {
    let words = draw_words(rng, split, 1, 5);
    let answer = words.join(" ");
    text_item(rng, split, Task::Copy, &COPY, words, answer)
}

fn spelled(word: &str) -> String {
    word.chars().map(String::from).collect::<Vec<_>>().join(" ")
}

pub(super) fn transform(rng: &mut Rng, split: Split) -> Item {
    let kind = rng.below(9);
    let (low, high) = if kind < 3 { (2, 4) } else { (1, 1) };
    let words = draw_words(rng, split, low, high);
    let (first, last) = (words[0].clone(), words[words.len() - 1].clone());
    let (list, answer) = match kind {
        0 => (&FIRST_WORD, first),
        1 => (&LAST_WORD, last),
        2 => (&REVERSE, words.iter().rev().cloned().collect::<Vec<_>>().join(" ")),
        3 => (&UPPER, first.to_uppercase()),
        4 => (&FIRST_LETTER, first.chars().take(1).collect()),
        5 => (&LAST_LETTER, last.chars().rev().take(1).collect()),
        _ => (&SPELL, spelled(&first)),
    };
    text_item(rng, split, Task::Transform, list, words, answer)
}
