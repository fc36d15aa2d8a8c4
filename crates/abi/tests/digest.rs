//! Digests of different domains differ, and their text form is read strictly.

use abi::{Digest, Float, ParseDigestError, Value};
use proptest::prelude::*;

#[test]
fn a_digest_is_frozen() {
    // BLAKE3 in key-derivation mode, computed by another implementation.
    let expected = include_str!("golden/digest.txt").trim_end();
    assert_eq!(Digest::hash("nmk.test.v1", b"strawberry").to_string(), expected);
}

#[test]
fn domains_and_types_are_apart() {
    let one = Value::Int(1);
    let values = [
        one.clone(),
        Value::Bool(true),
        Value::Float(Float::new(1.0).expect("a number")),
        Value::text("1"),
        Value::Bytes(b"1".to_vec()),
        Value::List(vec![one]),
        Value::Null,
    ];
    let domains = ["nmk.one.v1", "nmk.one.v2", "nmk.two.v1", ""];
    let mut digests: Vec<Digest> =
        values.iter().flat_map(|value| domains.map(|domain| Digest::hash_value(domain, value))).collect();
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), values.len() * domains.len());
}

#[test]
fn zeros_differ() {
    let digest =
        |number| Digest::hash_value("nmk.test.v1", &Value::Float(Float::new(number).expect("a number")));
    assert_ne!(digest(0.0), digest(-0.0));
}

#[test]
fn text_that_is_no_digest_is_refused() {
    let digest = Digest::hash("nmk.test.v1", b"").to_string();
    let spaced = format!(" {}", &digest[1..]);
    let letter = format!("g{}", &digest[1..]);
    let wide = format!("é{}", &digest[2..]);
    let upper = format!("{}F", &digest[1..]);
    for text in ["", &digest[1..], &format!("{digest}0"), &spaced, &letter, &wide, &upper] {
        assert_eq!(text.parse::<Digest>(), Err(ParseDigestError), "{text}");
    }
}

proptest! {
    #[test]
    fn text_is_read_back(bytes in any::<[u8; 32]>()) {
        let digest = Digest::from_bytes(bytes);
        prop_assert_eq!(digest.to_string().parse::<Digest>(), Ok(digest));
        prop_assert!(digest.to_string().starts_with(&digest.short()));
    }

    #[test]
    fn parts_are_their_concatenation(bytes in proptest::collection::vec(any::<u8>(), 0..64), at in any::<usize>()) {
        let (head, tail) = bytes.split_at(at % (bytes.len() + 1));
        prop_assert_eq!(Digest::hash_parts("nmk.test.v1", [head, tail]), Digest::hash("nmk.test.v1", &bytes));
    }
}
