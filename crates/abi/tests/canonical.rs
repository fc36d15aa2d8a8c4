//! A map that is written directly has the bytes that the encoder writes for the same map.

use abi::{Body, Canonical, Digest, Value, encode};
use proptest::prelude::*;

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        ".{0,8}".prop_map(Value::Text),
        prop::collection::vec(any::<u8>(), 0..8).prop_map(Value::Bytes),
    ];
    scalar.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::btree_map(".{0,4}", inner, 0..4).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #[test]
    fn a_body_is_the_same_as_a_value_and_as_bytes(value in value()) {
        let canonical = Canonical::from_body(&value);
        prop_assert_eq!(canonical.as_bytes().to_vec(), encode(&value));
        prop_assert_eq!(Body::depth(&canonical), value.depth());
        prop_assert_eq!(encode(&canonical.to_value().unwrap()), encode(&value));
        let again = Canonical::from_body(&canonical);
        prop_assert_eq!(again.as_bytes(), canonical.as_bytes());
    }

    #[test]
    fn every_field_is_found_and_no_other(value in value(), other in ".{0,4}") {
        let canonical = Canonical::from_body(&value);
        let keys = match &value {
            Value::Map(map) => map.keys().cloned().collect(),
            _ => Vec::new(),
        };
        for key in keys.iter().chain([&other]) {
            let found = canonical.field(key);
            prop_assert_eq!(found.as_ref().map(encode), value.get(key).map(encode));
        }
    }

    #[test]
    fn a_written_map_is_the_map_of_its_fields(
        ints in prop::collection::vec(any::<i64>(), 0..4),
        text in ".{0,8}",
        inner in value(),
        truth in any::<bool>(),
    ) {
        let digests = [Digest::hash("nmk.test.v1", text.as_bytes()), Digest::hash("nmk.test.v1", b"")];
        let written = Canonical::map(|map| {
            map.bool("", truth);
            map.body("body", &inner);
            map.digest("digest", &digests[0]);
            map.digests("digests", digests.iter());
            map.ints("ints", ints.iter().copied());
            map.map("map", |map| map.null("nothing"));
            map.text("text", &text);
            map.texts("texts", [text.as_str()].into_iter());
        });
        let built = Value::map([
            ("", Value::Bool(truth)),
            ("texts", Value::List(vec![Value::text(text.as_str())])),
            ("text", Value::text(text.as_str())),
            ("map", Value::map([("nothing", Value::Null)])),
            ("ints", Value::List(ints.iter().copied().map(Value::Int).collect())),
            ("digests", Value::List(digests.map(Digest::to_value).to_vec())),
            ("digest", digests[0].to_value()),
            ("body", inner),
        ]);
        prop_assert_eq!(written.as_bytes().to_vec(), encode(&built));
        prop_assert_eq!(Body::depth(&written), built.depth());
    }
}

#[test]
#[should_panic(expected = "ascending order, and a is not")]
fn keys_out_of_order_are_not_written() {
    drop(Canonical::map(|map| {
        map.null("b");
        map.null("a");
    }));
}

#[test]
#[should_panic(expected = "ascending order, and a is not")]
fn a_key_is_not_written_twice() {
    drop(Canonical::map(|map| {
        map.null("a");
        map.int("a", 1);
    }));
}
