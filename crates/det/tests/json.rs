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
    assert!(float("1.0") && float("1e2") && float("-0.0") && float("9223372036854775808") && float("5e-324"));
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
        ("1e400", "too large"),
        ("-1e400", "too large"),
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
    let digits = "9".repeat(100_000);
    assert!(fails(&digits).contains("too large"));
}

/// Returns the value that an independent reader gives for the same text.
fn independent(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(int) => Value::Int(int),
            None => Value::Float(det::Float::new(number.as_f64().unwrap()).unwrap()),
        },
        serde_json::Value::String(text) => Value::text(text.as_str()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(independent).collect()),
        serde_json::Value::Object(map) => {
            Value::map(map.iter().map(|(key, item)| (key.clone(), independent(item))))
        }
    }
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
            let theirs: serde_json::Value = serde_json::from_str(&text).unwrap();
            // Numbers are compared by value, because the other reader makes a float of `-0`.
            prop_assert!(equal(&ours, &independent(&theirs)));
        }
    }
}
