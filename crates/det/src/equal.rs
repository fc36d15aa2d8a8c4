//! The structural comparator of the project; there is no other one.
//!
//! | left | right | equal | why |
//! |---|---|---|---|
//! | `null` | `null` | yes | |
//! | `true` | `1`, `1.0` | no | a bool is never a number |
//! | `1` | `1.0`, `1e0` | yes | the float is exactly that integer |
//! | `9007199254740993` | `9007199254740992.0` | no | compared exactly, never by rounding |
//! | `12345678901234567890` | `12345678901234567891` | no | decimals are compared digit by digit |
//! | `0.1` | `0.10`, `1e-1` | yes | one number has one decimal |
//! | `0.1` | the float nearest to it | no | that float is 0.1000000000000000055… |
//! | `1e400` | `1e401`, infinity | no | both are decimals, and infinity is a float |
//! | `0.0` | `-0.0`, `0`, `0e9` | yes | they are one number |
//! | infinity | infinity | yes | and never an integer |
//! | NaN | | | cannot be held |
//! | text | bytes | no | even of the same bytes |
//! | text | text | by code points | no normalisation of Unicode or of case |
//! | list | list | item by item | there is no tuple; the length counts |
//! | map | map | same keys, equal values | the order of keys is no property of a map |
//!
//! A decimal is never equal to an int or a float, because it holds exactly the numbers that neither of them
//! does.

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;

use abi::Value;

use crate::fuel::{Fuel, Spent};
use crate::number::compare_binary;

/// Returns true if two values are the same, by the table at the head of this module: `1` equals `1.0`, a bool
/// never equals a number, texts are compared by code points. The relation is symmetric and transitive.
///
/// ```
/// use det::{Float, Value, equal};
///
/// let one = Value::Float(Float::new(1.0).expect("a number"));
/// assert!(equal(&one, &Value::Int(1)));
/// assert!(!equal(&Value::Bool(true), &Value::Int(1)));
/// ```
#[must_use]
pub fn equal(left: &Value, right: &Value) -> bool {
    order(left, right, &mut Fuel::endless()) == Ok(Ordering::Equal)
}

/// Returns true if two values are the same, and spends a step for each pair of parts that is compared.
pub(crate) fn equal_within(left: &Value, right: &Value, fuel: &mut Fuel) -> Result<bool, Spent> {
    Ok(order(left, right, fuel)?.is_eq())
}

/// Returns an order of all values in which exactly the equal ones are equal. The order means nothing else, and
/// finding it takes no more stack for values that nest deeply.
pub(crate) fn order(left: &Value, right: &Value, fuel: &mut Fuel) -> Result<Ordering, Spent> {
    // The lists and maps that were entered, each with the pairs of parts that are still to be compared.
    let mut open: Vec<Pairs<'_>> = Vec::new();
    let mut pair = (left, right);
    loop {
        let found = match pair {
            (Value::List(a), Value::List(b)) if a.len() == b.len() => {
                open.push(Pairs::Lists(a.iter().zip(b)));
                fuel.spend(4)?;
                Ordering::Equal
            }
            (Value::Map(a), Value::Map(b)) if a.len() == b.len() => {
                open.push(Pairs::Maps(a.iter().zip(b)));
                fuel.spend(8)?;
                Ordering::Equal
            }
            (left, right) => shallow(left, right, fuel)?,
        };
        if found.is_ne() {
            return Ok(found);
        }
        loop {
            match open.last_mut().map(Pairs::next) {
                None => return Ok(Ordering::Equal),
                Some(None) => drop(open.pop()),
                Some(Some(Part::Values(left, right))) => {
                    pair = (left, right);
                    break;
                }
                Some(Some(Part::Fields((key, left), (other, right)))) => {
                    let found = runs(key.as_bytes(), other.as_bytes(), fuel)?;
                    if found.is_ne() {
                        return Ok(found);
                    }
                    pair = (left, right);
                    break;
                }
            }
        }
    }
}

type Items<'a> = core::iter::Zip<core::slice::Iter<'a, Value>, core::slice::Iter<'a, Value>>;
type Fields<'a> = alloc::collections::btree_map::Iter<'a, alloc::string::String, Value>;
type Field<'a> = (&'a alloc::string::String, &'a Value);

enum Pairs<'a> {
    Lists(Items<'a>),
    Maps(core::iter::Zip<Fields<'a>, Fields<'a>>),
}

enum Part<'a> {
    Values(&'a Value, &'a Value),
    Fields(Field<'a>, Field<'a>),
}

impl<'a> Pairs<'a> {
    fn next(&mut self) -> Option<Part<'a>> {
        match self {
            Self::Lists(pairs) => pairs.next().map(|(left, right)| Part::Values(left, right)),
            Self::Maps(pairs) => pairs.next().map(|(left, right)| Part::Fields(left, right)),
        }
    }
}

