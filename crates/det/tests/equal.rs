//! The structural comparator follows the table of its documentation and the laws of an equality.

use std::collections::BTreeMap;

use det::{Float, Value, equal};
use proptest::prelude::*;

fn float(number: f64) -> Value {
    Value::Float(Float::new(number).expect("not NaN"))
}

fn list(items: &[Value]) -> Value {
    Value::List(items.to_vec())
}

fn check(left: &Value, right: &Value, expected: bool) {
    assert_eq!(equal(left, right), expected, "{left:?} against {right:?}");
    assert_eq!(equal(right, left), expected, "{right:?} against {left:?}");
    assert!(equal(left, left) && equal(right, right), "{left:?} and {right:?} against themselves");
}

#[test]
fn corners_are_as_documented() {
    use Value::{Bool, Bytes, Int, Null};
    let text = |text: &str| Value::text(text);
    let (yes, no) = (true, false);
    let cases = [
        (Null, Null, yes),
        (Null, Bool(false), no),
        (Null, Int(0), no),
        (Null, text(""), no),
        (Null, list(&[]), no),
        (Bool(true), Bool(true), yes),
        (Bool(true), Bool(false), no),
        (Bool(true), Int(1), no),
        (Bool(true), float(1.0), no),
        (Bool(false), Int(0), no),
        (Int(1), float(1.0), yes),
        (Int(1), float(1.5), no),
        (Int(-1), float(-1.5), no),
        (Int(9_007_199_254_740_993), float(9_007_199_254_740_992.0), no),
        (Int(9_007_199_254_740_992), float(9_007_199_254_740_992.0), yes),
        (Int(-9_007_199_254_740_993), float(-9_007_199_254_740_992.0), no),
        (Int(i64::MAX), float(9_223_372_036_854_775_808.0), no),
        (Int(9_223_372_036_854_774_784), float(9_223_372_036_854_774_784.0), yes),
        (Int(i64::MIN), float(-9_223_372_036_854_775_808.0), yes),
        (Int(i64::MIN), float(-9_223_372_036_854_777_856.0), no),
        (Int(i64::MIN + 1), float(-9_223_372_036_854_775_808.0), no),
        (float(0.0), float(-0.0), yes),
        (Int(0), float(-0.0), yes),
        (Int(0), float(f64::MIN_POSITIVE), no),
        (Int(0), float(5e-324), no),
        (float(f64::INFINITY), float(f64::INFINITY), yes),
        (float(f64::INFINITY), float(f64::NEG_INFINITY), no),
        (Int(i64::MAX), float(f64::INFINITY), no),
        (Int(i64::MIN), float(f64::NEG_INFINITY), no),
        (text("a"), Bytes(b"a".to_vec()), no),
        (text("a"), text("A"), no),
        (text("\u{e9}"), text("e\u{301}"), no),
        (text("1"), Int(1), no),
        (text(""), text("\0"), no),
        (Bytes(vec![0]), Bytes(vec![0, 0]), no),
        (list(&[]), list(&[]), yes),
        (list(&[Int(1), Int(2)]), list(&[float(1.0), Int(2)]), yes),
        (list(&[Int(1), Int(2)]), list(&[Int(2), Int(1)]), no),
        (list(&[Int(1)]), list(&[Int(1), Null]), no),
        (list(&[list(&[Int(1)])]), list(&[Int(1)]), no),
        (Value::map([("a", Int(1)), ("b", Int(2))]), Value::map([("b", Int(2)), ("a", Int(1))]), yes),
        (Value::map([("a", Int(1))]), Value::map([("a", Null)]), no),
        (Value::map([("a", Int(1))]), Value::map([("b", Int(1))]), no),
        (Value::map([("a", Int(1))]), Value::map([("a", Int(1)), ("b", Null)]), no),
        (Value::Map(BTreeMap::new()), list(&[]), no),
        (Value::map([("a", list(&[float(2.0)]))]), Value::map([("a", list(&[Int(2)]))]), yes),
    ];
    for (left, right, expected) in &cases {
        check(left, right, *expected);
    }
}

#[test]
fn nan_cannot_be_held() {
    for bits in [f64::NAN.to_bits(), 0x7ff0_0000_0000_0001, 0xfff8_0000_0000_0000, u64::MAX] {
        assert!(Float::new(f64::from_bits(bits)).is_none(), "{bits:#x}");
    }
}

/// Draws from few scalars that are close to each other, so that equal pairs of unlike types occur often.
fn scalar() -> impl Strategy<Value = Value> {
    let edge = prop::sample::select(vec![0, 1, 1 << 53, (1 << 53) + 1, i64::MAX, i64::MAX - 1023, i64::MIN]);
    #[allow(clippy::cast_precision_loss, reason = "the neighbourhood of the integer is what is wanted")]
    let number = edge.clone().prop_map(|int| float(int as f64));
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        edge.prop_map(Value::Int),
        number,
        any::<f64>().prop_filter_map("NaN", |number| Float::new(number).map(Value::Float)),
        Just(float(-0.0)),
        "[ab]{0,1}".prop_map(Value::Text),
        "[ab]{0,1}".prop_map(|text| Value::Bytes(text.into_bytes())),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(2, 8, 2, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::List),
            prop::collection::btree_map("[ab]", inner, 0..3).prop_map(Value::Map),
        ]
    })
}

/// Returns the same value with every number in its other type, if that number has one.
fn respelled(value: &Value) -> Value {
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "kept only if exact")]
    match value {
        Value::Int(int) => {
            let near = *int as f64;
            if near as i128 == i128::from(*int) { float(near) } else { value.clone() }
        }
        Value::Float(number) => {
            let near = number.get() as i64;
            if near as f64 == number.get() && near != i64::MAX { Value::Int(near) } else { value.clone() }
        }
        Value::List(items) => Value::List(items.iter().map(respelled).collect()),
        Value::Map(map) => Value::Map(map.iter().map(|(key, item)| (key.clone(), respelled(item))).collect()),
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn is_an_equivalence(a in value(), b in value(), c in value()) {
        prop_assert!(equal(&a, &a));
        prop_assert_eq!(equal(&a, &b), equal(&b, &a));
        prop_assert!(!(equal(&a, &b) && equal(&b, &c)) || equal(&a, &c));
    }

    #[test]
    fn survives_another_spelling_of_its_numbers(a in value(), b in value()) {
        prop_assert!(equal(&a, &respelled(&a)));
        prop_assert_eq!(equal(&a, &b), equal(&respelled(&a), &b));
    }
}
