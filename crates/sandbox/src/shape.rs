//! Shapes: how plain data becomes the arguments of a Python function, and its result plain data again.
//!
//! Plain data has one kind of list and maps with text keys. Python has tuples, and dicts with keys of any type.

use abi::Value;

/// The Python type that stands behind a place of plain data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The data as it is: lists are lists, and maps are dicts with text keys.
    Plain,
    /// A list of plain data is a tuple of these shapes.
    Tuple(Vec<Shape>),
    /// A list, all of whose items have one shape.
    List(Box<Shape>),
    /// A map with text keys, all of whose values have one shape.
    Map(Box<Shape>),
    /// A dict of any keys. As plain data it is a list of pairs, in ascending order of the canonical encoding of the
    /// keys.
    Pairs(Box<Shape>, Box<Shape>),
    /// The first of these shapes that the data fits.
    Union(Vec<Shape>),
}

impl Shape {
    /// Returns true if data of this shape is the same in Python as it is here.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        match self {
            Self::Plain => true,
            Self::Tuple(_) | Self::Pairs(..) => false,
            Self::List(of) | Self::Map(of) => of.is_plain(),
            Self::Union(of) => of.iter().all(Self::is_plain),
        }
    }

    #[cfg(all(target_os = "linux", feature = "monty"))]
    fn from_value(value: &Value) -> Option<Self> {
        let Value::List(parts) = value else { return matches!(value, Value::Null).then_some(Self::Plain) };
        let one = |place: usize| Self::from_value(parts.get(place)?).map(Box::new);
        let all = || parts.get(1)?.as_list()?.iter().map(Self::from_value).collect::<Option<Vec<_>>>();
        match parts.first()?.as_text()? {
            "tuple" => all().map(Self::Tuple),
            "list" => one(1).map(Self::List),
            "map" => one(1).map(Self::Map),
            "pairs" => Some(Self::Pairs(one(1)?, one(2)?)),
            "union" => all().map(Self::Union),
            _ => None,
        }
    }

    fn to_value(&self) -> Value {
        let all = |of: &[Self]| Value::List(of.iter().map(Self::to_value).collect());
        let parts = match self {
            _ if self.is_plain() => return Value::Null,
            Self::Plain => return Value::Null,
            Self::Tuple(of) => vec![Value::text("tuple"), all(of)],
            Self::List(of) => vec![Value::text("list"), of.to_value()],
            Self::Map(of) => vec![Value::text("map"), of.to_value()],
            Self::Pairs(keys, values) => vec![Value::text("pairs"), keys.to_value(), values.to_value()],
            Self::Union(of) => vec![Value::text("union"), all(of)],
        };
        Value::List(parts)
    }
}

/// The shapes of a function's arguments and of its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// One shape for each argument. Arguments beyond them are plain.
    pub arguments: Vec<Shape>,
    /// The shape of the result.
    pub returns: Shape,
}

impl Signature {
    /// The signature of a function that takes and returns plain data.
    pub const PLAIN: Self = Self { arguments: Vec::new(), returns: Shape::Plain };

    /// Returns the signature that [`to_value`](Self::to_value) wrote. None for anything else.
    #[cfg(all(target_os = "linux", feature = "monty"))]
    pub(crate) fn from_value(value: &Value) -> Option<Self> {
        let [arguments, returns] = value.as_list()? else { return None };
        let arguments = arguments.as_list()?.iter().map(Shape::from_value).collect::<Option<_>>()?;
        Some(Self { arguments, returns: Shape::from_value(returns)? })
    }

    pub(crate) fn to_value(&self) -> Value {
        let arguments = self.arguments.iter().map(Shape::to_value).collect();
        Value::List(vec![Value::List(arguments), self.returns.to_value()])
    }
}
