//! Functions of one or two operations: their arguments, their Python code, and their results.

use super::datum::{Datum, Kind};
use super::feed::{Feed, short_word};
use super::operation::{Operation, Second};
use crate::held_out::{self, Split};
use crate::rng::Rng;

/// The second operand of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// None is stated.
    None,
    /// A constant of the description.
    Constant(Datum),
    /// An argument of the function, by its name.
    Argument(&'static str),
}

/// One operation of a function, with its second operand.
#[derive(Debug, Clone)]
pub struct Step {
    /// The operation.
    pub operation: &'static Operation,
    /// The second operand.
    pub operand: Operand,
}

/// A function of the corpus: the name of its input, and the operations that change it in turn.
#[derive(Debug, Clone)]
pub struct Pipeline {
    /// The name of the first argument.
    pub input: &'static str,
    /// The operations, each of which takes the result of the one before.
    pub steps: Vec<Step>,
}

/// The largest absolute value of a number in a result.
const MAX_NUMBER: u64 = 1_000_000_000;
/// The most elements of a list, and the most characters of a text, in a result.
const MAX_ELEMENTS: usize = 12;
const MAX_CHARACTERS: usize = 48;

impl Pipeline {
    /// Returns the names of all arguments, in their order.
    #[must_use]
    pub fn parameters(&self) -> Vec<&'static str> {
        let operands = self.steps.iter().filter_map(|step| match step.operand {
            Operand::Argument(name) => Some(name),
            _ => None,
        });
        [self.input].into_iter().chain(operands).collect()
    }

    /// Draws arguments for a call.
    pub fn draw(&self, rng: &mut Rng, split: Split) -> Vec<Datum> {
        let input = self.steps[0].operation.takes.draw(rng, split);
        let mut arguments = vec![input];
        for step in &self.steps {
            if let Operand::Argument(_) = step.operand {
                let operand = draw_operand(step.operation.second, &arguments[0], rng, split);
                arguments.extend(operand);
            }
        }
        arguments
    }

    /// Returns the result for these arguments. Returns `None` where the function has none, or one that is too
    /// large for a prompt.
    #[must_use]
    pub fn call(&self, arguments: &[Datum]) -> Option<Datum> {
        let (first, mut rest) = arguments.split_first()?;
        let mut value = first.clone();
        for step in &self.steps {
            let operand = match &step.operand {
                Operand::None => Datum::Int(0),
                Operand::Constant(constant) => constant.clone(),
                Operand::Argument(_) => {
                    let (operand, others) = rest.split_first()?;
                    rest = others;
                    operand.clone()
                }
            };
            if !suits(step.operation.takes, &value) || !is_within(step.operation.second, &operand) {
                return None;
            }
            value = (step.operation.run)(&value, &operand).filter(is_small)?;
        }
        Some(value)
    }

    /// Returns the Python function of this name.
    #[must_use]
    pub fn source(&self, name: &str) -> String {
        let mut lines = vec![format!("def {name}({}):", self.parameters().join(", "))];
        let mut variable = self.input;
        for (at, step) in self.steps.iter().enumerate() {
            let operand = match &step.operand {
                Operand::None => String::new(),
                Operand::Constant(constant) => det::python_value(&constant.value()),
                Operand::Argument(name) => (*name).to_owned(),
            };
            let code = step.operation.code.replace("{x}", variable).replace("{k}", &operand);
            let (before, result) = code.rsplit_once('\n').unwrap_or(("", &code));
            lines.extend(before.lines().map(|line| format!("    {line}")));
            if at + 1 == self.steps.len() {
                lines.push(format!("    return {result}"));
            } else {
                variable = self.variable(at, variable);
                lines.push(format!("    {variable} = {result}"));
            }
        }
        lines.join("\n")
    }

    /// Returns the name for the result of a step: that of its input if both have one kind.
    fn variable(&self, at: usize, current: &'static str) -> &'static str {
        let operation = self.steps[at].operation;
        match operation.gives {
            kind if kind == operation.takes.kind() => current,
            Kind::Int => "n",
            Kind::Bool => "flag",
            Kind::Text => "text",
            Kind::Ints => "xs",
            Kind::Texts => "words",
        }
    }

    /// Returns true if a part of the function is held out: its pair of operations, or a constant.
    #[must_use]
    pub fn touches_held_out(&self) -> bool {
        self.is_held_out_pair()
            || self.steps.iter().any(|step| is_held_out_constant(step.operation, &step.operand))
    }

    /// Returns true if the function has two operations whose pair is held out.
    #[must_use]
    pub fn is_held_out_pair(&self) -> bool {
        matches!(self.steps.as_slice(), [first, second] if is_held_out_composition(first.operation, second.operation))
    }
}

