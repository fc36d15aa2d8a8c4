//! Types: the values that a function takes and returns, as a specification describes them.

mod words;

use abi::{Float, Value};
use sandbox::{Shape, Signature};

/// The least and the greatest length of a text, a list or a dict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// The least length.
    pub min: u32,
    /// The greatest length.
    pub max: u32,
}

/// The type of an argument or of a result, with the range from which instances are drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// Any plain value. Only a result can have it, because nothing can be drawn from it.
    Any,
    /// The value None.
    Null,
    /// True or False.
    Bool,
    /// An integer between two bounds, both included.
    Int {
        /// The least integer.
        min: i64,
        /// The greatest integer.
        max: i64,
    },
    /// A finite float between two bounds, both included.
    Float {
        /// The least number.
        min: f64,
        /// The greatest number.
        max: f64,
    },
    /// A text over an alphabet.
    Text {
        /// The characters that may occur, without repetition.
        alphabet: Vec<char>,
        /// The number of characters.
        length: Length,
    },
    /// A list, all of whose items have one type.
    List {
        /// The type of the items.
        of: Box<Type>,
        /// The number of items.
        length: Length,
    },
    /// A dict. Its value is a map if the keys are texts, and a list of pairs otherwise.
    Dict {
        /// The type of the keys.
        keys: Box<Type>,
        /// The type of the values.
        values: Box<Type>,
        /// The number of keys.
        length: Length,
    },
    /// A tuple of these types.
    Tuple(Vec<Type>),
    /// None, or a value of this type.
    Optional(Box<Type>),
    /// A value of one of these types.
    Union(Vec<Type>),
}

/// The largest number of values that [`Type::count`] counts.
const COUNTED: u64 = 1 << 40;

impl Type {
    /// Returns the value as one of this type, with integers as floats where floats are declared. Returns None if it is
    /// not of this type, or outside its range.
    #[must_use]
    pub fn fit(&self, value: Value) -> Option<Value> {
        match self {
            Self::Any => Some(value),
            Self::Null => matches!(value, Value::Null).then_some(value),
            Self::Bool => value.as_bool().is_some().then_some(value),
            Self::Int { min, max } => {
                value.as_int().is_some_and(|int| (*min..=*max).contains(&int)).then_some(value)
            }
            Self::Float { min, max } => {
                let number = nearest(&value)?;
                (*min..=*max).contains(&number).then(|| float(number))
            }
            Self::Text { alphabet, length } => {
                let text = value.as_text()?;
                let fits = text.chars().all(|c| alphabet.contains(&c)) && length.has(text.chars().count());
                fits.then_some(value)
            }
            Self::List { of, length } => {
                let items = value.into_list().filter(|items| length.has(items.len()))?;
                items.into_iter().map(|item| of.fit(item)).collect::<Option<_>>().map(Value::List)
            }
            Self::Tuple(of) => {
                let items = value.into_list().filter(|items| items.len() == of.len())?;
                of.iter().zip(items).map(|(of, item)| of.fit(item)).collect::<Option<_>>().map(Value::List)
            }
            Self::Dict { keys, values, length } => dict(keys, values, *length, value),
            Self::Optional(of) => {
                if matches!(value, Value::Null) {
                    Some(value)
                } else {
                    of.fit(value)
                }
            }
            Self::Union(of) => of.iter().find_map(|of| of.fit(value.clone())),
        }
    }

