//! The drafts of JSON Schema, and the keywords that each of them has.

use alloc::borrow::ToOwned;
use alloc::string::String;

use abi::Value;

use super::{Compiled, Compiler, Keywords};
use crate::schema::SchemaError;
use crate::schema::rule::Index;

/// A draft of JSON Schema, in the order in which they were published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Draft {
    Seven,
    Of2019,
    Of2020,
}

/// The addresses by which `$schema` names a draft, without the scheme and an empty fragment.
const DRAFTS: [(&str, Draft); 3] = [
    ("//json-schema.org/draft-07/schema", Draft::Seven),
    ("//json-schema.org/draft/2019-09/schema", Draft::Of2019),
    ("//json-schema.org/draft/2020-12/schema", Draft::Of2020),
];

/// The keywords that are read, apart from the annotations and those that not all drafts have.
const KEYWORDS: [&str; 37] = [
    "$defs",
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "contains",
    "definitions",
    "discriminator",
    "else",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "if",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "patternProperties",
    "properties",
    "propertyNames",
    "required",
    "then",
    "type",
    "uniqueItems",
    // The root alone has these two.
    "$id",
    "$schema",
];

/// Keywords that demand nothing.
const ANNOTATIONS: [&str; 8] =
    ["$comment", "default", "deprecated", "description", "examples", "readOnly", "title", "writeOnly"];

/// Keywords that came with the draft of 2019.
const SINCE_2019: [&str; 4] = ["dependentRequired", "dependentSchemas", "maxContains", "minContains"];

impl Draft {
    /// Returns the draft that the root of a schema names, or the newest one if it names none.
    pub(super) fn from_root(root: &Value) -> Compiled<Self> {
        let found = match root.get("$schema") {
            None => return Ok(Self::Of2020),
            Some(Value::Text(found)) => found,
            Some(_) => return Err(SchemaError::Form { at: "/$schema".to_owned(), expected: "a text" }),
        };
        let address = found.strip_suffix('#').unwrap_or(found);
        let address = address.strip_prefix("https:").or_else(|| address.strip_prefix("http:"));
        let known = DRAFTS.into_iter().find(|(known, _)| Some(*known) == address);
        known.map(|(_, draft)| draft).ok_or_else(|| SchemaError::Draft { found: found.clone() })
    }

    fn has(self, keyword: &str) -> bool {
        match keyword {
            "additionalItems" => self < Self::Of2020,
            "prefixItems" => self == Self::Of2020,
            // Before the draft of 2020 a list stands under `items` instead.
            keyword if SINCE_2019.contains(&keyword) => self >= Self::Of2019,
            keyword => KEYWORDS.contains(&keyword),
        }
    }
}

impl Compiler {
    /// Refuses what this schema has and its draft does not give the meaning that is checked here.
    pub(super) fn refuse_unknown(&self, index: Index, map: &Keywords) -> Compiled<()> {
        let is_root = index == 0;
        let is_bare = self.draft == Draft::Seven && map.contains_key("$ref");
        for keyword in map.keys().map(String::as_str).filter(|keyword| !ANNOTATIONS.contains(keyword)) {
            let place =
                |why| Err(SchemaError::Place { at: self.pointer(index), keyword: keyword.to_owned(), why });
            match keyword {
                _ if !self.draft.has(keyword) => {
                    return Err(SchemaError::Keyword {
                        at: self.pointer(index),
                        keyword: keyword.to_owned(),
                    });
                }
                "$schema" | "$id" if !is_root => return place("only the root of a schema may have it"),
                "discriminator" if !map.contains_key("oneOf") && !map.contains_key("anyOf") => {
                    return place("it says nothing without oneOf or anyOf");
                }
                "$ref" | "$defs" | "definitions" | "$schema" | "$id" => {}
                _ if is_bare => {
                    return place("draft 7 ignores what stands beside $ref; put both into allOf");
                }
                _ => {}
            }
        }
        match map.get("$id") {
            None => Ok(()),
            Some(Value::Text(id)) if !id.trim_end_matches('#').contains('#') => Ok(()),
            Some(_) => Err(self.form(index, "$id", "an address without a fragment")),
        }
    }
}
