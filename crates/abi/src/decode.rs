//! The strict reader of the canonical encoding.
//!
//! The reader accepts exactly the bytes that [`encode`](crate::encode) can write, so a value that it returns
//! encodes to the bytes that it was read from. The length of the input bounds allocation, and [`MAX_DEPTH`]
//! bounds recursion.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

use crate::encode::{BYTES, DECIMAL, FALSE, FLOAT, INT, LIST, MAP, NULL, TEXT, TRUE};
use crate::{Decimal, Float, Value};

/// The deepest nesting of lists and maps that [`decode`](fn@decode) reads and `det` judges.
pub const MAX_DEPTH: usize = 64;

/// The largest number of items of a list for which the reader reserves memory before it has read them.
const FIRST_ITEMS: usize = 16;

/// The first fault of bytes that are not the canonical encoding of a value.
///
/// Positions are byte offsets from the start of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The input ends inside the item that starts at `at`.
    Truncated {
        /// The offset of the item that is cut short.
        at: usize,
    },
    /// The byte at `at` should be the tag of a value's type, and is none.
    UnknownTag {
        /// The offset of the byte, from the start of the input.
        at: usize,
        /// The byte that stands there, which is no tag.
        tag: u8,
    },
    /// The text at `at` is not UTF-8.
    NotUtf8 {
        /// The offset of the text's tag, or of its length if the text is a key.
        at: usize,
    },
    /// The float at `at` is NaN.
    NotANumber {
        /// The offset of the float's tag.
        at: usize,
    },
    /// The decimal at `at` is not written in its one form, or an int or a float holds its number.
    NotADecimal {
        /// Offset of the decimal.
        at: usize,
    },
    /// The key at `at` does not come after the key before it.
    KeyOrder {
        /// The offset of the key's length, with which the key begins.
        at: usize,
    },
    /// The list or map at `at` lies inside [`MAX_DEPTH`] others, which is deeper than a reader follows.
    TooDeep {
        /// The offset of the list or map.
        at: usize,
    },
    /// More bytes follow the end of the value.
    TrailingBytes {
        /// The offset of the first byte that follows.
        at: usize,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { at } => write!(f, "the item at byte {at} is cut short"),
            Self::UnknownTag { at, tag } => write!(f, "unknown tag {tag:#04x} at byte {at}"),
            Self::NotUtf8 { at } => write!(f, "the text at byte {at} is not UTF-8"),
            Self::NotANumber { at } => write!(f, "the float at byte {at} is NaN"),
            Self::NotADecimal { at } => {
                write!(
                    f,
                    "the decimal at byte {at} is not in its one form, or its number is an int or a float"
                )
            }
            Self::KeyOrder { at } => write!(f, "the key at byte {at} is out of order or repeated"),
            Self::TooDeep { at } => write!(f, "more than {MAX_DEPTH} levels nest at byte {at}"),
            Self::TrailingBytes { at } => write!(f, "bytes follow the value, from byte {at}"),
        }
    }
}

impl core::error::Error for DecodeError {}

/// Returns the value whose canonical encoding `bytes` are.
///
/// # Errors
/// Fails if `bytes` are anything but one whole canonical encoding; the error has the position of the first
/// fault.
pub fn decode(bytes: &[u8]) -> Result<Value, DecodeError> {
    let mut reader = Reader { bytes, at: 0 };
    let value = reader.value(0)?;
    if reader.at < bytes.len() {
        return Err(DecodeError::TrailingBytes { at: reader.at });
    }
    Ok(value)
}

