//! The catalog is sorted, its primitives check their operands, and their digests are frozen.

use prims::{CallError, Kind, Value, all, find};

const FROZEN: &str = include_str!("golden/digests.txt");

#[test]
fn is_sorted_by_names_that_occur_once() {
    assert!(all().windows(2).all(|pair| pair[0].name < pair[1].name));
    for primitive in all() {
        assert!(find(primitive.name).is_some_and(|found| std::ptr::eq(found, primitive)));
    }
    for stranger in ["", "Add", "add ", "eval"] {
        assert!(find(stranger).is_none(), "{stranger:?}");
    }
}

/// A digest changes with name, version and signature. A change of one of them is a new version and a new line.
/// No line is ever edited, because ledgers hold its digest.
#[test]
fn digests_are_frozen() {
    let current: String = all()
        .iter()
        .map(|primitive| format!("{} {} {}\n", primitive.name, primitive.version, primitive.digest()))
        .collect();
    assert_eq!(current, FROZEN);
}

fn sample(kind: Kind) -> Value {
    match kind {
        Kind::Bool => Value::Bool(true),
        Kind::Int => Value::Int(1),
        Kind::Text => Value::text("a"),
    }
}

/// Calls every primitive with every wrong number of operands, and every wrong type at every place.
#[test]
fn operands_that_do_not_fit_are_refused() {
    let strangers = [
        Value::Null,
        Value::Bool(true),
        Value::Int(1),
        Value::text("a"),
        Value::Bytes(b"a".to_vec()),
        Value::List(vec![Value::Int(1)]),
        Value::map([("a", Value::Int(1))]),
    ];
    for primitive in all() {
        let fitting: Vec<Value> =
            primitive.parameters.iter().map(|parameter| sample(parameter.kind)).collect();
        let result = primitive.call(&fitting).expect("a value at the sample");
        assert_eq!(result.type_name(), primitive.returns.word(), "{}", primitive.name);
        for found in (0..5).filter(|found| *found != fitting.len()) {
            let operands = vec![sample(primitive.parameters[0].kind); found];
            let expected = CallError::Arity { primitive: primitive.name, expected: fitting.len(), found };
            assert_eq!(primitive.call(&operands).map(|_| ()), Err(expected));
        }
        for (at, parameter) in primitive.parameters.iter().enumerate() {
            for stranger in strangers.iter().filter(|value| value.type_name() != parameter.kind.word()) {
                let mut operands = fitting.clone();
                operands[at] = stranger.clone();
                let expected = CallError::OperandType {
                    primitive: primitive.name,
                    parameter: parameter.name,
                    expected: parameter.kind.word(),
                    found: stranger.type_name(),
                };
                assert_eq!(primitive.call(&operands).map(|_| ()), Err(expected));
            }
        }
    }
}

#[test]
fn every_example_has_the_result_that_a_person_would_compute() {
    let expected = [
        ("add(a: int, b: int) -> int", Value::Int(7)),
        ("gcd(a: int, b: int) -> int", Value::Int(12)),
        ("is_prime(n: int) -> bool", Value::Bool(true)),
        ("letter_count(text: text, letter: text) -> int", Value::Int(3)),
        ("multiply(a: int, b: int) -> int", Value::Int(42)),
        ("subtract(a: int, b: int) -> int", Value::Int(-1)),
        ("text_length(text: text) -> int", Value::Int(10)),
        ("word_count(text: text, word: text) -> int", Value::Int(2)),
    ];
    assert_eq!(all().len(), expected.len());
    for (primitive, (signature, value)) in all().iter().zip(expected) {
        assert_eq!(primitive.to_string(), signature);
        let operands: Vec<Value> = primitive.example.iter().map(|sample| sample.to_value()).collect();
        let result = primitive.call(&operands).expect("a result");
        assert_eq!(format!("{result:?}"), format!("{value:?}"), "{signature}");
    }
}
