//! The catalog is sorted, its primitives check their operands, and their digests are frozen.

use prims::{CallError, Value, all, find};

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
        let fitting: Vec<Value> = primitive.example.iter().map(|sample| sample.to_value()).collect();
        let result = primitive.call(&fitting).expect("a value at the example");
        assert_eq!(result.type_name(), primitive.returns.word(), "{}", primitive.name);
        for found in (0..5).filter(|found| *found != fitting.len()) {
            let operands = vec![fitting[0].clone(); found];
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

const EXAMPLES: &str = include_str!("golden/examples.txt");

#[test]
fn every_example_has_the_result_that_a_person_would_compute() {
    let current: String = all()
        .iter()
        .map(|primitive| {
            let operands: Vec<Value> = primitive.example.iter().map(|sample| sample.to_value()).collect();
            let result = primitive.call(&operands).expect("a result");
            format!("{primitive}: {operands:?} gives {result:?}\n")
        })
        .collect();
    assert_eq!(current, EXAMPLES);
}