/// Returns the value under `key` of a map in canonical bytes, and builds nothing else of the map. Returns
/// None if the bytes are not a map that has the key, or if the value nests too deeply.
pub(crate) fn field(bytes: &[u8], key: &str) -> Option<Value> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.take::<1>(0).ok()? != [MAP] {
        return None;
    }
    for _ in 0..reader.length(0).ok()? {
        let at = reader.at;
        match reader.run(at).ok()?.cmp(key.as_bytes()) {
            Ordering::Less => reader.skip().ok()?,
            Ordering::Equal => return reader.value(1).ok(),
            Ordering::Greater => return None,
        }
    }
    None
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let at = self.at;
        let tag = self.take::<1>(at)?[0];
        if matches!(tag, LIST | MAP) && depth == MAX_DEPTH {
            return Err(DecodeError::TooDeep { at });
        }
        match tag {
            NULL => Ok(Value::Null),
            FALSE => Ok(Value::Bool(false)),
            TRUE => Ok(Value::Bool(true)),
            INT => Ok(Value::Int(i64::from_le_bytes(self.take(at)?))),
            FLOAT => self.float(at),
            DECIMAL => self.decimal(at),
            TEXT => Ok(Value::Text(self.text(at)?)),
            BYTES => Ok(Value::Bytes(self.run(at)?.to_vec())),
            LIST => self.list(at, depth),
            MAP => self.map(at, depth),
            tag => Err(DecodeError::UnknownTag { at, tag }),
        }
    }

    /// Skips one value. Recursion is as deep as the value nests, as it was when the bytes were written.
    fn skip(&mut self) -> Result<(), DecodeError> {
        let at = self.at;
        match self.take::<1>(at)?[0] {
            INT | FLOAT => drop(self.take::<8>(at)?),
            TEXT | BYTES => drop(self.run(at)?),
            DECIMAL => {
                self.take::<5>(at)?;
                self.run(at)?;
            }
            LIST => {
                for _ in 0..self.length(at)? {
                    self.skip()?;
                }
            }
            MAP => {
                for _ in 0..self.length(at)? {
                    self.run(at)?;
                    self.skip()?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn float(&mut self, at: usize) -> Result<Value, DecodeError> {
        let number = f64::from_bits(u64::from_le_bytes(self.take(at)?));
        Float::new(number).map(Value::Float).ok_or(DecodeError::NotANumber { at })
    }

    fn decimal(&mut self, at: usize) -> Result<Value, DecodeError> {
        let [sign] = self.take(at)?;
        let exponent = i32::from_le_bytes(self.take(at)?);
        let digits = core::str::from_utf8(self.run(at)?).ok();
        let decimal = match sign {
            0 | 1 => digits.and_then(|digits| Decimal::new(sign == 1, digits, exponent)),
            _ => None,
        };
        decimal.map(Value::Decimal).ok_or(DecodeError::NotADecimal { at })
    }

    fn list(&mut self, at: usize, depth: usize) -> Result<Value, DecodeError> {
        let count = self.length(at)?;
        // The input only announces the count. The list grows as items are really read, so that nested
        // announcements cannot multiply into an allocation larger than the input.
        let mut items = Vec::with_capacity(count.min(FIRST_ITEMS));
        for _ in 0..count {
            items.push(self.value(depth + 1)?);
        }
        Ok(Value::List(items))
    }

    fn map(&mut self, at: usize, depth: usize) -> Result<Value, DecodeError> {
        let count = self.length(at)?;
        let mut map = BTreeMap::new();
        for _ in 0..count {
            let key_at = self.at;
            let key = self.text(key_at)?;
            if map.last_key_value().is_some_and(|(last, _)| *last >= key) {
                return Err(DecodeError::KeyOrder { at: key_at });
            }
            map.insert(key, self.value(depth + 1)?);
        }
        Ok(Value::Map(map))
    }

    fn text(&mut self, at: usize) -> Result<String, DecodeError> {
        let run = self.run(at)?;
        let text = core::str::from_utf8(run).map_err(|_| DecodeError::NotUtf8 { at })?;
        Ok(String::from(text))
    }

    fn run(&mut self, at: usize) -> Result<&'a [u8], DecodeError> {
        let length = self.length(at)?;
        let end = self.at.checked_add(length).ok_or(DecodeError::Truncated { at })?;
        let run = self.bytes.get(self.at..end).ok_or(DecodeError::Truncated { at })?;
        self.at = end;
        Ok(run)
    }

    fn length(&mut self, at: usize) -> Result<usize, DecodeError> {
        let length = u32::from_le_bytes(self.take(at)?);
        usize::try_from(length).map_err(|_| DecodeError::Truncated { at })
    }

    fn take<const N: usize>(&mut self, at: usize) -> Result<[u8; N], DecodeError> {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let taken = rest.first_chunk::<N>().ok_or(DecodeError::Truncated { at })?;
        self.at += N;
        Ok(*taken)
    }
}
