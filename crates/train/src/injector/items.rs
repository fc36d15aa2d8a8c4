//! The items of the injector: questions about a count, each with the value that is injected.

use crate::corpus::{self, Item, Task};
use crate::entry::Side;
use crate::rng::Rng;

/// The largest value that is injected.
pub const LARGEST: u64 = 99;

/// Returns true if no training step injects the value: every seventh number of two digits.
#[must_use]
pub fn is_untaught(value: u64) -> bool {
    value > 9 && value % 7 == 3
}

/// The questions of which a training consists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lesson {
    /// Bare counts alone.
    Counts,
    /// Bare counts, and as many questions that have nothing to do with the value, whose answers must stay.
    CountsAndOthers,
    /// Bare counts, and as many counts to which a number is added.
    CountsAndSums,
}

impl Lesson {
    /// Returns the words for the lesson in reports.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::CountsAndOthers => "counts and others",
            Self::CountsAndSums => "counts and sums",
        }
    }
}

/// The tasks whose answers must stay, whatever is injected.
const OTHERS: [Task; 5] = [Task::Sum, Task::Difference, Task::Chat, Task::Copy, Task::Transform];

/// Returns the training item `index` of a lesson under `seed`: prompt, answer and injected value.
pub(super) fn lesson(lesson: Lesson, seed: u64, index: u64) -> (String, String, u64) {
    let operation = match lesson {
        Lesson::CountsAndOthers if index % 2 == 1 => {
            let mut rng = Rng::keyed(!seed, index);
            let task = *rng.pick(&OTHERS);
            let item = corpus::task_item(task, Side::Fit.split(), rng.bits(), index);
            let value = draw(Side::Fit, Operation::Count, Values::Mixed, seed, index).value;
            return (item.prompt, item.answer, value);
        }
        Lesson::CountsAndSums if index % 2 == 1 => Operation::Add,
        _ => Operation::Count,
    };
    let item = draw(Side::Fit, operation, Values::Mixed, seed, index);
    (item.prompt, reply(item.answer), item.value)
}

/// The values from which the injected one is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// The values of training: the true one in half of the items, a random digit in a quarter, and any in a quarter.
    Mixed,
    /// Random digits, which are the counts that the model itself was trained with.
    Digits,
    /// Any number up to [`LARGEST`], at random.
    Any,
}

impl Values {
    /// Returns the words for the values in reports.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Mixed => "mixed",
            Self::Digits => "digits",
            Self::Any => "up to 99",
        }
    }

    /// Returns a value for an item whose true value is `known`.
    fn draw(self, rng: &mut Rng, known: u64) -> u64 {
        let any = rng.below(LARGEST as usize + 1) as u64;
        match (self, rng.below(4)) {
            (Self::Any, _) | (Self::Mixed, 3) => any,
            (Self::Digits, _) | (Self::Mixed, 2) => any % 10,
            (Self::Mixed, _) => known,
        }
    }
}

/// The arithmetic that a question asks for on the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// The answer is the count itself, the only question that training has.
    Count,
    /// The answer is a greatest common divisor: another question whose answer is the value itself.
    Divisor,
    /// A number is added to the count. The calibration side has such questions, training has none.
    Add,
    /// A number is subtracted from the count. Neither training nor the choice of the site has such questions.
    Subtract,
}

impl Operation {
    /// Returns the name of the operation in reports, for example `count_then_add`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.task().name()
    }

    fn task(self) -> Task {
        match self {
            Self::Count => Task::LetterCount,
            Self::Divisor => Task::Gcd,
            Self::Add => Task::CountThenAdd,
            Self::Subtract => Task::CountThenSubtract,
        }
    }
}

/// A question with the value that is injected, and the answer that follows from it.
#[derive(Clone, Debug)]
pub struct Injected {
    /// The text of the user.
    pub prompt: String,
    /// The value that is injected.
    pub value: u64,
    /// The number that the answer states if the model uses the value.
    pub answer: i64,
    /// The words that the question is about.
    pub words: Vec<String>,
    /// The indices of the phrasings, each in its list.
    pub phrasings: Vec<usize>,
}

/// Returns item `index` of one side under `seed`, with a value of `values`. The fitting side never has an untaught
/// value.
#[must_use]
pub fn draw(side: Side, operation: Operation, values: Values, seed: u64, index: u64) -> Injected {
    let mut rng = Rng::keyed(seed ^ 0x696e_6a65_6374, index << 8 | side as u64);
    loop {
        let item = corpus::task_item(operation.task(), side.split(), rng.bits(), index);
        let belongs = item.words.iter().all(|word| Side::from_word(word) == side)
            && item.phrasings.iter().all(|place| Side::from_place(*place) == side);
        let known = item.fact.as_ref().and_then(|fact| fact.value.parse().ok());
        let Some(known) = known.filter(|_| belongs) else { continue };
        let value = values.draw(&mut rng, known);
        if value <= LARGEST && (side != Side::Fit || !is_untaught(value)) {
            return injected(item, value, operation);
        }
    }
}

/// Returns an item with the answer that follows from a value.
fn injected(item: Item, value: u64, operation: Operation) -> Injected {
    let number = item.pair.map_or(0, |(_, number)| number);
    let answer = match operation {
        Operation::Count | Operation::Divisor => value as i64,
        Operation::Add => value as i64 + number,
        Operation::Subtract => value as i64 - number,
    };
    let Item { prompt, words, phrasings, .. } = item;
    Injected { prompt, value, answer, words, phrasings }
}

/// Returns the answer that states a number, in the form that the corpus teaches.
pub(super) fn reply(number: i64) -> String {
    format!("Answer: {number}")
}
