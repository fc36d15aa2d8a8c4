//! A canonical map with exactly the fields that a format names.

use std::collections::BTreeMap;

use abi::{Digest, Value};

/// The field at which a map departs from its format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Misfit(pub(crate) &'static str);

/// The fields not yet taken.
pub(crate) struct Fields(BTreeMap<String, Value>);

impl Fields {
    pub(crate) fn of(value: Value) -> Result<Self, Misfit> {
        match value {
            Value::Map(map) => Ok(Self(map)),
            _ => Err(Misfit("version")),
        }
    }

    pub(crate) fn value(&mut self, field: &'static str) -> Result<Value, Misfit> {
        self.0.remove(field).ok_or(Misfit(field))
    }

    pub(crate) fn int(&mut self, field: &'static str) -> Result<i64, Misfit> {
        match self.value(field)? {
            Value::Int(int) => Ok(int),
            _ => Err(Misfit(field)),
        }
    }

    /// An integer that is held by `T`: a count or a number of something.
    pub(crate) fn number<T: TryFrom<i64>>(&mut self, field: &'static str) -> Result<T, Misfit> {
        T::try_from(self.int(field)?).map_err(|_| Misfit(field))
    }

    pub(crate) fn text(&mut self, field: &'static str) -> Result<String, Misfit> {
        match self.value(field)? {
            Value::Text(text) => Ok(text),
            _ => Err(Misfit(field)),
        }
    }

    pub(crate) fn bytes<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Misfit> {
        match self.value(field)? {
            Value::Bytes(bytes) => bytes.try_into().map_err(|_| Misfit(field)),
            _ => Err(Misfit(field)),
        }
    }

    pub(crate) fn digest(&mut self, field: &'static str) -> Result<Digest, Misfit> {
        self.bytes(field).map(Digest::from_bytes)
    }

    /// Refuses fields that the format does not name.
    pub(crate) fn end(self) -> Result<(), Misfit> {
        if self.0.is_empty() { Ok(()) } else { Err(Misfit("unknown")) }
    }
}

/// The digests of a list value, if it is a list of nothing else.
pub(crate) fn digests(value: &Value) -> Option<Vec<Digest>> {
    let Value::List(items) = value else { return None };
    let digest = |item: &Value| match item {
        Value::Bytes(bytes) => bytes.as_slice().try_into().ok().map(Digest::from_bytes),
        _ => None,
    };
    items.iter().map(digest).collect()
}
