//! Prompts for the entry head, each with the class that it asks for, drawn from one side of the split.

use std::collections::BTreeSet;

use factloop::{Specification, fact_capability};

use super::families::{FAMILIES, Look, TRAP_WORDS};
use super::paraphrases::{PARAPHRASES, Paraphrases};
use crate::corpus::{self, Task, casual, decorate, fill};
use crate::held_out::{self, Split};
use crate::rng::Rng;
use crate::words;

/// The side of the split to which a prompt belongs. Each wording, family of wordings and word belongs to one
/// side, so the head is never tested on wordings to which it was fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The prompts to which the head is fitted.
    Fit,
    /// The prompts that choose the head's layer and thresholds.
    Calibrate,
    /// The prompts that evaluate the head. The model was not trained on the corpus material of this side.
    Test,
}

const WORD_SALT: u64 = 0x0065_6e74_7279;

impl Side {
    /// Returns the side of the wording at this index of its list. Of five wordings, three are for fitting,
    /// one is for calibration, and the one that [`held_out::phrasing`] holds out is for the test.
    #[must_use]
    pub fn from_place(place: usize) -> Self {
        match place % 5 {
            _ if held_out::phrasing(place) => Self::Test,
            3 => Self::Calibrate,
            _ => Self::Fit,
        }
    }

    /// Returns the side of a word. Held-out words are for the test, an eighth of the others is for
    /// calibration, and the rest is for fitting.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        if held_out::word(word) {
            return Self::Test;
        }
        if held_out::text_hash(word, WORD_SALT).is_multiple_of(8) { Self::Calibrate } else { Self::Fit }
    }

    /// Returns the side of the model's own hold-out split from which this side draws.
    pub(crate) fn split(self) -> Split {
        if self == Self::Test { Split::HeldOut } else { Split::Train }
    }

    fn seed(self, seed: u64) -> u64 {
        seed.wrapping_mul(3).wrapping_add(self as u64)
    }
}

/// The source of a prompt, by which wrong requests are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A question in a wording of the corpus.
    Question,
    /// A question in a wording that does not occur in the corpus.
    Paraphrase,
    /// Conversation from the corpus.
    Chat,
    /// Another task of the corpus: a sum, a difference, a copy or a transform of words.
    OtherTask,
    /// A prompt that has words of a question, but asks for nothing that is computed.
    Mention,
    /// A question for something else that could be computed.
    Neighbour,
    /// Words in random order, without a meaning.
    Salad,
}

impl Kind {
    /// The kinds of prompts that ask for none of the capabilities, so that every request for one is wrong.
    pub const NEGATIVE: [Self; 5] =
        [Self::Chat, Self::OtherTask, Self::Mention, Self::Neighbour, Self::Salad];
}

/// A prompt for the entry head, with the capability that it asks for (its class, see [`capabilities`]) and with
/// the kind of text that it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The text of the user, without facts.
    pub prompt: String,
    /// The class: 0 if the prompt asks for no capability, 1 for the first of [`capabilities`], and so on.
    pub class: usize,
    /// The kind of text that the prompt was made from: a corpus, a paraphrase, or a hard negative.
    pub kind: Kind,
    /// The words of the list, and the invented words, that the prompt contains.
    pub words: Vec<String>,
    /// The indices of the wordings in their lists. For a hard negative it is the index of its family; empty
    /// for words in random order.
    pub places: Vec<usize>,
}

/// Returns the names of the capabilities that prompts can ask for. Class `n` asks for capability `n - 1` of
/// this list.
#[must_use]
pub fn capabilities() -> Vec<String> {
    Specification::FITTED.into_iter().map(|asked| fact_capability(asked).0).collect()
}

/// Returns the class of a specification, given its word; 0 if there is no such specification.
pub(super) fn class_of(word: &str) -> usize {
    Specification::FITTED.iter().position(|asked| asked.word() == word).map_or(0, |place| place + 1)
}

/// Draws the prompts of one side: `items` questions of each class, half as many paraphrases, and negatives of
/// every kind. Chat and other tasks have twice `items`, and each hard kind has `items`. No prompt occurs
/// twice.
#[must_use]
pub fn draw(side: Side, items: usize, seed: u64) -> Vec<Ask> {
    let mut drawing = Drawing { side, seed: side.seed(seed), asks: Vec::new(), prompts: BTreeSet::new() };
    for (task, class) in QUESTIONS {
        drawing.take(items, |side, key| question(side, key, task, Kind::Question, class_of(class)));
    }
    for list in &PARAPHRASES {
        drawing.take(items.div_ceil(2), |side, key| paraphrase(side, &mut key.rng(), list));
    }
    drawing.take(2 * items, |side, key| question(side, key, Task::Chat, Kind::Chat, 0));
    for task in [Task::Sum, Task::Difference, Task::Copy, Task::Transform] {
        drawing.take(items / 2, |side, key| question(side, key, task, Kind::OtherTask, 0));
    }
    drawing.take(items, |side, key| hard(side, &mut key.rng(), Look::Mention));
    drawing.take(items, |side, key| hard(side, &mut key.rng(), Look::Neighbour));
    drawing.take(items, |side, key| Some(salad(side, &mut key.rng())));
    drawing.asks
}

