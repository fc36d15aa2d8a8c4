//! Questions about numbers alone.

use abi::Value;
use det::Call;

use super::{Routed, Specification, find, literal};
use crate::words::{Token, is_filler};

const GCD_NAMES: &[&[&str]] = &[
    &["gcd"],
    &["hcf"],
    &["gcf"],
    &["greatest", "common", "divisor"],
    &["greatest", "common", "factor"],
    &["highest", "common", "factor"],
    &["highest", "common", "divisor"],
    &["largest", "common", "divisor"],
    &["largest", "common", "factor"],
    &["largest", "number", "that", "divides"],
    &["biggest", "number", "that", "divides"],
    &["greatest", "number", "that", "divides"],
];

pub(super) fn gcd(tokens: &[Token]) -> Option<Routed> {
    let (at, length) = GCD_NAMES.iter().find_map(|name| Some((find(tokens, name)?, name.len())))?;
    let around = tokens[..at].iter().chain(&tokens[at + length..]);
    let numbers = operands(around, &["numbers", "number", "evenly", "them", "between"])?;
    let [a, b] = numbers.as_slice() else { return None };
    let call = Call::new("gcd", vec![literal(Value::Int(*a)), literal(Value::Int(*b))]).ok()?;
    Routed::new(Specification::Gcd, call.clone(), call).ok()
}

pub(super) fn is_prime(tokens: &[Token]) -> Option<Routed> {
    let at = tokens.iter().position(|token| token.any_of(&["prime", "primality"]))?;
    let around = tokens[..at].iter().chain(&tokens[at + 1..]);
    let numbers = operands(around, &["number", "integer", "test", "considered"])?;
    let [number] = numbers.as_slice() else { return None };
    let asks = tokens
        .iter()
        .any(|token| token.any_of(&["is", "if", "whether", "or", "check", "test", "determine", "decide"]));
    // "The next prime after 7" asks for a number, and not about one.
    let seeks = tokens.iter().any(|token| token.any_of(&["next", "after"]));
    if !asks || seeks {
        return None;
    }
    let call = Call::new("is_prime", vec![literal(Value::Int(*number))]).ok()?;
    Routed::new(Specification::IsPrime, call.clone(), call).ok()
}

/// The numbers among `tokens`, if everything else is a filler or one of `also`.
fn operands<'a>(tokens: impl Iterator<Item = &'a Token>, also: &[&str]) -> Option<Vec<i64>> {
    let mut numbers = Vec::new();
    for token in tokens {
        match token {
            Token::Number(number) => numbers.push(*number),
            Token::Word(_) if is_filler(token) || token.any_of(also) => {}
            _ => return None,
        }
    }
    Some(numbers)
}
