//! The key with which a user identifies to an endpoint.

use std::ffi::OsStr;
use std::fmt;

/// A key (bearer token) for an endpoint, and the name of the environment variable that held it.
///
/// The key is never shown: `Debug` prints the name of the variable only, and there is no `Display`.
#[derive(Clone)]
pub struct ApiKey {
    token: String, // Invariant: not empty, visible ASCII only, so that it is a valid header value.
    variable: String,
}

/// The error of reading a key from an environment variable: the content cannot be sent as an HTTP header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the key has characters that no key has (environment variable {variable}): \
     set it to the key alone, without quotes, spaces or line breaks"
)]
pub struct ApiKeyError {
    /// The name of the environment variable with the unusable content.
    pub variable: String,
}

impl ApiKey {
    /// Returns the key in `content`, the value of the environment variable `variable`, without surrounding
    /// white space. Returns `None` if nothing else is left.
    ///
    /// # Errors
    /// Fails if the content has characters other than visible ASCII. The error does not repeat the content.
    pub fn from_variable(variable: &str, content: &OsStr) -> Result<Option<Self>, ApiKeyError> {
        let refused = || ApiKeyError { variable: variable.to_owned() };
        let token = content.to_str().ok_or_else(refused)?.trim();
        if token.is_empty() {
            return Ok(None);
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refused());
        }
        Ok(Some(Self { token: token.to_owned(), variable: variable.to_owned() }))
    }

    /// Returns the name of the environment variable that held the key.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// Returns the value of the `Authorization` header, which contains the key.
    pub(crate) fn header(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// Returns the key itself, for a header that has nothing else.
    pub(crate) fn bare(&self) -> &str {
        &self.token
    }

    /// Returns `text` with every occurrence of the key replaced by `[key]`.
    pub(crate) fn strip_from(&self, text: &str) -> String {
        text.replace(&self.token, "[key]")
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey(from {})", self.variable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_trimmed_checked_and_never_shown() {
        let key = ApiKey::from_variable("K", OsStr::new(" sesame\n")).expect("a key").expect("not empty");
        assert_eq!(key.header(), "Bearer sesame");
        assert!(!format!("{key:?}").contains("sesame"));
        assert!(ApiKey::from_variable("K", OsStr::new("  ")).expect("empty is none").is_none());
        let error = ApiKey::from_variable("K", OsStr::new("ses\name")).expect_err("a line break inside");
        assert!(!error.to_string().contains("ses"), "{error}");
    }
}
