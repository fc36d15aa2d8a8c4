//! Schemas: a stated subset of JSON Schema, checked over values.
//!
//! | keyword | here |
//! |---|---|
//! | `type` | a word or a list of words; `integer` is a number without fraction, as the drafts say; bytes have no type |
//! | `enum`, `const` | compared with [`equal`](crate::equal), as the number was written |
//! | `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum` | numbers, compared exactly |
//! | `multipleOf` | decided exactly in decimal; the divisor's significant digits fit into 64 bits, as any 19 do |
//! | `minLength`, `maxLength` | texts, in code points |
//! | `pattern` | a regular expression of ECMA-262 that has a linear match; what has none, such as `(?=…)` and `\1`, is refused by name |
//! | `format` | `date`, `time`, `date-time`, `email`, `hostname`, `ipv4`, `ipv6`, `uri` and `uuid` are demands; any other is refused by name |
//! | `items`, `prefixItems`, `contains`, `minContains`, `maxContains`, `minItems`, `maxItems`, `uniqueItems` | lists |
//! | `properties`, `patternProperties`, `additionalProperties`, `propertyNames`, `required`, `dependentRequired`, `dependentSchemas`, `minProperties`, `maxProperties` | maps |
//! | `allOf`, `anyOf`, `oneOf`, `not`, `if`, `then`, `else` | |
//! | `$defs`, `definitions` | the same: places for schemas |
//! | `$ref` | `#` or a JSON pointer to any schema of the same document, with the document's `$id` before it or without; a reference that leads to itself without entering a part of the subject is refused |
//! | `$schema` | at the root: draft 2020-12, 2019-09 or 7; any other draft is refused by name |
//! | `$id` | at the root, and it changes nothing; inside it would move references, so it is refused by name |
//! | `title`, `description`, `default`, `examples`, `deprecated`, `readOnly`, `writeOnly`, `$comment` | annotations, which demand nothing |
//! | `discriminator` | an annotation beside `oneOf` or `anyOf`, which decide |
//! | anything else, `unevaluatedProperties`, `$dynamicRef` and `contentEncoding` among them | refused by name |
//!
//! In the older drafts `items` may be a list, with `additionalItems` for the rest, and keywords that a draft does
//! not have are refused by name. In draft 7 a keyword beside `$ref` demands nothing, so one that would demand
//! something is refused.
//!
//! A keyword about one type says nothing about the others, as in the drafts. A schema that goes beyond the
//! subset is refused when it is read, so a constraint that is not understood is never treated as met.

mod check;
mod compile;
mod error;
mod finding;
mod multiple;
mod rule;

use alloc::vec::Vec;

use abi::Value;

use crate::fuel::Fuel;
use crate::nesting;

pub use error::SchemaError;
pub use finding::{CheckError, SchemaFinding};
use rule::Rule;

/// A JSON Schema of which every keyword was understood.
///
/// Holding one proves that the schema stays inside the subset, that its references lead somewhere, and that
/// checking a subject ends: the schemas that follow each other on one value are few, and a check has fuel.
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
    nodes: Vec<Vec<Rule>>, // Invariant: 0 is the root; every index in a rule is inside.
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
        let source = nesting::bounded(source, abi::MAX_DEPTH - 4).map_err(|_| SchemaError::TooLarge)?;
        let nodes = compile::compile(&source)?;
        Ok(Self { source, nodes })
    }

    /// Returns the schema as it was written, including the keywords that are ignored.
    #[must_use]
    pub fn to_value(&self) -> &Value {
        &self.source
    }

    /// Checks that a subject satisfies the schema, with the fuel of one judgement.
    ///
    /// # Errors
    /// The subject does not satisfy the schema, and the finding names the first place; or the fuel ends before
    /// that is known; or the subject nests too deeply to be followed.
    pub fn check(&self, subject: &Value) -> Result<(), CheckError> {
        let depth = nesting::measure(subject).depth;
        if depth > abi::MAX_DEPTH {
            return Err(CheckError::TooDeep { depth });
        }
        self.check_within(subject, &mut Fuel::for_judgement())
    }

    /// Checks a subject that nests at most [`abi::MAX_DEPTH`] deep, with the fuel that is left.
    pub(crate) fn check_within(&self, subject: &Value, fuel: &mut Fuel) -> Result<(), CheckError> {
        check::check(&self.nodes, subject, fuel)
    }
}
