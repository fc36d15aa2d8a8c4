//! The closed value type.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// Any datum that a contract, a primitive, a proposal or a ledger entry can hold.
///
/// The set is closed on purpose: an object with behaviour of its own (an always-equal one, say)
/// cannot be represented. There is no `PartialEq`: two values are compared by `det::equal` or by
/// their digests, and nothing else.
#[derive(Clone, Debug)]
pub enum Value {
    /// The absent value.
    Null,
    /// A truth value; never an integer.
    Bool(bool),
    /// A signed 64-bit integer.
    Int(i64),
    /// A binary64 number that is not NaN.
    Float(Float),
    /// Unicode text.
    Text(String),
    /// Raw bytes; never text.
    Bytes(Vec<u8>),
    /// An ordered sequence.
    List(Vec<Value>),
    /// A map from text to value, in ascending byte order of its keys.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// The name of the variant, in the words of the documentation.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Map(_) => "map",
        }
    }

    /// A text value.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A map from pairs; a repeated key keeps its last value.
    #[must_use]
    pub fn map<K: Into<String>>(pairs: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Map(pairs.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// The value under `key`, if this is a map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Map(map) => map.get(key),
            _ => None,
        }
    }

    /// How deeply lists and maps nest; a scalar has depth 0.
    #[must_use]
    pub fn depth(&self) -> usize {
        match self {
            Self::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Self::Map(map) => 1 + map.values().map(Self::depth).max().unwrap_or(0),
            _ => 0,
        }
    }
}

/// A binary64 number that is not NaN. Infinities and both zeros are values.
#[derive(Clone, Copy, Debug)]
pub struct Float(f64); // Invariant: not NaN; `new` is the only constructor.

impl Float {
    /// Holds `number`, or refuses NaN.
    #[must_use]
    pub fn new(number: f64) -> Option<Self> {
        (!number.is_nan()).then_some(Self(number))
    }

    /// The number held.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}
