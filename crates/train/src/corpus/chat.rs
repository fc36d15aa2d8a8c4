//! Short plain conversation, and prompts that mention letters, counting or primes only in passing.

use super::decorate::{choose, decorate, fill};
use super::{Item, Task};
use crate::held_out::Split;
use crate::rng::Rng;

mod topics;

use topics::{SLOTS, TOPICS};

/// Fills every slot in a prompt and in its answer, with the same draw in both.
fn fill_slots(rng: &mut Rng, prompt: &str, answer: &str) -> (String, String) {
    let drawn: Vec<(&str, &str)> = SLOTS.iter().map(|(name, values)| (*name, *rng.pick(values))).collect();
    (fill(prompt, &drawn), fill(answer, &drawn))
}

pub(super) fn chat(rng: &mut Rng, split: Split) -> Item {
    let topic = rng.pick(TOPICS);
    let (at, template) = choose(rng, split, topic.prompts);
    let (prompt, answer) = fill_slots(rng, template, topic.answer);
    let prompt = if rng.percent(15) { casual(rng, &prompt) } else { decorate(rng, prompt) };
    let mut item = Item::new(Task::Chat, prompt, answer);
    item.phrasings.push(at);
    item
}

/// Returns the prompt as people often type it: in lower case, without the last mark, or both.
pub(crate) fn casual(rng: &mut Rng, prompt: &str) -> String {
    match rng.below(3) {
        0 => prompt.to_lowercase(),
        1 => prompt.trim_end_matches(['.', '?', '!']).to_owned(),
        _ => prompt.to_lowercase().trim_end_matches(['.', '?', '!']).to_owned(),
    }
}