/// Compares two values without their parts. Lists and maps come here with different lengths.
fn shallow(left: &Value, right: &Value, fuel: &mut Fuel) -> Result<Ordering, Spent> {
    fuel.spend(2)?;
    Ok(match (left, right) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => {
            let signs = (a.is_negative(), a.exponent()).cmp(&(b.is_negative(), b.exponent()));
            signs.then(runs(a.digits().as_bytes(), b.digits().as_bytes(), fuel)?)
        }
        (Value::Text(a), Value::Text(b)) => runs(a.as_bytes(), b.as_bytes(), fuel)?,
        (Value::Bytes(a), Value::Bytes(b)) => runs(a, b, fuel)?,
        (Value::List(a), Value::List(b)) => a.len().cmp(&b.len()),
        (Value::Map(a), Value::Map(b)) => a.len().cmp(&b.len()),
        _ => match compare_binary(left, right) {
            Some(order) => order,
            None => rank(left).cmp(&rank(right)),
        },
    })
}

/// Compares two runs of bytes, first by their lengths.
fn runs(left: &[u8], right: &[u8], fuel: &mut Fuel) -> Result<Ordering, Spent> {
    if left.len() != right.len() {
        return Ok(left.len().cmp(&right.len()));
    }
    fuel.spend_for(left.len() / 32, 1)?;
    Ok(left.cmp(right))
}

/// Returns the place of a type in the order. An int and a float have the same, because they can be equal.
fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Int(_) | Value::Float(_) => 2,
        Value::Decimal(_) => 3,
        Value::Text(_) => 4,
        Value::Bytes(_) => 5,
        Value::List(_) => 6,
        Value::Map(_) => 7,
    }
}

/// Returns the first item of a list that is equal to an earlier one, as the places of both, the later first.
///
/// The items are sorted, so the work grows a little faster than the list, and not with its square. All of it
/// is paid for before it begins, because a sort cannot be left half done.
pub(crate) fn repeated(items: &[Value], fuel: &mut Fuel) -> Result<Option<(usize, usize)>, Spent> {
    let rounds = u64::from(items.len().max(2).ilog2()) + 1;
    fuel.spend(items.iter().map(weight).fold(0, u64::saturating_add).saturating_mul(rounds))?;
    let mut sorted: Vec<(u8, u64, usize)> =
        items.iter().enumerate().map(|(at, item)| (rank(item), prefix(item), at)).collect();
    let mut endless = Fuel::endless();
    let mut deep = |a: &(u8, u64, usize), b: &(u8, u64, usize)| {
        let shallow = (a.0, a.1).cmp(&(b.0, b.1));
        shallow.then_with(|| order(&items[a.2], &items[b.2], &mut endless).unwrap_or(Ordering::Equal))
    };
    sorted.sort_unstable_by(|a, b| deep(a, b).then(a.2.cmp(&b.2)));
    let pairs = sorted.windows(2).filter(|pair| deep(&pair[0], &pair[1]).is_eq());
    Ok(pairs.map(|pair| (pair[1].2, pair[0].2)).min())
}

/// Returns the steps that comparing a value with another one takes at most.
fn weight(value: &Value) -> u64 {
    let mut total = 0;
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        total += match value {
            Value::Text(text) => 2 + text.len() as u64 / 32,
            Value::Bytes(bytes) => 2 + bytes.len() as u64 / 32,
            Value::Decimal(decimal) => 2 + decimal.digits().len() as u64 / 32,
            Value::List(items) => {
                open.extend(items);
                4
            }
            Value::Map(map) => {
                open.extend(map.values());
                8 + map.keys().map(|key| key.len() as u64 / 32).sum::<u64>()
            }
            _ => 2,
        };
    }
    total
}

/// Returns a number that is equal for equal values of one rank, and in the order of the values if they differ
/// in it. Most items of a list differ in it, so that few are compared in full.
#[allow(clippy::cast_precision_loss, reason = "a rounded integer stands between its neighbours")]
fn prefix(value: &Value) -> u64 {
    let float = |float: f64| {
        // A float and its bits have the same order, if those of a negative one are turned around.
        let bits = (float + 0.0).to_bits();
        if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
    };
    match value {
        Value::Int(int) => float(*int as f64),
        Value::Float(number) => float(number.get()),
        Value::List(items) => items.len() as u64,
        Value::Map(map) => map.len() as u64,
        Value::Text(text) => text.len() as u64,
        Value::Bytes(bytes) => bytes.len() as u64,
        Value::Bool(truth) => u64::from(*truth),
        Value::Null | Value::Decimal(_) => 0,
    }
}
