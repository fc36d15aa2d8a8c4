//! Seeded generators of the items for training and evaluation.
//!
//! Item `i` is a pure function of `(seed, i)`. Held-out words, operand pairs and phrasings never occur in an
//! item for training. An item for evaluation uses only such material.

mod arithmetic;
mod chat;
mod decorate;
mod letters;
mod text;

use crate::held_out::Split;
use crate::render::Fact;
use crate::rng::Rng;

pub(crate) use chat::casual;
pub(crate) use decorate::{decorate, fill};

/// The kind of question that an item asks. [`MIX`](Self::MIX) gives its weight in training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// The number of times that a letter occurs in a word.
    LetterCount,
    /// The number of times that a letter occurs in a word, plus a number.
    CountThenAdd,
    /// The number of times that a letter occurs in a word, minus a number.
    CountThenSubtract,
    /// The sum of two numbers below one hundred.
    Sum,
    /// The difference of two numbers below one hundred.
    Difference,
    /// The greatest common divisor of two small numbers.
    Gcd,
    /// A yes-or-no question: is a small number prime?
    Primality,
    /// Short plain conversation, without anything to compute.
    Chat,
    /// Verbatim repetition of words.
    Copy,
    /// A simple change of words or of a list of words, for example to upper case.
    Transform,
}

impl Task {
    /// All tasks, with their weights in the training mix, which add up to 100.
    pub const MIX: [(Task, usize); 10] = [
        (Task::LetterCount, 12),
        (Task::CountThenAdd, 18),
        (Task::CountThenSubtract, 11),
        (Task::Sum, 12),
        (Task::Difference, 10),
        (Task::Gcd, 6),
        (Task::Primality, 5),
        (Task::Chat, 12),
        (Task::Copy, 5),
        (Task::Transform, 9),
    ];

    /// Returns the name of the task in reports, for example `letter_count`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Task::LetterCount => "letter_count",
            Task::CountThenAdd => "count_then_add",
            Task::CountThenSubtract => "count_then_subtract",
            Task::Sum => "sum",
            Task::Difference => "difference",
            Task::Gcd => "gcd",
            Task::Primality => "primality",
            Task::Chat => "chat",
            Task::Copy => "copy",
            Task::Transform => "transform",
        }
    }

    /// Returns true if a primitive can compute the answer of the task, or a step towards it, as a fact for
    /// the prompt.
    #[must_use]
    pub fn has_fact(self) -> bool {
        use Task::{CountThenAdd, CountThenSubtract, Gcd, LetterCount, Primality};
        matches!(self, LetterCount | CountThenAdd | CountThenSubtract | Gcd | Primality)
    }

    fn make(self, rng: &mut Rng, split: Split) -> Item {
        match self {
            Task::LetterCount => letters::letter_count(rng, split),
            Task::CountThenAdd => letters::count_then(rng, split, letters::Step::Add),
            Task::CountThenSubtract => letters::count_then(rng, split, letters::Step::Subtract),
            Task::Sum => arithmetic::sum(rng, split),
            Task::Difference => arithmetic::difference(rng, split),
            Task::Gcd => arithmetic::gcd(rng, split),
            Task::Primality => arithmetic::primality(rng, split),
            Task::Chat => chat::chat(rng, split),
            Task::Copy => text::copy(rng, split),
            Task::Transform => text::transform(rng, split),
        }
    }
}

/// One question with its expected answer, and the material that it was built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The kind of question that the item asks.
    pub task: Task,
    /// The text of the user.
    pub prompt: String,
    /// The facts that stand before the prompt; may be empty.
    pub facts: Vec<Fact>,
    /// The fact that a primitive computes for the question, whether the prompt has it or not; `None` if the
    /// task has none.
    pub fact: Option<Fact>,
    /// The answer that the model is trained to give.
    pub answer: String,
    /// The words that the question is about, real or invented.
    pub words: Vec<String>,
    /// The two operands of the arithmetic; `None` if there is none.
    pub pair: Option<(i64, i64)>,
    /// The indices of the phrasings that were used, each in its list.
    pub phrasings: Vec<usize>,
    /// The letter that the question is about; `None` if it is about no letter.
    pub letter: Option<char>,
}

impl Item {
    fn new(task: Task, prompt: String, answer: String) -> Self {
        let (facts, words, phrasings) = (Vec::new(), Vec::new(), Vec::new());
        Self { task, prompt, facts, fact: None, answer, words, pair: None, phrasings, letter: None }
    }
}

/// Returns item `index` of the training corpus with this seed; it uses no held-out material.
#[must_use]
pub fn training(seed: u64, index: u64) -> Item {
    let mut rng = Rng::keyed(seed, index);
    let total: usize = Task::MIX.iter().map(|(_, weight)| weight).sum();
    let mut ticket = rng.below(total);
    let mut chosen = Task::Chat;
    for (task, weight) in Task::MIX {
        if ticket < weight {
            chosen = task;
            break;
        }
        ticket -= weight;
    }
    let mut item = chosen.make(&mut rng, Split::Train);
    deliver_fact(&mut item, &mut rng);
    item
}

/// Gives half of the items that have a fact that fact, and a few of those an unrelated fact beside it.
fn deliver_fact(item: &mut Item, rng: &mut Rng) {
    let Some(fact) = item.fact.clone() else { return };
    if rng.percent(50) {
        return;
    }
    item.facts.push(fact);
    if rng.percent(8) {
        let stranger = letters::letter_count(rng, Split::Train);
        let at = rng.below(2);
        item.facts.extend(stranger.fact);
        item.facts.rotate_left(at);
        item.words.extend(stranger.words);
    }
}

/// Returns item `index` of one task under `seed`, from one side of the hold-out split, and without facts.
#[must_use]
pub fn task_item(task: Task, split: Split, seed: u64, index: u64) -> Item {
    task.make(&mut Rng::keyed(seed, index), split)
}

/// The seed of the evaluation sets, which does not depend on the seed of a training run.
const EVALUATION_SEED: u64 = 0x6865_6c64_5f6f_7574;

/// Returns the first `count` evaluation items of a task, which use only held-out material. With `with_fact`
/// each has its fact before the prompt, if the task has one.
#[must_use]
pub fn held_out(task: Task, count: usize, with_fact: bool) -> Vec<Item> {
    held_out_from(task, 0, count, with_fact)
}

/// Returns evaluation items as [`held_out`] does, from item `first` on. Disjoint ranges give different draws.
#[must_use]
pub fn held_out_from(task: Task, first: usize, count: usize, with_fact: bool) -> Vec<Item> {
    (first..first + count)
        .map(|index| {
            let key = (index as u64) << 8 | task as u64;
            let mut item = task.make(&mut Rng::keyed(EVALUATION_SEED, key), Split::HeldOut);
            if with_fact {
                item.facts.extend(item.fact.clone());
            }
            item
        })
        .collect()
}

/// Returns items of the task count-then-add with held-out words and phrasings, and any number up to twenty.
/// Most of their operand pairs occur in training, as those of real users do.
#[must_use]
pub fn everyday(count: usize, with_fact: bool) -> Vec<Item> {
    (0..count as u64)
        .map(|index| {
            let mut item = letters::everyday(&mut Rng::keyed(!EVALUATION_SEED, index));
            item.facts.extend(item.fact.clone().filter(|_| with_fact));
            item
        })
        .collect()
}