const QUESTIONS: [(Task, &str); 5] = [
    (Task::LetterCount, "letter_count"),
    (Task::CountThenAdd, "count_then_add"),
    (Task::CountThenSubtract, "count_then_subtract"),
    (Task::Gcd, "gcd"),
    (Task::Primality, "is_prime"),
];

/// The key of one draw. The draw may give a prompt of another side, which is then dropped.
#[derive(Clone, Copy)]
struct Key {
    seed: u64,
    index: u64,
}

impl Key {
    fn rng(self) -> Rng {
        Rng::keyed(self.seed, self.index)
    }
}

struct Drawing {
    side: Side,
    seed: u64,
    asks: Vec<Ask>,
    prompts: BTreeSet<String>,
}

impl Drawing {
    /// The most draws that are made for one prompt, because some draws belong to another side or were drawn
    /// before.
    const ATTEMPTS: u64 = 2_000;

    /// Takes `count` new prompts, or fewer if the wordings do not give so many.
    fn take(&mut self, count: usize, make: impl Fn(Side, Key) -> Option<Ask>) {
        let end = self.asks.len() + count;
        // Every list has its own stream of random numbers.
        let seed = self.seed.wrapping_add((self.asks.len() as u64) << 32);
        for index in 0..count as u64 * Self::ATTEMPTS {
            if self.asks.len() == end {
                break;
            }
            let Some(ask) = make(self.side, Key { seed, index }) else { continue };
            if self.prompts.insert(ask.prompt.clone()) {
                self.asks.push(ask);
            }
        }
    }
}

/// Returns an item of the corpus as a prompt; `None` if one of its wordings or words belongs to another side.
fn question(side: Side, key: Key, task: Task, kind: Kind, class: usize) -> Option<Ask> {
    let item = corpus::task_item(task, side.split(), key.seed, key.index);
    let wordings = item.phrasings.iter().all(|place| Side::from_place(*place) == side);
    let words = item.words.iter().all(|word| Side::from_word(word) == side);
    let prompt = typed(&mut Rng::keyed(!key.seed, key.index), item.prompt);
    let ask = Ask { prompt, class, kind, words: item.words, places: item.phrasings };
    (wordings && words).then_some(ask)
}

/// Returns the prompt, in one of eight draws written as people type.
fn typed(rng: &mut Rng, prompt: String) -> String {
    if rng.below(8) == 0 { casual(rng, &prompt) } else { prompt }
}

/// Returns a paraphrase with its slots filled; `None` if it belongs to another side.
fn paraphrase(side: Side, rng: &mut Rng, list: &Paraphrases) -> Option<Ask> {
    let place = rng.below(list.wordings.len());
    let (class, kind) = (class_of(list.specification), Kind::Paraphrase);
    (Side::from_place(place) == side).then(|| filled(side, rng, list.wordings[place], place, (class, kind)))
}

/// Returns a hard negative with its slots filled; `None` if its family belongs to another side or has another
/// look.
fn hard(side: Side, rng: &mut Rng, look: Look) -> Option<Ask> {
    let place = rng.below(FAMILIES.len());
    let (family, wording) = (&FAMILIES[place], rng.below(4));
    let kind = if look == Look::Mention { Kind::Mention } else { Kind::Neighbour };
    let wording = family.wordings.get(wording)?;
    let fits = family.look == look && Side::from_place(place) == side;
    fits.then(|| filled(side, rng, wording, place, (0, kind)))
}

fn filled(side: Side, rng: &mut Rng, template: &str, place: usize, (class, kind): (usize, Kind)) -> Ask {
    let (word, other) = (word(side, rng), word(side, rng));
    let letter = words::draw_letter(rng, &word).to_string();
    let [a, b, n] = [499, 60, 50].map(|most| rng.between(1, most).to_string());
    let a = if template.contains("{b}") { rng.between(1, 60).to_string() } else { a };
    let slots = [("{w}", &*word), ("{o}", &other), ("{l}", &letter), ("{a}", &a), ("{b}", &b), ("{n}", &n)];
    let prompt = decorate(rng, fill(template, &slots));
    let prompt = typed(rng, prompt);
    let named = [("{w}", &word), ("{o}", &other)].into_iter().filter(|(slot, _)| template.contains(slot));
    let words = named.map(|(_, word)| word.clone()).collect();
    Ask { prompt, class, kind, words, places: vec![place] }
}

/// Returns a random word of the list that belongs to this side.
fn word(side: Side, rng: &mut Rng) -> String {
    loop {
        let word = words::draw_real(rng, side.split());
        if Side::from_word(word) == side {
            return word.to_owned();
        }
    }
}

/// Returns three to nine words in random order, half of them words that occur in questions.
fn salad(side: Side, rng: &mut Rng) -> Ask {
    let mut drawn = Vec::new();
    let mut texts = Vec::new();
    for _ in 0..rng.between(3, 9) {
        if rng.percent(50) {
            texts.push((*rng.pick(&TRAP_WORDS)).to_owned());
        } else {
            let word = word(side, rng);
            drawn.push(word.clone());
            texts.push(word);
        }
    }
    let prompt = format!("{}{}", texts.join(" "), rng.pick(&["", ".", "?"]));
    Ask { prompt, class: 0, kind: Kind::Salad, words: drawn, places: Vec::new() }
}
