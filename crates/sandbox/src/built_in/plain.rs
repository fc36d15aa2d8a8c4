//! Plain data as values of `monty`, and results as plain data: the same rules as for the machine's own interpreter.

use abi::{Decimal, Float, Value};
use monty_types::{DictPairs, MontyObject};
use num_bigint::{BigInt, Sign};

use crate::Shape;

/// The largest int of a result that is no plain data any more, in bits.
const MOST_BITS: u64 = 1 << 16;
/// The deepest nesting of a result.
const MOST_DEPTH: usize = 64;
/// The largest exponent of a whole number that becomes an int.
const MOST_ZEROS: u32 = 1 << 14;

/// The type of a part of a result that is no plain data.
pub(super) type NoValue = String;

/// Returns the argument that `value` stands for.
pub(super) fn argument(value: Value, shape: &Shape) -> MontyObject {
    match shape {
        Shape::Tuple(of) if value.as_list().is_some_and(|items| items.len() == of.len()) => {
            let items = items(value).into_iter().zip(of);
            MontyObject::Tuple(items.map(|(item, of)| argument(item, of)).collect())
        }
        Shape::List(of) if value.as_list().is_some() => {
            MontyObject::List(items(value).into_iter().map(|item| argument(item, of)).collect())
        }
        Shape::Map(of) if matches!(value, Value::Map(_)) => {
            let fields = value.into_map().into_iter().flatten();
            MontyObject::dict(
                fields.map(|(key, item)| (text(key), argument(item, of))).collect::<DictPairs>(),
            )
        }
        Shape::Pairs(keys, values) if fits(&value, shape) => {
            let pairs = items(value).into_iter().filter_map(|pair| {
                let mut pair = items(pair).into_iter();
                Some((argument(pair.next()?, keys), argument(pair.next()?, values)))
            });
            MontyObject::dict(pairs.collect::<DictPairs>())
        }
        Shape::Union(of) => match of.iter().find(|one| fits(&value, one)) {
            Some(one) => argument(value, one),
            None => plain(value),
        },
        _ => plain(value),
    }
}

/// Returns the result as plain data. A part that does not have its shape stays as it is, and is judged as that.
///
/// # Errors
/// The type of the part that is no plain data.
pub(super) fn result(object: MontyObject, shape: &Shape) -> Result<Value, NoValue> {
    shaped(object, shape, 0)
}

fn shaped(object: MontyObject, shape: &Shape, depth: usize) -> Result<Value, NoValue> {
    let deeper = depth + 1;
    match (shape, object) {
        (Shape::Tuple(of), MontyObject::Tuple(items) | MontyObject::List(items))
            if items.len() == of.len() =>
        {
            checked(depth)?;
            let items = items.into_iter().zip(of);
            items.map(|(item, of)| shaped(item, of, deeper)).collect::<Result<_, _>>().map(Value::List)
        }
        (Shape::List(of), MontyObject::Tuple(items) | MontyObject::List(items)) => {
            checked(depth)?;
            items.into_iter().map(|item| shaped(item, of, deeper)).collect::<Result<_, _>>().map(Value::List)
        }
        (Shape::Map(of), MontyObject::Dict(pairs)) => {
            checked(depth)?;
            let field = |(key, item)| Ok((key_text(key)?, shaped(item, of, deeper)?));
            pairs.into_iter().map(field).collect::<Result<Vec<_>, NoValue>>().map(Value::map)
        }
        (Shape::Pairs(keys, values), MontyObject::Dict(pairs)) => {
            checked(depth)?;
            let pair = |(key, item)| Ok((shaped(key, keys, deeper + 1)?, shaped(item, values, deeper + 1)?));
            let mut pairs = pairs.into_iter().map(pair).collect::<Result<Vec<_>, NoValue>>()?;
            pairs.sort_by_cached_key(|(key, _)| abi::encode(key));
            Ok(Value::List(pairs.into_iter().map(|(key, item)| Value::List(vec![key, item])).collect()))
        }
        (Shape::Map(_) | Shape::Pairs(..), other) => {
            Err(format!("{} where a dict is declared", other.type_name()))
        }
        (Shape::Union(of), object) => {
            let one = of.iter().find(|one| match (&object, one) {
                (MontyObject::Dict(_), Shape::Map(_) | Shape::Pairs(..)) => true,
                (MontyObject::Tuple(_) | MontyObject::List(_), one) => !one.is_plain(),
                _ => false,
            });
            shaped(object, one.unwrap_or(&Shape::Plain), depth)
        }
        (_, object) => as_it_is(object, depth),
    }
}