/// Returns true unless a number is too large for an operation that counts up to it.
fn suits(feed: Feed, value: &Datum) -> bool {
    let Datum::Int(int) = value else { return true };
    match feed {
        Feed::Small => *int <= 15,
        Feed::Natural => *int <= 9_999,
        _ => true,
    }
}

/// Returns true unless a second operand is too low for its operation. Wrong functions may go one below the range.
fn is_within(second: Second, operand: &Datum) -> bool {
    match (second, operand) {
        (Second::Number(low, _), Datum::Int(int)) => *int >= low.min(1),
        _ => true,
    }
}

fn is_small(value: &Datum) -> bool {
    let number = |int: &i64| int.unsigned_abs() <= MAX_NUMBER;
    match value {
        Datum::Int(int) => number(int),
        Datum::Bool(_) => true,
        Datum::Text(text) => text.len() <= MAX_CHARACTERS,
        Datum::Ints(list) => list.len() <= MAX_ELEMENTS && list.iter().all(number),
        Datum::Texts(list) => list.len() <= MAX_ELEMENTS && list.concat().len() <= MAX_CHARACTERS,
    }
}

const PAIR_SALT: u64 = 0x636f_6465;
const CONSTANT_SALT: u64 = 0x636f_6e73;

/// Returns true if two operations in this order are held out, which holds for about one pair in ten.
#[must_use]
pub fn is_held_out_composition(first: &Operation, second: &Operation) -> bool {
    held_out::text_hash(&format!("{} {}", first.name, second.name), PAIR_SALT).is_multiple_of(10)
}

/// Returns true if a constant is held out for an operation, which holds for about one in six.
#[must_use]
pub fn is_held_out_constant(operation: &Operation, operand: &Operand) -> bool {
    let Operand::Constant(constant) = operand else { return false };
    let text = det::python_value(&constant.value());
    held_out::text_hash(&format!("{} {text}", operation.name), CONSTANT_SALT).is_multiple_of(6)
}

/// Draws the second operand of a call, or nothing if the operation has none.
fn draw_operand(second: Second, input: &Datum, rng: &mut Rng, split: Split) -> Option<Datum> {
    Some(match second {
        Second::None => return None,
        Second::Number(low, high) => Datum::Int(rng.between(low, high)),
        Second::Letter => Datum::Text(draw_letter(input, rng)),
        Second::Data(feed) => similar(input, feed, rng, split),
    })
}

/// Draws another input, which often shares something with the first, so that both can be compared.
fn similar(input: &Datum, feed: Feed, rng: &mut Rng, split: Split) -> Datum {
    let Datum::Text(text) = input else { return feed.draw(rng, split) };
    match rng.below(4) {
        0 if !text.is_empty() => {
            let at = rng.below(text.len());
            Datum::Text(format!("{}{}", &text[at..], &text[..at]))
        }
        1 if !text.is_empty() => {
            let rest = short_word(rng, split);
            Datum::Text(format!("{}{}", &text[..rng.below(text.len()) + 1], &rest[..2.min(rest.len())]))
        }
        2 if text.len() > 2 => Datum::Text(text[1..text.len() - 1].to_owned()),
        _ => feed.draw(rng, split),
    }
}

fn draw_letter(input: &Datum, rng: &mut Rng) -> String {
    let letters: Vec<char> = match input {
        Datum::Text(text) => text.chars().filter(char::is_ascii_alphabetic).collect(),
        Datum::Texts(list) => list.iter().filter_map(|text| text.chars().next()).collect(),
        _ => Vec::new(),
    };
    if letters.is_empty() || rng.percent(30) {
        return char::from(*rng.pick(b"abcdefghilmnoprstuwy")).to_string();
    }
    rng.pick(&letters).to_string()
}

/// Draws a constant for an operation from one side of the hold-out split. Returns `None` if that side has none.
pub(super) fn draw_constant(operation: &Operation, rng: &mut Rng, split: Split) -> Option<Operand> {
    (0..30).find_map(|_| {
        let constant = match operation.second {
            Second::Number(low, high) => Datum::Int(rng.between(low, high)),
            Second::Letter => Datum::Text(char::from(*rng.pick(b"abcdefghilmnoprstuwy")).to_string()),
            _ => return None,
        };
        let operand = Operand::Constant(constant);
        split.admits(is_held_out_constant(operation, &operand)).then_some(operand)
    })
}