    /// Returns true if the value has this type, whatever its range and its lengths. As [`det::equal`] has it, a float
    /// without a fraction is an integer too.
    pub(crate) fn is_kind_of(&self, value: &Value) -> bool {
        let is_pair = |pair: &Value, keys: &Self, values: &Self| match pair.as_list() {
            Some([key, value]) => keys.is_kind_of(key) && values.is_kind_of(value),
            _ => false,
        };
        match (self, value) {
            (Self::Any, _)
            | (Self::Null, Value::Null)
            | (Self::Bool, Value::Bool(_))
            | (Self::Int { .. } | Self::Float { .. }, Value::Int(_) | Value::Decimal(_))
            | (Self::Float { .. }, Value::Float(_))
            | (Self::Text { .. }, Value::Text(_))
            | (Self::Optional(_), Value::Null) => true,
            (Self::Int { .. }, Value::Float(number)) => number.get().fract() == 0.0,
            (Self::List { of, .. }, Value::List(items)) => items.iter().all(|item| of.is_kind_of(item)),
            (Self::Tuple(of), Value::List(items)) => {
                of.len() == items.len() && of.iter().zip(items).all(|(of, item)| of.is_kind_of(item))
            }
            (Self::Dict { keys, values, .. }, Value::Map(map)) if keys.is_text() => {
                map.values().all(|value| values.is_kind_of(value))
            }
            (Self::Dict { keys, values, .. }, Value::List(pairs)) if !keys.is_text() => {
                pairs.iter().all(|pair| is_pair(pair, keys, values))
            }
            (Self::Optional(of), value) => of.is_kind_of(value),
            (Self::Union(of), value) => of.iter().any(|of| of.is_kind_of(value)),
            _ => false,
        }
    }

    /// Returns the Python type behind the plain data.
    #[must_use]
    pub fn shape(&self) -> Shape {
        match self {
            Self::Any
            | Self::Null
            | Self::Bool
            | Self::Int { .. }
            | Self::Float { .. }
            | Self::Text { .. } => Shape::Plain,
            Self::List { of, .. } => Shape::List(Box::new(of.shape())),
            Self::Tuple(of) => Shape::Tuple(of.iter().map(Self::shape).collect()),
            Self::Dict { keys, values, .. } if keys.is_text() => Shape::Map(Box::new(values.shape())),
            Self::Dict { keys, values, .. } => Shape::Pairs(Box::new(keys.shape()), Box::new(values.shape())),
            Self::Optional(of) => Shape::Union(vec![Shape::Plain, of.shape()]),
            Self::Union(of) => Shape::Union(of.iter().map(Self::shape).collect()),
        }
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Self::Text { .. })
    }

    /// Returns the number of values of the type, or None if they are floats, dicts, or more than can be enumerated.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        let count = match self {
            Self::Any | Self::Float { .. } | Self::Dict { .. } => return None,
            Self::Null => 1,
            Self::Bool => 2,
            Self::Int { min, max } => u64::try_from(i128::from(*max) - i128::from(*min) + 1).ok()?,
            Self::Text { alphabet, length } => length.sequences(alphabet.len() as u64)?,
            Self::List { of, length } => length.sequences(of.count()?)?,
            Self::Tuple(of) => of.iter().try_fold(1_u64, |product, of| product.checked_mul(of.count()?))?,
            Self::Optional(of) => of.count()?.checked_add(1)?,
            Self::Union(of) => of.iter().try_fold(0_u64, |sum, of| sum.checked_add(of.count()?))?,
        };
        (count <= COUNTED).then_some(count)
    }

    /// Returns the value with this number, below [`count`](Self::count).
    pub(crate) fn nth(&self, mut index: u64) -> Value {
        match self {
            Self::Any | Self::Null | Self::Float { .. } | Self::Dict { .. } => Value::Null,
            Self::Bool => Value::Bool(index == 1),
            Self::Int { min, .. } => Value::Int(min.wrapping_add_unsigned(index)),
            Self::Text { alphabet, length } => {
                let digits = length.digits(alphabet.len() as u64, index);
                Value::Text(
                    digits.into_iter().map(|digit| alphabet[usize::try_from(digit).unwrap_or(0)]).collect(),
                )
            }
            Self::List { of, length } => {
                let digits = length.digits(of.count().unwrap_or(1), index);
                Value::List(digits.into_iter().map(|digit| of.nth(digit)).collect())
            }
            Self::Tuple(of) => Value::List(nth_of(of, index)),
            Self::Optional(of) => {
                if index == 0 {
                    Value::Null
                } else {
                    of.nth(index - 1)
                }
            }
            Self::Union(of) => {
                for of in of {
                    let count = of.count().unwrap_or(1);
                    if index < count {
                        return of.nth(index);
                    }
                    index -= count;
                }
                Value::Null
            }
        }
    }
}

