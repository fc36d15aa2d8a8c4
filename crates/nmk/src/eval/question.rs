//! Counted questions with known answers, drawn from material that the embedded model was never trained on.
//!
//! Question `i` is a function of `(seed, i)`. Words, pairs of operands and numbers come from `held_out.txt`, which the
//! hold-out split of the training keeps apart, and so do the wordings. The answers are computed here, by code that
//! shares nothing with the primitives of the kernel.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use abi::{Digest, Value};

/// The material, one line for each kind.
const MATERIAL: &str = include_str!("held_out.txt");
/// The draws of one question until a repeated prompt is taken after all.
const MOST_DRAWS: u64 = 40;

/// The kind of a counted question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    LetterCount,
    Gcd,
    IsPrime,
    /// The count of a letter, plus a number: the count is an operand of the answer.
    CountThenAdd,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::LetterCount, Self::Gcd, Self::IsPrime, Self::CountThenAdd];

    /// Returns the word for the kind in reports, for example `letter_count`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::LetterCount => "letter_count",
            Self::Gcd => "gcd",
            Self::IsPrime => "is_prime",
            Self::CountThenAdd => "count_then_add",
        }
    }
}

/// The mixed work, in the order in which it comes around: kinds, each easy and hard.
const MIX: [(Kind, bool); 8] = [
    (Kind::LetterCount, false),
    (Kind::CountThenAdd, true),
    (Kind::Gcd, false),
    (Kind::LetterCount, true),
    (Kind::CountThenAdd, false),
    (Kind::IsPrime, true),
    (Kind::Gcd, true),
    (Kind::CountThenAdd, true),
];

/// One question with its answer.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) kind: Kind,
    /// True for long words, repeated letters, and larger operands.
    pub(crate) is_hard: bool,
    pub(crate) prompt: String,
    /// The answer: an integer, or a truth.
    pub(crate) expected: Value,
    /// The question for the operand alone. None if the answer is the operand.
    pub(crate) operand_prompt: Option<String>,
}

/// The material by kind.
pub(super) struct Material {
    short: Vec<&'static str>,
    long: Vec<&'static str>,
    pub(super) pairs: Vec<(i64, i64)>,
    numbers: Vec<i64>,
}

pub(super) static HELD_OUT: LazyLock<Material> = LazyLock::new(|| {
    let line = |key: &str| -> Vec<&'static str> {
        let found = MATERIAL.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
        found.unwrap_or_default().split(' ').collect()
    };
    let number = |text: &str| text.parse().expect("the file has numbers");
    let pair = |text: &&str| {
        let (left, right) = text.split_once(',').expect("the file has pairs");
        (number(left), number(right))
    };
    Material {
        short: line("short"),
        long: line("long"),
        pairs: line("pairs").iter().map(pair).collect(),
        numbers: line("numbers").into_iter().map(number).collect(),
    }
});

/// Wordings that the corpus of the embedded model holds out.
pub(super) const COUNT: [&str; 6] = [
    "Count the letter {l} in {w}.",
    "How many times does the letter '{l}' occur in '{w}'?",
    "Count how many times the letter {l} appears in the word {w}.",
    "Please count the letter {l} in the word {w}.",
    "How many {l}'s are in the word {w}?",
    "Given the word {w}, count the letter {l}.",
];
pub(super) const ADD: [&str; 5] = [
    "Then add {n} to it.",
    "Add {n} to the count.",
    "Then add {n} to the result.",
    "Now add {n} to the number.",
    "Next, add {n} to the count.",
];
pub(super) const GCD: [&str; 4] = [
    "Find the greatest common divisor of {a} and {b}.",
    "Compute the gcd of {a} and {b}.",
    "Tell me the greatest common divisor of {a} and {b}.",
    "Work out gcd({a}, {b}).",
];
const PRIME: [&str; 4] = [
    "Tell me whether {a} is a prime number.",
    "Is the number {a} a prime number?",
    "Check whether {a} is prime.",
    "Do you know whether {a} is prime?",
];

/// The random numbers of one question: a hash of the seed, the index and a counter.
pub(super) struct Draws {
    pub(super) key: (u64, u64),
    pub(super) count: u64,
}

impl Draws {
    /// Returns a number in `0..bound`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.count += 1;
        let digest = Digest::hash_blob(format!("{}:{}:{}", self.key.0, self.key.1, self.count).as_bytes());
        let bytes = digest.as_bytes().first_chunk().expect("a digest has 32 bytes");
        // The bias of a remainder is below 2^-50 for the bounds of this file.
        usize::try_from(u64::from_le_bytes(*bytes) % bound as u64).expect("below a usize")
    }

    pub(super) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

/// Returns `count` questions of the mix under `seed`. A prompt that came before is drawn anew while others are found.
pub(crate) fn mixed(seed: u64, count: usize) -> Vec<Question> {
    let mut seen = BTreeSet::new();
    (0..count)
        .map(|index| {
            let (kind, is_hard) = MIX[index % MIX.len()];
            let mut draws = Draws { key: (seed, index as u64), count: 0 };
            let mut question = draw(kind, is_hard, &mut draws);
            for _ in 0..MOST_DRAWS {
                if !seen.contains(&question.prompt) {
                    break;
                }
                question = draw(kind, is_hard, &mut draws);
            }
            seen.insert(question.prompt.clone());
            question
        })
        .collect()
}

