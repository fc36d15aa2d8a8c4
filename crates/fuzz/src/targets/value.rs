use abi::{DecodeError, Digest, GenerationRecord, MAX_DEPTH, Origin, Value, decode, encode};
use det::equal;

use super::normal;

/// The most parts of a value that are compared in pairs.
const MAX_PARTS: usize = 8;

/// Checks an encoded value: accepted bytes must be the only encoding of their value, and the comparator must
/// agree with a second one and with digests. A value that reads as a typed record must be written back as the
/// same value.
pub(super) fn value(bytes: &[u8]) {
    match decode(bytes) {
        Ok(value) => accepted(bytes, &value),
        Err(error) => refused(bytes, error),
    }
}

fn accepted(bytes: &[u8], value: &Value) {
    assert_eq!(encode(value), bytes, "the value encodes to other bytes");
    let measure = det::measure(value);
    assert_eq!((measure.bytes, measure.depth), (bytes.len(), value.depth()));
    assert!(measure.depth <= MAX_DEPTH);
    let longer = [bytes, &[0]].concat();
    assert_eq!(decode(&longer).err(), Some(DecodeError::TrailingBytes { at: bytes.len() }));
    for shorter in [bytes.len() - 1, bytes.len() / 2] {
        assert!(decode(&bytes[..shorter]).is_err(), "its first {shorter} bytes decode too");
    }
    if let Ok(record) = GenerationRecord::from_value(value) {
        assert_eq!(encode(&record.to_value()), bytes, "the record of a generation is written otherwise");
    }
    if let Ok(origin) = Origin::from_value(value) {
        assert_eq!(encode(&origin.to_value()), bytes, "the origin is written otherwise");
    }
    let mut parts: Vec<&Value> = match value {
        Value::List(items) => items.iter().take(MAX_PARTS).collect(),
        Value::Map(map) => map.values().take(MAX_PARTS).collect(),
        _ => Vec::new(),
    };
    parts.push(value);
    for left in &parts {
        for right in &parts {
            compare(left, right);
        }
    }
}

fn compare(left: &Value, right: &Value) {
    let same = equal(left, right);
    assert_eq!(same, equal(right, left), "not symmetric: {left:?}, {right:?}");
    assert_eq!(same, normal(left) == normal(right), "two comparators differ: {left:?}, {right:?}");
    let digest = |value| Digest::hash_value("nmk.fuzz.v1", value);
    assert!(same || digest(left) != digest(right), "one digest, unequal: {left:?}, {right:?}");
}

fn refused(bytes: &[u8], error: DecodeError) {
    let (DecodeError::Truncated { at }
    | DecodeError::UnknownTag { at, .. }
    | DecodeError::NotUtf8 { at }
    | DecodeError::NotANumber { at }
    | DecodeError::NotADecimal { at }
    | DecodeError::KeyOrder { at }
    | DecodeError::TooDeep { at }
    | DecodeError::TrailingBytes { at }) = error;
    assert!(at <= bytes.len(), "{error}");
    assert!(!error.to_string().is_empty());
}