/// Returns the tuple with this number among those of the types.
pub(crate) fn nth_of(of: &[Type], mut index: u64) -> Vec<Value> {
    of.iter()
        .map(|of| {
            let count = of.count().unwrap_or(1);
            let value = of.nth(index % count);
            index /= count;
            value
        })
        .collect()
}

/// Returns the Python signature of a function with these arguments and this result.
pub(crate) fn signature(arguments: &[Type], returns: &Type) -> Signature {
    Signature { arguments: arguments.iter().map(Type::shape).collect(), returns: returns.shape() }
}

impl Length {
    fn has(self, length: usize) -> bool {
        (self.min as usize..=self.max as usize).contains(&length)
    }

    /// Returns the number of sequences of these lengths over `symbols`.
    fn sequences(self, symbols: u64) -> Option<u64> {
        let of_length = |length| symbols.checked_pow(length);
        (self.min..=self.max).try_fold(0_u64, |sum, length| {
            Some(sum.checked_add(of_length(length)?)?).filter(|sum| *sum <= COUNTED)
        })
    }

    /// Returns the symbols of the sequence with this number; shorter sequences come first.
    fn digits(self, symbols: u64, mut index: u64) -> Vec<u64> {
        for length in self.min..=self.max {
            let count = symbols.saturating_pow(length);
            if index < count {
                return (0..length)
                    .map(|_| {
                        let digit = index % symbols;
                        index /= symbols;
                        digit
                    })
                    .collect();
            }
            index -= count;
        }
        Vec::new()
    }
}

/// Returns the finite float that is nearest to a number.
pub(crate) fn nearest(value: &Value) -> Option<f64> {
    match value {
        Value::Float(float) => Some(float.get()).filter(|number| number.is_finite()),
        #[allow(clippy::cast_precision_loss, reason = "the nearest float is what is asked for")]
        Value::Int(int) => Some(*int as f64),
        Value::Decimal(decimal) => {
            let sign = if decimal.is_negative() { "-" } else { "" };
            format!("{sign}{}e{}", decimal.digits(), decimal.exponent())
                .parse()
                .ok()
                .filter(|n: &f64| n.is_finite())
        }
        _ => None,
    }
}

/// Returns a float as a value. Null stands for NaN, which no caller passes.
pub(crate) fn float(number: f64) -> Value {
    Float::new(number).map_or(Value::Null, Value::Float)
}

fn dict(keys: &Type, values: &Type, length: Length, value: Value) -> Option<Value> {
    if keys.is_text() {
        let map = value.into_map().filter(|map| length.has(map.len()))?;
        let field = |(key, value): (String, Value)| {
            keys.fit(Value::text(key.as_str()))?;
            Some((key, values.fit(value)?))
        };
        return map.into_iter().map(field).collect::<Option<_>>().map(Value::Map);
    }
    let pairs = value.into_list().filter(|pairs| length.has(pairs.len()))?;
    let pair = |pair: Value| {
        let [key, value] = <[Value; 2]>::try_from(pair.into_list()?).ok()?;
        Some((keys.fit(key)?, values.fit(value)?))
    };
    Some(sorted(pairs.into_iter().map(pair).collect::<Option<_>>()?))
}

/// Returns the dict of these pairs, in the order in which the sandbox returns them. Of equal keys the last one counts.
pub(crate) fn sorted(pairs: Vec<(Value, Value)>) -> Value {
    let by_key: std::collections::BTreeMap<Vec<u8>, (Value, Value)> =
        pairs.into_iter().map(|pair| (abi::encode(&pair.0), pair)).collect();
    Value::List(by_key.into_values().map(|(key, value)| Value::List(vec![key, value])).collect())
}
