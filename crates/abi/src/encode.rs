//! The canonical encoding: the one way to write a value as bytes.
//!
//! | value | bytes |
//! |---|---|
//! | null | `00` |
//! | false, true | `01`, `02` |
//! | int | `03`, 8 bytes little-endian two's complement |
//! | float | `04`, 8 bytes little-endian IEEE 754 binary64 |
//! | text | `05`, length as u32 little-endian, UTF-8 |
//! | bytes | `06`, length as u32 little-endian, the bytes |
//! | list | `07`, count as u32 little-endian, the items |
//! | map | `08`, count as u32 little-endian, then key (length, UTF-8) and value in strictly ascending byte order of keys |
//! | decimal | `09`, `00` or `01` for a negative one, exponent as i32 little-endian, digits (length, ASCII) |
//!
//! Two values have equal encodings only if they are equal and of the same type. `-0.0` and `0.0` have
//! different encodings, although `det::equal` calls them equal.

use alloc::vec::Vec;

use crate::Value;

pub(crate) const NULL: u8 = 0;
pub(crate) const FALSE: u8 = 1;
pub(crate) const TRUE: u8 = 2;
pub(crate) const INT: u8 = 3;
pub(crate) const FLOAT: u8 = 4;
pub(crate) const TEXT: u8 = 5;
pub(crate) const BYTES: u8 = 6;
pub(crate) const LIST: u8 = 7;
pub(crate) const MAP: u8 = 8;
pub(crate) const DECIMAL: u8 = 9;

/// Returns the canonical encoding of `value`, which [`decode`](fn@crate::decode) reads back.
///
/// ```
/// use abi::{Value, decode, encode};
///
/// let bytes = encode(&Value::text("r"));
/// assert_eq!(bytes, [5, 1, 0, 0, 0, b'r']);
/// assert_eq!(decode(&bytes)?.as_text(), Some("r"));
/// # Ok::<(), abi::DecodeError>(())
/// ```
///
/// # Panics
/// Panics if one text, byte string, list or map has 2^32 elements or more, because its length has 32 bits.
#[must_use]
pub fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    encode_into(value, &mut out);
    out
}

/// Appends the canonical encoding of `value` to `out`. Recursion is as deep as the value nests.
///
/// # Panics
/// Panics if [`encode`] panics for the value: a text, byte string, list or map has 2^32 elements or more.
pub(crate) fn encode_into(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(NULL),
        Value::Bool(false) => out.push(FALSE),
        Value::Bool(true) => out.push(TRUE),
        Value::Int(int) => {
            out.push(INT);
            out.extend_from_slice(&int.to_le_bytes());
        }
        Value::Float(float) => {
            out.push(FLOAT);
            out.extend_from_slice(&float.get().to_bits().to_le_bytes());
        }
        Value::Decimal(decimal) => {
            out.push(DECIMAL);
            out.push(u8::from(decimal.is_negative()));
            out.extend_from_slice(&decimal.exponent().to_le_bytes());
            write_run(decimal.digits().as_bytes(), out);
        }
        Value::Text(text) => {
            out.push(TEXT);
            write_run(text.as_bytes(), out);
        }
        Value::Bytes(bytes) => {
            out.push(BYTES);
            write_run(bytes, out);
        }
        Value::List(items) => {
            out.push(LIST);
            write_length(items.len(), out);
            for item in items {
                encode_into(item, out);
            }
        }
        Value::Map(map) => {
            out.push(MAP);
            write_length(map.len(), out);
            // A BTreeMap of strings iterates in ascending byte order.
            for (key, item) in map {
                write_run(key.as_bytes(), out);
                encode_into(item, out);
            }
        }
    }
}

pub(crate) fn write_run(bytes: &[u8], out: &mut Vec<u8>) {
    write_length(bytes.len(), out);
    out.extend_from_slice(bytes);
}

pub(crate) fn write_length(length: usize, out: &mut Vec<u8>) {
    let length = u32::try_from(length).expect("a value's parts are shorter than 2^32");
    out.extend_from_slice(&length.to_le_bytes());
}
