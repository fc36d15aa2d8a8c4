//! The questions: the value that a primitive computes is their answer, or an operand of it.

use std::collections::BTreeSet;

use crate::eval::question::{ADD, COUNT, Draws, GCD, HELD_OUT, divisor, filled, subject};

/// The largest value that is given in place of the right one. The injector holds two digits.
const LARGEST: i64 = 99;
/// The draws of one question until a repeated prompt is taken after all.
const MOST_DRAWS: u64 = 40;

/// Wordings of a subtraction that the corpus of the embedded model holds out.
const SUBTRACT: [&str; 5] = [
    "Then subtract {n} from it.",
    "Subtract {n} from the count.",
    "Then subtract {n} from the result.",
    "Now subtract {n} from the number.",
    "Next, subtract {n} from the count.",
];

/// The use that a question makes of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    /// The answer is the count of a letter, as in the training of the injector.
    Count,
    /// The answer is a greatest common divisor, a kind of question that the training of the injector does not have.
    Gcd,
    /// A number is added to the count of a letter.
    Add,
    /// A number is subtracted from the count of a letter.
    Subtract,
}

impl Operation {
    /// All operations, in the order in which they come around.
    pub(crate) const ALL: [Self; 4] = [Self::Count, Self::Add, Self::Gcd, Self::Subtract];

    /// All operations, in the order of reports.
    pub(crate) const IN_REPORTS: [Self; 4] = [Self::Count, Self::Gcd, Self::Add, Self::Subtract];

    /// Returns the word for the operation in reports, for example `count_then_add`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Count => "letter_count",
            Self::Gcd => "gcd",
            Self::Add => "count_then_add",
            Self::Subtract => "count_then_subtract",
        }
    }

    /// Returns true if the value is an operand of the answer, and not the answer.
    pub(crate) fn is_operand(self) -> bool {
        matches!(self, Self::Add | Self::Subtract)
    }
}

/// One question.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) operation: Operation,
    pub(crate) prompt: String,
    /// The question whose answer is the value, which the grammar reads.
    pub(crate) bare: String,
    /// The right value.
    pub(crate) known: i64,
    /// A random wrong value of those that the model's own facts have: a digit for a count, and up to 60 for a divisor.
    pub(crate) other: i64,
    /// A random wrong value of two digits.
    pub(crate) far: i64,
    /// The value of another question of the same operation, and another value than the right one unless all are equal.
    pub(crate) shuffled: i64,
    /// The second operand; 0 if there is none.
    number: i64,
}

impl Question {
    /// Returns the answer that follows from a value.
    pub(crate) fn answer(&self, value: i64) -> i64 {
        match self.operation {
            Operation::Count | Operation::Gcd => value,
            Operation::Add => value + self.number,
            Operation::Subtract => value - self.number,
        }
    }
}

/// Returns `count` questions under `seed`, a quarter of each operation.
pub(crate) fn drawn(seed: u64, count: usize) -> Vec<Question> {
    let mut seen = BTreeSet::new();
    let mut questions: Vec<Question> = (0..count)
        .map(|index| {
            let operation = Operation::ALL[index % Operation::ALL.len()];
            let mut draws = Draws { key: (seed, index as u64), count: 0 };
            let is_hard = index / Operation::ALL.len() % 2 == 1;
            let mut question = draw(operation, is_hard, &mut draws);
            for _ in 0..MOST_DRAWS {
                if !seen.contains(&question.prompt) {
                    break;
                }
                question = draw(operation, is_hard, &mut draws);
            }
            seen.insert(question.prompt.clone());
            question
        })
        .collect();
    shuffle(&mut questions);
    questions
}

fn draw(operation: Operation, is_hard: bool, draws: &mut Draws) -> Question {
    let (bare, known) = match operation {
        Operation::Gcd => {
            let (left, right) = draws.pick(&HELD_OUT.pairs);
            let [a, b] = [left, right].map(|number| number.to_string());
            (filled(draws.pick(&GCD), &[("{a}", &a), ("{b}", &b)]), divisor(left, right))
        }
        _ => {
            let (word, letter, count) = subject(is_hard, draws);
            (filled(draws.pick(&COUNT), &[("{l}", &letter), ("{w}", word)]), count)
        }
    };
    let number = if operation.is_operand() { 1 + draws.below(20) as i64 } else { 0 };
    let step = match operation {
        Operation::Add => Some(draws.pick(&ADD)),
        Operation::Subtract => Some(draws.pick(&SUBTRACT)),
        Operation::Count | Operation::Gcd => None,
    };
    let prompt = step.map_or_else(
        || bare.clone(),
        |step| format!("{bare} {}", filled(step, &[("{n}", &number.to_string())])),
    );
    let mut wrong = |low: i64, high: i64| {
        // Any of the values but the right one.
        let mut drawn = || low + draws.below(usize::try_from(high - low + 1).expect("a range")) as i64;
        let first = drawn();
        if first == known { low + (first - low + 1) % (high - low + 1) } else { first }
    };
    let other = if operation == Operation::Gcd { wrong(1, 60) } else { wrong(0, 9) };
    let far = wrong(10, LARGEST);
    Question { operation, prompt, bare, known, other, far, shuffled: known, number }
}

/// Gives each question the value of the next one of its operation that has another value.
fn shuffle(questions: &mut [Question]) {
    let known: Vec<(Operation, i64)> =
        questions.iter().map(|question| (question.operation, question.known)).collect();
    for (place, question) in questions.iter_mut().enumerate() {
        let (before, after) = known.split_at(place);
        let next = after
            .iter()
            .chain(before)
            .find(|(operation, value)| *operation == question.operation && *value != question.known);
        question.shuffled = next.map_or(question.known, |(_, value)| *value);
    }
}

#[cfg(test)]
mod tests {
    use super::{Operation, drawn};

    #[test]
    fn the_bare_question_is_read_and_has_the_known_value() {
        for question in drawn(3, 400) {
            let routed = factloop::route(&question.bare).unwrap_or_else(|| panic!("{}", question.bare));
            let value = routed.fact.evaluate().expect("a value");
            assert!(det::equal(&value, &abi::Value::Int(question.known)), "{}", question.bare);
            assert!(question.prompt.starts_with(&question.bare));
            assert_ne!(question.other, question.known);
            assert_ne!(question.far, question.known);
            assert!((0..=60).contains(&question.other) && (0..=99).contains(&question.known));
            assert!((10..=99).contains(&question.far));
            assert_eq!(question.prompt != question.bare, question.operation.is_operand());
            assert_ne!(question.shuffled, question.known, "{}", question.prompt);
        }
    }

    #[test]
    fn answers_follow_the_value() {
        let questions = drawn(1, 8);
        let of = |operation| questions.iter().find(|question| question.operation == operation).expect("one");
        assert_eq!(of(Operation::Count).answer(37), 37);
        let [add, subtract] = [of(Operation::Add), of(Operation::Subtract)];
        assert_eq!(add.answer(37), 37 + add.number);
        assert_eq!(subtract.answer(1), 1 - subtract.number);
    }
}
