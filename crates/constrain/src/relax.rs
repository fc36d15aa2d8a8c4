//! The removal of keywords that become no automaton.
//!
//! A schema without one of its keywords accepts more documents, if the keyword is one that only narrows. All of
//! [`REMOVABLE`] do; where others read a keyword, those are removed with it.

use serde_json::Value;

/// The keywords that can be left out, each with those that read it. The keywords whose regular expressions
/// fail most often come first.
pub(crate) const REMOVABLE: [(&str, &[&str]); 18] = [
    ("pattern", &[]),
    ("format", &[]),
    ("patternProperties", &["additionalProperties"]),
    ("multipleOf", &[]),
    ("minimum", &[]),
    ("maximum", &[]),
    ("exclusiveMinimum", &[]),
    ("exclusiveMaximum", &[]),
    ("propertyNames", &[]),
    ("oneOf", &[]),
    ("allOf", &[]),
    ("anyOf", &[]),
    ("$ref", &[]),
    ("enum", &[]),
    ("const", &[]),
    ("minProperties", &[]),
    ("maxProperties", &[]),
    ("maxLength", &[]),
];

/// The keywords whose value is a map from names to schemas, so that its keys are no keywords.
const NAMED: [&str; 5] = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];
/// The keywords whose value is data and no schema.
const DATA: [&str; 4] = ["enum", "const", "default", "examples"];

/// Removes `keyword`, and the keywords that read it, from every schema inside `schema`. Returns true if
/// something was removed.
pub(crate) fn without(schema: &mut Value, keyword: &str, readers: &[&str]) -> bool {
    match schema {
        Value::Array(schemas) => {
            schemas.iter_mut().fold(false, |removed, inner| without(inner, keyword, readers) | removed)
        }
        Value::Object(map) => {
            let mut removed = map.remove(keyword).is_some();
            if removed {
                readers.iter().for_each(|reader| drop(map.remove(*reader)));
            }
            for (key, inner) in map.iter_mut().filter(|(key, _)| !DATA.contains(&key.as_str())) {
                removed |= match inner {
                    Value::Object(named) if NAMED.contains(&key.as_str()) => named
                        .values_mut()
                        .fold(false, |removed, inner| without(inner, keyword, readers) | removed),
                    _ => without(inner, keyword, readers),
                };
            }
            removed
        }
        _ => false,
    }
}

/// Days that the calendar has: the 29th of February in leap years alone.
const DAY: &str = concat!(
    "^([0-9]{4}-(0[13-9]|1[0-2])-|[0-9]{4}-02-([01][0-9]|2[0-8])",
    "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)",
);
/// Times without a second 60, with an offset.
const TIME: &str = r":[0-5][0-9](\.[0-9]{1,9})?([zZ]|[+-][0-9]{2}:[0-9]{2})$";
/// The formats that the library takes more widely than the judge, each with patterns that hold beside it.
const NARROWER: [(&str, &[&str]); 5] = [
    ("date", &[DAY]),
    ("time", &[TIME]),
    ("date-time", &[DAY, TIME]),
    ("email", &["^[^@]{1,64}@[^@]{1,63}$"]),
    ("hostname", &["^.{1,253}$"]),
];

/// Adds the patterns of [`NARROWER`] to every schema inside `schema` with such a format.
pub(crate) fn narrow_formats(schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(narrow_formats),
        Value::Object(map) => {
            for (_, inner) in map.iter_mut().filter(|(key, _)| !DATA.contains(&key.as_str())) {
                narrow_formats(inner);
            }
            let format = map.get("format").and_then(Value::as_str);
            let Some((_, patterns)) = NARROWER.iter().find(|(narrow, _)| Some(*narrow) == format) else {
                return;
            };
            let all = map.entry("allOf").or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(all) = all {
                all.extend(patterns.iter().map(|pattern| serde_json::json!({ "pattern": pattern })));
            }
        }
        _ => {}
    }
}

/// Returns the depth of a value: 1 for a scalar, and one more for each list or map around it.
pub(crate) fn depth(value: &Value) -> usize {
    let inner = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(map) => map.values().map(depth).max(),
        _ => None,
    };
    1 + inner.unwrap_or(0)
}

/// Returns the largest number of members of a schema inside `schema`: its properties, required names, and the schemas in
/// its lists. The values of an `enum` do not count, because they become one expression.
pub(crate) fn most_members(schema: &Value) -> usize {
    match schema {
        Value::Array(items) => items.iter().map(most_members).max().unwrap_or(0),
        Value::Object(map) => {
            let is_read = |(key, _): &(&String, &Value)| !DATA.contains(&key.as_str());
            let own = map.iter().filter(is_read).map(|(_, inner)| match inner {
                Value::Array(members) => members.len(),
                Value::Object(members) => members.len(),
                _ => 0,
            });
            let inner = map.iter().filter(is_read).map(|(_, inner)| most_members(inner)).max();
            own.sum::<usize>().max(inner.unwrap_or(0))
        }
        _ => 0,
    }
}

/// Returns a bound of the combinations that the library multiplies out: alternatives of one schema add up, and
/// schemas that hold together multiply.
pub(crate) fn alternatives(schema: &Value) -> u64 {
    let list = |key: &str| schema.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let either = |key: &str| match list(key) {
        [] => 1,
        schemas => schemas.iter().map(alternatives).fold(0, u64::saturating_add),
    };
    let all = list("allOf").iter().map(alternatives).fold(1, u64::saturating_mul);
    all.saturating_mul(either("anyOf")).saturating_mul(either("oneOf"))
}

/// Returns the largest number of [`alternatives`] of a schema inside `schema`.
pub(crate) fn most_alternatives(schema: &Value) -> u64 {
    let inner = match schema {
        Value::Array(items) => items.iter().map(most_alternatives).max(),
        Value::Object(map) => map.values().map(most_alternatives).max(),
        _ => None,
    };
    alternatives(schema).max(inner.unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{alternatives, depth, without};

    #[test]
    fn a_keyword_is_removed_with_its_readers_and_no_property_of_the_same_name() {
        let mut schema = json!({
            "properties": {"pattern": {"pattern": "(?=a)"}, "b": {"enum": [{"pattern": 1}]}},
            "patternProperties": {"^x": {"pattern": "y"}}, "additionalProperties": false,
        });
        assert!(without(&mut schema, "pattern", &[]));
        let left = json!({
            "properties": {"pattern": {}, "b": {"enum": [{"pattern": 1}]}},
            "patternProperties": {"^x": {}}, "additionalProperties": false,
        });
        assert_eq!(schema, left);
        assert!(!without(&mut schema, "pattern", &[]), "nothing is left to remove");
        assert!(without(&mut schema, "patternProperties", &["additionalProperties"]));
        assert_eq!(schema.as_object().unwrap().len(), 1);
    }

    #[test]
    fn alternatives_add_and_what_holds_together_multiplies() {
        let two = json!({"anyOf": [true, false]});
        assert_eq!(alternatives(&two), 2);
        assert_eq!(alternatives(&json!({"allOf": [two, two, two]})), 8);
        assert_eq!(alternatives(&json!({"oneOf": [two, two, true]})), 5);
        assert_eq!((depth(&json!(1)), depth(&json!([{"a": 1}]))), (1, 3));
    }
}
