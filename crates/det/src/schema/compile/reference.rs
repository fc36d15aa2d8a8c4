//! References: JSON pointers in the fragment of an address, followed token by token.

use alloc::string::String;
use alloc::vec::Vec;

use abi::Value;

use super::{Compiled, Compiler, Place};
use crate::schema::SchemaError;
use crate::schema::rule::{Index, Rule};

/// The keywords under which schemas stand, alone, in a list or by their names.
const HOLDERS: [&str; 18] = [
    "$defs",
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "contains",
    "definitions",
    "dependentSchemas",
    "else",
    "if",
    "items",
    "not",
    "oneOf",
    "patternProperties",
    "prefixItems",
    "properties",
    "propertyNames",
    "then",
];

impl Compiler {
    /// Gives each reference the schema that it names.
    pub(super) fn resolve(&mut self, root: &Value) -> Compiled<()> {
        let id = root.get("$id").and_then(Value::as_text);
        for (index, target) in core::mem::take(&mut self.references) {
            let Some(found) = self.target(&target, id) else {
                return Err(SchemaError::Reference { at: self.keyword_pointer(index, "$ref"), target });
            };
            for rule in &mut self.nodes[index] {
                if let Rule::Reference(place) = rule {
                    *place = found;
                }
            }
        }
        Ok(())
    }

    fn target(&self, target: &str, id: Option<&str>) -> Option<Index> {
        let id = id.map(|id| id.trim_end_matches('#')).filter(|id| !id.is_empty());
        let local = id.and_then(|id| target.strip_prefix(id)).unwrap_or(target);
        if local.is_empty() {
            // The address of the document, or an empty reference to it.
            return Some(0);
        }
        let pointer = decoded(local.strip_prefix('#')?)?;
        if pointer.is_empty() {
            return Some(0);
        }
        let mut tokens = pointer.strip_prefix('/')?.split('/').map(unescaped);
        let mut at = 0;
        while let Some(keyword) = tokens.next() {
            let keyword = keyword?;
            let keyword = *HOLDERS.iter().find(|known| **known == keyword)?;
            let alone = Place { parent: at, keyword, token: None };
            at = match self.children.get(&alone) {
                Some(found) => *found,
                None => {
                    let token = Some(tokens.next()??);
                    *self.children.get(&Place { parent: at, keyword, token })?
                }
            };
        }
        Some(at)
    }
}

/// Returns a fragment with each `%XX` replaced by its byte, once. What is not UTF-8 then is no pointer.
fn decoded(fragment: &str) -> Option<String> {
    let mut bytes = fragment.bytes();
    let mut out = Vec::with_capacity(fragment.len());
    let digit = |bytes: &mut core::str::Bytes<'_>| char::from(bytes.next()?).to_digit(16);
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => u8::try_from(digit(&mut bytes)? * 16 + digit(&mut bytes)?).ok()?,
            byte => byte,
        });
    }
    String::from_utf8(out).ok()
}

/// Returns a token with `~1` and `~0` replaced. Any other `~` is none of a pointer.
fn unescaped(token: &str) -> Option<String> {
    let mut out = String::with_capacity(token.len());
    let mut chars = token.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '~' => match chars.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            c => c,
        });
    }
    Some(out)
}
