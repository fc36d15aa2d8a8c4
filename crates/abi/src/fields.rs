//! Readers of the fields of a map, with errors that name the key.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::Value;

/// The reason why a value is not the record that a reader expected, for example a
/// [`TrapRecord`](crate::TrapRecord).
///
/// Every variant names the key as a path from the outermost map, for example `traps.entry.capability`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldError {
    /// The map lacks a key that the record must have.
    Missing {
        /// The path of the missing key from the outermost map.
        key: String,
    },
    /// The value under the key has another type, or lies outside the range that the reader accepts.
    IllTyped {
        /// The path of the key; empty for the record itself.
        key: String,
        /// The form that the reader expected, for example `a text`.
        expected: &'static str,
        /// The type name of the value that was found, for example `list`.
        found: &'static str,
    },
    /// The text under the key is none of the words that the reader knows, for example of a newer version.
    UnknownWord {
        /// The path of the key from the outermost map.
        key: String,
        /// The text under the key, which is not one of the words.
        found: String,
    },
    /// The map has a key that the reader does not know.
    UnknownKey {
        /// The path of the unknown key from the outermost map.
        key: String,
    },
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { key } => write!(f, "the key {key} is missing"),
            Self::IllTyped { key, expected, found } if key.is_empty() => {
                write!(f, "{expected} is expected, and a value of type {found} was found")
            }
            Self::IllTyped { key, expected, found } => {
                write!(f, "{key} must be {expected}, and a value of type {found} was found")
            }
            Self::UnknownWord { key, found } => write!(f, "the word {found:?} under {key} is not known"),
            Self::UnknownKey { key } => write!(f, "the key {key} is not known"),
        }
    }
}

impl core::error::Error for FieldError {}

/// The fields of one map, and the path of that map for errors.
pub(crate) struct Fields<'a> {
    path: &'static str,
    map: &'a BTreeMap<String, Value>,
}

impl<'a> Fields<'a> {
    /// Returns the fields of `value`. `path` is the path of `value` inside the outermost map, empty for the
    /// outermost map itself. Fails if `value` is not a map.
    pub(crate) fn from_value(value: &'a Value, path: &'static str) -> Result<Self, FieldError> {
        let ill_typed =
            || FieldError::IllTyped { key: path.to_owned(), expected: "a map", found: value.type_name() };
        Ok(Self { path, map: value.as_map().ok_or_else(ill_typed)? })
    }

    /// Returns the value under `key`. Fails if there is none.
    pub(crate) fn value(&self, key: &str) -> Result<&'a Value, FieldError> {
        self.optional(key).ok_or_else(|| FieldError::Missing { key: self.path_of(key) })
    }

    /// Returns the value under `key`, or None if there is none.
    pub(crate) fn optional(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key)
    }

    /// Returns the result of `read` for the value under `key`. Fails if there is no value, or if `read`
    /// returns None; `expected` then says in the error what the value should be.
    pub(crate) fn read<T>(
        &self,
        key: &str,
        expected: &'static str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<T, FieldError> {
        let value = self.value(key)?;
        read(value).ok_or_else(|| self.ill_typed(key, expected, value))
    }

    /// Does the same as [`read`](Self::read), but returns None if the value is null.
    pub(crate) fn nullable<T>(
        &self,
        key: &str,
        expected: &'static str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, FieldError> {
        self.read(key, expected, |value| match value {
            Value::Null => Some(None),
            other => read(other).map(Some),
        })
    }

    /// Returns the results of `read` for the items of the list under `key`. Fails if there is no list, or if
    /// `read` returns None for an item.
    pub(crate) fn list<T>(
        &self,
        key: &str,
        expected: &'static str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Vec<T>, FieldError> {
        self.read(key, expected, |value| value.as_list()?.iter().map(read).collect())
    }

    /// Returns the result of `read` for the word under `key`. Fails if there is no text, or if `read` returns
    /// None because it does not know the word.
    pub(crate) fn word<T>(&self, key: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, FieldError> {
        let word = self.read(key, "a text", Value::as_text)?;
        read(word).ok_or_else(|| FieldError::UnknownWord { key: self.path_of(key), found: word.to_owned() })
    }

    /// Fails if the map has a key that is not among `known`.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), FieldError> {
        match self.map.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(()),
            Some(key) => Err(FieldError::UnknownKey { key: self.path_of(key) }),
        }
    }

    fn ill_typed(&self, key: &str, expected: &'static str, value: &Value) -> FieldError {
        FieldError::IllTyped { key: self.path_of(key), expected, found: value.type_name() }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}
