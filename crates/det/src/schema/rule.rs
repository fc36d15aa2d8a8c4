//! The rules of a schema: its keywords, in a form that is quick to check.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use abi::Value;

use super::multiple::Divisor;
use crate::format::Format;
use crate::pattern::Pattern;

/// The place of a schema among the compiled ones.
pub(super) type Index = usize;

/// One rule. A schema is the list of its rules, in the order in which they are checked: cheap ones first, and
/// those that lead to other schemas last.
#[derive(Clone, Debug)]
pub(super) enum Rule {
    /// The schema `false`, which nothing satisfies.
    Never,
    Types(Vec<Type>),
    Constant(Value),
    OneOf(Choices),
    Bound(Bound, Value),
    Multiple(Divisor),
    Length(Sizes),
    Format(Format),
    Pattern(Pattern),
    Items {
        count: Sizes,
        prefix: Vec<Index>,
        rest: Option<Index>,
    },
    Unique,
    Contains {
        schema: Index,
        count: Sizes,
    },
    Properties(Properties),
    Names(Index),
    Reference(Index),
    All(Vec<Index>),
    Any(Vec<Index>),
    One(Vec<Index>),
    Not(Index),
    If {
        condition: Index,
        then: Option<Index>,
        otherwise: Option<Index>,
    },
}

/// The values of `enum`, sorted, so that a subject is compared with few of them.
#[derive(Clone, Debug)]
pub(super) struct Choices {
    pub(super) sorted: Vec<Value>,
    /// The first of them as they were written, for findings.
    pub(super) written: String,
}

/// The demands of a schema on the properties of a map.
#[derive(Clone, Debug, Default)]
pub(super) struct Properties {
    pub(super) count: Sizes,
    pub(super) required: Vec<String>,
    /// Names that other names demand.
    pub(super) dependent: Vec<(String, Vec<String>)>,
    /// Schemas that names demand of the whole map.
    pub(super) schemas: Vec<(String, Index)>,
    pub(super) named: BTreeMap<String, Index>,
    pub(super) patterns: Vec<(Pattern, Index)>,
    pub(super) additional: Option<Index>,
}

/// The least and the most that a length or a count may be.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sizes {
    pub(super) least: Option<u64>,
    pub(super) most: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    Minimum,
    Maximum,
    ExclusiveMinimum,
    ExclusiveMaximum,
}

impl Type {
    pub(super) const ALL: [(Self, &'static str); 7] = [
        (Self::Null, "null"),
        (Self::Boolean, "boolean"),
        (Self::Integer, "integer"),
        (Self::Number, "number"),
        (Self::String, "string"),
        (Self::Array, "array"),
        (Self::Object, "object"),
    ];

    pub(super) fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Returns true if a value is of the type. Bytes are of none.
    pub(super) fn admits(self, value: &Value) -> bool {
        match self {
            Self::Null => matches!(value, Value::Null),
            Self::Boolean => matches!(value, Value::Bool(_)),
            Self::Integer => crate::number::is_whole(value),
            Self::Number => matches!(value, Value::Int(_) | Value::Float(_) | Value::Decimal(_)),
            Self::String => matches!(value, Value::Text(_)),
            Self::Array => matches!(value, Value::List(_)),
            Self::Object => matches!(value, Value::Map(_)),
        }
    }
}

impl Bound {
    pub(super) const ALL: [(Self, &'static str); 4] = [
        (Self::Minimum, "minimum"),
        (Self::Maximum, "maximum"),
        (Self::ExclusiveMinimum, "exclusiveMinimum"),
        (Self::ExclusiveMaximum, "exclusiveMaximum"),
    ];

    pub(super) fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Returns true if a number that compares with the limit in this order is inside the bound.
    pub(super) fn admits(self, order: Ordering) -> bool {
        match self {
            Self::Minimum => order.is_ge(),
            Self::Maximum => order.is_le(),
            Self::ExclusiveMinimum => order.is_gt(),
            Self::ExclusiveMaximum => order.is_lt(),
        }
    }
}

impl Rule {
    /// Returns the schemas of the rule that check the very subject of its own schema, not a part of it.
    pub(super) fn same_subject(&self) -> Vec<Index> {
        match self {
            Self::Reference(index) | Self::Not(index) => [*index].into(),
            Self::All(all) | Self::Any(all) | Self::One(all) => all.clone(),
            Self::If { condition, then, otherwise } => {
                [Some(*condition), *then, *otherwise].into_iter().flatten().collect()
            }
            Self::Properties(properties) => properties.schemas.iter().map(|(_, index)| *index).collect(),
            _ => Vec::new(),
        }
    }
}
