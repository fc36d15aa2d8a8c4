use abi::Value;
use det::{Schema, parse_json};

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
    let holds = holds(&schema, &subject);
    let again = Schema::from_value(schema.to_value().clone()).expect("a schema that was understood");
    assert_eq!(holds, self::holds(&again, &subject));
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
            assert_eq!(self::holds(&combined, &subject), expected, "{keyword} of {source}");
        }
    }
}

fn holds(schema: &Schema, subject: &Value) -> bool {
    match schema.check(subject) {
        Ok(()) => true,
        Err(finding) => finding.to_string().is_empty(),
    }
}
