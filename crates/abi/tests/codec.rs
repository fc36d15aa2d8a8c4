//! The canonical codec: one encoding per value, and a reader that accepts nothing else.

use abi::{DecodeError, Float, MAX_DEPTH, Value, decode, encode};
use proptest::prelude::*;

fn float() -> impl Strategy<Value = Float> {
    let edges = [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE, 5e-324];
    let edges = proptest::sample::select(edges.to_vec());
    prop_oneof![edges, proptest::num::f64::ANY].prop_filter_map("NaN is no value", Float::new)
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        float().prop_map(Value::Float),
        (any::<bool>(), "[0-9]{1,24}", -30..30_i64).prop_map(|(sign, digits, exponent)| {
            Value::from_digits(sign, &digits, exponent).expect("digits")
        }),
        ".{0,8}".prop_map(Value::text),
        proptest::collection::vec(any::<u8>(), 0..16).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
            proptest::collection::btree_map(".{0,3}", inner, 0..6).prop_map(Value::Map),
        ]
    })
}

/// Returns true if two values are of the same variant and equal, floats by their bits.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(one), Value::Bool(other)) => one == other,
        (Value::Int(one), Value::Int(other)) => one == other,
        (Value::Float(one), Value::Float(other)) => one.get().to_bits() == other.get().to_bits(),
        (Value::Decimal(one), Value::Decimal(other)) => one == other,
        (Value::Text(one), Value::Text(other)) => one == other,
        (Value::Bytes(one), Value::Bytes(other)) => one == other,
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Map(one), Value::Map(other)) => {
            let pairs = one.iter().zip(other);
            one.len() == other.len()
                && pairs.into_iter().all(|(one, other)| one.0 == other.0 && same(one.1, other.1))
        }
        _ => false,
    }
}

proptest! {
    #[test]
    fn every_value_is_read_back(value in value()) {
        let bytes = encode(&value);
        let read = decode(&bytes).expect("an encoding is read");
        prop_assert!(same(&value, &read));
        prop_assert_eq!(encode(&read), bytes);
    }

    #[test]
    fn encodings_are_equal_as_values_are(one in value(), other in value()) {
        prop_assert_eq!(encode(&one) == encode(&other), same(&one, &other));
    }

    #[test]
    fn a_cut_encoding_is_refused(value in value()) {
        let bytes = encode(&value);
        for length in 0..bytes.len() {
            let refused = decode(&bytes[..length]);
            prop_assert!(matches!(refused, Err(DecodeError::Truncated { .. })), "{length}: {refused:?}");
        }
    }

    #[test]
    fn a_continued_encoding_is_refused(value in value(), more in any::<u8>()) {
        let mut bytes = encode(&value);
        let at = bytes.len();
        bytes.push(more);
        prop_assert_eq!(decode(&bytes).err(), Some(DecodeError::TrailingBytes { at }));
    }

    #[test]
    fn whatever_is_accepted_encodes_to_itself(bytes in proptest::collection::vec(0u8..12, 0..64)) {
        if let Ok(value) = decode(&bytes) {
            prop_assert_eq!(encode(&value), bytes);
        }
    }

    #[test]
    fn a_changed_encoding_is_refused_or_another_value(value in value(), at in any::<usize>(), mask in 1u8..) {
        let mut bytes = encode(&value);
        let at = at % bytes.len();
        bytes[at] ^= mask;
        if let Ok(other) = decode(&bytes) {
            prop_assert!(!same(&value, &other));
            prop_assert_eq!(encode(&other), bytes);
        }
    }

    #[test]
    fn random_bytes_are_refused_in_order(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
        if let Ok(value) = decode(&bytes) {
            prop_assert_eq!(encode(&value), bytes);
        }
    }
}

/// Draws pieces of an encoding: bytes and lengths, in any order.
fn bytes(pieces: &[&[u8]]) -> Vec<u8> {
    pieces.concat()
}

#[test]
fn each_encoding_is_frozen() {
    for (value, expected) in [
        (Value::Null, bytes(&[&[0]])),
        (Value::Bool(false), bytes(&[&[1]])),
        (Value::Bool(true), bytes(&[&[2]])),
        (Value::Int(-2), bytes(&[&[3, 0xfe], &[0xff; 7]])),
        (Value::Float(Float::new(1.0).expect("a number")), bytes(&[&[4, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]])),
        (
            Value::from_number("-0.1").expect("a number"),
            bytes(&[&[9, 1, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, b'1']]),
        ),
        (Value::text("é"), bytes(&[&[5, 2, 0, 0, 0, 0xc3, 0xa9]])),
        (Value::Bytes(vec![7]), bytes(&[&[6, 1, 0, 0, 0, 7]])),
        (Value::List(vec![Value::Null]), bytes(&[&[7, 1, 0, 0, 0, 0]])),
        (
            Value::map([("b", Value::Null), ("a", Value::Bool(true))]),
            bytes(&[&[8, 2, 0, 0, 0], &[1, 0, 0, 0, b'a', 2], &[1, 0, 0, 0, b'b', 0]]),
        ),
    ] {
        assert_eq!(encode(&value), expected, "{}", value.type_name());
    }
}

#[test]
fn each_refusal_names_its_place() {
    let nan = f64::NAN.to_bits().to_le_bytes();
    let key = |name: u8| [1, 0, 0, 0, name, 0];
    for (input, expected) in [
        (bytes(&[]), DecodeError::Truncated { at: 0 }),
        (bytes(&[&[10]]), DecodeError::UnknownTag { at: 0, tag: 10 }),
        (bytes(&[&[7, 1, 0, 0, 0, 0xff]]), DecodeError::UnknownTag { at: 5, tag: 0xff }),
        (bytes(&[&[5, 1, 0, 0, 0, 0xff]]), DecodeError::NotUtf8 { at: 0 }),
        (bytes(&[&[4], &nan]), DecodeError::NotANumber { at: 0 }),
        (bytes(&[&[8, 2, 0, 0, 0], &key(b'b'), &key(b'a')]), DecodeError::KeyOrder { at: 11 }),
        (bytes(&[&[8, 2, 0, 0, 0], &key(b'a'), &key(b'a')]), DecodeError::KeyOrder { at: 11 }),
        (bytes(&[&[0, 0]]), DecodeError::TrailingBytes { at: 1 }),
        (bytes(&[&[3, 0, 0]]), DecodeError::Truncated { at: 0 }),
    ] {
        assert_eq!(decode(&input).err(), Some(expected), "{input:?}");
    }
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| {
        let mut bytes = [7, 1, 0, 0, 0].repeat(depth);
        bytes.push(0);
        bytes
    };
    let deepest = decode(&nested(MAX_DEPTH)).map(|value| value.depth());
    assert_eq!(deepest, Ok(MAX_DEPTH));
    let too_deep = DecodeError::TooDeep { at: 5 * MAX_DEPTH };
    assert_eq!(decode(&nested(MAX_DEPTH + 1)).err(), Some(too_deep));
    assert_eq!(decode(&nested(1_000_000)).err(), Some(too_deep));
}
