//! The operands of primitives, checked once and read as plain numbers.

use alloc::vec::Vec;

use abi::Value;

use crate::primitive::Parameter;
use crate::{CallError, Kind};

/// The most bytes of a text that a primitive works on, where it names no smaller bound.
pub(crate) const MAX_TEXT: usize = 65_536;
/// The most members of a list that a primitive works on.
pub(crate) const MAX_LIST: usize = 10_000;

pub(crate) const fn int(name: &'static str) -> Parameter {
    Parameter { name, kind: Kind::Int }
}

pub(crate) const fn text(name: &'static str) -> Parameter {
    Parameter { name, kind: Kind::Text }
}

pub(crate) const fn list(name: &'static str) -> Parameter {
    Parameter { name, kind: Kind::List }
}

/// Returns the error for an operand for which the primitive has no result.
pub(crate) fn outside(primitive: &'static str, demand: &'static str) -> CallError {
    CallError::OutOfDomain { primitive, demand }
}

/// Returns a count or another number as a value. Fails if it exceeds 64 bits.
pub(crate) fn fitted<N: TryInto<i64>>(primitive: &'static str, number: N) -> Result<Value, CallError> {
    number.try_into().map(Value::Int).map_err(|_| CallError::Overflow { primitive })
}

/// Returns the one operand of a primitive that takes an integer. [`Primitive::call`](crate::Primitive::call) checked
/// the types before.
pub(crate) fn one_int(operands: &[Value]) -> i64 {
    let [Value::Int(n)] = operands else { unreachable!("the signature was checked") };
    *n
}

/// Returns the two operands of a primitive that takes two integers.
pub(crate) fn two_ints(operands: &[Value]) -> (i64, i64) {
    let [Value::Int(a), Value::Int(b)] = operands else { unreachable!("the signature was checked") };
    (*a, *b)
}

/// Returns the one operand of a primitive that takes a text of at most [`MAX_TEXT`] bytes.
pub(crate) fn one_text<'a>(primitive: &'static str, operands: &'a [Value]) -> Result<&'a str, CallError> {
    let [Value::Text(text)] = operands else { unreachable!("the signature was checked") };
    bounded(primitive, text)
}

/// Returns the two operands of a primitive that takes two texts of at most [`MAX_TEXT`] bytes each.
pub(crate) fn two_texts<'a>(
    primitive: &'static str,
    operands: &'a [Value],
) -> Result<(&'a str, &'a str), CallError> {
    let [Value::Text(a), Value::Text(b)] = operands else { unreachable!("the signature was checked") };
    Ok((bounded(primitive, a)?, bounded(primitive, b)?))
}

fn bounded<'a>(primitive: &'static str, text: &'a str) -> Result<&'a str, CallError> {
    if text.len() > MAX_TEXT { Err(outside(primitive, "texts of at most 65536 bytes")) } else { Ok(text) }
}

/// Returns a number that is not negative.
pub(crate) fn natural(primitive: &'static str, n: i64) -> Result<u64, CallError> {
    u64::try_from(n).map_err(|_| outside(primitive, "numbers that are not negative"))
}

/// Returns the one operand of a primitive that takes a list of integers.
pub(crate) fn one_list(primitive: &'static str, operands: &[Value]) -> Result<Vec<i64>, CallError> {
    let [Value::List(items)] = operands else { unreachable!("the signature was checked") };
    integers(primitive, items)
}

/// Returns the integers of a list, at most [`MAX_LIST`].
pub(crate) fn integers(primitive: &'static str, items: &[Value]) -> Result<Vec<i64>, CallError> {
    let demand = "a list of at most 10000 integers";
    if items.len() > MAX_LIST {
        return Err(outside(primitive, demand));
    }
    let integer = |item: &Value| match item {
        Value::Int(n) => Ok(*n),
        _ => Err(outside(primitive, demand)),
    };
    items.iter().map(integer).collect()
}

/// Returns a list of integers as a value.
pub(crate) fn list_value(items: Vec<i64>) -> Value {
    Value::List(items.into_iter().map(Value::Int).collect())
}