fn as_it_is(object: MontyObject, depth: usize) -> Result<Value, NoValue> {
    match object {
        MontyObject::None => Ok(Value::Null),
        MontyObject::Bool(truth) => Ok(Value::Bool(truth)),
        MontyObject::Int(int) => Ok(Value::Int(int)),
        MontyObject::BigInt(int) => whole(&int),
        MontyObject::Float(number) => Float::new(number).map(Value::Float).ok_or_else(|| "nan".to_owned()),
        MontyObject::String(text) => Ok(Value::Text(text)),
        MontyObject::Bytes(bytes) => Ok(Value::Bytes(bytes)),
        MontyObject::List(items) | MontyObject::Tuple(items) => {
            checked(depth)?;
            let items = items.into_iter().map(|item| as_it_is(item, depth + 1));
            items.collect::<Result<_, _>>().map(Value::List)
        }
        MontyObject::Dict(pairs) => {
            checked(depth)?;
            let field = |(key, item)| Ok((key_text(key)?, as_it_is(item, depth + 1)?));
            pairs.into_iter().map(field).collect::<Result<Vec<_>, NoValue>>().map(Value::map)
        }
        other => Err(other.type_name().to_owned()),
    }
}

fn checked(depth: usize) -> Result<(), NoValue> {
    if depth < MOST_DEPTH { Ok(()) } else { Err(format!("a value that nests more than {MOST_DEPTH} deep")) }
}

fn key_text(key: MontyObject) -> Result<String, NoValue> {
    match key {
        MontyObject::String(text) => Ok(text),
        other => Err(format!("a dict with a key of type {}", other.type_name())),
    }
}

/// Returns an int as plain data: as an int where it has 64 bits, and otherwise as the number that it is.
fn whole(int: &BigInt) -> Result<Value, NoValue> {
    if let Ok(small) = i64::try_from(int) {
        return Ok(Value::Int(small));
    }
    let no_value = || format!("an int of {} bits", int.bits());
    if int.bits() > MOST_BITS {
        return Err(no_value());
    }
    let digits = int.magnitude().to_string();
    Value::from_digits(int.sign() == Sign::Minus, &digits, 0).ok_or_else(no_value)
}

/// Returns true if plain data has this shape, as far as its outermost part shows.
fn fits(value: &Value, shape: &Shape) -> bool {
    if shape.is_plain() {
        return !matches!(value, Value::List(_) | Value::Map(_));
    }
    match shape {
        Shape::Plain => true,
        Shape::Tuple(of) => value.as_list().is_some_and(|items| items.len() == of.len()),
        Shape::List(_) => value.as_list().is_some(),
        Shape::Map(_) => matches!(value, Value::Map(_)),
        Shape::Pairs(..) => {
            let is_pair = |pair: &Value| pair.as_list().is_some_and(|pair| pair.len() == 2);
            value.as_list().is_some_and(|pairs| pairs.iter().all(is_pair))
        }
        Shape::Union(of) => of.iter().any(|one| fits(value, one)),
    }
}

fn plain(value: Value) -> MontyObject {
    match &value {
        Value::Null => MontyObject::None,
        Value::Bool(truth) => MontyObject::Bool(*truth),
        Value::Int(int) => MontyObject::Int(*int),
        Value::Float(number) => MontyObject::Float(number.get()),
        Value::Decimal(number) => decimal(number),
        Value::Text(text) => MontyObject::String(text.clone()),
        Value::Bytes(bytes) => MontyObject::Bytes(bytes.clone()),
        Value::List(_) => MontyObject::List(items(value).into_iter().map(plain).collect()),
        Value::Map(_) => {
            let fields = value.into_map().into_iter().flatten();
            MontyObject::dict(fields.map(|(key, item)| (text(key), plain(item))).collect::<DictPairs>())
        }
    }
}

/// Returns a whole number as an int, and another one as the nearest float, as Python reads their writing.
fn decimal(number: &Decimal) -> MontyObject {
    let zeros = u32::try_from(number.exponent()).ok().filter(|zeros| *zeros <= MOST_ZEROS);
    match (zeros, number.digits().parse::<BigInt>()) {
        (Some(zeros), Ok(digits)) => {
            let int = digits * BigInt::from(10).pow(zeros);
            MontyObject::BigInt(if number.is_negative() { -int } else { int })
        }
        _ => {
            let writing = format!("{}e{}", number.digits(), number.exponent());
            // Digits and an exponent are a float; where they are too large, it is infinite.
            let near: f64 = writing.parse().unwrap_or(f64::INFINITY);
            MontyObject::Float(if number.is_negative() { -near } else { near })
        }
    }
}

fn items(value: Value) -> Vec<Value> {
    value.into_list().unwrap_or_default()
}

fn text(text: String) -> MontyObject {
    MontyObject::String(text)
}
