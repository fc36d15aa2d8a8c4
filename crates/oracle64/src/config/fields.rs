//! The keys of a configuration, read with their ranges. A key whose value is null counts as absent.

use serde_json::{Map, Value};

use crate::error::Error;

/// The largest size that any key may state.
const LARGEST: usize = 1 << 20;

/// An object of the configuration, whose keys are read by type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'json>(&'json Map<String, Value>);

impl<'json> Fields<'json> {
    pub(crate) fn new(json: &'json Map<String, Value>) -> Self {
        Self(json)
    }

    /// Returns the error for a key whose value is not allowed.
    pub(crate) fn refuse(self, key: &'static str, expected: &'static str) -> Error {
        let found = self.0.get(key).map_or_else(|| "absent".to_owned(), Value::to_string);
        Error::Value { key, expected, found }
    }

    /// Returns true if the key is there and not null.
    pub(crate) fn has(self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Returns a size from 1 to 2^20; an absent key is an error.
    pub(crate) fn size(self, key: &'static str) -> Result<usize, Error> {
        self.maybe_size(key)?.ok_or(Error::Missing(key))
    }

    pub(crate) fn maybe_size(self, key: &'static str) -> Result<Option<usize>, Error> {
        let size = self.maybe_count(key)?;
        if size == Some(0) { Err(self.refuse(key, "from 1 to 2^20")) } else { Ok(size) }
    }

    /// Returns a count from 0 to 2^20, or `None` if the key is absent.
    pub(crate) fn maybe_count(self, key: &'static str) -> Result<Option<usize>, Error> {
        self.maybe(key, "an integer up to 2^20", |value| {
            value.as_u64().and_then(|count| usize::try_from(count).ok()).filter(|count| *count <= LARGEST)
        })
    }

    /// Returns a number above 0; an absent key is an error.
    pub(crate) fn number(self, key: &'static str) -> Result<f64, Error> {
        self.maybe_number(key)?.ok_or(Error::Missing(key))
    }

    pub(crate) fn maybe_number(self, key: &'static str) -> Result<Option<f64>, Error> {
        self.maybe(key, "a number above 0", |value| value.as_f64().filter(|number| *number > 0.0))
    }

    pub(crate) fn flag_or(self, key: &'static str, default: bool) -> Result<bool, Error> {
        Ok(self.maybe(key, "true or false", Value::as_bool)?.unwrap_or(default))
    }

    pub(crate) fn maybe_word(self, key: &'static str) -> Result<Option<&'json str>, Error> {
        self.maybe(key, "a string", Value::as_str)
    }

    pub(crate) fn maybe_object(self, key: &'static str) -> Result<Option<Fields<'json>>, Error> {
        self.maybe(key, "an object", |value| value.as_object().map(Fields))
    }

    /// Returns, for each word of a list of `length` words, true if it is `yes`. Every other word must be
    /// `no`.
    pub(crate) fn maybe_kinds(
        self,
        key: &'static str,
        [yes, no]: [&str; 2],
        length: usize,
    ) -> Result<Option<Vec<bool>>, Error> {
        let kind = |value: &Value| match value.as_str() {
            Some(word) if word == yes => Some(true),
            Some(word) if word == no => Some(false),
            _ => None,
        };
        self.maybe(key, "a known kind for each layer", |value| {
            let list = value.as_array().filter(|list| list.len() == length)?;
            list.iter().map(kind).collect()
        })
    }

    pub(crate) fn maybe_indices(self, key: &'static str) -> Result<Vec<u64>, Error> {
        let indices = self.maybe(key, "a list of layers", |value| {
            value.as_array()?.iter().map(Value::as_u64).collect::<Option<Vec<u64>>>()
        })?;
        Ok(indices.unwrap_or_default())
    }

    fn get(self, key: &str) -> Option<&'json Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    fn maybe<T>(
        self,
        key: &'static str,
        expected: &'static str,
        read: impl FnOnce(&'json Value) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let Some(value) = self.get(key) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| self.refuse(key, expected))
    }
}
