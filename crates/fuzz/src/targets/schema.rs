use abi::Value;
use det::{CheckError, Schema, parse_json};

use super::{split, text};

/// Checks a schema and a subject, which the input separates by a zero byte: an accepted schema must be read
/// back with the same meaning, and combinations of it with `not`, `allOf`, `anyOf` and `oneOf` must follow
/// the rules of logic.
pub(super) fn schema(bytes: &[u8]) {
    let (schema, subject) = split(bytes);
    let source = text(schema);
    let schema = match Schema::parse(&source) {
        Ok(schema) => schema,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let subject = parse_json(&text(subject)).unwrap_or_else(|_| schema.to_value().clone());
    let again = Schema::from_value(schema.to_value().clone()).expect("a schema that was understood");
    assert_eq!(holds(&schema, &subject), holds(&again, &subject));
    // Without fuel for it, nothing is known.
    let Some(holds) = holds(&schema, &subject) else { return };
    // A reference has another meaning if its schema lies inside another one.
    if source.contains('$') || source.contains('\\') {
        return;
    }
    let inner = schema.to_value();
    let list = |count| Value::List(vec![inner.clone(); count]);
    let combined = [
        ("not", inner.clone(), !holds),
        ("allOf", list(2), holds),
        ("anyOf", list(2), holds),
        ("oneOf", list(1), holds),
        ("oneOf", list(2), false),
    ];
    for (keyword, value, expected) in combined {
        // The combination may be too large even if its part is not.
        if let Ok(combined) = Schema::from_value(Value::map([(keyword, value)])) {
            let found = self::holds(&combined, &subject).unwrap_or(expected);
            assert_eq!(found, expected, "{keyword} of {source}");
        }
    }
}

/// Returns true if the subject satisfies the schema, or None if the fuel ends before that is known.
fn holds(schema: &Schema, subject: &Value) -> Option<bool> {
    match schema.check(subject) {
        Ok(()) => Some(true),
        Err(CheckError::OutOfFuel) => None,
        Err(finding) => {
            let words = finding.to_string();
            assert!(!words.is_empty() && words.chars().count() < 1000, "{words}");
            Some(false)
        }
    }
}
