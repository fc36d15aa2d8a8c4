//! The values that operations of the coder's corpus work on, and their kinds.

use abi::Value;

/// A value of a small typed world: numbers, truth values, texts, and lists of numbers or texts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Datum {
    /// A whole number.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// A text of ASCII characters.
    Text(String),
    /// A list of whole numbers.
    Ints(Vec<i64>),
    /// A list of texts.
    Texts(Vec<String>),
}

/// The kind of a [`Datum`], by which operations fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A whole number.
    Int,
    /// A truth value.
    Bool,
    /// A text.
    Text,
    /// A list of whole numbers.
    Ints,
    /// A list of texts.
    Texts,
}

impl Datum {
    /// Returns the value as the kernel's programs get it, in which it is shown in prompts.
    #[must_use]
    pub fn value(&self) -> Value {
        match self {
            Datum::Int(int) => Value::Int(*int),
            Datum::Bool(truth) => Value::Bool(*truth),
            Datum::Text(text) => Value::text(text.clone()),
            Datum::Ints(list) => Value::List(list.iter().map(|int| Value::Int(*int)).collect()),
            Datum::Texts(list) => Value::List(list.iter().map(|text| Value::text(text.clone())).collect()),
        }
    }

    /// Returns the kind of the value.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Datum::Int(_) => Kind::Int,
            Datum::Bool(_) => Kind::Bool,
            Datum::Text(_) => Kind::Text,
            Datum::Ints(_) => Kind::Ints,
            Datum::Texts(_) => Kind::Texts,
        }
    }
}
