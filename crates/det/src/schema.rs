//! Schemas: a stated subset of JSON Schema (draft 2020-12), checked over values.
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
//! A keyword about one type says nothing about the others, as in the draft. A schema that goes beyond the
//! subset is refused when it is read, so a constraint that is not understood is never treated as met.

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

/// The keywords that are understood, as an error message lists them.
const KEYWORDS: &str = "type, enum, const, properties, required, additionalProperties, minProperties, \
    maxProperties, items, prefixItems, minItems, maxItems, uniqueItems, minimum, maximum, exclusiveMinimum, \
    exclusiveMaximum, minLength, maxLength, allOf, anyOf, oneOf, not, $defs, $ref";

/// A JSON Schema of which every keyword was understood.
///
/// Holding one proves that the schema stays inside the supported subset, that its references name existing
/// definitions, and that checking a subject ends: at most 16 schemas follow each other on one value, and a
/// check has a bound on its comparisons.
///
/// ```
/// use det::{Schema, Value};
///
/// let schema = Schema::parse(r#"{"type": "object", "required": ["name"]}"#)?;
/// assert!(schema.check(&Value::map([("name", Value::text("Ada"))])).is_ok());
/// assert!(schema.check(&Value::Null).is_err());
/// # Ok::<(), det::SchemaError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Schema {
    /// The schema as it was written, with ignored keywords. The digest of a contract covers it.
    source: Value,
    nodes: Vec<Node>, // Invariant: 0 is the root; every index in a node is inside.
}

/// The reason why a text or a value is not a schema of the supported subset.
///
/// The author of the schema is at fault, never a subject. Most variants name the place by a JSON pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaError {
    /// The text of the schema is not JSON.
    Json(JsonError),
    /// The schema has a keyword that is outside the supported subset, for example `pattern`.
    Keyword {
        /// JSON pointer to the schema that has the keyword; empty for the root.
        at: String,
        /// The keyword that is not supported.
        keyword: String,
    },
    /// A keyword has a value of another form than it demands, such as a text for `minLength`.
    Form {
        /// JSON pointer to the keyword, for example `/properties/name/minLength`.
        at: String,
        /// The form that the keyword demands, in words.
        expected: &'static str,
    },
    /// A reference names a definition that the schema does not have.
    Reference {
        /// JSON pointer to the reference, for example `/properties/name/$ref`.
        at: String,
        /// The content of `$ref`, for example `#/$defs/name`.
        target: String,
    },
    /// References lead back to themselves without entering a part of the subject, so a check would not end.
    Circular {
        /// JSON pointer to one of the schemas on the circle.
        at: String,
    },
    /// The schema nests too deeply, has too many parts, or applies too many of them to one value.
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

/// One schema or part of a schema, with its keywords in a form that is quick to check.
#[derive(Clone, Debug, Default)]
struct Node {
    /// True for the schema `false`, which nothing satisfies.
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

/// The least and the most that a length or a count may be.
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
    /// Reads a schema from its JSON text. A schema that is not understood completely is refused.
    ///
    /// # Errors
    /// The text is not JSON, or the schema is outside the subset; see [`SchemaError`].
    pub fn parse(text: &str) -> Result<Self, SchemaError> {
        Self::from_value(crate::parse_json(text).map_err(SchemaError::Json)?)
    }

    /// Reads a schema from a value, which is the inverse of [`to_value`](Self::to_value).
    ///
    /// # Errors
    /// The schema is outside the subset, or nests too deeply for a contract to hold it; see [`SchemaError`].
    pub fn from_value(source: Value) -> Result<Self, SchemaError> {
        let source =
            crate::nesting::bounded(source, abi::MAX_DEPTH - 4).map_err(|_| SchemaError::TooLarge)?;
        let nodes = compile::compile(&source)?;
        Ok(Self { source, nodes })
    }

    /// Returns the schema as it was written, including the keywords that are ignored.
    #[must_use]
    pub fn to_value(&self) -> &Value {
        &self.source
    }

    /// Checks that `subject` satisfies the schema.
    ///
    /// # Errors
    /// The subject does not satisfy the schema, or checking it takes more than 2,000,000 steps. The finding
    /// names the first place, in the order of the subject, that fails.
    pub fn check(&self, subject: &Value) -> Result<(), SchemaFinding> {
        check::check(&self.nodes, subject)
    }
}
