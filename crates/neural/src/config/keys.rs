//! Typed access to the keys of a `config.json`.

use serde_json::{Map, Value};

use super::ConfigError;

/// The largest size that any key may state: 2^24. Products of two sizes then fit in 48 bits.
const MAX_SIZE: u64 = 1 << 24;

/// The object of a `config.json`. A key whose value is null counts as absent.
pub(super) struct Keys(Map<String, Value>);

impl Keys {
    pub(super) fn parse(json: &[u8]) -> Result<Self, ConfigError> {
        serde_json::from_slice(json).map(Self).map_err(|source| ConfigError::NotJson { source })
    }

    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// Returns a positive integer of at most 2^24. An absent key and any other value are errors.
    pub(super) fn size(&self, key: &'static str) -> Result<usize, ConfigError> {
        self.size_or_none(key)?.ok_or(ConfigError::Missing { key })
    }

    pub(super) fn size_or_none(&self, key: &'static str) -> Result<Option<usize>, ConfigError> {
        let expected = "a positive integer of at most 2^24";
        match self.count_or_none(key, expected)? {
            Some(0) => Err(malformed(key, &Value::from(0), expected)),
            size => Ok(size),
        }
    }

    /// Returns an integer from 0 to 2^24, or `absent` if the key is not there.
    pub(super) fn count_or(&self, key: &'static str, absent: usize) -> Result<usize, ConfigError> {
        let found = self.count_or_none(key, "an integer from 0 to 2^24")?;
        Ok(found.unwrap_or(absent))
    }

    fn count_or_none(&self, key: &'static str, expected: &'static str) -> Result<Option<usize>, ConfigError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let count = value.as_u64().filter(|count| *count <= MAX_SIZE);
        let count = count.and_then(|count| usize::try_from(count).ok());
        count.map(Some).ok_or_else(|| malformed(key, value, expected))
    }

    /// Returns a finite number above 0, or `None` if the key is absent.
    pub(super) fn positive_or_none(&self, key: &'static str) -> Result<Option<f64>, ConfigError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let number = value.as_f64().filter(|number| number.is_finite() && *number > 0.0);
        number.map(Some).ok_or_else(|| malformed(key, value, "a finite number above 0"))
    }

    pub(super) fn positive(&self, key: &'static str) -> Result<f64, ConfigError> {
        self.positive_or_none(key)?.ok_or(ConfigError::Missing { key })
    }

    pub(super) fn flag_or(&self, key: &'static str, absent: bool) -> Result<bool, ConfigError> {
        match self.get(key) {
            None => Ok(absent),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(value) => Err(malformed(key, value, "true or false")),
        }
    }

    /// Returns the choice that the key's value names. Any other value is refused with `remedy`.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &'static str,
        choices: &[(&str, T)],
        remedy: &'static str,
    ) -> Result<T, ConfigError> {
        let value = self.get(key).ok_or(ConfigError::Missing { key })?;
        let chosen = choices.iter().find(|(name, _)| value.as_str() == Some(name));
        chosen.map(|(_, choice)| *choice).ok_or_else(|| unsupported(key, value, remedy))
    }

    /// Returns a list of strings, one for each of `layers` layers, or `None` if the key is absent.
    pub(super) fn names_or_none(
        &self,
        key: &'static str,
        layers: usize,
    ) -> Result<Option<Vec<&str>>, ConfigError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let names: Option<Vec<&str>> =
            value.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
        let names = names.ok_or_else(|| malformed(key, value, "a list of strings"))?;
        if names.len() != layers {
            return Err(ConfigError::Inconsistent {
                key,
                found: format!("a list of {}", names.len()),
                requirement: format!("`num_hidden_layers` is {layers}"),
            });
        }
        Ok(Some(names))
    }

    /// Returns a list of integers from 0 to 2^24; empty if the key is absent.
    pub(super) fn counts_or_none(&self, key: &'static str) -> Result<Vec<usize>, ConfigError> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let count = |item: &Value| {
            item.as_u64().filter(|count| *count <= MAX_SIZE).and_then(|count| usize::try_from(count).ok())
        };
        let counts = value.as_array().and_then(|list| list.iter().map(count).collect::<Option<_>>());
        counts.ok_or_else(|| malformed(key, value, "a list of integers from 0 to 2^24"))
    }

    /// Returns token ids, from one integer or a list of integers; empty if the key is absent.
    pub(super) fn token_ids(&self, key: &'static str) -> Result<Vec<u32>, ConfigError> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let one = std::slice::from_ref(value);
        let list = value.as_array().map_or(one, Vec::as_slice);
        let ids: Option<Vec<u32>> =
            list.iter().map(|id| id.as_u64().and_then(|id| u32::try_from(id).ok())).collect();
        ids.ok_or_else(|| malformed(key, value, "a token id or a list of token ids"))
    }

    /// Refuses a configuration in which the flag is not `only`. An absent key counts as `only`.
    pub(super) fn expect_flag(
        &self,
        key: &'static str,
        only: bool,
        remedy: &'static str,
    ) -> Result<(), ConfigError> {
        if self.flag_or(key, only)? == only {
            return Ok(());
        }
        Err(ConfigError::Unsupported { key, found: (!only).to_string(), remedy })
    }
}

pub(super) fn malformed(key: &'static str, found: &Value, expected: &'static str) -> ConfigError {
    ConfigError::Malformed { key, found: found.to_string(), expected }
}

pub(super) fn unsupported(key: &'static str, found: &Value, remedy: &'static str) -> ConfigError {
    ConfigError::Unsupported { key, found: found.to_string(), remedy }
}
