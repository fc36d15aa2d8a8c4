//! Phrasings: they are chosen by split, filled with words, and sometimes wrapped in small talk.

use crate::held_out::{self, Split};
use crate::rng::Rng;

/// Returns a random template that belongs to the split, with its index in the list.
pub(super) fn choose(rng: &mut Rng, split: Split, list: &[&'static str]) -> (usize, &'static str) {
    loop {
        let at = rng.below(list.len());
        if split.admits(held_out::phrasing(at)) {
            return (at, list[at]);
        }
    }
}

/// Replaces each `{name}` in a template by its value.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| text.replace(name, value))
}

const OPENINGS: [&str; 12] = [
    "Hi! ",
    "Hello. ",
    "Please help me. ",
    "Quick question: ",
    "I have a question. ",
    "Hey, ",
    "One more thing: ",
    "Tell me, ",
    "Just curious. ",
    "For my homework: ",
    "Okay. ",
    "Good morning. ",
];
const CLOSINGS: [&str; 8] = [
    " Thanks!",
    " Thank you.",
    " Please answer briefly.",
    " Be careful.",
    " I am in a hurry.",
    " It is for a game.",
    " My friend wants to know.",
    " Please.",
];

/// Sometimes adds words before or after a prompt that do not change its meaning.
pub(crate) fn decorate(rng: &mut Rng, prompt: String) -> String {
    match rng.below(100) {
        0..10 => format!("{}{prompt}", rng.pick(&OPENINGS)),
        10..18 => format!("{prompt}{}", rng.pick(&CLOSINGS)),
        18..20 => format!("{}{prompt}{}", rng.pick(&OPENINGS), rng.pick(&CLOSINGS)),
        _ => prompt,
    }
}
