//! Values: the closed type of all data that crosses the boundary between planes.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::Decimal;

/// A datum that a contract, a primitive, a proposal or a ledger entry can hold.
///
/// The type is closed on purpose, because an object with behaviour of its own (one that is equal to
/// everything, for example) could fool a validator. The type has no `PartialEq` for the same reason: only
/// `det::equal` and digests compare values.
///
/// ```
/// use abi::Value;
///
/// let point = Value::map([("x", Value::Int(1)), ("y", Value::Int(2))]);
/// assert_eq!(point.get("x").and_then(Value::as_int), Some(1));
/// assert_eq!((point.type_name(), point.depth()), ("map", 1));
/// ```
#[derive(Clone, Debug)]
pub enum Value {
    /// The absence of a value.
    Null,
    /// A truth value, which is never an integer.
    Bool(bool),
    /// A signed 64-bit integer. No float or bool is ever converted to one.
    Int(i64),
    /// A binary64 number that is not NaN; infinities and both zeros are allowed.
    Float(Float),
    /// A number that neither of the two holds exactly.
    Decimal(Decimal),
    /// Unicode text.
    Text(String),
    /// A byte string, which is never text.
    Bytes(Vec<u8>),
    /// A sequence of values in a fixed order.
    List(Vec<Value>),
    /// A map from text to value, in ascending byte order of its keys.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// Returns the name of the value's type, as contracts and messages use it: `null`, `bool`, `int`,
    /// `float`, `text`, `bytes`, `list` or `map`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Decimal(_) => "decimal",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Map(_) => "map",
        }
    }

    /// Returns a value that holds this text, without parsing or changing it.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Returns a map of these pairs. If a key occurs twice, the value of its last pair is kept.
    #[must_use]
    pub fn map<K: Into<String>>(pairs: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Map(pairs.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// Returns the value under `key`, or None if this value is not a map that has the key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Map(map) => map.get(key),
            _ => None,
        }
    }

    /// Returns the depth to which lists and maps nest; a scalar has depth 0. The stack does not grow with the
    /// depth, and dropping a value does not recurse either. Cloning and encoding do, so a value from a stranger
    /// is measured first.
    #[must_use]
    pub fn depth(&self) -> usize {
        let (mut deepest, mut open) = (0, alloc::vec![(self, 0)]);
        while let Some((value, depth)) = open.pop() {
            deepest = deepest.max(depth);
            match value {
                Self::List(items) if items.is_empty() => deepest = deepest.max(depth + 1),
                Self::Map(map) if map.is_empty() => deepest = deepest.max(depth + 1),
                Self::List(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
                Self::Map(map) => open.extend(map.values().map(|item| (item, depth + 1))),
                _ => {}
            }
        }
        deepest
    }
}

/// A binary64 number that is not NaN. Infinities and both zeros are allowed.
///
/// Holding one proves that the number equals itself, so comparing and encoding need no special case.
#[derive(Clone, Copy, Debug)]
pub struct Float(f64); // Invariant: not NaN; `new` is the only constructor.

impl Float {
    /// Returns a float that holds `number`, or None if `number` is NaN.
    #[must_use]
    pub fn new(number: f64) -> Option<Self> {
        (!number.is_nan()).then_some(Self(number))
    }

    /// Returns the number that the float holds, which is never NaN.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}
