//! The key to an endpoint.

use std::ffi::OsStr;
use std::fmt;

/// A bearer token. It is shown nowhere: `Debug` is redacted and there is no `Display`.
#[derive(Clone)]
pub struct ApiKey {
    token: String, // Invariant: not empty, visible ASCII only, so that it is a valid header value.
    variable: String,
}

/// Why the content of a variable is not a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the key has characters that no key has (environment variable {variable}): \
     set it to the key alone, without quotes, spaces or line breaks"
)]
pub struct KeyError {
    /// The variable that it was read from.
    pub variable: String,
}

impl ApiKey {
    /// The key that `variable` holds, surrounding white space dropped; none where that leaves nothing.
    ///
    /// # Errors
    /// If it could not be sent as it is. The error does not repeat it.
    pub fn from_variable(variable: &str, content: &OsStr) -> Result<Option<Self>, KeyError> {
        let refused = || KeyError { variable: variable.to_owned() };
        let token = content.to_str().ok_or_else(refused)?.trim();
        if token.is_empty() {
            return Ok(None);
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refused());
        }
        Ok(Some(Self { token: token.to_owned(), variable: variable.to_owned() }))
    }

    /// The variable that it was read from.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }

    pub(super) fn header(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// `text` without the key, in case a server repeats it.
    pub(super) fn strip_from(&self, text: &str) -> String {
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
