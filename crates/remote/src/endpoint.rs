//! The base address of an endpoint: a server that speaks the OpenAI chat protocol.

use std::fmt;
use std::sync::Arc;

use ureq::http::Uri;

use crate::excerpt;

/// A checked base address: `http` or `https` with a host, without credentials, query or fragment.
///
/// An endpoint can therefore be shown in messages and stored in records without revealing a secret. Its path
/// does not end in a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    address: Arc<Address>, // Every error holds an endpoint, so it is small.
}

/// The parts of the address of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Address {
    base: String,
    /// The query after every path, with its question mark; empty if there is none.
    query: String,
    host: String,
    encrypted: bool,
}

/// The reason why a text is not the address of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// The text is not an `http` or `https` URL with a host.
    #[error("the endpoint's address is not a URL ({shown}): give one such as http://localhost:11434/v1")]
    NotAnAddress {
        /// The start of the text, without control characters.
        shown: String,
    },
    /// The address contains a user name or a password, which would end up in shell histories and error
    /// messages.
    #[error(
        "the endpoint's address has a user name or password in it (not shown): \
         put the key into an environment variable, OPENAI_API_KEY by default"
    )]
    Credentials,
    /// The address contains a query or a fragment, which may hold a secret. Only the version of an interface is taken.
    #[error(
        "the endpoint's address has a query or fragment (not shown): \
         end it with the path, as in http://localhost:11434/v1; only ?api-version=DATE may follow it"
    )]
    Query,
}

impl Endpoint {
    /// Returns true if `text` begins with `http://` or `https://`, so that a caller can tell addresses from
    /// folders.
    #[must_use]
    pub fn looks_like(text: &str) -> bool {
        let start: String = text.chars().take("https://".len()).collect::<String>().to_ascii_lowercase();
        start.starts_with("http://") || start.starts_with("https://")
    }

    /// Reads the address `text` and returns the endpoint, without a trailing slash or `/chat/completions`.
    ///
    /// # Errors
    /// [`EndpointError`] names the rule that the address breaks. Parts that could be secret are not repeated.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let rest = text.split_once("://").map_or("", |(_, rest)| rest);
        if rest.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@')) {
            return Err(EndpointError::Credentials);
        }
        let (text, query) = match text.split_once('?') {
            Some((text, query)) if is_version(query) => (text, format!("?{query}")),
            Some(_) => return Err(EndpointError::Query),
            None => (text, String::new()),
        };
        if text.contains('#') {
            return Err(EndpointError::Query);
        }
        let rest = text.split_once("://").map_or("", |(_, rest)| rest);
        let refused = || EndpointError::NotAnAddress { shown: excerpt::from_text(text) };
        let uri: Uri = text.parse().map_err(|_| refused())?;
        let encrypted = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(refused()),
        };
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(refused)?.to_owned();
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        if authority.len() > host.len() && uri.port_u16().is_none() {
            return Err(refused());
        }
        // Only the path is shortened, because a host may be called `chat`.
        let (origin, path) = text.split_at(text.len() - rest.len() + authority.len());
        let path = path.trim_end_matches('/');
        let path = path.strip_suffix("/chat/completions").unwrap_or(path).trim_end_matches('/');
        let address = Address { base: format!("{origin}{path}"), query, host, encrypted };
        Ok(Self { address: Arc::new(address) })
    }

    /// Returns the address of `path` below the base address. For example, `chat/completions` may give
    /// `http://localhost:11434/v1/chat/completions`.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}/{path}{}", self.address.base, self.address.query)
    }

    /// Returns the address with a scheme, if `text` looks like one that lacks it: a host of this machine or a host with a
    /// port, with a path or without. An address of this machine begins with `http://` then, any other with `https://`.
    #[must_use]
    pub fn without_scheme(text: &str) -> Option<String> {
        let (authority, path) =
            text.split_once('/').map_or((text, ""), |(authority, path)| (authority, path));
        let (host, port) =
            authority.rsplit_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
        let has_port = port.is_some_and(|port| port.parse::<u16>().is_ok());
        let is_host = !host.is_empty()
            && !host.starts_with('.')
            && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-[]:".contains(&byte));
        let is_local = matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "0.0.0.0");
        let has_version =
            host.contains('.') && path.split('/').any(|part| matches!(part, "v1" | "v1beta" | "openai"));
        if !is_host || (port.is_some() && !has_port) || !(has_port || is_local || has_version) {
            return None;
        }
        Some(format!("{}://{text}", if is_local { "http" } else { "https" }))
    }

    /// Returns the address below the path `/v1`, under which most servers speak the protocol. None if the address has a
    /// version in its path already, or states one in its query.
    #[must_use]
    pub(crate) fn with_usual_path(&self) -> Option<Self> {
        let rest = self.address.base.split_once("://").map_or("", |(_, rest)| rest);
        let is_version = |part: &str| {
            part.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        if rest.split('/').skip(1).any(is_version) || !self.address.query.is_empty() {
            return None;
        }
        let address = Address { base: format!("{}/v1", self.address.base), ..Address::clone(&self.address) };
        Some(Self { address: Arc::new(address) })
    }

    /// Returns true if the host is this machine: `localhost` or a loopback address.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.address.host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost")
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// Returns true if the connection is encrypted: the address begins with `https`.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.address.encrypted
    }

    /// Returns true if a key may be sent: the connection is encrypted, or it does not leave this machine.
    #[must_use]
    pub fn keeps_secrets(&self) -> bool {
        self.address.encrypted || self.is_loopback()
    }
}

/// Returns true if a query states nothing but the version of an interface, as some servers demand.
fn is_version(query: &str) -> bool {
    let version = query.strip_prefix("api-version=").unwrap_or_default();
    !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.address.base, self.address.query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked() {
        let good = [
            ("http://localhost:11434/v1", "http://localhost:11434/v1", true),
            ("http://localhost:11434/v1/", "http://localhost:11434/v1", true),
            ("https://api.example.com/v1/chat/completions", "https://api.example.com/v1", true),
            ("https://chat/completions", "https://chat/completions", true),
            ("http://[::1]:8080", "http://[::1]:8080", true),
            ("HTTP://127.0.0.1:1/v1", "HTTP://127.0.0.1:1/v1", true),
            ("http://192.168.1.5:8000/v1", "http://192.168.1.5:8000/v1", false),
            ("http://127.0.0.1.example.com/v1", "http://127.0.0.1.example.com/v1", false),
        ];
        for (text, shown, keeps_secrets) in good {
            let endpoint = Endpoint::parse(text).expect(text);
            assert_eq!((endpoint.to_string().as_str(), endpoint.keeps_secrets()), (shown, keeps_secrets));
        }
        let bad = [
            "",
            "localhost:11434",
            "ftp://localhost/v1",
            "http://",
            "http:///v1",
            "http://a b/v1",
            "http://h:port",
            "http://h:99999",
        ];
        for text in bad {
            assert!(matches!(Endpoint::parse(text), Err(EndpointError::NotAnAddress { .. })), "{text}");
        }
    }

    #[test]
    fn secrets_in_an_address_are_refused_and_not_repeated() {
        for text in [
            "http://me:sesame@host/v1",
            "http://sesame@host",
            "https://host/v1?key=sesame",
            "http://h/#sesame",
        ] {
            let error = Endpoint::parse(text).expect_err(text);
            assert!(!error.to_string().contains("sesame"), "{error}");
        }
    }
}