fn draw(kind: Kind, is_hard: bool, draws: &mut Draws) -> Question {
    match kind {
        Kind::LetterCount => {
            let (word, letter, count) = subject(is_hard, draws);
            let prompt = filled(draws.pick(&COUNT), &[("{l}", &letter), ("{w}", word)]);
            Question { kind, is_hard, prompt, expected: Value::Int(count), operand_prompt: None }
        }
        Kind::CountThenAdd => {
            let (word, letter, count) = subject(is_hard, draws);
            let number = 1 + draws.below(if is_hard { 50 } else { 9 }) as i64;
            let values = [("{l}", letter.as_str()), ("{w}", word)];
            let operand = filled(draws.pick(&COUNT), &values);
            let step = filled(draws.pick(&ADD), &[("{n}", &number.to_string())]);
            let prompt = format!("{operand} {step}");
            Question {
                kind,
                is_hard,
                prompt,
                expected: Value::Int(count + number),
                operand_prompt: Some(operand),
            }
        }
        Kind::Gcd => {
            let pairs: Vec<&(i64, i64)> = HELD_OUT
                .pairs
                .iter()
                .filter(|(left, right)| (divisor(*left, *right) > 1) == is_hard)
                .collect();
            let (left, right) = *draws.pick(&pairs);
            let values = [left, right].map(|number| number.to_string());
            let prompt = filled(draws.pick(&GCD), &[("{a}", &values[0]), ("{b}", &values[1])]);
            let expected = Value::Int(divisor(left, right));
            Question { kind, is_hard, prompt, expected, operand_prompt: None }
        }
        Kind::IsPrime => {
            let number = draws.pick(&HELD_OUT.numbers);
            let prompt = filled(draws.pick(&PRIME), &[("{a}", &number.to_string())]);
            let is_prime = number > 1 && (2..number).all(|divisor| number % divisor != 0);
            let expected = Value::Bool(is_prime);
            Question { kind, is_hard: number >= 100, prompt, expected, operand_prompt: None }
        }
    }
}

/// Returns a word, a letter, and how often it occurs: at most once in a short word, twice or more in a long one.
pub(super) fn subject(is_hard: bool, draws: &mut Draws) -> (&'static str, String, i64) {
    let words = if is_hard { &HELD_OUT.long } else { &HELD_OUT.short };
    let occurrences = |word: &str, letter: char| word.chars().filter(|other| *other == letter).count();
    loop {
        let word = draws.pick(words);
        let letter = char::from(b'a' + u8::try_from(draws.below(26)).expect("below 26"));
        let count = occurrences(word, letter);
        if if is_hard { (2..=6).contains(&count) } else { count <= 1 } {
            return (word, letter.to_string(), count as i64);
        }
    }
}

pub(super) fn divisor(left: i64, right: i64) -> i64 {
    (1..=left.min(right)).rev().find(|number| left % number == 0 && right % number == 0).unwrap_or(1)
}

pub(super) fn filled(template: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| text.replace(name, value))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{COUNT, HELD_OUT, Kind, filled, mixed};

    #[test]
    fn every_question_is_read_and_its_answer_is_that_of_the_primitives() {
        for question in mixed(11, 1600) {
            let routed = factloop::route(&question.prompt).unwrap_or_else(|| panic!("{}", question.prompt));
            assert_eq!(routed.specification.word(), question.kind.word(), "{}", question.prompt);
            let answer = routed.answer.evaluate().expect("a value");
            assert!(det::equal(&answer, &question.expected), "{}: {answer:?}", question.prompt);
            assert_eq!(question.operand_prompt.is_some(), !routed.is_direct(), "{}", question.prompt);
        }
    }

    #[test]
    fn every_word_is_read_in_every_wording() {
        let unread = |word: &&&str| {
            COUNT.iter().any(|form| {
                ['a', 's', 'x'].iter().any(|letter| {
                    factloop::route(&filled(form, &[("{l}", &letter.to_string()), ("{w}", word)])).is_none()
                })
            })
        };
        let unread: Vec<&&str> = HELD_OUT.short.iter().chain(&HELD_OUT.long).filter(unread).collect();
        assert!(unread.is_empty(), "{unread:?}");
    }

    #[test]
    fn questions_belong_to_their_seed_and_hardly_repeat() {
        let prompts =
            |seed| -> Vec<String> { mixed(seed, 400).into_iter().map(|item| item.prompt).collect() };
        assert_eq!(prompts(1), prompts(1));
        assert_ne!(prompts(1), prompts(2));
        assert_eq!(prompts(1).into_iter().collect::<BTreeSet<_>>().len(), 400);
        let kinds: BTreeSet<Kind> = mixed(1, 8).into_iter().map(|item| item.kind).collect();
        assert_eq!(kinds.into_iter().collect::<Vec<_>>(), Kind::ALL);
    }
}
