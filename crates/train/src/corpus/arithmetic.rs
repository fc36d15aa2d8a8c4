//! Questions about sums, differences, common divisors and primality of small numbers.

use super::decorate::{choose, decorate, fill};
use super::{Item, Task};
use crate::held_out::{self, Split};
use crate::render::Fact;
use crate::rng::Rng;
use abi::Value;

const SUM: [&str; 20] = [
    "What is {a} plus {b}?",
    "What is {a} + {b}?",
    "{a} + {b}",
    "Add {a} and {b}.",
    "What is the sum of {a} and {b}?",
    "Compute {a} + {b}.",
    "Calculate {a} plus {b}.",
    "{a} + {b} = ?",
    "Find the sum of {a} and {b}.",
    "Compute the sum of {a} and {b}.",
    "Add {b} to {a}.",
    "How much is {a} plus {b}?",
    "How much is {a} + {b}?",
    "What do you get if you add {a} and {b}?",
    "Calculate {a} + {b}.",
    "Give me the sum of {a} and {b}.",
    "I have {a} apples and get {b} more. How many?",
    "Work out {a} + {b}.",
    "Tell me {a} plus {b}.",
    "Please add {a} and {b}.",
];
const DIFFERENCE: [&str; 20] = [
    "What is {a} minus {b}?",
    "What is {a} - {b}?",
    "{a} - {b}",
    "Subtract {b} from {a}.",
    "What do you get if you subtract {b} from {a}?",
    "Compute {a} - {b}.",
    "Calculate {a} minus {b}.",
    "{a} - {b} = ?",
    "Take {b} away from {a}.",
    "Calculate {a} - {b}.",
    "How much is {a} minus {b}?",
    "How much is {a} - {b}?",
    "Work out {a} - {b}.",
    "Tell me {a} minus {b}.",
    "Please subtract {b} from {a}.",
    "Give me {a} minus {b}.",
    "Find {a} - {b}.",
    "What is {a} take away {b}?",
    "Work out {a} minus {b}.",
    "Find {a} minus {b}.",
];
const GCD: [&str; 20] = [
    "What is the gcd of {a} and {b}?",
    "What is the greatest common divisor of {a} and {b}?",
    "Compute gcd({a}, {b}).",
    "gcd({a}, {b})",
    "Find the greatest common divisor of {a} and {b}.",
    "Find the gcd of {a} and {b}.",
    "What is gcd({a}, {b})?",
    "Tell me the gcd of {a} and {b}.",
    "Calculate the greatest common divisor of {a} and {b}.",
    "Compute the gcd of {a} and {b}.",
    "What is the largest number that divides both {a} and {b}?",
    "Which is the greatest common divisor of {a} and {b}?",
    "Give me the gcd of {a} and {b}.",
    "Give the greatest common divisor of {a} and {b}.",
    "Tell me the greatest common divisor of {a} and {b}.",
    "What is the highest common factor of {a} and {b}?",
    "Find the highest common factor of {a} and {b}.",
    "Work out the gcd of {a} and {b}.",
    "What is the greatest common factor of {a} and {b}?",
    "Work out gcd({a}, {b}).",
];
const PRIME: [&str; 20] = [
    "Is {a} prime?",
    "Is {a} a prime number?",
    "Is the number {a} prime?",
    "Tell me if {a} is prime.",
    "Tell me whether {a} is a prime number.",
    "Check if {a} is prime.",
    "Check whether {a} is a prime number.",
    "Can you tell me if {a} is prime?",
    "Would you say that {a} is prime?",
    "Is the number {a} a prime number?",
    "Is {a} a prime?",
    "Decide whether {a} is prime.",
    "Determine if {a} is a prime number.",
    "{a}: prime or not?",
    "Check whether {a} is prime.",
    "Do you know if {a} is a prime number?",
    "Find out whether {a} is prime.",
    "Find out if {a} is a prime number.",
    "Is it true that {a} is prime?",
    "Do you know whether {a} is prime?",
];

fn operands(rng: &mut Rng, split: Split, low: i64, highs: (i64, i64)) -> (i64, i64) {
    loop {
        let (left, right) = (rng.between(low, highs.0), rng.between(low, highs.1));
        if split.admits(held_out::pair(left, right)) {
            return (left, right);
        }
    }
}

/// Returns the operands of a sum or a difference. In half of the draws one of them has one digit, as counts
/// do.
fn addends(rng: &mut Rng, split: Split) -> (i64, i64) {
    match rng.below(4) {
        0 => operands(rng, split, 0, (9, 99)),
        1 => operands(rng, split, 0, (99, 9)),
        _ => operands(rng, split, 0, (99, 99)),
    }
}

fn binary(
    rng: &mut Rng,
    split: Split,
    task: Task,
    list: &[&'static str],
    pair: (i64, i64),
    result: String,
) -> Item {
    let (at, template) = choose(rng, split, list);
    let prompt = fill(template, &[("{a}", &pair.0.to_string()), ("{b}", &pair.1.to_string())]);
    let mut item = Item::new(task, decorate(rng, prompt), format!("Answer: {result}"));
    item.pair = Some(pair);
    item.phrasings.push(at);
    item
}

pub(super) fn sum(rng: &mut Rng, split: Split) -> Item {
    let pair = addends(rng, split);
    binary(rng, split, Task::Sum, &SUM, pair, (pair.0 + pair.1).to_string())
}

pub(super) fn difference(rng: &mut Rng, split: Split) -> Item {
    let pair = addends(rng, split);
    binary(rng, split, Task::Difference, &DIFFERENCE, pair, (pair.0 - pair.1).to_string())
}

fn divisor(left: i64, right: i64) -> i64 {
    if right == 0 { left } else { divisor(right, left % right) }
}

pub(super) fn gcd(rng: &mut Rng, split: Split) -> Item {
    let pair = operands(rng, split, 1, (60, 60));
    let result = divisor(pair.0, pair.1).to_string();
    let mut item = binary(rng, split, Task::Gcd, &GCD, pair, result);
    item.fact = Fact::computed("gcd", &[Value::Int(pair.0), Value::Int(pair.1)]);
    item
}

fn is_prime(number: i64) -> bool {
    number > 1 && (2..number).take_while(|d| d * d <= number).all(|d| number % d != 0)
}

/// Returns a number that is prime in at least two draws of five. The number counts as the pair of itself in
/// the hold-out split.
fn candidate(rng: &mut Rng, split: Split) -> i64 {
    let want_prime = rng.percent(40);
    loop {
        let number = rng.between(0, 499);
        if split.admits(held_out::pair(number, number)) && (is_prime(number) || !want_prime) {
            return number;
        }
    }
}

pub(super) fn primality(rng: &mut Rng, split: Split) -> Item {
    let number = candidate(rng, split);
    let prime = is_prime(number);
    let answer = if prime { "yes" } else { "no" };
    let mut item = binary(rng, split, Task::Primality, &PRIME, (number, number), answer.to_owned());
    item.fact = Fact::computed("is_prime", &[Value::Int(number)]);
    item
}
