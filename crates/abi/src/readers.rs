//! Typed readers of a value: each returns the content of one type, or None.
//!
//! Each reader returns the content of the value if the value has exactly that type, and None otherwise. No
//! reader converts: the integer 1 is not the truth value true, and a text of digits is not an integer.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use crate::{Digest, Value};

impl Value {
    /// Returns the truth value that this value holds, or None if this value is not a bool.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// Returns the integer that this value holds, or None if this value is not an int.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(int) => Some(*int),
            _ => None,
        }
    }

    /// Returns the text that this value holds, or None if this value is not a text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the bytes that this value holds, or None if this value is not a byte string.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Returns the items of the list that this value is, or None if this value is not a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the fields of the map that this value is, or None if this value is not a map.
    #[must_use]
    pub fn as_map(&self) -> Option<&BTreeMap<String, Value>> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Returns the text that this value was, or None if it was not a text. Nothing is copied.
    #[must_use]
    pub fn into_text(mut self) -> Option<String> {
        match &mut self {
            Self::Text(text) => Some(mem::take(text)),
            _ => None,
        }
    }

    /// Returns the bytes that this value was, or None if it was not a byte string. Nothing is copied.
    #[must_use]
    pub fn into_bytes(mut self) -> Option<Vec<u8>> {
        match &mut self {
            Self::Bytes(bytes) => Some(mem::take(bytes)),
            _ => None,
        }
    }

    /// Returns the items of the list that this value was, or None if it was not a list. Nothing is copied.
    #[must_use]
    pub fn into_list(mut self) -> Option<Vec<Value>> {
        match &mut self {
            Self::List(items) => Some(mem::take(items)),
            _ => None,
        }
    }

    /// Returns the fields of the map that this value was, or None if it was not a map. Nothing is copied.
    #[must_use]
    pub fn into_map(mut self) -> Option<BTreeMap<String, Value>> {
        match &mut self {
            Self::Map(map) => Some(mem::take(map)),
            _ => None,
        }
    }

    /// Returns the digest that [`Digest::to_value`] made this value from, or None if this value is not a byte
    /// string of 32 bytes. Nothing shows that any data has that digest.
    #[must_use]
    pub fn as_digest(&self) -> Option<Digest> {
        self.as_bytes()?.try_into().ok().map(Digest::from_bytes)
    }
}
