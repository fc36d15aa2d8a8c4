//! The construction of a call of primitives, and of a reading in words, from the operands that a prompt
//! states.

use abi::Value;
use det::{Call, Operand};

use super::operand::lower;
use super::parse::{Bindings, Bound};

/// Returns the call that `template` describes, such as `add(letter_count(text, letter), n)`.
///
/// A name in the template stands for an operand in `bound`. A list of numbers is folded from the left, so
/// that `gcd(numbers)` over 12, 18 and 24 is `gcd(gcd(12, 18), 24)`. Returns None if a name is missing, or if
/// a primitive does not take its operands.
pub(super) fn call(template: &str, bound: &Bindings) -> Option<Call> {
    match operands(template, bound)?.pop()? {
        Operand::Call(call) => Some(*call),
        Operand::Literal(_) => None,
        #[allow(unreachable_patterns)]
        _ => None,
    }
}

/// Returns the operands that one argument of a template stands for. They are several for a list of numbers.
fn operands(argument: &str, bound: &Bindings) -> Option<Vec<Operand>> {
    let argument = argument.trim();
    let Some((primitive, rest)) = argument.split_once('(') else {
        return leaf(argument, bound);
    };
    let mut given = Vec::new();
    for inner in arguments(rest.strip_suffix(')')?) {
        given.extend(operands(inner, bound)?);
    }
    // A list of numbers is folded by a primitive of two operands.
    let most = prims::find(primitive)?.parameters.len().max(2);
    while given.len() > most {
        let rest = given.split_off(2);
        given = vec![Operand::Call(Box::new(Call::new(primitive, given).ok()?))];
        given.extend(rest);
    }
    Some(vec![Operand::Call(Box::new(Call::new(primitive, given).ok()?))])
}

fn leaf(name: &str, bound: &Bindings) -> Option<Vec<Operand>> {
    // "[numbers]" is the list itself.
    if let Some(name) = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        let items = leaf(name, bound)?.into_iter().map(|item| match item {
            Operand::Literal(value) => Some(value),
            _ => None,
        });
        return Some(vec![Operand::Literal(Value::List(items.collect::<Option<_>>()?))]);
    }
    if let Ok(number) = name.parse() {
        return Some(vec![Operand::Literal(Value::Int(number))]);
    }
    let (_, value) = bound.iter().find(|(own, _)| *own == name)?;
    let values = match value {
        Bound::Letter { letter, .. } => vec![Value::text(lower(*letter).to_string())],
        Bound::Text { text, .. } => vec![Value::text(text.as_str())],
        Bound::Int(number) => vec![Value::Int(*number)],
        Bound::Ints(numbers) => numbers.iter().map(|number| Value::Int(*number)).collect(),
    };
    Some(values.into_iter().map(Operand::Literal).collect())
}

/// Returns the arguments of a call, split at the commas outside of inner calls.
fn arguments(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0_i32, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&text[start..]);
    found
}

/// Returns a reading in words: `template` with each `{name}` replaced by the operand of that name in `bound`.
pub(super) fn words(template: &str, bound: &Bindings) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(before);
        if let Some((_, bound)) = bound.iter().find(|(own, _)| *own == name) {
            text.push_str(&shown(bound));
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

fn shown(bound: &Bound) -> String {
    match bound {
        Bound::Letter { letter, .. } => lower(*letter).to_string(),
        Bound::Text { text, .. } => text.clone(),
        Bound::Int(number) => number.to_string(),
        Bound::Ints(numbers) => {
            let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            let (last, first) = numbers.split_last().expect("a list has two numbers or more");
            format!("{} and {last}", first.join(", "))
        }
    }
}
