//! Size and nesting of values, measured without recursion.
//!
//! A decoded value nests at most `abi::MAX_DEPTH` deep. A value that was built in memory may nest so deeply
//! that a recursive walk over it overflows the stack (its drop does not recurse). A caller who takes values
//! from strangers measures them first and refuses those that are too deep.

use alloc::vec;

use abi::Value;

/// The depth and the encoded length of a [`Value`], as [`measure`] computes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// The depth to which lists and maps nest; a value that is neither has depth 0.
    pub depth: usize,
    /// The length of the canonical encoding, in bytes.
    pub bytes: usize,
}

/// Returns depth and encoded length of a value, which may nest to any depth.
///
/// Time is linear in the size of the value. The walk does not recurse and does not build the encoding.
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

/// Returns the bytes of a value's encoding, without the bytes of its items.
fn own_bytes(value: &Value) -> usize {
    const TAG: usize = 1;
    const LENGTH: usize = 4;
    const NUMBER: usize = 8;
    const SIGN: usize = 1;
    const EXPONENT: usize = 4;
    match value {
        Value::Null | Value::Bool(_) => TAG,
        Value::Int(_) | Value::Float(_) => TAG + NUMBER,
        Value::Decimal(decimal) => TAG + SIGN + EXPONENT + LENGTH + decimal.digits().len(),
        Value::Text(text) => TAG + LENGTH + text.len(),
        Value::Bytes(bytes) => TAG + LENGTH + bytes.len(),
        Value::List(_) => TAG + LENGTH,
        Value::Map(map) => TAG + LENGTH + map.keys().map(|key| LENGTH + key.len()).sum::<usize>(),
    }
}

/// Returns the value if it nests at most `limit` deep. Otherwise drops it and returns its depth.
pub(crate) fn bounded(value: Value, limit: usize) -> Result<Value, usize> {
    let Measure { depth, .. } = measure(&value);
    if depth <= limit {
        return Ok(value);
    }
    Err(depth)
}
