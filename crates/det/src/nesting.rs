//! Size and nesting of values, measured and undone without recursion.
//!
//! A decoded value nests at most `abi::MAX_DEPTH` deep; one that was built in memory may nest so deeply
//! that any recursive walk over it, its own drop included, runs off the stack. Whoever takes values from
//! strangers measures them first and dismantles what is too deep.

use alloc::vec;
use alloc::vec::Vec;

use abi::Value;

/// How large a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// How deeply lists and maps nest; a scalar has depth 0.
    pub depth: usize,
    /// Length of the canonical encoding, which is not built.
    pub bytes: usize,
}

/// Measures a value of any depth.
#[must_use]
pub fn measure(value: &Value) -> Measure {
    let mut total = Measure { depth: 0, bytes: 0 };
    let mut open = vec![(value, 0)];
    while let Some((value, depth)) = open.pop() {
        total.bytes += own_bytes(value);
        match value {
            Value::List(items) => {
                total.depth = total.depth.max(depth + 1);
                open.extend(items.iter().map(|item| (item, depth + 1)));
            }
            Value::Map(map) => {
                total.depth = total.depth.max(depth + 1);
                open.extend(map.values().map(|item| (item, depth + 1)));
            }
            _ => {}
        }
    }
    total
}

/// Bytes of a value's encoding without those of its items.
fn own_bytes(value: &Value) -> usize {
    const TAG: usize = 1;
    const LENGTH: usize = 4;
    const NUMBER: usize = 8;
    match value {
        Value::Null | Value::Bool(_) => TAG,
        Value::Int(_) | Value::Float(_) => TAG + NUMBER,
        Value::Text(text) => TAG + LENGTH + text.len(),
        Value::Bytes(bytes) => TAG + LENGTH + bytes.len(),
        Value::List(_) => TAG + LENGTH,
        Value::Map(map) => TAG + LENGTH + map.keys().map(|key| LENGTH + key.len()).sum::<usize>(),
    }
}

/// Drops a value of any depth.
pub fn dismantle(value: Value) {
    let mut open: Vec<Value> = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::List(items) => open.extend(items),
            Value::Map(map) => open.extend(map.into_values()),
            _ => {}
        }
    }
}

/// The value, if it nests at most `limit` deep; otherwise its depth, and the value is gone.
pub(crate) fn bounded(value: Value, limit: usize) -> Result<Value, usize> {
    let Measure { depth, .. } = measure(&value);
    if depth <= limit {
        return Ok(value);
    }
    dismantle(value);
    Err(depth)
}
