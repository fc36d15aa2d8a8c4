//! The errors of a schema that is not understood.

use alloc::string::String;
use core::fmt;

use super::finding;
use crate::JsonError;
use crate::pattern::PatternError;

/// The keywords that are understood, as an error names them.
const KEYWORDS: &str = "type, enum, const, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, \
    minLength, maxLength, pattern, format, items, prefixItems, contains, minContains, maxContains, minItems, \
    maxItems, uniqueItems, properties, patternProperties, additionalProperties, propertyNames, required, \
    dependentRequired, dependentSchemas, minProperties, maxProperties, allOf, anyOf, oneOf, not, if, then, else, \
    $defs, definitions, $ref";

/// The reason why a text or a value is not a schema of the subset.
///
/// The author of the schema is at fault, never a subject. Each variant names a place by a JSON pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaError {
    /// The text is not JSON.
    Json(JsonError),
    /// The schema has a keyword outside the subset, or one that its draft does not have.
    Keyword {
        /// JSON pointer to the schema that has it.
        at: String,
        /// The keyword.
        keyword: String,
    },
    /// A keyword stands where its draft gives it no meaning.
    Place {
        /// JSON pointer to the schema that has it.
        at: String,
        /// The keyword.
        keyword: String,
        /// The reason why it cannot stand there.
        why: &'static str,
    },
    /// A keyword has a value of another form than it demands.
    Form {
        /// JSON pointer to the keyword.
        at: String,
        /// The form that the keyword demands.
        expected: &'static str,
    },
    /// The schema is of a draft that is not understood.
    Draft {
        /// The draft, as `$schema` names it.
        found: String,
    },
    /// The format is not one of those that are understood.
    Format {
        /// JSON pointer to the schema that has it.
        at: String,
        /// The format.
        format: String,
    },
    /// The pattern is not of the dialect.
    Pattern {
        /// JSON pointer to the pattern.
        at: String,
        /// The place in the pattern and the fault there.
        error: PatternError,
    },
    /// A reference leads to no schema of the document.
    Reference {
        /// JSON pointer to the reference.
        at: String,
        /// The reference as it was written.
        target: String,
    },
    /// References lead back to themselves without entering a part of the subject.
    Circular {
        /// JSON pointer to a schema on the way.
        at: String,
    },
    /// Schemas nest too deeply, or there are too many.
    TooLarge,
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |at: &str| if at.is_empty() { String::from("the root") } else { finding::cut(at.into()) };
        let name = finding::name;
        match self {
            Self::Json(error) => write!(f, "the schema is not JSON: {error}"),
            Self::Keyword { at, keyword } => write!(
                f,
                "{} has {}, which is outside the subset; remove it (the subset is {KEYWORDS})",
                place(at),
                name(keyword)
            ),
            Self::Place { at, keyword, why } => write!(f, "{} has {}, but {why}", place(at), name(keyword)),
            Self::Form { at, expected } => write!(f, "{} must be {expected}", place(at)),
            Self::Draft { found } => write!(
                f,
                "$schema names {}; the drafts 2020-12, 2019-09 and 7 are understood",
                finding::cut(found.clone())
            ),
            Self::Format { at, format } => write!(
                f,
                "{} has the format {}; use date, time, date-time, email, hostname, ipv4, ipv6, uri or uuid, or a pattern",
                place(at),
                name(format)
            ),
            Self::Pattern { at, error } => write!(f, "the pattern at {}, {error}", place(at)),
            Self::Reference { at, target } => write!(
                f,
                "{} names {}; use # or a JSON pointer to a schema of this document, such as #/$defs/NAME",
                place(at),
                finding::cut(target.clone())
            ),
            Self::Circular { at } => {
                write!(f, "{} leads back to itself; let it enter a property or an item first", place(at))
            }
            Self::TooLarge => f.write_str("the schema nests more than 60 deep, has more than 10000 parts or patterns of more than 131072, or more than 16 that follow each other on one value"),
        }
    }
}

impl core::error::Error for SchemaError {}
