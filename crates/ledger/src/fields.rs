//! Reading of a canonical map that must have exactly the fields of a format.

use std::collections::BTreeMap;

use abi::{Digest, Value};

/// The name of the first field of a map that does not fit its format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Misfit(pub(crate) &'static str);

/// The fields of a map that have not been read yet. Each method reads one of them and removes it.
pub(crate) struct Fields(BTreeMap<String, Value>);

impl Fields {
    /// Returns the fields of a map. Fails for any other value.
    pub(crate) fn from_value(value: Value) -> Result<Self, Misfit> {
        value.into_map().map(Self).ok_or(Misfit("version"))
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

    /// Reads an integer that `T` can hold, such as a count. Fails if it is missing or out of range.
    pub(crate) fn number<T: TryFrom<i64>>(&mut self, field: &'static str) -> Result<T, Misfit> {
        T::try_from(self.int(field)?).map_err(|_| Misfit(field))
    }

    pub(crate) fn text(&mut self, field: &'static str) -> Result<String, Misfit> {
        self.value(field)?.into_text().ok_or(Misfit(field))
    }

    pub(crate) fn bytes<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Misfit> {
        let bytes = self.value(field)?.into_bytes().ok_or(Misfit(field))?;
        bytes.try_into().map_err(|_| Misfit(field))
    }

    pub(crate) fn digest(&mut self, field: &'static str) -> Result<Digest, Misfit> {
        self.bytes(field).map(Digest::from_bytes)
    }

    /// Fails if the map has fields that were not read.
    pub(crate) fn end(self) -> Result<(), Misfit> {
        if self.0.is_empty() { Ok(()) } else { Err(Misfit("unknown")) }
    }
}

/// Returns the digests of a list, or `None` if the value is not a list of 32-byte digests.
pub(crate) fn digests(value: &Value) -> Option<Vec<Digest>> {
    let Value::List(items) = value else { return None };
    let digest = |item: &Value| match item {
        Value::Bytes(bytes) => bytes.as_slice().try_into().ok().map(Digest::from_bytes),
        _ => None,
    };
    items.iter().map(digest).collect()
}
