//! Nesting of values, measured and undone without recursion.
//!
//! A decoded value nests at most `abi::MAX_DEPTH` deep; one that was built in memory may nest so deeply
//! that any recursive walk over it, its own drop included, runs off the stack.

use alloc::vec;
use alloc::vec::Vec;

use abi::Value;

/// The value, if it nests at most `limit` deep; otherwise its depth, and the value is gone.
pub(crate) fn bounded(value: Value, limit: usize) -> Result<Value, usize> {
    let depth = depth(&value);
    if depth <= limit {
        return Ok(value);
    }
    dismantle(value);
    Err(depth)
}

fn depth(value: &Value) -> usize {
    let mut deepest = 0;
    let mut open = vec![(value, 0)];
    while let Some((value, depth)) = open.pop() {
        match value {
            Value::List(items) => {
                deepest = deepest.max(depth + 1);
                open.extend(items.iter().map(|item| (item, depth + 1)));
            }
            Value::Map(map) => {
                deepest = deepest.max(depth + 1);
                open.extend(map.values().map(|item| (item, depth + 1)));
            }
            _ => {}
        }
    }
    deepest
}

fn dismantle(value: Value) {
    let mut open: Vec<Value> = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::List(items) => open.extend(items),
            Value::Map(map) => open.extend(map.into_values()),
            _ => {}
        }
    }
}
