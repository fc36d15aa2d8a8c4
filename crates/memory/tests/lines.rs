//! Export and import: what comes back is what was stored, and a bad line changes nothing.

mod common;

use abi::{Float, Value, encode};
use common::{key, note, open, scratch};
use memory::{Draft, MemoryError, Steward, Store, export_line, parse_line};
use proptest::prelude::*;

fn lines(store: &Store) -> Vec<String> {
    let mut lines = Vec::new();
    store
        .export(|entry| {
            lines.push(export_line(&entry));
            Ok::<(), MemoryError>(())
        })
        .expect("exported");
    lines
}

fn import(store: &Store, text: &str) -> Result<memory::Imported, MemoryError> {
    store.import(text.lines(), None)
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_filter_map("a number", |number| Float::new(number).map(Value::Float)),
        "[0-9]{1,30}(\\.[0-9]{1,9})?".prop_filter_map("a number", |text| Value::from_number(&text)),
        ".{0,20}".prop_map(Value::Text),
        proptest::collection::vec(any::<u8>(), 0..20).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            proptest::collection::btree_map(".{0,5}", inner, 0..4).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_line_loses_nothing(value in value(), pin in any::<bool>(), worth in 0_u8..=10, at in 0_i64..i64::MAX) {
        let encoded = encode(&value);
        let draft = Draft::note(key("any \"key\" ä"), value);
        let entry = memory::Entry {
            key: draft.key.as_str().to_owned(),
            kind: "note".to_owned(),
            digest: abi::Digest::from_bytes([0; 32]),
            value: draft.value,
            worth,
            pinned: pin,
            created_ms: at / 2,
            updated_ms: at,
            accessed_ms: at,
            uses: at / 3,
        };
        let line = export_line(&entry);
        prop_assert!(!line.contains('\n'));
        let read = parse_line(&line).expect("our own line");
        prop_assert_eq!(encode(&read.value), encoded);
        prop_assert_eq!((read.key, read.kind, read.worth, read.pinned), (entry.key, entry.kind, worth, pin));
        prop_assert_eq!((read.created_ms, read.updated_ms, read.uses), (at / 2, at, at / 3));
    }
}

#[test]
fn an_export_is_imported_as_it_was() {
    let (from, to) = (scratch("from"), scratch("to"));
    let store = open(&from);
    for number in 0..50 {
        store
            .put(&note(format!("k{number}"), format!("text {number}\nand \u{1f980}")), number)
            .expect("stored");
        store.get(&format!("k{}", number / 2), 100 + number).expect("read");
    }
    store.put(&Draft { pin: true, ..Draft::note(key("pin"), Value::Bytes(vec![1, 2])) }, 60).expect("stored");
    let exported = lines(&store);
    let other = open(&to);
    let imported = import(&other, &exported.join("\n")).expect("imported");
    assert_eq!((imported.entries, imported.replaced), (51, 0));
    assert_eq!(lines(&other), exported);
    let again = import(&other, &exported.join("\n\n")).expect("imported again");
    assert_eq!((again.entries, again.replaced), (51, 51));
    assert_eq!(lines(&other), exported);
    assert_eq!(other.consult("text 7", 5_000, 0).expect("consulted").recalled[0].entry.key, "k7");
}

#[test]
fn a_bad_line_is_named_and_nothing_is_imported() {
    let scratch = scratch("bad");
    let store = open(&scratch);
    store.put(&note("a", "one"), 0).expect("stored");
    let before = lines(&store);
    let cases = [
        ("{", "no JSON object"),
        ("[1]", "is a list and no JSON object"),
        (r#"{"value": 1}"#, "`key` is missing"),
        (r#"{"key": "b"}"#, "`value` is missing"),
        (r#"{"key": "b", "value": 1, "encoded": "00"}"#, "both `value` and `encoded`"),
        (r#"{"key": "b", "encoded": "0"}"#, "hexadecimal"),
        (r#"{"key": "b", "encoded": "0A"}"#, "hexadecimal"),
        (r#"{"key": "b", "encoded": "ff"}"#, "encoded value is refused"),
        (r#"{"key": "b", "value": 1, "more": 2}"#, "`more` is not known"),
        (r#"{"key": "__governance__", "value": 1}"#, "belong to the store"),
        (r#"{"key": "", "value": 1}"#, "empty"),
        (r#"{"key": "b", "kind": "\n", "value": 1}"#, "control character"),
        (r#"{"key": "b", "value": 1, "worth": 11}"#, "from 0 to 10"),
        (r#"{"key": "b", "value": 1, "worth": 256}"#, "from 0 to 10"),
        (r#"{"key": "b", "value": 1, "uses": -1}"#, "from 0 on"),
        (r#"{"key": "b", "value": 1, "pinned": 1}"#, "true or false"),
        (r#"{"key": "b", "key": "c", "value": 1}"#, "no JSON object"),
    ];
    for (line, wanted) in cases {
        let text = format!("{{\"key\": \"x\", \"value\": 1}}\n\n{line}\n");
        let error = import(&store, &text).expect_err(line);
        assert!(matches!(error, MemoryError::Line { line: 3, .. }), "{error:?}");
        assert!(error.to_string().contains(wanted), "{line}: {error}");
        assert_eq!(lines(&store), before, "{line}");
    }
}

#[test]
fn an_import_that_does_not_fit_changes_nothing() {
    let scratch = scratch("fit");
    let store = open(&scratch);
    store.put(&note("a", "one"), 0).expect("stored");
    let before = lines(&store);
    let line = |number: usize| format!("{{\"key\":\"k{number}\",\"value\":\"{}\"}}", "x".repeat(9_000));
    let text: Vec<String> = (0..100).map(line).collect();
    let error = import(&store, &text.join("\n")).expect_err("too much");
    let MemoryError::ImportTooLarge { line } = error else { panic!("{error}") };
    assert!((10..60).contains(&line), "{line}");
    assert_eq!(lines(&store), before);
    import(&store, &text[..10].join("\n")).expect("a few fit");
    // Pins of an import are those of an ordinary caller, unless it has the privilege.
    let pinned = |number: usize| {
        format!("{{\"key\":\"p{number}\",\"value\":\"{}\",\"pinned\":true}}", "y".repeat(9_000))
    };
    let text: Vec<String> = (0..8).map(pinned).collect();
    let error = import(&store, &text.join("\n")).expect_err("too many pins");
    assert!(matches!(error, MemoryError::PinQuota { .. }), "{error}");
    store.import(text.join("\n").lines(), Some(&Steward::for_owner())).expect("a steward may");
}
