//! Values that nest millions deep: they are measured and lost in every way without overflowing the stack.

use std::collections::BTreeMap;

use abi::Value;

const DEPTH: usize = 2_000_000;
/// Deep enough to overflow the stack of any recursion, and quick to build many times.
const MANY: usize = 200_000;

/// Lists and maps by turns, with a neighbour beside each inner one.
fn deep(depth: usize) -> Value {
    (0..depth).fold(Value::Null, |inner, level| match level % 3 {
        0 => Value::List(vec![Value::Int(1), inner, Value::text("beside")]),
        1 => Value::map([("a", Value::List(vec![Value::Null])), ("b", inner)]),
        _ => Value::List(vec![inner]),
    })
}

#[test]
fn a_deep_value_is_measured_and_dropped() {
    let value = deep(DEPTH);
    assert_eq!(value.depth(), DEPTH);
    drop(value);
}

#[test]
fn a_deep_value_is_lost_with_what_holds_it() {
    drop(Some((deep(MANY), deep(MANY))));
    drop(vec![deep(MANY), Value::Null]);
    drop(BTreeMap::from([("key".to_owned(), deep(MANY))]));
    let mut replaced = deep(MANY);
    replaced = Value::List(vec![replaced]);
    assert_eq!(replaced.type_name(), "list");
    replaced = Value::Null;
    assert!(replaced.into_list().is_none());
    assert!(deep(MANY).into_text().is_none());
}

#[test]
fn the_items_of_a_value_are_taken_out_whole() {
    let items = Value::List(vec![deep(3), Value::Int(7)]).into_list().expect("it is a list");
    assert_eq!((items[0].depth(), items[1].as_int()), (3, Some(7)));
    let fields = Value::map([("a", deep(2)), ("b", Value::text("t"))]).into_map().expect("it is a map");
    assert_eq!((fields["a"].depth(), fields["b"].as_text()), (2, Some("t")));
    assert_eq!(Value::text("word").into_text().as_deref(), Some("word"));
    assert_eq!(Value::Bytes(vec![1, 2]).into_bytes().as_deref(), Some(&[1, 2][..]));
}

#[test]
fn an_empty_container_has_depth_one() {
    let table = [
        (Value::Null, 0),
        (Value::List(Vec::new()), 1),
        (Value::Map(BTreeMap::new()), 1),
        (Value::List(vec![Value::List(Vec::new())]), 2),
        (Value::map([("a", Value::Int(1))]), 1),
    ];
    for (value, depth) in table {
        assert_eq!(value.depth(), depth, "{value:?}");
    }
}
