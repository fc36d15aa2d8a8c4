//! The stated subset of JSON Schema (draft 2020-12), checked over values.
//!
//! | keyword | here |
//! |---|---|
//! | `type` | a word or a list of words; `integer` is an int or a float without fraction, as the draft says; bytes have no type |
//! | `enum`, `const` | compared with [`equal`](crate::equal) |
//! | `properties`, `required`, `additionalProperties`, `minProperties`, `maxProperties` | maps |
//! | `items`, `prefixItems`, `minItems`, `maxItems`, `uniqueItems` | lists |
//! | `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum` | numbers, compared exactly |
//! | `minLength`, `maxLength` | texts, in code points |
//! | `allOf`, `anyOf`, `oneOf`, `not` | |
//! | `$defs`, `$ref` | `#` and `#/$defs/NAME` only; a reference that leads to itself without entering a part of the subject is refused |
//! | `title`, `description`, `default`, `examples`, `deprecated`, `$schema`, `$id`, `$comment` | ignored |
//! | anything else, `pattern` and `format` among them | refused by name |
//!
//! A keyword about one type says nothing about the others, as in the draft. What is refused is refused when
//! the schema is read: a constraint that is not understood is never treated as met.

mod check;
mod compile;
mod number;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use abi::Value;

use crate::JsonError;

pub use check::SchemaFinding;

/// The keywords that are understood, as an error names them.
const KEYWORDS: &str = "type, enum, const, properties, required, additionalProperties, minProperties, \
    maxProperties, items, prefixItems, minItems, maxItems, uniqueItems, minimum, maximum, exclusiveMinimum, \
    exclusiveMaximum, minLength, maxLength, allOf, anyOf, oneOf, not, $defs, $ref";

/// A schema that was understood whole.
#[derive(Clone, Debug)]
pub struct Schema {
    /// As it was written, which is what a contract digests.
    source: Value,
    nodes: Vec<Node>, // Invariant: 0 is the root; every index in a node is inside.
}

/// Why a schema is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaError {
    /// The text is not JSON.
    Json(JsonError),
    /// A keyword outside the subset.
    Keyword {
        /// JSON pointer to the schema that has it.
        at: String,
        /// The keyword.
        keyword: String,
    },
    /// A keyword whose value is not of its form.
    Form {
        /// JSON pointer to the keyword.
        at: String,
        /// What it must be.
        expected: &'static str,
    },
    /// A reference to nothing that is here.
    Reference {
        /// JSON pointer to the reference.
        at: String,
        /// What it names.
        target: String,
    },
    /// References that lead back to themselves without entering a part of the subject.
    Circular {
        /// JSON pointer to a schema on the way.
        at: String,
    },
    /// Schemas nest too deeply, or there are too many.
    TooLarge,
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |at: &'_ str| if at.is_empty() { String::from("the root") } else { String::from(at) };
        match self {
            Self::Json(error) => write!(f, "the schema is not JSON: {error}"),
            Self::Keyword { at, keyword } => write!(
                f,
                "{} has {keyword}, which is outside the subset; remove it (the subset is {KEYWORDS})",
                place(at)
            ),
            Self::Form { at, expected } => write!(f, "{} must be {expected}", place(at)),
            Self::Reference { at, target } => {
                write!(f, "{} names {target}; use # or #/$defs/NAME with a definition of that name", place(at))
            }
            Self::Circular { at } => {
                write!(f, "{} leads back to itself; let it enter a property or an item first", place(at))
            }
            Self::TooLarge => f.write_str("the schema nests more than 60 deep, has more than 10000 parts, or more than 16 that follow each other on one value"),
        }
    }
}

impl core::error::Error for SchemaError {}

/// One schema, its keywords in a form that is quick to check.
#[derive(Clone, Debug, Default)]
struct Node {
    /// `false`: nothing satisfies it.
    never: bool,
    reference: Option<usize>,
    types: Option<Vec<Type>>,
    one_of_values: Option<Vec<Value>>,
    constant: Option<Value>,
    numbers: Vec<(Bound, Value)>,
    lengths: Sizes,
    items: Sizes,
    properties: Sizes,
    unique: bool,
    prefix: Vec<usize>,
    rest: Option<usize>,
    named: BTreeMap<String, usize>,
    required: Vec<String>,
    additional: Option<usize>,
    all: Vec<usize>,
    any: Vec<usize>,
    one: Vec<usize>,
    not: Option<usize>,
}

/// A least and a most.
#[derive(Clone, Copy, Debug, Default)]
struct Sizes {
    least: Option<u64>,
    most: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Minimum,
    Maximum,
    ExclusiveMinimum,
    ExclusiveMaximum,
}

impl Type {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Null, "null"),
        (Self::Boolean, "boolean"),
        (Self::Integer, "integer"),
        (Self::Number, "number"),
        (Self::String, "string"),
        (Self::Array, "array"),
        (Self::Object, "object"),
    ];

    fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

impl Bound {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Minimum, "minimum"),
        (Self::Maximum, "maximum"),
        (Self::ExclusiveMinimum, "exclusiveMinimum"),
        (Self::ExclusiveMaximum, "exclusiveMaximum"),
    ];

    fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

impl Schema {
    /// Reads a schema from its JSON text.
    ///
    /// # Errors
    /// It is not JSON, or goes beyond the subset.
    pub fn parse(text: &str) -> Result<Self, SchemaError> {
        Self::of_value(crate::parse_json(text).map_err(SchemaError::Json)?)
    }

    /// Reads a schema from a value.
    ///
    /// # Errors
    /// It goes beyond the subset.
    pub fn of_value(source: Value) -> Result<Self, SchemaError> {
        let source =
            crate::nesting::bounded(source, abi::MAX_DEPTH - 4).map_err(|_| SchemaError::TooLarge)?;
        let nodes = compile::compile(&source)?;
        Ok(Self { source, nodes })
    }

    /// The schema as it was written.
    #[must_use]
    pub fn to_value(&self) -> &Value {
        &self.source
    }

    /// Holds a subject against the schema.
    ///
    /// # Errors
    /// The first place, in the order of the subject, at which it does not satisfy the schema.
    pub fn check(&self, subject: &Value) -> Result<(), SchemaFinding> {
        check::check(&self.nodes, subject)
    }
}
