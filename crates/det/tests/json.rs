//! The JSON reader is strict and total, and agrees with an independent reader on documents that both accept.

use det::{Value, equal, parse_json};
use proptest::prelude::*;

fn fails(text: &str) -> String {
    parse_json(text).expect_err(text).to_string()
}

#[test]
fn documents_become_the_values_of_the_table() {
    let int = |text: &str| matches!(parse_json(text), Ok(Value::Int(_)));
    let float = |text: &str| matches!(parse_json(text), Ok(Value::Float(_)));
    assert!(int("0") && int("-0") && int("9223372036854775807") && int(" -12\n"));
    let decimal = |text: &str| matches!(parse_json(text), Ok(Value::Decimal(_)));
    assert!(float("1.0") && float("1e2") && float("-0.0") && float("9223372036854775808") && float("0.5"));
    assert!(decimal("0.1") && decimal("5e-324") && decimal("-1e400") && decimal("12345678901234567890"));
    assert!(int("9007199254740993.0") && float("0e99999999999999999999"));
    let Ok(Value::Float(zero)) = parse_json("-0.0") else { panic!("a float") };
    assert!(zero.get().is_sign_negative());
    let nested = parse_json(r#"{"b": [true, null, {"é": "\ud83d\ude00\u0041\/\n"}], "a": ""}"#).unwrap();
    let Some(Value::List(items)) = nested.get("b") else { panic!("a list") };
    assert!(equal(items[2].get("é").unwrap(), &Value::text("😀A/\n")));
}

#[test]
fn what_is_not_one_strict_document_is_refused_with_its_place() {
    let table = [
        ("", "ends where a value"),
        ("{\"a\":1,\"a\":2}", "the key comes twice"),
        ("[1,]", "no JSON value"),
        ("{\"a\":1,}", "needs a key"),
        ("{a:1}", "needs a key"),
        ("01", "begin with 0"),
        ("-", "needs a digit"),
        ("1.", "followed by a digit"),
        ("1e", "exponent needs"),
        ("1e99999999999", "32 bits"),
        ("-1e-99999999999999999999999", "32 bits"),
        ("NaN", "no JSON value"),
        ("\"\\ud800\"", "surrogate"),
        ("\"\\ud800\\u0041\"", "surrogate"),
        ("\"\\udc00\"", "surrogate"),
        ("\"\\u+041\"", "four hexadecimal"),
        ("\"\\x\"", "no such escape"),
        ("\"a\nb\"", "control character"),
        ("\"abc", "does not end"),
        ("\"abc\\", "does not end"),
        ("[1 2]", "goes on with"),
        ("{\"a\" 1}", "followed by :"),
        ("1 2", "follows the document"),
        ("{} // done", "follows the document"),
        ("'a'", "no JSON value"),
        ("\u{feff}1", "no JSON value"),
    ];
    for (text, words) in table {
        let error = fails(text);
        assert!(error.contains(words), "{text:?}: {error}");
    }
    assert_eq!(fails("[1,\n  é]"), "line 2, column 3: this is no JSON value");
}

#[test]
fn hostile_sizes_are_values_or_errors_and_never_a_crash() {
    for depth in [63, 64, 65, 100_000] {
        let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(parse_json(&text).is_ok(), depth <= abi::MAX_DEPTH, "{depth}");
    }
    assert!(fails(&"{\"a\":".repeat(100_000)).contains("nests too deeply"));
    let long = format!("\"{}\"", "x".repeat(10_000_000));
    assert!(matches!(&parse_json(&long), Ok(Value::Text(text)) if text.len() == 10_000_000));
    let digits = "9".repeat(1_000_000);
    let number = parse_json(&digits).expect("a decimal");
    let Value::Decimal(nines) = &number else { panic!("a decimal") };
    assert!(nines.digits() == digits && nines.exponent() == 0);
}

/// Returns the value that an independent reader gives for the same text.
fn independent(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(int) => Value::Int(int),
            None => Value::from_number(&number.to_string()).unwrap(),
        },
        serde_json::Value::String(text) => Value::text(text.as_str()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(independent).collect()),
        serde_json::Value::Object(map) => {
            Value::map(map.iter().map(|(key, item)| (key.clone(), independent(item))))
        }
    }
}

/// Returns true if both hold the same. The other reader rounds numbers to floats, and makes a float of `-0`.
fn agree(ours: &Value, theirs: &serde_json::Value) -> bool {
    use serde_json::Value as Json;
    match (ours, theirs) {
        (Value::List(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agree(a, b)),
        (Value::Map(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| agree(a, b)))
        }
        (Value::Float(a), Json::Number(b)) => b.as_f64().is_some_and(|b| near(a.get(), b)),
        (Value::Decimal(a), Json::Number(b)) => {
            b.as_f64().is_some_and(|b| near(a.to_string().parse().unwrap(), b))
        }
        (ours, theirs) => equal(ours, &independent(theirs)),
    }
}

/// Returns true if two floats differ by a few units in the last place, as the other reader's do.
fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= a.abs() * 4.0 * f64::EPSILON + f64::MIN_POSITIVE
}

fn documents() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_filter("finite", |float| float.is_finite()).prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn agrees_with_an_independent_reader(document in documents(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) };
        let ours = parse_json(&text.unwrap()).unwrap();
        prop_assert_eq!(abi::encode(&ours), abi::encode(&independent(&document)));
    }

    #[test]
    fn whatever_it_accepts_an_independent_reader_accepts(text in r#"[\[\]{}:,"\\eE.+0-9a-f nultrs-]{0,24}"#) {
        if let Ok(ours) = parse_json(&text) {
            match serde_json::from_str::<serde_json::Value>(&text) {
                Ok(theirs) => prop_assert!(agree(&ours, &theirs), "{ours:?} and {theirs:?}"),
                Err(error) => prop_assert!(error.to_string().contains("out of range"), "{error}"),
            }
        }
    }
}
